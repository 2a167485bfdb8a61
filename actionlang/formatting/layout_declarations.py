"""The layout of declarations, and with layout.py's statements and expressions that of a whole script."""

from __future__ import annotations

from typing import Any

from actionlang.formatting.documents import (
    LINE,
    SPACE,
    Document,
    concatenation,
    group,
    indented,
    listed,
    text,
)
from actionlang.formatting.layout import Piece, Statements, Written
from actionlang.syntax.collecting import Children

DOT = text(".")
PIPE = text("|")


class Types(Statements):
    """Rules of types."""

    def type_name(self, c: Children) -> Document:
        return concatenation(self.word(token) for token in c)

    type_qualified = type_sized = type_scaled = type_name

    def type_choices(self, c: Children) -> Document:
        return self.words(*c)

    type_list = type_choices

    def type_alternatives(self, c: Children) -> Document:
        first, *others = c[0]
        return group(first, indented(*(part for other in others for part in (LINE, PIPE, SPACE, other))))


class Layout(Types):
    """All rules of the grammar. What comes of a script is its text."""

    def module(self, c: Children) -> list[Written]:
        return c[0]  # type: ignore[no-any-return]

    def steps(self, c: Children) -> list[Written]:
        return c[0]  # type: ignore[no-any-return]

    def import_plain(self, c: Children) -> Piece:
        return Piece(c[0], self.words(*c[:-1]))

    import_as = import_plain

    def integer(self, c: Children) -> Document:
        return self.word(c[0])

    def negative_integer(self, c: Children) -> Document:
        return concatenation(self.word(token) for token in c)

    def choice(self, c: Children) -> Piece:
        return Piece(c[0], self.whole(self.words(*c[:2]), self.block(c[2:])), ends=False)

    def member(self, c: Children) -> Piece:
        return Piece(c[0], self.words(*c))

    final_state = member

    def moving_state(self, c: Children) -> Piece:
        moves = group(indented(LINE, *listed([self.shown(move) for move in c[4]], LINE)))
        return Piece(c[0], concatenation((self.words(*c[:4]), moves)))

    def table(self, c: Children) -> Piece:
        return Piece(c[0], self.whole(self.words(*c[:4]), self.block(c[4:])), ends=False)

    def plain_column(self, c: Children) -> Piece:
        name, of, modifiers = c
        return Piece(name, self.words(name, of, *modifiers))

    def unique_together(self, c: Children) -> Piece:
        return Piece(c[0], self.words(c[0], self.bracketed(c[1], c[2], c[3])))

    key_together = unique_together

    def status_column(self, c: Children) -> Piece:
        name, opening, states, closing, modifiers = c
        column = self.whole(self.word(name), self.block([opening, states, closing]))
        return Piece(name, self.words(column, *modifiers), ends=bool(modifiers))

    def flag(self, c: Children) -> Document:
        return self.word(c[0])

    def default(self, c: Children) -> Document:
        return self.bound(self.word(c[0]), c[1])

    def stored_as(self, c: Children) -> Document:
        return self.words(*c)

    binding_row = binding_each = stored_as

    def kind(self, c: Children) -> Children:
        return c

    def action(self, c: Children) -> Piece:
        head, clauses = self.contract(*c[:-1])
        return Piece(c[0][0], self.with_header(head, clauses, c[-1]), ends=False)

    def extern(self, c: Children) -> Piece:
        first, kind, *rest, _ = c
        head, clauses = self.contract([first, *kind], *rest)
        return Piece(first, self.with_tails(head, clauses))

    def contract(
        self, kind: Children, name: Any, binding: Document | None, parameters: Any, returns: Any, clauses: Children
    ) -> tuple[Document, list[Document]]:
        """Name, binding and parameters of a verb; then what may stand below them."""
        head = self.words(*kind, name, binding)
        if isinstance(parameters, Document):
            head = concatenation((head, SPACE, parameters) if binding else (head, parameters))
        return head, [*self.optional(returns), *clauses]

    def parameter(self, c: Children) -> Document:
        return self.words(*c[:2], *c[2])

    def clause_requires(self, c: Children) -> Document:
        parts: list[Document] = [self.shown(c[1][0])]
        for part in c[1][1:]:
            parts += (DOT, self.shown(part))
        return self.words(c[0], concatenation(parts))

    def clause_plain(self, c: Children) -> Document:
        return self.words(*c)

    clause_system = clause_private = clause_deprecated = deprecated = until_day = clause_plain

    def hook(self, c: Children) -> Piece:
        return Piece(c[0], self.whole(self.words(*c[:-1]), c[-1]), ends=False)

    test = test_at = hook
