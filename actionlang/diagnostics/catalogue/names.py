"""E02xx: names and imports."""

from actionlang.diagnostics.diagnostic import Code

UNKNOWN_NAME = Code("E0201", "unknown name")
UNKNOWN_TABLE = Code("E0202", "unknown table")
UNKNOWN_COLUMN = Code("E0203", "unknown column")
UNKNOWN_VERB = Code("E0204", "unknown verb")
UNKNOWN_TYPE = Code("E0205", "unknown type")
UNKNOWN_MEMBER = Code("E0206", "not a member of the choice")
IMPORTS_CLASH = Code("E0207", "two imports bring the same name")
CHOICE_OR_VARIABLE = Code("E0208", "word that is both a choice and a variable")
NAME_TAKEN = Code("E0209", "name bound twice")
UNKNOWN_MODULE = Code("E0210", "unknown module")
IMPORT_CYCLE = Code("E0211", "modules that import each other")
NEEDS_ALIAS = Code("E0212", "query that needs a name for its row")
PRIVATE_VERB = Code("E0213", "private verb of another module")
DECLARED_TWICE = Code("E0214", "declared twice")
UNKNOWN_FUNCTION = Code("E0215", "unknown function")
UNKNOWN_OUTPUT = Code("E0216", "unknown output")
