"""E01xx: reading a script."""

from actionlang.diagnostics.diagnostic import Code

UNEXPECTED_TOKEN = Code("E0101", "unexpected word or sign")
UNEXPECTED_END = Code("E0102", "the file ends too early")
UNKNOWN_CHARACTER = Code("E0103", "character that has no meaning here")
UNCLOSED_TEXT = Code("E0104", "text without its closing quote")
BAD_ESCAPE = Code("E0105", "unknown escape in a text")
BARE_COMPARISON = Code("E0106", "comparison outside parentheses")
UNCLOSED_BLOCK = Code("E0107", "block without its closing >")
UNCLOSED_PARENTHESIS = Code("E0108", "parenthesis without its closing )")
NESTED_TOO_DEEP = Code("E0109", "nested too deeply")
NOT_UTF8 = Code("E0110", "file is not UTF-8 text")
BINARY_FILE = Code("E0111", "file is not a script")
FILE_TOO_LARGE = Code("E0112", "file is too large")
BAD_LITERAL = Code("E0113", "literal that stands for no value")
KEYWORD_AS_NAME = Code("E0114", "keyword where a name is expected")
EMPTY_FILE = Code("E0115", "file declares nothing")
