"""E09xx, second half: plug-ins, and verbs that the host implements."""

from actionlang.diagnostics.diagnostic import Code

NOT_REGISTRABLE = Code("E0970", "plug-in that can not be registered")
NO_SUCH_PLACE = Code("E0971", "plug-in for something that is not there")
NOT_IMPLEMENTED = Code("E0972", "verb that the host does not implement")
NOT_LOADED = Code("E0973", "plug-in that can not be loaded")
VETOED = Code("E0974", "refused by a plug-in")
FAILED = Code("E0975", "plug-in that failed")
TOO_LATE = Code("E0976", "plug-in that took too long")
TOO_DEEP = Code("E0977", "plug-ins that call each other too deeply")
WRONG_VALUE = Code("E0978", "value from a plug-in that does not fit")
NOT_ALLOWED = Code("E0979", "plug-in that asks for what it can not have")
