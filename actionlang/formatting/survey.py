"""What the layout must know of a script beside its tokens: comments, blank lines, and which blocks stand on one line."""

from __future__ import annotations

import re

import attrs

from actionlang.formatting.documents import WIDTH
from actionlang.syntax.lexer import Tokens
from actionlang.syntax.tokens import Token

SPACE = " \t\r\n\f\ufeff"
UNMARKED = re.compile(r"(##?)(?=\w)")

SEPARATORS = frozenset({"SEMI", "COMMA", "PIPE", "DOT"})
"""Signs that stand behind what is before them, so that a comment between the two goes behind the sign."""

OPERATORS = frozenset({"NOT_EQUAL", "LESS", "LESS_EQUAL", "GREATER", "GREATER_EQUAL", "PLUS", "MINUS", "STAR", "SLASH"})
"""Signs that stand before what is behind them, so that a comment between the two goes before the sign. A `>` alone on its
line would close a block."""

MODIFIERS = frozenset({"REQUIRED", "READONLY", "STORED", "AS", "TEXT"})
"""What may stand between the `>` of a status column and the next column."""

NO_BEGINNING = MODIFIERS | {"ELSE", "CLOSE", "SEMI", "$END"}
"""What may follow a block's angles and begins no statement, column or declaration."""


@attrs.frozen
class Remark:
    """A comment as it is to be written; whether it stands on its own line, and whether a line above it is empty."""

    text: str
    alone: bool
    blank: bool


@attrs.define(eq=False)
class Block:
    """A block, or the script as a whole. `depth` counts the blocks that its statements are in; it `may_be_one_line` when it is
    one, is not too long for that, and has neither comments nor blocks in it."""

    depth: int
    may_be_one_line: bool = False


class Survey:
    """The comments of a script that has been parsed (its tokens know their keywords) by the token that they stand before, the
    block that each statement, column, member or declaration is in by its first token, and the blocks by their `<`. Tokens are
    named by their offsets."""

    def __init__(self, text: str, tokens: Tokens) -> None:
        self.text = text
        self.remarks: dict[int, list[Remark]] = {}
        self.owners: dict[int, Block] = {}
        self.blocks: dict[int, Block] = {}
        self._place_comments(tokens)
        self._place_blocks(tokens.tokens)

    def blank_above(self, offset: int) -> bool:
        """Whether the line above a token, or above a comment, is empty."""
        start = offset
        while start and self.text[start - 1] in SPACE:
            start -= 1
        return self.text.count("\n", start, offset) > (1 if start else 0)

    def _place_comments(self, tokens: Tokens) -> None:
        """Give each comment to the token that it is to stand before."""
        comments = tokens.comments
        waiting: list[Remark] = []
        at = 0
        before: Token | None = None
        sign: int | None = None
        for token in tokens.tokens:
            while at < len(comments) and comments[at].start < token.start:
                comment = comments[at]
                previous = max(comments[at - 1].end if at else 0, before.end if before else 0)
                alone = not previous or self.text.find("\n", previous, comment.start) >= 0
                text = _written(self.text[comment.start : comment.end])
                waiting.append(Remark(text, alone, self.blank_above(comment.start)))
                at += 1
            if waiting and token.type not in SEPARATORS:
                self.remarks.setdefault(token.start if sign is None else sign, []).extend(waiting)
                waiting = []
            if token.type not in OPERATORS:
                sign = None
            elif sign is None:
                sign = token.start
            before = token

    def _place_blocks(self, tokens: list[Token]) -> None:
        """Find blocks and what begins in each."""
        block = Block(0)
        outer: list[tuple[Token, Block, int]] = []
        begins, behind = True, False
        size = 0
        for token in tokens:
            kind = token.type
            if begins and kind not in NO_BEGINNING:
                self.owners[token.start] = block
            behind = kind == "CLOSE" or (behind and kind in MODIFIERS)
            begins = behind or kind in ("OPEN", "SEMI")
            size += token.end - token.start
            if kind == "OPEN":
                block.may_be_one_line = False
                outer.append((token, block, size))
                block = self.blocks[token.start] = Block(block.depth + 1, True)
            elif kind == "CLOSE":
                opening, above, before = outer.pop()
                if size - before > WIDTH or self.text.find("\n", opening.end, token.start) >= 0:
                    block.may_be_one_line = False
                block = above


def _written(comment: str) -> str:
    """A comment as it is to be written: with a blank behind its mark, and none at its end."""
    return UNMARKED.sub(r"\1 ", comment.rstrip(), count=1) if UNMARKED.match(comment) else comment.rstrip()
