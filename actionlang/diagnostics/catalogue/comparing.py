"""E10xx: what the contracts of verbs are to be compared with."""

from actionlang.diagnostics.diagnostic import Code

NO_GIT = Code("E1001", "git not found")
NO_REPOSITORY = Code("E1002", "folder that is in no git repository")
UNKNOWN_REF = Code("E1003", "nothing of that name to compare with")
NOTHING_TO_COMPARE = Code("E1004", "no verbs to compare with")
BROKEN_THEN = Code("E1005", "scripts to compare with that do not check")
GIT_FAILED = Code("E1006", "git that fails")
