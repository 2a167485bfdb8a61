"""Rows on their way into and out of the database: closures that are made once for the columns of a statement."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NoReturn

from actionlang.engine.sql.codecs import NotConforming, Read
from actionlang.engine.sql.storage import StoredColumn, StoredTable, gather_key, spread_key
from actionlang.engine.store import Key, StoredValueError
from actionlang.engine.unrolled import unrolled

Cells = Sequence[Any]
LONGEST_SHOWN = 60
"""Characters of a stored value that an error shows."""


def values_writer(columns: Sequence[StoredColumn]) -> Callable[[Sequence[object]], list[Any]]:
    """What makes cells of columns' values.

    What it returns raises NeverStored for a value that no row can hold.
    """
    if all(column.one is not None and column.one.write is None for column in columns):
        return list
    names: dict[str, object] = {}
    cells = []
    for at, column in enumerate(columns):
        if column.one is None:
            names[f"spread{at}"] = column.spread
            cells.append(f"*spread{at}(v{at})")
        elif column.one.write is None:
            cells.append(f"v{at}")
        else:
            names[f"write{at}"] = column.one.write
            cells.append(f"None if v{at} is None else write{at}(v{at})")
    return unrolled(f"[{', '.join(cells)}]", names, width=len(columns))


def key_writer(stored: StoredTable) -> Callable[[Key], tuple[Any, ...]]:
    """What makes cells of a primary key."""
    return spread_key(stored.primary)


class RowReader:
    """Makes values, and the primary key where it is among them, of a row's cells."""

    def __init__(self, stored: StoredTable, columns: Sequence[StoredColumn], with_key: bool) -> None:
        self._stored = stored
        self._columns = tuple(columns)
        self._start = len(stored.key_cells) if with_key else 0
        self._readers = self._places()
        self._read = self._reading()
        self._gather_key = gather_key(stored.primary)
        self._one_key = stored.primary[0].one if len(stored.primary) == 1 else None

    def _places(self) -> list[tuple[Read, Any]]:
        """For each column what reads it, and where its cell or cells are."""
        places: list[tuple[Read, Any]] = []
        start = self._start
        for column in self._columns:
            end = start + len(column.cells)
            places.append((column.gather, slice(start, end)) if column.one is None else (column.one.read, start))
            start = end
        return places

    def _reading(self) -> Callable[[Cells], list[object]]:
        """What makes the columns' values of the cells of a row, which may be followed by others."""
        names: dict[str, object] = {}
        values = []
        for at, (column, (read, place)) in enumerate(zip(self._columns, self._readers, strict=True)):
            names[f"read{at}"] = read
            if column.one is None:
                values.append(f"read{at}(row[{place.start}:{place.stop}])")
            else:
                values.append(f"None if (cell := row[{place}]) is None else read{at}(cell)")
        return unrolled(f"[{', '.join(values)}]", names)

    def values(self, key: Key, cells: Cells) -> list[object]:
        """The columns' values in the row with this key.

        Raises StoredValueError when one is none of its column's type.
        """
        try:
            return self._read(cells)
        except NotConforming:
            self._complain(key, cells)

    def key(self, cells: Cells) -> Key:
        """The primary key, whose cells come first.

        Raises StoredValueError.
        """
        try:
            if self._one_key is not None:
                first = cells[0]
                if first is not None:
                    return self._one_key.read(first)
            elif None not in cells[: len(self._stored.key_cells)]:
                return self._gather_key(tuple(cells[: len(self._stored.key_cells)]))
        except NotConforming:
            pass
        found = tuple(cells[: len(self._stored.key_cells)])
        key = found[0] if len(found) == 1 else found
        sensitive = any(part.column.sensitive for part in self._stored.primary)
        shown = "***" if sensitive else _shown(key)
        raise StoredValueError(self._stored.table.name, key, self._stored.primary[0].column.name, shown)

    def _complain(self, key: Key, cells: Cells) -> NoReturn:
        for column, (read, place) in zip(self._columns, self._readers, strict=True):
            cell = cells[place]
            try:
                if cell is not None:
                    read(cell)
            except NotConforming:
                known = column.column
                found = "***" if known.sensitive else _shown(cell)
                raise StoredValueError(self._stored.table.name, key, known.name, found) from None
        raise AssertionError("a value was refused once and taken the second time")


def _shown(cell: object) -> str:
    text = repr(cell)
    return text if len(text) <= LONGEST_SHOWN else f"{text[:LONGEST_SHOWN]}..."
