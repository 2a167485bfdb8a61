"""Where rows live, as the interpreter sees it.

A store prepares each operation once, when a plan is bound to it, and hands back a plain callable that is run
many times: there is no SQL to build and no name to look up during a run. All values are language values (see
`engine.values`): encoding them is the store's own business. Rows go by `RowRef`; a single-column primary key
is a scalar, a composite one a tuple.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple, Protocol

import attrs

from actionlang.metadata.tables import Table

Key = object


class RowRef(NamedTuple):
    """A reference to a row: its table's full name and its primary key (a tuple when composite)."""

    table: str
    key: Key


class StoredRow(NamedTuple):
    """A row as read: its primary key and the values of the columns asked for, in the order asked."""

    key: Key
    values: Sequence[object]


Read = Callable[[Key], Sequence[object] | None]
LookUp = Callable[[Sequence[object]], Key | None]
Scan = Callable[[Sequence[object]], Iterator[StoredRow]]
Insert = Callable[[Key, Sequence[object]], None]
Update = Callable[[Key, Sequence[object]], None]
Delete = Callable[[Key], None]


@attrs.frozen(slots=False)
class ConstraintError(Exception):
    """The store refused a write. `kind` is `unique`, `foreign key` (the row named does not exist),
    `referenced` (another row refers to the row to delete), `required`, `missing` (no row with that key) or
    `check`; `columns` may be empty when unknown."""

    kind: str
    table: str
    columns: tuple[str, ...] = ()


@attrs.frozen(slots=False)
class StoreError(Exception):
    """The place where rows live failed: `code` is an E08xx code's id (locked, disk full, connection lost,
    ...), `message` a sentence. Never caught by `attempt`."""

    code: str
    message: str


@attrs.frozen(slots=False)
class StoredValueError(Exception):
    """A row was read whose `column` holds what is no value of the column's type; `found` shows it, shortened
    if need be. The interpreter makes it a coded data failure that names the row."""

    table: str
    key: Key
    column: str
    found: str


class Store(Protocol):
    """A place where rows live. Scans come in primary key order. A write is seen by every later read.

    Values read conform to their columns' types (else StoredValueError); whether a required one is empty is
    looked at by the interpreter. Columns asked for are never primary ones: those are in the key. Writes raise
    ConstraintError.
    """

    def prepare_read(self, table: Table, columns: tuple[str, ...]) -> Read:
        """By primary key: the columns' values, or None when there is no such row."""

    def prepare_look_up(self, table: Table, columns: tuple[str, ...]) -> LookUp:
        """By the values of an alternate key: the primary key, or None, also where a value is empty."""

    def prepare_scan(self, table: Table, columns: tuple[str, ...], equal: tuple[str, ...]) -> Scan:
        """Rows whose `equal` columns, primary ones among them perhaps, have the values given (None matches
        empty; equality as the language defines it), in primary key order, fixed when the iterator is first
        advanced."""

    def prepare_insert(self, table: Table, columns: tuple[str, ...]) -> Insert:
        """Insert a row with this primary key and these columns' values (`columns` has no primary columns)."""

    def prepare_update(self, table: Table, columns: tuple[str, ...]) -> Update:
        """Change columns of the row with this key."""

    def prepare_delete(self, table: Table) -> Delete:
        """Delete the row with this key."""

    def savepoint(self) -> object:
        """Mark this moment; returns a mark for `undo` or `keep`. Marks nest."""

    def undo(self, mark: object) -> None:
        """Undo all writes since the mark, and drop it."""

    def keep(self, mark: object) -> None:
        """Keep the writes since the mark, and drop it."""
