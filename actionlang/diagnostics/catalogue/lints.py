"""Lints: scripts that check, and probably do not do what was meant. A lint goes by its name instead of a number."""

from actionlang.diagnostics.diagnostic import Code, Severity

UNUSED_PARAMETER = Code("unused-parameter", "parameter that is never used", Severity.WARNING)
UNUSED_NAME = Code("unused-name", "name that is never used", Severity.WARNING)
UNUSED_IMPORT = Code("unused-import", "import that is never used", Severity.WARNING)
UNUSED_VERB = Code("unused-verb", "private verb that nothing performs", Severity.WARNING)
DEPRECATED_VERB = Code("deprecated-verb", "deprecated verb", Severity.WARNING)
DEPRECATED_PARAMETER = Code("deprecated-parameter", "deprecated parameter", Severity.WARNING)
REPEATED_UPDATE = Code("repeated-update", "column updated twice", Severity.WARNING)
CONSTANT_CONDITION = Code("constant-condition", "condition that is always true or always false", Severity.WARNING)
REDUNDANT_CONDITION = Code("redundant-condition", "part of a condition that adds nothing", Severity.WARNING)
LOOP_CHANGES_FILTER = Code("loop-changes-filter", "loop that changes what its where asks for", Severity.WARNING)
WIDER_EFFECTS = Code("wider-effects", "verb that does more than was agreed to", Severity.WARNING)
LOGGED_SECRET = Code("logged-secret", "parameter that shows a secret in the records", Severity.WARNING)
MAGIC_ID = Code("magic-id", "id written into a step", Severity.WARNING)
MONEY_SCALE = Code("money-scale", "amount compared with one of more decimals", Severity.WARNING)
STARTS_ITSELF = Code("starts-itself", "verb that starts itself again at once", Severity.WARNING)
EMPTY_BLOCK = Code("empty-block", "block without steps", Severity.WARNING)
UNUSED_ALLOW = Code("unused-allow", "allow that suppresses nothing", Severity.WARNING)
UNKNOWN_LINT = Code("unknown-lint", "allow of a lint that is not there", Severity.WARNING)
