"""Gathering what a request wants to know of rows: the rows themselves, those that they lead to, what these are called."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from actionlang.access.rights import Depth
from actionlang.engine.display import display_of
from actionlang.engine.interpreter.display import shown_key
from actionlang.engine.store import RowRef
from actionlang.metadata import types as t
from actionlang.metadata.tables import Table
from actionlang.runtime.reading import FoundRow, Reading
from actionlang.server.odata.query_options import Expand, Shape
from actionlang.server.odata.row_json import Told, columns_of
from actionlang.server.odata.surface import Surface


def columns_read(surface: Surface, table: str, shape: Shape) -> tuple[str, ...]:
    """The names of the columns that have to be read of a table's rows."""
    wanted = [column.name for column in columns_of(surface, table, shape)]
    wanted += [each.navigation.column.name for each in shape.expands]
    files = {column.name for column in surface.table(table).columns if isinstance(column.type, t.File)}
    return tuple(name for name in dict.fromkeys(wanted) if name not in files)


class Gathering:
    """Gathers within one reading. With `names` rows that lookups lead to are told by name."""

    def __init__(self, reading: Reading, surface: Surface, *, names: bool) -> None:
        self._reading = reading
        self._surface = surface
        self._with_names = names

    def told(self, table: str, rows: Sequence[FoundRow], shape: Shape) -> list[Told]:
        """Rows of a table with all that is to be told of them. What the caller may not read is as if it were not there."""
        expanded = [self._expanded(rows, each) for each in shape.expands]
        names = self._names(table, rows, shape) if self._with_names else {}
        return [
            Told(
                row,
                {
                    each.navigation.name: found.get(_target(row, each))
                    for each, found in zip(shape.expands, expanded, strict=True)
                },
                names,
            )
            for row in rows
        ]

    def _expanded(self, rows: Sequence[FoundRow], expand: Expand) -> Mapping[object, Told]:
        """What a lookup of these rows leads to, by row."""
        table = expand.navigation.table
        targets = [row for row in (_target(each, expand) for each in rows) if row is not None]
        found = self._read(table, targets, columns_read(self._surface, table, expand.shape), versions=True)
        told = self.told(table, found, expand.shape)
        return {each.row.row: each for each in told}

    def _read(
        self, table: str, rows: Iterable[RowRef], columns: tuple[str, ...], *, versions: bool = False
    ) -> list[FoundRow]:
        keys = [row.key for row in rows]
        if not keys:
            return []
        return list(self._reading.by_keys(table, keys, columns, versions=versions).values())

    # ---------------------------------------------------------------------------------------------------------- names

    def _names(self, table: str, rows: Sequence[FoundRow], shape: Shape) -> Mapping[RowRef, str]:
        """What the rows that lookups lead to are called."""
        wanted: dict[str, dict[RowRef, None]] = {}
        for column in columns_of(self._surface, table, shape):
            if isinstance(column.type, t.Row):
                for row in rows:
                    target = row.values[column.name]
                    if isinstance(target, RowRef):
                        wanted.setdefault(target.table, {})[target] = None
        names: dict[RowRef, str] = {}
        for name, targets in wanted.items():
            names |= self._names_of(self._surface.table(name), targets)
        return names

    def _names_of(self, table: Table, targets: Iterable[RowRef]) -> Mapping[RowRef, str]:
        columns = [table.by_name[name] for name in shown_key(table)]
        readable = self._reading.readable
        if not columns or readable.depth(table.name) is Depth.NONE:
            return {}
        if any(isinstance(each.type, t.Row) or readable.is_hidden(each) for each in (*columns, *table.primary)):
            return {}
        found = self._read(table.name, targets, tuple(each.name for each in columns))
        named: dict[RowRef, str] = {}
        for row in found:
            values = [row.values[each.name] for each in columns]
            if None not in values:
                texts = [display_of(each.type)(value) for each, value in zip(columns, values, strict=True)]
                named[row.row] = ", ".join(texts)
        return named


def _target(row: FoundRow, expand: Expand) -> RowRef | None:
    """The row that a lookup leads to, where it is of the table that is wanted."""
    found = row.values[expand.navigation.column.name]
    return found if isinstance(found, RowRef) and found.table == expand.navigation.table else None
