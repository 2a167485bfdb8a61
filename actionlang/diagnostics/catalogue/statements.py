"""E05xx: statements, flow, status moves, effects and contracts."""

from actionlang.diagnostics.diagnostic import Code

UNREACHABLE = Code("E0501", "step that is never reached")
MISSING_COLUMN = Code("E0502", "required column not set")
READONLY_COLUMN = Code("E0503", "column that only the database sets")
COLUMN_TWICE = Code("E0504", "column set twice")
STATUS_BY_UPDATE = Code("E0505", "status changed without a move")
IMPOSSIBLE_MOVE = Code("E0506", "move that is not declared")
NO_STATUS = Code("E0507", "table without a status")
NO_OWNER = Code("E0508", "table without an owner")
USE_AFTER_DELETE = Code("E0509", "row used after it was deleted")
MISSING_OUTPUT = Code("E0510", "path that ends without a required output")
CYCLE_OF_VERBS = Code("E0511", "verbs that perform each other")
FUNCTION_WRITES = Code("E0512", "function that writes")
NEEDS_ROW = Code("E0513", "bound verb without its row")
TAKES_NO_ROW = Code("E0514", "row given to a global verb")
ONLY_IN_TEST = Code("E0515", "expect outside a test")
ONLY_IN_BACKGROUND = Code("E0516", "wait outside a background action")
INCOMPATIBLE_OVERRIDE = Code("E0517", "override that breaks callers")
KEY_COLUMN = Code("E0518", "primary key changed")
NOT_A_VERB = Code("E0519", "function or extern used as something else")
OUTSIDE_ATTEMPT = Code("E0520", "failure outside an else of attempt")
