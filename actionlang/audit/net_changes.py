"""What a run did to each row in the end, out of its record: the matter of undoing it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import attrs

from actionlang.engine.json_form import from_json, key_from_json
from actionlang.engine.schema import Schema
from actionlang.engine.store import Key, RowRef
from actionlang.metadata.tables import Table
from actionlang.runtime.log import ChangeRecord, written
from actionlang.runtime.masking import MASK

CREATED, CHANGED, DELETED = "created", "changed", "deleted"


class Masked:
    """Stands for a value that is sensitive, and so in no record."""

    def __repr__(self) -> str:
        return MASK


MASKED = Masked()


@attrs.frozen
class NetChange:
    """What became of a row: `created`, `changed` or `deleted`. `before` and `after` are language values by column, `MASKED` for
    those that no record holds: of a row that was created only `after`, of one that was deleted only `before`. `place` is the
    number of the change that undoing it takes the place of, `key_text` the key as records hold it."""

    table: Table
    key: Key
    key_text: str
    what: str
    before: Mapping[str, Any]
    after: Mapping[str, Any]
    place: int

    @property
    def row(self) -> RowRef:
        """The row."""
        return RowRef(self.table.name, self.key)


class UnknownTable(Exception):
    """The schema does not have a table or a column that a record tells of, or has it with another type. The text says which."""


def net_changes(changes: Iterable[ChangeRecord], schema: Schema) -> list[NetChange]:
    """What became of each row, in the order in which it is to be undone: the last thing first.

    Raises UnknownTable when the schema is another than when the run was made.
    """
    rows: dict[tuple[str, str], _Row] = {}
    for change in changes:
        rows.setdefault((change.table, written(change.key)), _Row(change)).add(change)
    found = [net for (table, key), row in rows.items() if (net := row.net(table, key, schema)) is not None]
    return sorted(found, key=lambda net: -net.place)


class _Row:
    """One row while its changes are gone through; values are JSON data."""

    def __init__(self, first: ChangeRecord) -> None:
        self._was_there = first.before is not None
        self._is_there = self._was_there
        self._key = first.key
        self._before: dict[str, object] = {}
        self._after: dict[str, object] = {}
        self._first = first.sequence
        self._last = first.sequence

    def add(self, change: ChangeRecord) -> None:
        """One more change of the row."""
        for name, value in (change.before or {}).items():
            if self._was_there and name not in self._before:
                self._before[name] = self._after.get(name, value)
        self._is_there = change.after is not None
        if change.after is None:
            self._last = change.sequence
            self._after = {}
        else:
            self._after.update(change.after)

    def net(self, table_name: str, key_text: str, schema: Schema) -> NetChange | None:
        """What became of it; None when that is nothing."""
        table = schema.tables.get(table_name)
        if table is None:
            raise UnknownTable(f"there is no table {table_name}")
        try:
            key = key_from_json(self._key, table_name, schema)
        except ValueError as error:
            raise UnknownTable(f"the key of {table_name} is {error}") from None
        before, after = (_values(table, data, schema) for data in (self._before, self._after))
        if not self._was_there:
            return NetChange(table, key, key_text, CREATED, {}, after, self._first) if self._is_there else None
        if not self._is_there:
            return NetChange(table, key, key_text, DELETED, before, {}, self._last)
        changed = [name for name in after if name in before and (before[name] is MASKED or before[name] != after[name])]
        if not changed:
            return None
        before, after = ({name: values[name] for name in changed} for values in (before, after))
        return NetChange(table, key, key_text, CHANGED, before, after, self._first)


def _values(table: Table, data: Mapping[str, object], schema: Schema) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in data.items():
        column = table.by_name.get(name)
        if column is None:
            raise UnknownTable(f"{table.name} has no column {name}")
        try:
            found[name] = MASKED if value == MASK and column.sensitive else from_json(value, column.type, schema)
        except ValueError as error:
            if value == MASK:
                found[name] = MASKED
                continue
            raise UnknownTable(f"{table.name}.{name} takes {error}") from None
    return found
