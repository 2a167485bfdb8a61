"""What to write instead, where the parser met a token that does not fit.

Each rule looks at one kind of mistake and answers with a hint, or with None when the mistake is another; the first answer counts.
What no rule knows gets the list of what could stand there.
"""

from __future__ import annotations

from difflib import get_close_matches

import attrs

from actionlang.syntax.tokens import DECLARATION_WORDS, KEYWORD_TYPES, SIGNS, STATEMENT_WORDS, Token

KEYWORDS_IN_GRAMMAR = frozenset(KEYWORD_TYPES.values())
SIGN_OF = {kind: sign for sign, kind in SIGNS.items()} | {"LESS": "<", "GREATER": ">"}
OPERANDS = frozenset("NAME NUMBER DURATION TEXT TEXT_START TYPED TRUE FALSE EMPTY LPAREN NOT MINUS".split())
OPERATORS = frozenset(
    """
    OR AND EQUAL NOT_EQUAL LESS LESS_EQUAL GREATER GREATER_EQUAL IN UNDER OTHERWISE IS PLUS MINUS STAR SLASH NOT
    """.split()
)
GOES_ON = frozenset({"LPAREN", "DOT", "PIPE"})
"""Signs that may stand behind nearly every name; not worth telling where anything else may stand."""

TYPES = frozenset({"NAME", "CHOICES", "LIST"})
VALUES = frozenset({"NUMBER", "TEXT", "LPAREN"})

FOREIGN_STATEMENTS = {
    "while": "There is no while: a verb always ends. Use for each over the rows of a table or the items of a list.",
    "insert": 'A row is made with create: create case set title = "...";',
    "add": 'A row is made with create: create case set title = "...";',
    "select": "Rows are read with find or for each.",
    "print": "A verb has no screen; return a value, or create a row that says it.",
    "raise": 'A verb ends in failure with fail: fail "why";',
    "throw": 'A verb ends in failure with fail: fail "why";',
    "try": "A step that may fail stands in attempt < ... > else < ... >.",
    "call": "Another verb is run with perform.",
    "var": "A value gets a name with let.",
    "set": "Columns are changed with update: update case set priority = high;",
    "remove": "A row is taken away with delete: delete case;",
    "elif": "Write else if (...).",
    "elseif": "Write else if (...).",
    "else": "An else stands right behind the > of its if or attempt.",
}
FOREIGN_DECLARATIONS = {
    **dict.fromkeys(("def", "verb", "procedure", "process", "sub"), "A verb is declared with action: action Escalate < ... >"),
    **dict.fromkeys(("entity", "class", "struct", "record", "type"), "Rows are described with table: table case < title text >"),
    **dict.fromkeys(("enum", "options"), "A list of words is declared with choice: choice Priority < low; high >"),
    **dict.fromkeys(("include", "using", "use", "from"), "Another module is taken in with import: import helpdesk;"),
}  # fmt: skip
FOREIGN_WORDS = {
    "desc": "Write descending.",
    "asc": "Write ascending.",
    "month": "A duration has weeks, days, hours, minutes or seconds. For months there is add_months(day, 1).",
    "months": "A duration has weeks, days, hours, minutes or seconds. For months there is add_months(day, 1).",
    "year": "A duration has weeks, days, hours, minutes or seconds. For years there is add_years(day, 1).",
    "years": "A duration has weeks, days, hours, minutes or seconds. For years there is add_years(day, 1).",
}
UNITS = frozenset("week weeks day days hour hours minute minutes second seconds".split())


@attrs.frozen
class Situation:
    """Where the parser stands: the script's text, its tokens, the position of the one that does not fit, and which
    terminals would fit. `level` is the kind of list around it: `statement`, `column` or `declaration`."""

    text: str
    tokens: list[Token]
    position: int
    possible: frozenset[str]
    level: str

    @property
    def token(self) -> Token:
        """The token that does not fit."""
        return self.tokens[self.position]

    def near(self, distance: int) -> Token:
        """A token this far behind or (negative) before it; at the ends of the script, one of type $END."""
        position = self.position + distance
        return self.tokens[position] if 0 <= position < len(self.tokens) else Token("$END", "", 0, 0)

    def word(self, distance: int = 0) -> str:
        """A token as it is written."""
        token = self.near(distance)
        return self.text[token.start : token.end]


def hint(at: Situation) -> str | None:
    """The hint for a token that does not fit."""
    for rule in RULES:
        found = rule(at)
        if found:
            return found
    return expected(at.possible)


# ------------------------------------------------------------------------------------------------------- where lists begin


def _declaration(at: Situation) -> str | None:
    if "IMPORT" not in at.possible:
        return None
    word = at.word()
    if word == ">":
        return "There is one > more than there are blocks to close."
    if word in STATEMENT_WORDS:
        return "A step stands in the block of a verb: action Escalate on case < ... >"
    return FOREIGN_DECLARATIONS.get(word) or _first_word("A declaration", word, DECLARATION_WORDS)


def _statement(at: Situation) -> str | None:
    if "CREATE" not in at.possible:
        return None
    word = at.word()
    if word in FOREIGN_STATEMENTS:
        return FOREIGN_STATEMENTS[word]
    if at.token.type == "NAME" and at.near(1).type == "EQUAL":
        return f"A value gets a name with let: let {word} = ...;"
    if at.token.type == "NAME" and at.near(1).type == "DOT" and at.near(3).type == "EQUAL":
        return f"Columns are changed with update: update {word} set {at.word(2)} = ...;"
    if at.token.type == "NAME" and at.near(1).type == "LPAREN":
        return f"A verb is run with perform, a value gets a name with let: perform {word}(...); or let x = {word}(...);"
    return _first_word("A statement", word, STATEMENT_WORDS)


def _first_word(what: str, word: str, words: frozenset[str]) -> str:
    close = get_close_matches(word.lower(), sorted(words), 1)
    return f"Did you mean {close[0]}?" if close else f"{what} begins with one of {', '.join(sorted(words))}."


# ------------------------------------------------------------------------------------------------------------ values


def _operator(at: Situation) -> str | None:
    """Operators of other languages."""
    pair = at.word(-1) + at.word()
    if pair == "==":
        return "A single = compares."
    if pair in ("<>", "=<", "=>") and at.near(-1).end == at.token.start:
        return {"<>": "Unequal is written !=.", "=<": "Write <=.", "=>": "Write >=."}[pair]
    if pair == "||" or (at.word() == "|" and "OR" in at.possible):
        return "Write the word or."
    if at.word() == "not" and at.word(1) == "in":
        return "The word not stands before the whole comparison: (not a in b)"
    return None


def _number(at: Situation) -> str | None:
    """Numbers and durations as other languages write them."""
    previous, token = at.near(-1), at.token
    if previous.type != "NUMBER":
        return "Write 0 before the point." if at.word() == "." and at.near(1).type == "NUMBER" else None
    if at.word() == "," and at.near(1).type == "NUMBER":
        left, right = at.word(-1), at.word(1)
        return f"Digits are grouped with _, and decimals stand behind a point: {left}_{right} or {left}.{right}"
    if at.word() in UNITS and previous.end == token.start:
        return f"A blank stands between a number and its unit: {at.word(-1)} {at.word()}"
    if token.type == "NAME" and previous.end == token.start and at.word().lower().startswith("e"):
        return "A number is written with all its digits: 100_000"
    return None


# -------------------------------------------------------------------------------------------------- statements and types


def _return(at: Situation) -> str | None:
    if at.near(-1).type == "RETURN":
        if at.word() == "(":
            return "Outputs stand without parentheses: return ticket: t"
        return f"Say which output it is: return result: {at.word()}"
    if at.near(-2).type == "RETURN" and "COLON" in at.possible:
        return f"Say which output it is: return result: {at.word(-1)}"
    return None


def _type(at: Situation) -> str | None:
    if at.word(-1) == "returns" and "LPAREN" in at.possible:
        return f"Outputs have names and stand in parentheses: returns (result {at.word()})"
    if not at.possible >= TYPES:
        return None
    if at.word() == ":":
        return f"The type follows the name without a colon: {at.word(-1)} {at.word(1)}"
    return (
        "A type belongs here: list of text"
        if at.word(-1) == "of"
        else f"A type belongs behind the name: {at.word(-1)} text"
    )


def _words(at: Situation) -> str | None:
    """Single words that another language has, or that were left out here."""
    word, previous = at.word(), at.word(-1)
    if word in FOREIGN_WORDS and at.token.type == "NAME":
        return FOREIGN_WORDS[word]
    if previous == "else" and word == "(":
        return "Write else if (...)."
    if word in ("and", "or") and previous == ")" and "OPEN" in at.possible:
        return f"The whole condition stands in one pair of parentheses: (a {word} b)"
    if previous == "in" and at.near(-2).type == "EACH":
        return f"The row needs a name: for each item in {word}"
    if previous == "for" and at.possible == {"EACH"}:
        return f"Write for each {word} in ..."
    if word == "=" and at.word(-2) == "." and "SET" in at.possible:
        return f"The columns stand behind set: update {at.word(-3)} set {previous} = ..."
    if at.possible <= {"OPEN", "IF"} and "OPEN" in at.possible and word in STATEMENT_WORDS:
        return f"Steps stand in a block, also a single one: < {word} ... >"
    if at.possible == {"ELSE"}:
        return "Say what is done when it fails: attempt < ... > else < ... >"
    if "ELSE" in at.possible and at.token.type in ("TEXT", "TEXT_START"):
        return "The word else stands before the text."
    if word == "," and "SEMI" in at.possible and at.level == "column":
        return "They are separated by ;."
    return None


def _misspelt(at: Situation) -> str | None:
    words = sorted(kind.lower() for kind in at.possible & KEYWORDS_IN_GRAMMAR)
    close = get_close_matches(at.word().lower(), words, 1, 0.7) if at.token.type == "NAME" else []
    return f"Did you mean {close[0]}?" if close else None


RULES = (_operator, _declaration, _statement, _number, _return, _type, _words, _misspelt)


# --------------------------------------------------------------------------------------------------- what could stand there


def expected(possible: frozenset[str]) -> str | None:
    """The terminals that could stand here, in words, the most telling first; None when there are too many to help."""
    left = set(possible)
    parts = []
    if left >= VALUES:
        parts.append("a value")
        left -= OPERANDS
    if left >= {"PLUS", "STAR"}:
        left -= OPERATORS
    if left - GOES_ON:
        left -= GOES_ON
    names = {"NAME": "a name", "NUMBER": "a number", "TEXT": 'a text in "..."'}
    parts += [words for kind, words in names.items() if kind in left]
    parts += sorted(f"`{kind.lower()}`" for kind in left & KEYWORDS_IN_GRAMMAR)
    parts += sorted(f"`{SIGN_OF[kind]}`" for kind in left if kind in SIGN_OF)
    if not parts or len(parts) > 12:
        return None
    return f"Expected {', '.join(parts[:-1])} or {parts[-1]}." if len(parts) > 1 else f"Expected {parts[0]}."
