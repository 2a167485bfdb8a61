"""E09xx, first half: the registry of verbs in use, and activation."""

from actionlang.diagnostics.diagnostic import Code

NO_REGISTRY = Code("E0920", "database without a registry")
NOT_ACTIVE = Code("E0921", "verb that is not active")
PRIVATE_VERB = Code("E0922", "call of a private verb")
BREAKS_PERFORMER = Code("E0923", "change that breaks a verb in use")
BREAKS_CONTRACT = Code("E0924", "change that breaks callers")
TESTS_FAILED = Code("E0925", "activation with failing tests")
UNKNOWN_VERSION = Code("E0926", "version that is not there")
NEWER_REGISTRY = Code("E0927", "registry of a newer ActionLang")
DAMAGED_VERSION = Code("E0928", "version that can not be read")
