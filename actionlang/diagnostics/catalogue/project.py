"""E09xx, first half: the command line, the project file, scripts as files."""

from actionlang.diagnostics.diagnostic import Code

NO_SUCH_FILE = Code("E0901", "file or folder not found")
BAD_PROJECT_FILE = Code("E0902", "project file can not be used")
NO_SCRIPTS = Code("E0903", "no scripts found")
MODULE_NAME_TWICE = Code("E0904", "two modules of one name")
NO_SUCH_VERB = Code("E0905", "verb not found")
AMBIGUOUS_VERB = Code("E0906", "several verbs of one name")
WRONG_ARGUMENT = Code("E0907", "argument that does not fit")
CAN_NOT_WRITE = Code("E0908", "file can not be written")
NO_DATABASE = Code("E0909", "no database named")
UNKNOWN_CODE = Code("E0910", "unknown error code")
MISSING_EXTRA = Code("E0911", "part of ActionLang not installed")
NO_TESTS = Code("E0914", "no tests found")
NO_PICTURE = Code("E0915", "picture that can not be drawn")
NOT_OUR_FOLDER = Code("E0916", "folder that holds something else")
