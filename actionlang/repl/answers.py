"""What came of an entry, as people read it: values, rows, tables of rows, changes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TypeVar

import attrs

from actionlang.diagnostics.display import safe
from actionlang.diagnostics.paint import BOLD, Painter
from actionlang.engine.changes import Change
from actionlang.engine.events import Event
from actionlang.engine.schema import Schema
from actionlang.engine.starts import Started
from actionlang.engine.store import RowRef
from actionlang.metadata import types as t
from actionlang.metadata.tables import Column, Table
from actionlang.plan.plan import Parameter
from actionlang.repl.grid import Heading, clipped, fits, grid, one_line
from actionlang.repl.rows import RowReader
from actionlang.repl.screen import Screen
from actionlang.repl.values import in_cell, is_number, shown
from actionlang.repl.work import Work
from actionlang.runtime.row_names import RowNames
from actionlang.runtime.shown_changes import CHANGED, ShownRow, change_lines, net_changes, pair_lines
from actionlang.runtime.shown_events import event_lines
from actionlang.runtime.shown_starts import start_lines

T = TypeVar("T")

CLIPPED = (t.Text, t.Json, t.Row, t.ListOf, t.Choices)
"""Types whose values still say something when their end is missing."""

MOST_ROWS = 50
"""Rows that a table shows."""

MOST_CHANGED = 8
"""Rows that are named when a statement changed them."""


@attrs.frozen
class Answers:
    """Shows answers on a screen, reading what they need from the rows of some work."""

    screen: Screen
    work: Work
    schema: Callable[[], Schema]

    def value(self, value: object, type_: t.Type) -> None:
        """A value: a row as its columns, a list of rows as a table, anything else in a line."""
        if isinstance(value, RowRef):
            self.row(value)
        elif isinstance(type_, t.ListOf) and isinstance(type_.item, t.Row) and isinstance(value, tuple) and value:
            self.rows(value)
        else:
            self._read(lambda reader: self.screen.say(shown(value, type_, reader.name)))

    def named(self, name: str, value: object, type_: t.Type) -> None:
        """What a name stands for now, in a line."""
        self._read(lambda reader: self.screen.say(f"{name}: {shown(value, type_, reader.name)}"))

    def row(self, row: RowRef) -> None:
        """A row's columns, each in a line."""

        def look(reader: RowReader) -> tuple[str, list[tuple[str, str]]]:
            by_name, values = reader.table(row).by_name, reader.values(row)
            return reader.name(row), [
                (name, shown(value, by_name[name].type, reader.name)) for name, value in values.items()
            ]

        name, pairs = self._read(look)
        self.screen.show("\n".join([self._bold(name), *self._pairs(pairs)]))

    def rows(self, rows: Sequence[RowRef]) -> None:
        """Rows as a table; of many only the first."""
        if not rows:
            self.screen.say("no rows")
            return
        table = self.schema().tables[rows[0].table]
        columns = _columns(table)

        def look(reader: RowReader) -> list[list[str]]:
            return [
                [in_cell(value, column.type, reader.name) for column, value in zip(columns, values, strict=True)]
                for values in (
                    reader.values(row, [column.name for column in columns]).values() for row in rows[:MOST_ROWS]
                )
            ]

        lines = _table_lines(columns, self._read(look), self.screen.width)
        if len(rows) > MOST_ROWS:
            lines.append(f"... and {len(rows) - MOST_ROWS:,} more")
        self.screen.say(*lines)

    def outputs(self, values: Mapping[str, object], outputs: Iterable[Parameter]) -> None:
        """What a performed verb returned."""
        pairs = self._read(
            lambda reader: [(each.name, shown(values[each.name], each.type, reader.name)) for each in outputs]
        )
        if pairs:
            self.screen.show("\n".join(self._pairs(pairs)))

    def changed(self, changes: Iterable[Change], events: Sequence[Event] = (), started: Sequence[Started] = ()) -> None:
        """What a statement did, a line a row, and what it emitted and started."""
        rows = self._net(changes)
        lines = [one_line(_in_short(row)) for row in rows[:MOST_CHANGED]]
        if len(rows) > MOST_CHANGED:
            lines.append(f"... and {len(rows) - MOST_CHANGED:,} more rows")
        lines += self._events(events) + self._starts(started)
        self.screen.say(*(clipped(line, self.screen.width) for line in lines))

    def all_changes(
        self, changes: Sequence[Change], events: Sequence[Event], started: Sequence[Started], made: Sequence[str]
    ) -> None:
        """What all statements since the last commit did, with before and after of each column, and what they emitted and
        started."""
        rows = self._net(changes)
        lines = [f"table {name} made" for name in made]
        if rows:
            lines += [""] if lines else []
            lines += change_lines(rows, self.screen.width, color=self.screen.color)
        if events:
            lines += [""] if lines else []
            lines += self._events(events, color=self.screen.color)
        if started:
            lines += [""] if lines else []
            lines += self._starts(started, color=self.screen.color)
        self.screen.show("\n".join(lines or ["Nothing is changed."]))

    def _events(self, events: Sequence[Event], *, color: bool = False) -> list[str]:
        if not events:
            return []
        return self._read(lambda reader: event_lines(events, reader.name, self.screen.width, color=color))

    def _starts(self, started: Sequence[Started], *, color: bool = False) -> list[str]:
        if not started:
            return []
        return self._read(lambda reader: start_lines(started, reader.name, self.screen.width, color=color))

    def _net(self, changes: Iterable[Change]) -> list[ShownRow]:
        found = tuple(changes)
        names = RowNames(self.schema())
        names.learn(found)

        def name(row: RowRef, reader: RowReader) -> str:
            # A row that was deleted is known by what the change says of it.
            return reader.name(row) if reader.is_there(row) else names.name(row)

        return self._read(lambda reader: net_changes(found, lambda row: name(row, reader)))

    def _pairs(self, pairs: Sequence[tuple[str, str]]) -> list[str]:
        return pair_lines(pairs, self.screen.width)

    def _bold(self, text: str) -> str:
        return Painter(self.screen.color).paint(safe(one_line(text)), BOLD)

    def _read(self, look: Callable[[RowReader], T]) -> T:
        return self.work.read(self.schema(), look)


def _table_lines(columns: Sequence[Column], cells: Sequence[Sequence[str]], width: int) -> list[str]:
    """A table's lines; where there is not room for all columns, those that are empty in all rows are only named."""
    headings = [
        Heading(column.name, is_number(column.type), not isinstance(column.type, CLIPPED)) for column in columns
    ]
    if fits(headings, cells, width):
        return grid(headings, cells, width)
    filled = [at for at in range(len(columns)) if any(row[at] for row in cells)]
    lines = grid([headings[at] for at in filled], [[row[at] for at in filled] for row in cells], width)
    empty = [heading.name for at, heading in enumerate(headings) if at not in filled]
    if empty:
        lines.append(clipped(f"(empty: {', '.join(empty)})", width))
    return lines


def _in_short(row: ShownRow) -> str:
    """A changed row in a line."""
    if row.what != CHANGED:
        return f"{row.name} {row.what}"
    columns = ", ".join(f"{column.name} {column.before} -> {column.after}" for column in row.columns)
    return f"{row.name} {row.what}: {columns}"


def _columns(table: Table) -> list[Column]:
    """A table's columns in the order in which they are shown: first the key that rows are known by. An id that nobody knows a row
    by is left out."""
    key = table.keys[0] if table.keys else tuple(column.name for column in table.primary)
    first = [table.by_name[name] for name in key]
    rest = [
        column
        for column in table.columns
        if column.name not in key and not (column.primary and isinstance(column.type, t.Id))
    ]
    return [*first, *rest]
