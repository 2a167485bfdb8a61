"""A store in memory that notes what is written to it, each write with all rows as they were before."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import attrs

from actionlang.engine.memory import MemoryStore
from actionlang.engine.store import Delete, Insert, RowRef, Update
from actionlang.metadata.tables import Table
from tests.access.oracle import State


@attrs.frozen
class Written:
    """A write: what was done to which row, which columns it set, and all rows before and after it."""

    operation: str
    row: RowRef
    columns: tuple[str, ...]
    before: State
    after: State


class WatchingStore(MemoryStore):
    """A memory store that keeps `written`."""

    def __init__(self, tables: Sequence[Table], choices: Any) -> None:
        super().__init__(tables, choices)
        self._known = list(tables)
        self.written: list[Written] = []

    def state(self) -> State:
        """All rows."""
        found: dict[RowRef, dict[str, Any]] = {}
        for table in self._known:
            columns = tuple(column.name for column in table.columns if not column.primary)
            for stored in super().prepare_scan(table, columns, ())(()):
                found[RowRef(table.name, stored.key)] = dict(zip(columns, stored.values, strict=True))
        return found

    def prepare_insert(self, table: Table, columns: tuple[str, ...]) -> Insert:
        insert = super().prepare_insert(table, columns)

        def noted(key: object, values: Sequence[object]) -> None:
            before = self.state()
            insert(key, values)
            self.written.append(Written("create", RowRef(table.name, key), columns, before, self.state()))

        return noted

    def prepare_update(self, table: Table, columns: tuple[str, ...]) -> Update:
        update = super().prepare_update(table, columns)

        def noted(key: object, values: Sequence[object]) -> None:
            before = self.state()
            update(key, values)
            self.written.append(Written("update", RowRef(table.name, key), columns, before, self.state()))

        return noted

    def prepare_delete(self, table: Table) -> Delete:
        delete = super().prepare_delete(table)

        def noted(key: object) -> None:
            before = self.state()
            delete(key)
            self.written.append(Written("delete", RowRef(table.name, key), (), before, self.state()))

        return noted
