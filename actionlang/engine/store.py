"""Where rows live, as the interpreter sees it.

A store prepares each operation once, when a plan is bound to it, and hands back a plain callable that is run
many times: there is no SQL to build and no name to look up during a run. All values are language values (see
`engine.values`): encoding them is the store's own business. Rows go by `RowRef`; a single-column primary key
is a scalar, a composite one a tuple.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple, Protocol

import attrs

from actionlang.metadata.tables import Table
from actionlang.plan import expressions as e

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
InsertKeyless = Callable[[Sequence[object], Callable[[], str]], Key]
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


class TakenQuery(NamedTuple):
    """A query as far as a store answers it by itself. `parameters` are expressions in it that are the same for every row; `left`
    conditions that the rows it gives have still to be tested for. `rows` takes the parameters' values and how many rows are
    wanted at most (None: all), and gives None where these values have to be compared elsewhere. The rows come in the query's
    order when `ordered`, else in primary key order; where they have to be tested or put in order still, all are given."""

    parameters: tuple[e.Expression, ...]
    left: tuple[e.Expression, ...]
    ordered: bool
    rows: Callable[[Sequence[object], int | None], Iterator[StoredRow] | None]


class TakenAggregate(NamedTuple):
    """An aggregate that a store works out. `result` takes the parameters' values and gives what `engine.interpreter.aggregates`
    makes the result of: the number of rows, or the least or greatest value, or a sum in full and the number of values in it. It
    gives None where that has to be found out row by row."""

    parameters: tuple[e.Expression, ...]
    result: Callable[[Sequence[object]], Sequence[Any] | None]


class Store(Protocol):
    """A place where rows live. Scans come in primary key order. A write is seen by every later read.

    Values read conform to their columns' types (else StoredValueError); whether a required one is empty is
    looked at by the interpreter. Columns asked for are never primary ones: those are in the key. Writes raise
    ConstraintError. `takes_queries` says whether asking for whole queries is of any use.
    """

    takes_queries: bool

    def prepare_read(self, table: Table, columns: tuple[str, ...]) -> Read:
        """By primary key: the columns' values, or None when there is no such row."""

    def prepare_look_up(self, table: Table, columns: tuple[str, ...]) -> LookUp:
        """By the values of an alternate key: the primary key, or None, also where a value is empty."""

    def prepare_scan(self, table: Table, columns: tuple[str, ...], equal: tuple[str, ...]) -> Scan:
        """Rows whose `equal` columns, primary ones among them perhaps, have the values given (None matches
        empty; equality as the language defines it), in primary key order, fixed when the iterator is first
        advanced."""

    def prepare_query(self, query: e.Query, columns: tuple[str, ...], *, any_order: bool = False) -> TakenQuery | None:
        """The query's rows with these columns; None where the store can not answer any of it. With `any_order` nobody looks at
        the order in which they come, unless there is something left to test."""

    def prepare_aggregate(self, node: e.Aggregate) -> TakenAggregate | None:
        """A count, sum, min, max or average, the whole of it; None where the store can not answer it."""

    def prepare_insert(self, table: Table, columns: tuple[str, ...]) -> Insert:
        """Insert a row with this primary key and these columns' values (`columns` has no primary columns)."""

    def prepare_insert_keyless(self, table: Table, columns: tuple[str, ...]) -> InsertKeyless:
        """Insert a row with these columns' values into a table whose primary key the store makes (see `Table.makes_key`); gives
        that key. Where it is an id that nothing beside the run can make, what is called for one gives it."""

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
