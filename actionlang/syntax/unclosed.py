"""Blocks and parentheses that are never closed: which one it is, and where it should have been."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from actionlang.diagnostics.fix import Edit
from actionlang.diagnostics.source import Span
from actionlang.syntax.recovery import starts_line
from actionlang.syntax.situation import Advice
from actionlang.syntax.tokens import STATEMENT_WORDS, Token

PARENTHESIS = "Write ) where it ends."
BLOCK = "Write > where it ends."


def open_signs(values: Sequence[Any]) -> list[Token]:
    """The `<` and `(` among the values of a parse that are not closed."""
    signs: list[Token] = []
    for value in values:
        if isinstance(value, Token):
            if value.type in ("OPEN", "LPAREN"):
                signs.append(value)
            elif value.type in ("CLOSE", "RPAREN") and signs:
                signs.pop()
    return signs


def end_of_parenthesis(text: str, tokens: list[Token], opener: Token, position: int) -> int:
    """Position of the token that a forgotten `)` belongs before: the first `<` behind the opening one that begins a block,
    else the one at `position`, where the error was met."""
    begin = position
    while begin > 0 and tokens[begin].start > opener.start:
        begin -= 1
    depth = 0
    for place in range(begin + 1, position):
        token, after = tokens[place], tokens[place + 1]
        depth += (token.type == "LPAREN") - (token.type == "RPAREN")
        if token.type == "LESS" and depth <= 0:
            statement = after.type != "QUOTED" and after.value in STATEMENT_WORDS
            if statement or starts_line(text, after):
                return place
    while tokens[position - 1].type in ("GREATER", "LESS") and tokens[position - 1].start > opener.start:
        position -= 1  # It compares with nothing, so it is a block's.
    return position


def closed_parenthesis(tokens: list[Token], place: int) -> Advice:
    """What to say of a `(` whose `)` is missing before a token."""
    end = tokens[place - 1].end
    return Advice(PARENTHESIS, (Edit(Span(end, end), ")"),), safe=False, title="Close the parenthesis")


def misplaced_end(text: str, tokens: list[Token], outermost: Token, position: int) -> tuple[Token, Token] | None:
    """A `<` that lacks its `>`, and the `>` that belongs to one around it, if the indents tell: it stands further left than the
    line of the `<` that it closes. `outermost` is the first that is open at `position`, where the error was met."""
    begin = next(place for place in range(position, -1, -1) if tokens[place] is outermost or place == 0)
    still_open: list[Token] = []
    for token in tokens[begin:position]:
        if token.type == "OPEN":
            still_open.append(token)
        elif token.type == "CLOSE" and still_open:
            opener = still_open.pop()
            if starts_line(text, token) and _indent(text, token) < _indent(text, opener):
                return opener, token
    return None


def closed_block(text: str, opener: Token, before: Token) -> Advice:
    """What to say of a `<` whose `>` is missing before the line of a token."""
    line = text.rfind("\n", 0, before.start)
    edit = Edit(Span(line, line), f"\n{' ' * _indent(text, opener)}>")
    return Advice(BLOCK, (edit,), safe=False, title="Close the block")


def _indent(text: str, token: Token) -> int:
    """How far the line of a token is indented."""
    line = text[text.rfind("\n", 0, token.start) + 1 : token.start + 1]
    return len(line) - len(line.lstrip())
