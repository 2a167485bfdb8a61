"""E08xx: the database and the host."""

from actionlang.diagnostics.diagnostic import Code

NO_DATABASE_THERE = Code("E0801", "database that can not be opened")
LOCKED = Code("E0802", "database locked by someone else")
DISK_FULL = Code("E0803", "no room left for the database")
READ_ONLY = Code("E0804", "database that can only be read")
DAMAGED = Code("E0805", "file that is no database, or a damaged one")
DATABASE_DIFFERS = Code("E0806", "tables other than those in the database")
INTERRUPTED = Code("E0807", "run interrupted")
DATABASE_FAILED = Code("E0808", "database that failed")
HOST_FAILED = Code("E0809", "failure inside ActionLang")
UNFIT_DATABASE = Code("E0810", "database that can not keep the language's promises")
STORED_NAMES_CLASH = Code("E0811", "two columns stored under one name")
UNKNOWN_RUN = Code("E0812", "run that is not in the log")
KEY_TAKEN = Code("E0813", "key that a run of something else has taken")
CONFLICT = Code("E0814", "runs that were in each other's way")
CONNECTION_LOST = Code("E0815", "lost connection to the database")
OUTCOME_UNKNOWN = Code("E0816", "run of which it is not known whether it was kept")
REVISIONS_UNREADABLE = Code("E0817", "revisions that can not be followed")
KEY_UNDER_WAY = Code("E0819", "key of a run that is still under way")
