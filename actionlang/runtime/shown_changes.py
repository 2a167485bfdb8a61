"""What runs changed, as people read it: a row under another, with before and after of each column.

case CAS-0042 changed
  priority           normal -> high
  escalation_reason  empty  -> It smokes

task 0191e2b0-0000-7000-8000-000000000001 created
  subject  Call back: Printer on fire
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

import attrs

from actionlang.diagnostics.display import DisplayLine, safe
from actionlang.diagnostics.paint import BOLD, Painter
from actionlang.engine.changes import Change
from actionlang.engine.display import display_of
from actionlang.engine.store import RowRef
from actionlang.metadata.tables import Table
from actionlang.metadata.types import Id, ListOf, Type
from actionlang.runtime.masking import MASK

RowName = Callable[[RowRef], str]

EMPTY = "empty"
CREATED, CHANGED, DELETED = "created", "changed", "deleted"
STYLES = {CREATED: "\x1b[1;32m", CHANGED: "\x1b[1;33m", DELETED: "\x1b[1;31m"}
DIM = "\x1b[2m"
OLD, NEW = "\x1b[31m", "\x1b[32m"

WIDEST_BEFORE = 44
"""Cells of the former values' column, unless the terminal has room for more."""


@attrs.frozen
class ShownColumn:
    """A column's value before and after, as text; None where there was no row."""

    name: str
    before: str | None
    after: str | None


@attrs.frozen
class ShownRow:
    """A row: its name, what happened to it (created, changed or deleted), more words about that, and its columns."""

    name: str
    what: str
    columns: tuple[ShownColumn, ...]
    remark: str = ""


def value_text(value: object, type_: Type, row_name: RowName) -> str:
    """A value in one line, as people write it."""
    if value is None:
        return EMPTY
    if isinstance(value, RowRef):
        return row_name(value)
    if isinstance(type_, ListOf):
        assert isinstance(value, tuple)
        return ", ".join(value_text(item, type_.item, row_name) for item in value)
    return display_of(type_)(value)


# --------------------------------------------------------------------------------------------------- a run as a whole


def net_changes(changes: Iterable[Change], row_name: RowName) -> list[ShownRow]:
    """What a run changed in the end, one entry a row: what steps did and undid again is left out. Sensitive values are masked."""
    rows: dict[RowRef, _Net] = {}
    for change in changes:
        rows.setdefault(change.row, _Net(change.table, change.before is not None)).add(change)
    return [shown for row, net in rows.items() if (shown := net.shown(row_name(row), row_name)) is not None]


class _Net:
    """What became of one row."""

    def __init__(self, table: Table, was_there: bool) -> None:
        self._table = table
        self._was_there = was_there
        self._is_there = was_there
        self._before: dict[str, object] = {}
        self._after: dict[str, object] = {}

    def add(self, change: Change) -> None:
        if change.before is not None and self._was_there:
            for name, value in zip(change.columns, change.before, strict=True):
                self._before.setdefault(name, self._after.get(name, value))
        self._is_there = change.after is not None
        self._after.update(zip(change.columns, change.after or (), strict=False))

    def shown(self, name: str, row_name: RowName) -> ShownRow | None:
        """What happened in the end; None when nothing did."""
        if self._was_there and self._is_there:
            changed = [column for column in self._ordered(self._after) if self._differs(column)]
            shown = tuple(
                ShownColumn(column, *self._texts(column, (self._before[column], self._after[column]), row_name))
                for column in changed
            )
            return ShownRow(name, CHANGED, shown) if shown else None
        if self._is_there:
            return ShownRow(name, CREATED, tuple(self._filled(self._after, row_name, created=True)))
        if self._was_there:
            return ShownRow(name, DELETED, tuple(self._filled(self._before, row_name, created=False)))
        return None

    def _ordered(self, values: Mapping[str, object]) -> list[str]:
        return [column.name for column in self._table.columns if column.name in values]

    def _differs(self, column: str) -> bool:
        # What a row created again was before is not known of columns that only the former row had.
        return column in self._before and self._before[column] != self._after[column]

    def _filled(self, values: Mapping[str, object], row_name: RowName, *, created: bool) -> Iterator[ShownColumn]:
        for column in self._ordered(values):
            if values[column] is not None and not self._is_made_up(column):
                (text,) = self._texts(column, (values[column],), row_name)
                yield ShownColumn(column, None if created else text, text if created else None)

    def _is_made_up(self, column: str) -> bool:
        """Whether a column is an id that says nothing to people, or is the row's name already."""
        found = self._table.by_name[column]
        return found.primary and isinstance(found.type, Id)

    def _texts(self, column: str, values: Sequence[object], row_name: RowName) -> list[str]:
        found = self._table.by_name[column]
        return [MASK if found.sensitive else value_text(value, found.type, row_name) for value in values]


# ------------------------------------------------------------------------------------------------------------- lines


def change_lines(rows: Sequence[ShownRow], width: int | None = None, *, color: bool = False) -> list[str]:
    """The rows as lines of at most `width` cells (None: as long as it takes), a blank one between rows."""
    painter = Painter(color)
    lines: list[str] = []
    for row in rows:
        if lines:
            lines.append("")
        remark = f" {row.remark}" if row.remark else ""
        lines.append(f"{painter.paint(_one_line(row.name), BOLD)} {painter.paint(row.what, STYLES[row.what])}{remark}")
        lines += _column_lines(row.columns, width, painter)
    return lines


def pair_lines(pairs: Sequence[tuple[str, str]], width: int | None = None, *, color: bool = False) -> list[str]:
    """Names with their values, a line each, as under a row that was created."""
    painter = Painter(color)
    names = max((len(name) for name, _ in pairs), default=0)
    return [f"  {name:{names}}  {_value(value, _room(width, names + 4), '', painter)}" for name, value in pairs]


def _column_lines(columns: Sequence[ShownColumn], width: int | None, painter: Painter) -> Iterator[str]:
    names = max((len(column.name) for column in columns), default=0)
    room = _room(width, names + 4)
    most = WIDEST_BEFORE if room is None else max(10, room // 2 - 2)
    befores = [_cells(_one_line(column.before)) for column in columns if column.before and column.after is not None]
    cells = min(max(befores, default=0), most)
    for column in columns:
        start = f"  {column.name:{names}}  "
        if column.before is None or column.after is None:
            value = column.after if column.before is None else column.before
            assert value is not None
            yield start + _value(value, room, NEW if column.before is None else OLD, painter)
        else:
            before = _value(column.before, None if width is None else cells, OLD, painter)
            blanks = " " * (cells - min(_cells(_one_line(column.before)), cells))
            rest = None if room is None else max(10, room - cells - 4)
            yield f"{start}{before}{blanks} -> {_value(column.after, rest, NEW, painter)}"


def _value(text: str, room: int | None, style: str, painter: Painter) -> str:
    line = _one_line(text)
    shown = line if room is None else DisplayLine.of(line).clip(0, room).text
    return painter.paint(shown, DIM if text == EMPTY else style)


def _room(width: int | None, taken: int) -> int | None:
    return None if width is None else max(10, width - taken)


def _one_line(text: str) -> str:
    return safe(text.replace("\n", "\\n"))


def _cells(text: str) -> int:
    return DisplayLine.of(text).starts[-1]
