"""What a piece of script looks like on one line, and where it may be broken when it does not fit on one.

The algebra of Wadler's "A prettier printer" (2003), as Prettier has it, cut to what the language needs. A document knows its text
on one line while that is no longer than a line may be, so that most of a script is never looked at twice.
"""

from __future__ import annotations

from collections.abc import Iterable

import attrs

WIDTH = 100
"""Characters that a line should not exceed; docs/decisions/0014-one-style.md says why."""


@attrs.define(eq=False)
class Document:
    """A piece of script. `flat` is its text on one line: None when that is too long for a line, or when a comment or a line
    break stands in it. It may have comments before its first word; then it `leads` with them, and they are not in `flat`."""

    flat: str | None
    leads: bool


@attrs.define(eq=False)
class Text(Document):
    """Characters that are never broken; `text` may be longer than a line, or have many."""

    text: str


@attrs.define(eq=False)
class Line(Document):
    """A place to break. On one line it is `flat` (a blank or nothing); where it is broken, the line ends with `ending`."""

    ending: str


@attrs.define(eq=False)
class Space(Document):
    """A blank that is no place to break."""


@attrs.define(eq=False)
class Comment(Document):
    """A comment. It stands on its line `alone`, with an empty line above it when `blank`, or behind what is before it."""

    text: str
    alone: bool
    blank: bool


@attrs.define(eq=False)
class Lines(Document):
    """Lines that are laid out already, with their indentation: what stands between the angles of a block."""

    text: str


@attrs.define(eq=False)
class Concatenation(Document):
    """One part after another."""

    parts: tuple[Document, ...]


@attrs.define(eq=False)
class Indented(Document):
    """A document the broken lines of which stand two characters further in."""

    inner: Document


@attrs.define(eq=False)
class Group(Document):
    """A document that is broken at all of its lines (not those of groups in it), or at none."""

    inner: Document


@attrs.define(eq=False)
class Tail(Document):
    """A last part: beside what is before it where it fits there or where that ends in a `)` alone on its line, else below
    it and further in."""

    inner: Document


@attrs.define(eq=False)
class Chain(Group):
    """Operands with operators of one strength between them."""

    first: Document
    others: tuple[Document, ...]


@attrs.define(eq=False)
class Unbroken(Document):
    """A document that is never broken, however long: what stands between the braces of a text."""

    inner: Document


SPACE = Space(" ", False)
LINE = Line(" ", False, "")
SOFT_LINE = Line("", False, "")


def text(characters: str) -> Text:
    """Characters as they are."""
    return Text(characters if len(characters) <= WIDTH and "\n" not in characters else None, False, characters)


def comment(characters: str, alone: bool, blank: bool) -> Comment:
    """A comment, its mark included."""
    return Comment("", True, characters, alone, blank)


def lines(characters: str) -> Lines:
    """Finished lines."""
    return Lines(None, False, characters)


def concatenation(parts: Iterable[Document]) -> Document:
    """One part after another."""
    parts = tuple(parts)
    if len(parts) == 1:
        return parts[0]
    flat: str | None = ""
    leads = False
    for part in parts:
        if part.flat is None or (part.leads and flat):
            flat = None
            break
        leads = leads or part.leads
        flat += part.flat  # type: ignore[operator]
    if flat is not None and len(flat) > WIDTH:
        flat = None
    return Concatenation(flat, leads, parts)


def indented(*parts: Document) -> Document:
    """Parts the broken lines of which stand two characters further in."""
    inner = concatenation(parts)
    return Indented(inner.flat, inner.leads, inner)


def group(*parts: Document) -> Document:
    """Parts that are broken together or not at all."""
    inner = concatenation(parts)
    return inner if isinstance(inner, Text) else Group(inner.flat, inner.leads, inner)


def chain(first: Document, *others: Document) -> Document:
    """Operands and operators as a group."""
    inner = concatenation((first, *others))
    return Chain(inner.flat, inner.leads, inner, first, others)


def inside(operand: Document) -> Document:
    """An operand of something looser: if it has operators itself, the lines that begin with these are indented."""
    return group(operand.first, indented(*operand.others)) if isinstance(operand, Chain) else operand


def with_tail(head: Document, inner: Document | None) -> Document:
    """A document with one last part, if there is one."""
    if inner is None:
        return head
    spaced = concatenation((SPACE, inner))
    return concatenation((head, Tail(spaced.flat, spaced.leads, inner)))


def unbroken(inner: Document) -> Document:
    """A document that is never broken."""
    return Unbroken(inner.flat, inner.leads, inner)


def row(*parts: Document | None) -> Document:
    """The parts that are there, with a blank between each two."""
    spaced: list[Document] = []
    for part in parts:
        if part is not None:
            if spaced:
                spaced.append(SPACE)
            spaced.append(part)
    return concatenation(spaced)


def listed(parts: Iterable[Document], between: Document) -> list[Document]:
    """Parts with a comma and a place to break between each two."""
    spaced: list[Document] = []
    for part in parts:
        if spaced:
            spaced += (COMMA, between)
        spaced.append(part)
    return spaced


COMMA = text(",")
