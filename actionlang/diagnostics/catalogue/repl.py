"""E09xx, first half: the prompt."""

from actionlang.diagnostics.diagnostic import Code, Severity

UNKNOWN_COMMAND = Code("E0912", "command that the prompt does not have")
WRONG_COMMAND = Code("E0913", "command that can not be done like that")
NOT_KEPT = Code("W0901", "changes that were not kept", Severity.WARNING)
