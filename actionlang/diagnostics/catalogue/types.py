"""E03xx: types and empty values."""

from actionlang.diagnostics.diagnostic import Code

MAY_BE_EMPTY = Code("E0301", "value that may be empty")
WRONG_TYPE = Code("E0302", "value of the wrong type")
NOT_A_CONDITION = Code("E0303", "condition that is neither true nor false")
WRONG_OPERANDS = Code("E0304", "operator that does not fit its operands")
NOT_COMPARABLE = Code("E0305", "values that can not be compared")
NO_ORDER = Code("E0306", "values without an order")
NO_OVERLOAD = Code("E0307", "function that does not take these values")
UNKNOWN_ARGUMENT = Code("E0308", "unknown argument")
MISSING_ARGUMENT = Code("E0309", "missing argument")
ARGUMENT_TWICE = Code("E0310", "argument given twice")
NOT_A_ROW = Code("E0311", "value that is not a row")
OUT_OF_RANGE = Code("E0312", "number out of range")
TEXT_TOO_LONG = Code("E0313", "text too long for its column")
SEVERAL_TABLES = Code("E0314", "row that may be of several tables")
NO_HIERARCHY = Code("E0315", "table without a hierarchy")
WRONG_KEY = Code("E0316", "key that the table does not have")
WHOLE_DAYS = Code("E0317", "date with a part of a day")
NOT_A_LIST = Code("E0318", "value that is not a list")
WRONG_QUERY = Code("E0319", "query call that is not complete")
