"""E073x: who may do what."""

from actionlang.diagnostics.diagnostic import Code

NOT_ALLOWED = Code("E0730", "privilege that is missing")
ROW_OUT_OF_REACH = Code("E0731", "row that the caller's rights do not reach")
CONDITION_OUT_OF_REACH = Code("E0732", "condition that reads beyond the caller's rights")
UNKNOWN_CALLER = Code("E0733", "caller who is no user")
BAD_ROLES = Code("E0734", "file of roles that does not say what it must")
UNKNOWN_IN_ROLES = Code("E0735", "role that names what is not there")
NO_SUCH_ROLE = Code("E0736", "role that is not there")
NO_ROW_SECURITY = Code("E0737", "database without row security")
