"""How far things reach around a token that does not fit, read from the tokens alone: a condition, an operand, a statement."""

from __future__ import annotations

from actionlang.syntax.recovery import starts_line
from actionlang.syntax.situation import Situation
from actionlang.syntax.tokens import KEYWORD_TYPES, STATEMENT_WORDS, Token

OPENING = frozenset({"LPAREN", "OPEN", "LESS"})
CLOSING = {"RPAREN": "LPAREN", "CLOSE": "OPEN", "GREATER": "LESS"}
ENDS = frozenset({"SEMI", "CLOSE", "$END"})
QUERY_WORDS = frozenset({"order", "limit", "else", "where"})


def kind(token: Token) -> str:
    """A token's terminal, as far as that is known: that of a keyword for a word that looks like one."""
    if token.type == "NAME":
        return KEYWORD_TYPES.get(str(token.value), "NAME")
    return token.type


def closing(at: Situation, opening: int) -> int | None:
    """Distance of the `)` that closes a `(`; None when there is none."""
    depth = 0
    distance = opening
    while at.near(distance).type != "$END":
        sign = at.near(distance).type
        depth += (sign == "LPAREN") - (sign == "RPAREN")
        if depth == 0:
            return distance
        distance += 1
    return None


def opening(at: Situation, closing: int) -> int | None:
    """Distance of the `(` that a `)` closes; None when there is none."""
    depth = 0
    distance = closing
    while at.position + distance >= 0:
        sign = at.near(distance).type
        depth += (sign == "RPAREN") - (sign == "LPAREN")
        if depth == 0:
            return distance
        distance -= 1
    return None


def statement_begin(at: Situation, distance: int = -1) -> int:
    """Distance of the first token of the statement that a token is in."""
    depth = 0
    while at.position + distance > 0:
        previous = at.near(distance - 1).type
        depth += (previous == "RPAREN") - (previous == "LPAREN")
        if depth <= 0 and previous in ("SEMI", "OPEN", "CLOSE", "$END"):
            return distance
        distance -= 1
    return distance


def statement_end(at: Situation, distance: int = 0) -> int:
    """Distance of the last token of a simple statement that a token is in."""
    while at.near(distance + 1).type not in ENDS and not _begins_line(at, distance + 1):
        distance += 1
    return distance


def _begins_line(at: Situation, distance: int) -> bool:
    """Whether a token begins a line with a statement's word, so that a `;` is only missing before it."""
    token = at.near(distance)
    breaks = "\n" in at.text[at.near(distance - 1).end : token.start]
    return breaks and token.type != "QUOTED" and str(token.value) in STATEMENT_WORDS


def operand_begin(at: Situation, last: int) -> int | None:
    """Distance of the first token of the operand whose last token is given: a name, a path, a call, a text."""
    distance = last
    if at.near(distance).type == "RPAREN":
        found = opening(at, distance)
        if found is None:
            return None
        distance = found - 1 if at.near(found - 1).type in ("NAME", "QUOTED") else found
    while at.near(distance - 1).type == "DOT":
        distance -= 2
    return distance if at.near(distance).type in ("NAME", "QUOTED", "NUMBER", "TEXT", "LPAREN") else None


def condition_end(at: Situation, first: int = 0) -> int | None:
    """Distance of the last token of a condition without parentheses: what stands behind it is the `<` of a block, a `;`, a
    colon at the end of the line, or a word that goes on with the statement. None when that can not be told."""
    distance = first
    depth = 0
    while True:
        token, after = at.near(distance), at.near(distance + 1)
        depth += (token.type == "LPAREN") - (token.type == "RPAREN")
        if depth < 0:
            return distance - 1
        if token.type == "$END" or depth == 0:
            closes = after.type == "CLOSE" and (starts_line(at.text, after) or _closes_line(at, distance + 1))
            behind = closes or after.type in ("SEMI", "$END")
            word = after.type == "NAME" and after.value in (*QUERY_WORDS, "then", "do", *STATEMENT_WORDS)
            block = after.type == "OPEN" and _opens_block(at, distance + 1)
            colon = after.type == "COLON" and ends_line(at, distance + 1)
            if behind or word or block or colon or (after.type == "LPAREN" and ends_line(at, distance + 1)):
                return distance if distance >= first and token.type not in ENDS else None
        distance += 1


def _opens_block(at: Situation, distance: int) -> bool:
    """Whether a `<` seems to open a block rather than to compare."""
    after = at.near(distance + 1)
    statement = after.type == "NAME" and str(after.value) in STATEMENT_WORDS
    return statement or after.type == "CLOSE" or ends_line(at, distance)


def _closes_line(at: Situation, distance: int) -> bool:
    """Whether a `>` is followed by nothing that it could compare with: the end of the line, or another `>`."""
    return ends_line(at, distance) or at.near(distance + 1).type in ENDS


def ends_line(at: Situation, distance: int) -> bool:
    """Whether a token is the last of its line."""
    return "\n" in at.text[at.near(distance).end : at.near(distance + 1).start] or at.near(distance + 1).type == "$END"
