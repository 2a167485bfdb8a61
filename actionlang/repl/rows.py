"""Reading rows to show them: their columns' values, and what they are called."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from actionlang.engine.display import display_of
from actionlang.engine.interpreter.display import shown_key
from actionlang.engine.interpreter.rows import gone, key_text, stored_value
from actionlang.engine.schema import Schema
from actionlang.engine.store import Read, RowRef, Store, StoredValueError
from actionlang.metadata.tables import Table
from actionlang.metadata.types import Row

DEEPEST_NAME = 3
"""Rows whose keys are rows are called by those, so many deep."""


class RowReader:
    """Reads rows of any table of a schema, whole."""

    def __init__(self, store: Store, schema: Schema) -> None:
        self._store = store
        self._schema = schema
        self._reads: dict[tuple[str, tuple[str, ...]], Read] = {}

    def table(self, row: RowRef) -> Table:
        """The row's table."""
        return self._schema.tables[row.table]

    def is_there(self, row: RowRef) -> bool:
        """Whether there is such a row. Raises StoreError when the database fails."""
        return self._find(self.table(row), row, ()) is not None

    def values(self, row: RowRef, columns: Sequence[str] | None = None) -> dict[str, Any]:
        """The values of a row's columns, or of some of them.

        Raises Failure when the row is not there or does not conform to its table, StoreError when the database fails.
        """
        table = self.table(row)
        wanted = tuple(table.by_name) if columns is None else tuple(columns)
        found = self._find(table, row, wanted)
        if found is None:
            raise gone(row)
        return dict(found)

    def name(self, row: RowRef, depth: int = 0) -> str:
        """What people call a row: its table and the key that it is known by, `case CAS-0042`."""
        return f"{row.table.rpartition('.')[2]} {self._known_as(row, depth) or key_text(row.key)}"

    def _known_as(self, row: RowRef, depth: int) -> str | None:
        table = self._schema.tables.get(row.table)
        columns = shown_key(table) if table is not None and depth < DEEPEST_NAME else ()
        if table is None or not columns:
            return None
        found = self._find(table, row, columns)
        if found is None or None in found.values():
            return None
        parts = []
        for name, value in found.items():
            type_ = table.by_name[name].type
            is_row = isinstance(type_, Row)
            parts.append(self.name(value, depth + 1).partition(" ")[2] if is_row else display_of(type_)(value))
        return ", ".join(parts)

    def _find(self, table: Table, row: RowRef, columns: Sequence[str]) -> Mapping[str, Any] | None:
        """The values by column, or None when the row is not there."""
        stored = tuple(name for name in columns if not table.by_name[name].primary)
        read = self._reads.get((table.name, stored))
        if read is None:
            read = self._reads[table.name, stored] = self._store.prepare_read(table, stored)
        try:
            values = read(row.key)
        except StoredValueError as error:
            raise stored_value(error) from None
        if values is None:
            return None
        primary = [column.name for column in table.primary]
        keys = (row.key,) if len(primary) == 1 else row.key
        found = {**dict(zip(primary, keys, strict=True)), **dict(zip(stored, values, strict=True))}  # type: ignore[call-overload]
        return {name: found[name] for name in columns}
