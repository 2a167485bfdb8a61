"""E09xx, first half: exported process actions that can not be taken over."""

from actionlang.diagnostics.diagnostic import Code

NO_ACTION = Code("E0941", "file that is no process action")
