"""E09xx, second half: parts of the language that this host can not run yet."""

from actionlang.diagnostics.diagnostic import Code

NOT_AVAILABLE = Code("E0951", "not available in this host yet")
