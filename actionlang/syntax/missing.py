"""What is missing around a token that does not fit: parentheses, a `;`, the brackets of a block, backticks."""

from __future__ import annotations

import attrs

from actionlang.diagnostics.catalogue import syntax as codes
from actionlang.diagnostics.diagnostic import Code
from actionlang.diagnostics.fix import Edit
from actionlang.diagnostics.source import Span
from actionlang.syntax.extents import closing, condition_end, ends_line, statement_begin
from actionlang.syntax.recovery import as_brackets, as_comparisons, compares, starts_line
from actionlang.syntax.situation import Advice, Situation
from actionlang.syntax.tokens import KEYWORDS, STATEMENT_WORDS, Token

CONDITIONS = {"IF": "if", "REQUIRE": "require", "WHERE": "where"}
NO_SEMICOLON = "A ; is missing behind this."
SEPARATORS = {
    "statement": "Statements are separated by ;.",
    "column": "Each column, member or state ends with ;, but the last one need not.",
    "declaration": "A declaration without a block ends with ;.",
}
AMBIGUOUS_PAIRS = frozenset({("FIND", "OPTIONAL"), ("ON", "EACH")})
"""Where a keyword is taken for one although the word behind it was meant for the keyword."""

BEGINS_VALUE = frozenset({"EQUAL", "COLON", "COMMA", "FAIL", "LIMIT", "TO", "RETURN"})
DECLARING = frozenset({"ACTION", "FUNCTION"})


@attrs.frozen
class Complaint:
    """What to say of a token that does not fit: `place` is what it is about. It may be `mended` among the tokens already."""

    code: Code
    message: str
    place: Token
    advice: Advice
    mended: bool = False


def bare_comparison(at: Situation) -> Complaint | None:
    """`<` or `>` used to compare outside parentheses: `let b = x < y` or, its `>` taken for a block's end, `let b = x > y`."""
    if at.token.type != "OPEN" and at.near(-1).type != "CLOSE":
        return None
    angle = 0 if at.token.type == "OPEN" else -1
    if not compares(at.text, at.tokens, at.position + angle):
        return None
    as_comparisons(at.text, at.tokens, at.position + angle)
    sign = at.word(angle)
    message = f"A comparison with {sign} stands in parentheses; outside them {sign} is a block's bracket."
    begin, end = _value(at, angle)
    edits = (at.before("(", begin), at.behind(")", end))
    advice = Advice(f"Put the comparison in parentheses: (a {sign} b)", edits, title="Put it in parentheses")
    return Complaint(codes.BARE_COMPARISON, message, at.near(angle), advice)


def _value(at: Situation, angle: int) -> tuple[int, int]:
    """Distances of the first and the last token of the value that a comparison is in."""
    begin, depth = angle - 1, 0
    first = statement_begin(at, angle - 1)
    while begin > first:
        previous = at.near(begin - 1).type
        depth += (at.near(begin).type == "RPAREN") - (at.near(begin).type == "LPAREN")
        if depth == 0 and previous in BEGINS_VALUE:
            break
        begin -= 1
    end, depth = angle + 1, 0
    while True:
        after = at.near(end + 1)
        depth += (at.near(end).type == "LPAREN") - (at.near(end).type == "RPAREN")
        if after.type in ("$END", "SEMI", "CLOSE", "OPEN") or (depth == 0 and after.type in ("COMMA", "RPAREN")):
            return begin, end
        if starts_line(at.text, after) and after.value in STATEMENT_WORDS:
            return begin, end
        end += 1


def semicolon(at: Situation) -> Complaint | None:
    """A statement that ends with its line rather than with a `;`."""
    previous = at.near(-1)
    if previous.type in ("SEMI", "OPEN", "CLOSE", "BROKEN") or not starts_line(at.text, at.token):
        return None
    if "SEMI" not in at.possible or (at.word() == at.word(1) and at.word() in "/-"):
        return None
    advice = Advice(SEPARATORS[at.level], (at.behind(";"),), title="Write ;")
    return Complaint(codes.UNEXPECTED_TOKEN, NO_SEMICOLON, Token("", "", previous.end - 1, previous.end), advice)


def condition(at: Situation) -> Complaint | None:
    """A condition without its parentheses, or with a colon and an indent instead of a block."""
    previous = at.near(-1).type
    if at.word() == ":" and "OPEN" in at.possible and ends_line(at, 0):
        block = _indented(at, 0)
        advice = Advice("Steps stand in a block: if (...) < ... >", block, safe=False, title="Write a block")
        return Complaint(codes.UNEXPECTED_TOKEN, "`:` does not fit here.", at.token, advice)
    if previous not in CONDITIONS or at.token.type in ("LPAREN", "$END"):
        return None
    as_comparisons(at.text, at.tokens, at.position)
    word = CONDITIONS[previous]
    end = condition_end(at)
    edits: tuple[Edit, ...] = ()
    safe = True
    if end is not None:
        edits = (at.before("("), at.behind(")", end))
        if at.word(end + 1) == ":":
            edits, safe = (*edits, *_indented(at, end + 1)), False
    words = f"Put the whole condition in parentheses: {word} (...)"
    message = f"The condition after {word} stands in parentheses."
    return Complaint(codes.UNEXPECTED_TOKEN, message, at.token, Advice(words, edits, safe, "Put it in parentheses"))


def _indented(at: Situation, colon: int) -> tuple[Edit, ...]:
    """A block's brackets around the lines that are indented behind a colon."""
    text = at.text
    line = text[text.rfind("\n", 0, at.near(colon).start) + 1 :]
    indent = line[: len(line) - len(line.lstrip(" \t"))]
    end = at.near(colon).end
    position = text.find("\n", end)
    while position >= 0:
        after = text.find("\n", position + 1)
        row = text[position + 1 : after if after >= 0 else len(text)]
        if row.strip() and not (row.startswith(indent) and row[len(indent) :][:1] in (" ", "\t")):
            break
        end = position + 1 + len(row.rstrip()) if row.strip() else end
        position = after
    if end == at.near(colon).end:
        return ()
    return (at.replace(" <", colon), Edit(Span(end, end), f"\n{indent}>"))


def block(at: Situation) -> Complaint | None:
    """A block in parentheses: `if (...) ( stop )`, `action Close on case ( stop )`."""
    begin = 0
    if not (at.word() == "(" and "OPEN" in at.possible and _begins_step(at, 1)):
        begin = -1
        while at.near(begin).type not in ("LPAREN", "SEMI", "OPEN", "CLOSE", "$END"):
            begin -= 1
        declares = any(at.near(distance).type in DECLARING for distance in range(statement_begin(at, begin), begin))
        if at.near(begin).type != "LPAREN" or not declares or not _begins_step(at, begin + 1):
            return None
    end = closing(at, begin)
    edits = () if end is None else (at.replace("<", begin), at.replace(">", end))
    words = "Steps stand between < and >."
    advice = Advice(words, edits, safe=False, title="Write < and >")
    mended = begin == 0 and end is not None
    if mended and end is not None:
        at.token.type, at.near(end).type = "OPEN", "CLOSE"
        as_brackets(at.tokens, at.position)
    return Complaint(codes.UNEXPECTED_TOKEN, "A block is not written in parentheses.", at.near(begin), advice, mended)


def _begins_step(at: Situation, distance: int) -> bool:
    return at.near(distance).type != "QUOTED" and str(at.near(distance).value) in STATEMENT_WORDS


def backticks(at: Situation) -> Complaint | None:
    """A name that was read as the keyword it also is: `find optional where (...)`, with a table named so."""
    before, word, taken = at.near(-3), at.near(-2), at.near(-1)
    if (before.type, word.type) not in AMBIGUOUS_PAIRS or taken.type != "NAME" or taken.value not in KEYWORDS:
        return None
    quoted = f"`{word.value}`"
    advice = Advice(f"If a name is meant, write it in backticks: {quoted}", (at.replace(quoted, -2),), safe=False)
    message = f"{word.value} is read as a word of the language here."
    return Complaint(codes.KEYWORD_AS_NAME, message, word, advice)


RULES = (bare_comparison, semicolon, condition, block, backticks)
