"""E04xx: tables, columns, choices and statuses."""

from actionlang.diagnostics.diagnostic import Code

NO_COLUMNS = Code("E0401", "table or choice with nothing in it")
TWO_STATUSES = Code("E0402", "table with two status columns")
UNKNOWN_STATE = Code("E0403", "move to a state that is not declared")
WRONG_MODIFIER = Code("E0404", "modifier that does not fit")
WRONG_DEFAULT = Code("E0405", "default that is not a constant of the type")
WRONG_SIZE = Code("E0406", "size that the type does not take")
NUMBERED_IN_PART = Code("E0407", "choice numbered only in part")
NUMBER_TWICE = Code("E0408", "two members with one number")
WRONG_COLUMN_TYPE = Code("E0409", "type that a column can not have")
WRONG_HIERARCHY = Code("E0410", "hierarchy over another table")
