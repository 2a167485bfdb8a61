"""What to write instead, where the parser met a token that does not fit.

Each rule looks at one kind of mistake and answers with a hint or with advice, or with None when the mistake is another; the
first answer counts. What no rule knows gets the list of what could stand there.
"""

from __future__ import annotations

from difflib import get_close_matches

from actionlang.syntax import foreign_signs, foreign_statements, sql
from actionlang.syntax.situation import Advice, Situation
from actionlang.syntax.tokens import KEYWORD_TYPES, SIGNS

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

MONTHS = "A duration has weeks, days, hours, minutes or seconds. For months there is add_months(day, 1)."
YEARS = "A duration has weeks, days, hours, minutes or seconds. For years there is add_years(day, 1)."
DURATIONS = {"month": MONTHS, "months": MONTHS, "year": YEARS, "years": YEARS}
ORDERS = {"desc": "descending", "asc": "ascending"}


def hint(at: Situation) -> str | Advice | None:
    """The hint or advice for a token that does not fit."""
    for rule in RULES:
        found = rule(at)
        if found:
            return found
    return expected(at.possible)


def _capitals(at: Situation) -> Advice | None:
    """A word of the language in capitals, where it would fit in small letters."""
    word = at.capitalised_keyword()
    if word is None or word.upper() not in at.possible & KEYWORDS_IN_GRAMMAR:
        return None
    return Advice(f"The words of the language are written in small letters: {word}.", (at.replace(word),))


def _type(at: Situation) -> str | Advice | None:
    if at.word(-1) == "returns" and "LPAREN" in at.possible:
        return f"Outputs have names and stand in parentheses: returns (result {at.word()})"
    if not at.possible >= TYPES:
        return None
    if at.word() == ":":
        return Advice(f"The type follows the name without a colon: {at.word(-1)} {at.word(1)}", (at.replace(""),))
    return (
        "A type belongs here: list of text"
        if at.word(-1) == "of"
        else f"A type belongs behind the name: {at.word(-1)} text"
    )


def _words(at: Situation) -> str | Advice | None:
    """Single words that another language has, or that were left out here."""
    word, previous = at.word(), at.word(-1)
    if word in DURATIONS and at.token.type == "NAME":
        return DURATIONS[word]
    if word in ORDERS and ORDERS[word].upper() in at.possible:
        return Advice(f"Write {ORDERS[word]}.", (at.replace(ORDERS[word]),))
    if word in ("and", "or") and previous == ")" and "OPEN" in at.possible:
        return f"The whole condition stands in one pair of parentheses: (a {word} b)"
    if previous == "in" and at.near(-2).type == "EACH":
        return f"The row needs a name: for each item in {word}"
    if at.possible == {"TYPED"}:
        is_day = at.token.type == "TEXT"
        return Advice('A day belongs here: date "2027-01-01"', (at.before("date "),) if is_day else ())
    if at.possible == {"ELSE"}:
        return "Say what is done when it fails: attempt < ... > else < ... >"
    if "ELSE" in at.possible and at.token.type in ("TEXT", "TEXT_START"):
        return Advice("The word else stands before the text.", (at.before("else "),))
    if word == "," and "SEMI" in at.possible and at.level == "column":
        return Advice("They are separated by ;.", (at.replace(";"),))
    return None


def _misspelt(at: Situation) -> Advice | None:
    words = sorted(kind.lower() for kind in at.possible & KEYWORDS_IN_GRAMMAR)
    close = get_close_matches(at.word().lower(), words, 1, 0.7) if at.token.type == "NAME" else []
    if not close:
        return None
    return Advice(f"Did you mean {close[0]}?", (at.replace(close[0]),), safe=False, title=f"Write {close[0]}")


RULES = (
    foreign_signs.operator,
    sql.tail,
    foreign_statements.declaration,
    sql.query,
    foreign_statements.statement,
    foreign_signs.number,
    sql.condition,
    _capitals,
    foreign_statements.inside,
    foreign_statements.order,
    _type,
    _words,
    _misspelt,
)


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
