"""Words and signs of a script."""

from __future__ import annotations

import attrs


@attrs.define(eq=False)
class Token:
    """One word or sign. `type` is a terminal of the grammar; `value` is what a NAME, TEXT, NUMBER or DURATION stands for,
    and the characters as written otherwise. A NAME that was not in backticks may still turn out to be a keyword."""

    type: str
    value: object
    start: int
    end: int


KEYWORDS = frozenset(
    """
    action after and as ascending assign at attempt background before by choice choices create default delete
    deprecated descending each else emit empty expect extern fail failure false find for from function
    hierarchy if import in inherited is key let limit list move not of on optional or order otherwise override perform
    primary private readonly require required requires return returns sensitive set stage start stop stored
    system table test to true under unique until update wait where
    """.split()
)
"""Words that the grammar takes as keywords where it expects them, and that are names everywhere else."""

KEYWORD_TYPES = {word: word.upper() for word in KEYWORDS}

AMBIGUOUS = frozenset({"OPTIONAL", "LIST", "CHOICES", "EACH", "KEY", "UNIQUE"})
"""Keywords that may stand where a name may, too. They are keywords there if the token behind them can follow the keyword."""

DECLARATION_WORDS = frozenset(
    {"import", "choice", "table", "action", "function", "background", "override", "extern", "on", "test"}
)
"""Words that begin a declaration; at the start of a line they tell the parser where to go on after an error."""

STATEMENT_WORDS = frozenset(
    """
    create update delete assign move perform inherited start find for if attempt let require fail stop emit stage wait
    return expect
    """.split()
)
"""Words that begin a statement."""

SIGNS = {
    ";": "SEMI",
    ",": "COMMA",
    ":": "COLON",
    ".": "DOT",
    "->": "ARROW",
    "|": "PIPE",
    "(": "LPAREN",
    ")": "RPAREN",
    "=": "EQUAL",
    "!=": "NOT_EQUAL",
    "<=": "LESS_EQUAL",
    ">=": "GREATER_EQUAL",
    "<": "OPEN",
    ">": "CLOSE",
    "+": "PLUS",
    "-": "MINUS",
    "*": "STAR",
    "/": "SLASH",
}
"""Terminals of the signs; `<` and `>` become LESS and GREATER when a parenthesis is open."""
