"""Levels: the sets of rows that a verb is worked out over at once: its targets, and for each loop the pairs of an outer row and
a row of the loop's query. Each becomes one temporary table, its staging table, filled by one SELECT."""

from __future__ import annotations

import re
from collections.abc import Callable

import attrs

from actionlang.engine.relational.refused import NotRelational
from actionlang.engine.relational.value import Sql
from actionlang.metadata.tables import Table

LATE = "\x00"
"""Around the number of a create in the text of its row's id: such a text can stand only in statements that write, for ids are
known when all rows are numbered. It is the one character that no text of a script has."""

READ_HERE = re.compile(r"\b[tj][0-9]+(_[0-9]+)?\.")
"""A column of a level's own row or of one that is joined to it."""


@attrs.frozen
class Guard:
    """What must hold for every row; otherwise the run fails with a code, as the interpreter will tell."""

    condition: str
    code: str


class Level:
    """One set of rows being put together: where they come from, what is joined to them, what is kept of them."""

    def __init__(self, number: int, table: Table | None, parent: Level | None) -> None:
        self.number = number
        self.table = table
        self.parent = parent
        self.name = f"actionlang_s{number}"
        self.alias = f"s{number}"
        self.row = f"t{number}"
        self.joins: list[str] = []
        self.joined: dict[tuple[object, ...], str] = {}
        self.staged: dict[str, str] = {}
        self.guards: list[Guard] = []
        self.where: str | None = None
        self.order: list[str] = []
        self.path: str | None = None
        self.flow: list[object] = []
        self.on_stage: Callable[[str, str], None] | None = None

    def expect(self, condition: str, code: str) -> None:
        """Have a condition hold in every row, once however often it is asked for."""
        guard = Guard(condition, code)
        if guard not in self.guards:
            self.guards.append(guard)

    @property
    def ancestors(self) -> list[Level]:
        """The levels around this one, the outermost first."""
        found: list[Level] = []
        level = self.parent
        while level is not None:
            found.append(level)
            level = level.parent
        return found[::-1]

    def stage(self, value: Sql) -> Sql:
        """A value of this level as later statements and inner levels see it: a column of the staging table. What is the same
        for all rows, and ids that are not known yet, stay what they are. Raises NotRelational as `column` does."""
        if value.fixed:
            return value
        cells = tuple(self.column(cell) for cell in value.cells)
        if all(LATE in cell for cell in cells):
            return value
        return attrs.evolve(value, cells=cells, simple=True, fails=False)

    def column(self, text: str) -> str:
        """A text of this level as a column of the staging table.

        Raises NotRelational when it is made of an id that is not known yet and of what is read at this level.
        """
        if LATE in text and READ_HERE.search(text):
            raise NotRelational("a new row's id is used in a value")
        if LATE in text or text.startswith("NULL"):
            return text
        name = self.staged.get(text)
        if name is None:
            name = self.staged[text] = f"v{len(self.staged) + 1}"
        column = f"{self.alias}.{name}"
        if self.on_stage is not None:
            self.on_stage(column, text)
        return column


def contains(outer: Level, inner: Level) -> bool:
    """Whether one level is another one or around it."""
    return outer is inner or outer in inner.ancestors
