"""Naming a row in a failure: `case CAS-0042`."""

from __future__ import annotations

from actionlang.engine.display import display_of
from actionlang.engine.interpreter.display import shown_key
from actionlang.engine.interpreter.rows import key_text
from actionlang.engine.interpreter.scope import PlanBinding
from actionlang.engine.store import Read, RowRef, StoredValueError, StoreError
from actionlang.engine.unit import Unit
from actionlang.metadata.tables import Table
from actionlang.metadata.types import Row


class RowNames:
    """Names rows by reading the key that people know them by, which a run without failures need not read."""

    def __init__(self, plan: PlanBinding) -> None:
        self._plan = plan
        self._reads: dict[str, Read] = {}

    def name(self, unit: Unit, row: RowRef) -> str:
        """The table's name and the row's key: its first alternate one where that can be read and told, else
        its primary one."""
        table = self._plan.schema.tables[row.table]
        return f"{table.short_name} {self._known_as(table, row) or key_text(row.key)}"

    def _known_as(self, table: Table, row: RowRef) -> str | None:
        columns = [table.by_name[name] for name in shown_key(table)]
        if not columns or any(column.sensitive or isinstance(column.type, Row) for column in columns):
            return None
        try:
            stored = self._read(table)(row.key)
        except (StoreError, StoredValueError):
            # The failure itself is what has to be told.
            return None
        if stored is None or None in stored:
            return None
        return ", ".join(display_of(column.type)(value) for column, value in zip(columns, stored, strict=True))

    def _read(self, table: Table) -> Read:
        read = self._reads.get(table.name)
        if read is None:
            read = self._reads[table.name] = _prepared(table, self._plan)
        return read


def _prepared(table: Table, plan: PlanBinding) -> Read:
    """The read of a table's shown key, whose primary columns are in the row's own key."""
    columns = shown_key(table)
    stored = tuple(name for name in columns if not table.by_name[name].primary)
    read = plan.store.prepare_read(table, stored)
    if stored == columns:
        return read
    primary = [column.name for column in table.primary]

    def with_key(key: object) -> list[object] | None:
        values = read(key)
        if values is None:
            return None
        parts = dict(zip(primary, key if isinstance(key, tuple) and len(primary) > 1 else (key,), strict=True))
        found = {**parts, **dict(zip(stored, values, strict=True))}
        return [found[name] for name in columns]

    return with_key
