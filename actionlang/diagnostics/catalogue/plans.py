"""E06xx: compiled plans, loaded and verified."""

from actionlang.diagnostics.diagnostic import Code

NOT_A_PLAN = Code("E0601", "file is not a plan")
PLAN_TOO_LARGE = Code("E0602", "plan is too large")
WRONG_FORMAT = Code("E0603", "plan of another format")
MALFORMED_PLAN = Code("E0604", "plan that does not follow its schema")
PLAN_TOO_DEEP = Code("E0605", "plan nested too deeply")
ALTERED_PLAN = Code("E0606", "plan altered after it was compiled")
UNKNOWN_IN_PLAN = Code("E0607", "name that the plan does not have")
WRONG_TYPE_IN_PLAN = Code("E0608", "type that does not follow from its parts")
EMPTY_IN_PLAN = Code("E0609", "value that may be empty where the plan says it is not")
WRONG_NAME_IN_PLAN = Code("E0610", "name bound twice or out of scope in a plan")
WRONG_STEP_IN_PLAN = Code("E0611", "step that breaks a rule of its table")
WRONG_FLOW_IN_PLAN = Code("E0612", "flow that ends wrongly in a plan")
WRONG_EFFECTS_IN_PLAN = Code("E0613", "effects that are not what the steps do")
ENDLESS_PLAN = Code("E0614", "plan whose verbs perform each other")
WRITING_FUNCTION_IN_PLAN = Code("E0615", "function that writes in a plan")
UNKNOWN_FUNCTION_IN_PLAN = Code("E0616", "function that this host does not have")
WRONG_METADATA_IN_PLAN = Code("E0617", "metadata that contradicts itself in a plan")
WRONG_CONTENTS_IN_PLAN = Code("E0618", "plan with too much or too little in it")
WRONG_CALL_IN_PLAN = Code("E0619", "call that does not fit the verb's contract")
NO_SERVER_FORM = Code("E0620", "verb that PostgreSQL can not run by itself")
