"""Going on after a mistake that can only have meant one thing, as if the script had been right."""

from __future__ import annotations

from collections.abc import Sequence

from actionlang.diagnostics.fix import Edit
from actionlang.diagnostics.source import Source
from actionlang.syntax.lexer import Lexer
from actionlang.syntax.tokens import Token


def mend(tokens: list[Token], position: int, edits: Sequence[Edit], in_parentheses: bool) -> bool:
    """Make edits among the tokens from a position on. False, and nothing is done, when one is about what was read before
    it. Places of the tokens stay those of the script as it is."""
    behind = tokens[position - 1].end if position else 0
    if any(edit.span.start < behind for edit in edits):
        return False
    for edit in sorted(edits, key=lambda edit: edit.span.start, reverse=True):
        first = next(
            i for i in range(position, len(tokens)) if tokens[i].end > edit.span.start or tokens[i].type == "$END"
        )
        last = first
        while tokens[last].end <= edit.span.end and tokens[last].type != "$END":
            last += 1
        tokens[first:last] = _read(edit, in_parentheses)
    return True


def _read(edit: Edit, in_parentheses: bool) -> list[Token]:
    """The tokens of an edit's text, at the place of the edit."""
    found = Lexer(Source("", edit.text), in_parentheses).read().tokens[:-1]
    return [Token(token.type, token.value, edit.span.start, edit.span.end) for token in found]
