"""E098x: the audit log."""

from actionlang.diagnostics.diagnostic import Code

CHAIN_BROKEN = Code("E0980", "records that are not as they were sealed")
HEAD_UNKNOWN = Code("E0981", "sealed records that were cut off or made anew")
TOUCHED_SINCE = Code("E0982", "undo of a run whose rows a later run changed")
CHANGED_OTHERWISE = Code("E0983", "undo of a run whose rows are not as it left them")
VALUES_MASKED = Code("E0984", "undo of values that no record holds")
NO_WAY_BACK = Code("E0985", "undo of a move that can not be made back")
TOO_MANY_CHANGES = Code("E0986", "undo of a run on many rows")
REFERRED_TO = Code("E0987", "undo of a row that others refer to")
NOTHING_TO_UNDO = Code("E0988", "undo where there is nothing to undo")
RETENTION_REFUSED = Code("E0989", "records that may not be deleted")
