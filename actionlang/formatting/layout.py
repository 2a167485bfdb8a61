"""From the grammar's rules to documents.

Each rule or alternative of grammar/actionlang.lark calls the method of its name here with its children, while the parse
goes on, as the syntax tree is built by actionlang/syntax/build.py. A statement in a block that needs several lines becomes
text as soon as it is read, so that the documents of a long script are never in memory together.
"""

from __future__ import annotations

from typing import Any

import attrs

from actionlang.formatting.documents import (
    LINE,
    SPACE,
    Document,
    Line,
    concatenation,
    group,
    indented,
    lines,
    listed,
    text,
    with_tail,
)
from actionlang.formatting.layout_expressions import Expressions
from actionlang.formatting.printing import printed
from actionlang.formatting.survey import Block
from actionlang.syntax.collecting import Children
from actionlang.syntax.tokens import Token

SEMICOLON = text(";")
BETWEEN_STATEMENTS = Line("; ", False, ";")
LAST_IN_BLOCK = Line(" ", False, ";")


@attrs.frozen
class Piece:
    """A statement, column, member or declaration: its first token, and its layout without a `;`, which it `ends` with unless its
    last sign is a block's."""

    first: Token
    document: Document
    ends: bool = True


@attrs.frozen
class Written:
    """A piece as text, from its first word to its `;`."""

    first: Token
    text: str


@attrs.frozen
class Body:
    """A block: its `<`, what is between, its `>`."""

    opening: Document
    inside: Document
    closing: Document


class Blocks(Expressions):
    """Rules of what stands one to a line."""

    def append(self, c: Children) -> Children:
        found = c[1]
        if isinstance(found, Piece):
            owner = self.survey.owners[found.first.start]
            if not owner.may_be_one_line:
                found = written(found, owner)
        c[0].append(found)
        return c[0]  # type: ignore[no-any-return]

    def block(self, c: Children) -> Body:
        opening, items, closing = c
        block = self.survey.blocks[opening.start]
        if block.may_be_one_line and items:
            inner: list[Document] = [LINE]
            for number, piece in enumerate(items):
                inner += (BETWEEN_STATEMENTS, piece.document) if number else (piece.document,)
            inside = concatenation((indented(*inner), LAST_IN_BLOCK))
        elif not items and closing.start not in self.survey.remarks:
            inside = SPACE
        else:
            inside = lines(self.stacked(items, block, closing))
        return Body(self.word(opening), inside, text(">"))

    def stacked(self, items: list[Written], block: Block, closing: Token) -> str:
        """Pieces below one another with their comments, and the comments before the block's `>` or the script's end. An empty
        line between two of them stays one; declarations of several lines always have one before and behind them."""
        out: list[str] = []
        before = ""
        for item in (*items, None):
            first = item.first if item else closing
            remarks = self.survey.remarks.get(first.start, ())
            above = [remark.blank for remark in remarks] + [item is not None and self.survey.blank_above(first.start)]
            if block.depth == 0 and before and item and "\n" in before + item.text and not any(above):
                above[sum(not remark.alone for remark in remarks[:1])] = True
            after_comment = block.depth == 0 and not out
            for remark, blank in zip(remarks, above, strict=False):
                if remark.alone or after_comment:
                    self.line(out, block, remark.text, blank)
                else:
                    out.append("  " + remark.text)
                after_comment = True
            if item:
                self.line(out, block, item.text, above[-1])
                before = item.text
        return "".join(out)

    def line(self, out: list[str], block: Block, characters: str, blank: bool) -> None:
        """Add what begins a line, below an empty one if `blank` and if there is anything above it in its block."""
        if out and blank:
            out.append("\n")
        if out or block.depth:
            out.append("\n" + "  " * block.depth)
        out.append(characters)

    def whole(self, head: Document, body: Body) -> Document:
        """What ends with a block."""
        return group(head, SPACE, body.opening, body.inside, body.closing)

    def with_header(self, head: Document, clauses: list[Document], body: Body) -> Document:
        """What ends with a block and has clauses before it: all on one line, or each on its own and so the block's `<`."""
        if not clauses:
            return self.whole(head, body)
        header = group(head, *(indented(LINE, clause) for clause in clauses), LINE, body.opening)
        return group(header, body.inside, body.closing)


def written(piece: Piece, owner: Block) -> Written:
    """A piece as text."""
    document = concatenation((piece.document, SEMICOLON)) if piece.ends else piece.document
    return Written(piece.first, printed(document, 2 * owner.depth))


class Statements(Blocks):
    """Rules of statements."""

    def create(self, c: Children) -> Piece:
        return self.setting(c[0], self.words(*c[:4]), c[4])

    def update(self, c: Children) -> Piece:
        return self.setting(c[0], self.words(*c[:3]), c[3])

    def setting(self, first: Token, head: Document, assignments: list[Document]) -> Piece:
        """`set` with one column beside it, or with several that may stand below it."""
        return Piece(first, self.one_or_several(head, assignments))

    def one_or_several(self, head: Document, parts: list[Document]) -> Document:
        """One part beside a head, or several that may stand below it."""
        if len(parts) == 1:
            return concatenation((head, SPACE, parts[0]))
        return group(head, indented(LINE, *listed(parts, LINE)))

    def assignment(self, c: Children) -> Document:
        return self.bound(self.words(*c[:2]), c[2])

    def plain(self, c: Children) -> Piece:
        """A statement that is its words in a row."""
        return Piece(c[0], self.words(*c))

    create_bare = delete = assign = move = fail = stop = wait_for = wait_until = return_bare = plain

    def perform(self, c: Children) -> Piece:
        return Piece(c[0], self.performed(c))

    start = emit = perform

    def inherited(self, c: Children) -> Piece:
        first, arguments, alias = c
        return Piece(first, self.words(concatenation((self.word(first), *self.optional(arguments))), alias))

    def performed(self, c: Children) -> Document:
        """A word and a name with arguments in parentheses, then what follows them."""
        parts = [part for part in c[3:] if part is not None]
        return self.words(concatenation((self.words(*c[:2]), *self.optional(c[2]))), *parts)

    def optional(self, arguments: Any) -> tuple[Document, ...]:
        """Parentheses that may be left out."""
        return (arguments,) if isinstance(arguments, Document) else ()

    def start_after(self, c: Children) -> Document:
        return self.words(*c)

    start_at = start_after

    def find(self, c: Children) -> Piece:
        return Piece(c[0], self.with_tails(self.words(*c[:4]), c[4:]))

    def with_tails(self, head: Document, tails: Children) -> Document:
        """A statement with parts that go below its first line when they have no room there."""
        return group(head, *(indented(LINE, tail) for tail in tails if tail))

    def third(self, c: Children) -> Document:
        """`where (...)`, `order by ...`, `stored as "x"` or `returns (...)`."""
        if c[0].type == "ORDER":
            return self.words(c[0], c[1], concatenation(listed([self.shown(part) for part in c[2]], SPACE)))
        if c[0].type == "RETURNS":
            return self.words(c[0], self.bracketed(c[1], c[2], c[-1]))
        if c[0].type == "WHERE":
            return self.words(c[0], self.bracketed(c[1], [c[2]], c[3]))
        return self.words(*c)

    def ordering(self, c: Children) -> Document:
        return self.words(*c)

    def for_each(self, c: Children) -> Piece:
        head = self.words(*c[:5])
        return Piece(c[0], self.with_header(head, [tail for tail in c[5:8] if tail], c[8]), ends=False)

    def condition(self, c: Children) -> Document:
        """A word and a condition in parentheses."""
        return self.words(c[0], self.bracketed(c[1], [c[2]], c[3]))

    def if_first(self, c: Children) -> Children:
        body = c[4]
        return [c[0], self.condition(c), SPACE, body.opening, body.inside, body.closing]

    def if_more(self, c: Children) -> Children:
        body = c[6]
        c[0] += (SPACE, self.word(c[1]), SPACE, self.condition(c[2:]), SPACE, body.opening, body.inside, body.closing)
        return c[0]  # type: ignore[no-any-return]

    def if_plain(self, c: Children) -> Piece:
        first, *parts = c[0]
        return Piece(first, group(*parts), ends=False)

    def if_else(self, c: Children) -> Piece:
        (first, *parts), word, body = c
        otherwise = (SPACE, self.word(word), SPACE, body.opening, body.inside, body.closing)
        return Piece(first, group(*parts, *otherwise), ends=False)

    def attempt(self, c: Children) -> Piece:
        first, body, word, other = c
        parts = (self.word(first), SPACE, body.opening, body.inside, body.closing, SPACE)
        rest = (self.word(word), SPACE, other.opening, other.inside, other.closing)
        return Piece(first, group(*parts, *rest), ends=False)

    def let(self, c: Children) -> Piece:
        return Piece(c[0], self.bound(self.words(*c[:3]), c[3]))

    def require(self, c: Children) -> Piece:
        return Piece(c[0], with_tail(self.condition(c), c[4]))

    def headed(self, c: Children) -> Piece:
        """Words in a row and a block."""
        return Piece(c[0], self.whole(self.words(*c[:-1]), c[-1]), ends=False)

    stage = expect_any = expect_text = headed

    def return_outputs(self, c: Children) -> Piece:
        return Piece(c[0], self.one_or_several(self.word(c[0]), c[1]))

    def output(self, c: Children) -> Document:
        return self.named(c)
