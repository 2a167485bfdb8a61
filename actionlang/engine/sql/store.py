"""Rows in an SQL database, on the driver's own cursor: the statements and codecs are made when a plan is bound, so that an
operation of a run costs hardly more than its statement."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from functools import cached_property
from typing import TYPE_CHECKING, Any, NoReturn

from actionlang.diagnostics.catalogue.database import CONFLICT
from actionlang.engine.ordering import key_order
from actionlang.engine.schema import Schema
from actionlang.engine.sql.codecs import NeverStored
from actionlang.engine.sql.dialect import Cursor, Dialect
from actionlang.engine.sql.refusals import constraint_error
from actionlang.engine.sql.rows import RowReader, key_writer, values_writer
from actionlang.engine.sql.statements import Statements
from actionlang.engine.sql.storage import Storage, StoredColumn, StoredTable
from actionlang.engine.store import (
    ConstraintError,
    Delete,
    Insert,
    InsertKeyless,
    Key,
    LookUp,
    Read,
    RowRef,
    Scan,
    StoredRow,
    StoredValueError,
    StoreError,
    TakenAggregate,
    TakenQuery,
    Update,
)
from actionlang.metadata.tables import Table
from actionlang.metadata.types import Row
from actionlang.plan import expressions as e

if TYPE_CHECKING:
    from actionlang.engine.sql.queries import Queries

Execute = Callable[[str, Sequence[Any]], object]


class Unguarded(Exception):
    """A write was refused that nothing guarded, which has ended the transaction: all of it is to be done again, with guards."""


class SqlStore:
    """A store on one connection, which its maker opens, begins, commits and closes.

    Where an error ends the transaction, each write is guarded by a savepoint of its own, which costs two round trips. Who can do
    everything again may set `guards` to False for a first attempt.
    """

    takes_queries = True

    def __init__(self, cursor: Cursor, dialect: Dialect, schema: Schema, storage: Storage | None = None) -> None:
        """`storage` says how the tables are stored where they are not all as we make them."""
        dialect.make_ready(cursor)
        self._cursor = cursor
        self._dialect = dialect
        self._schema = schema
        self._storage = storage or Storage(schema, dialect)
        self._depth = 0
        self.guards = True
        guarding = dialect.error_ends_transaction
        self._write: Execute = self._write_guarded_if_asked if guarding else cursor.execute
        self._write_once: Execute = self._write_guarded if guarding else cursor.execute
        self._guard: Cursor = cursor.connection.cursor() if dialect.error_ends_transaction else cursor

    def prepare_read(self, table: Table, columns: tuple[str, ...]) -> Read:
        """See `Store`."""
        stored = self._storage.table(table.name)
        chosen = _chosen(stored, columns)
        statement = Statements(self._dialect, stored).select_by_key(chosen)
        values = RowReader(stored, chosen, with_key=False).values
        key_cells = key_writer(stored)
        execute, fetch = self._cursor.execute, self._cursor.fetchone
        failed, error_class = self._failed, self._dialect.error

        def read(key: Key) -> Sequence[object] | None:
            try:
                execute(statement, key_cells(key))
                cells = fetch()
            except NeverStored:
                return None
            except error_class as error:
                failed(error, stored, chosen, key)
            return None if cells is None else values(key, cells)

        return read

    def prepare_look_up(self, table: Table, columns: tuple[str, ...]) -> LookUp:
        """See `Store`."""
        stored = self._storage.table(table.name)
        chosen = _chosen(stored, columns)
        if not all(column.exact for column in chosen):
            return self._prepare_look_through(table, columns)
        statements = Statements(self._dialect, stored)
        statement = statements.select_key(chosen)
        key = RowReader(stored, (), with_key=True).key
        cells_of = values_writer(chosen)
        execute: Execute = self._cursor.execute
        fetch = self._cursor.fetchone
        if self._dialect.same is None and any(len(column.references) > 1 for column in chosen):
            execute = self._execute_for_empties(lambda empty: statements.select_key(chosen, empty))
        failed, error_class = self._failed, self._dialect.error

        def look_up(values: Sequence[object]) -> Key | None:
            if None in values:
                return None
            try:
                execute(statement, cells_of(values))
                cells = fetch()
            except NeverStored:
                return None
            except error_class as error:
                failed(error, stored, stored.primary)
            return None if cells is None else key(cells)

        return look_up

    def _prepare_look_through(self, table: Table, columns: tuple[str, ...]) -> LookUp:
        """A look-up of what may be stored in several ways."""
        scan = self.prepare_scan(table, (), columns)

        def look_up(values: Sequence[object]) -> Key | None:
            return None if None in values else next((row.key for row in scan(values)), None)

        return look_up

    def prepare_scan(self, table: Table, columns: tuple[str, ...], equal: tuple[str, ...]) -> Scan:
        """See `Store`. Of columns in which equal values are stored in several ways, the values are compared here."""
        stored = self._storage.table(table.name)
        inexact = [name for name in equal if not stored.columns[name].exact]
        if not inexact:
            return self._prepare_exact_scan(table, columns, equal)
        exact = [at for at, name in enumerate(equal) if name not in inexact]
        scan = self._prepare_exact_scan(table, (*columns, *inexact), tuple(equal[at] for at in exact))
        compared = [equal.index(name) for name in inexact]
        width = len(columns)

        def scan_through(wanted: Sequence[object]) -> Iterator[StoredRow]:
            alike = [wanted[at] for at in compared]
            for key, values in scan([wanted[at] for at in exact]):
                if list(values[width:]) == alike:
                    yield StoredRow(key, values[:width])

        return scan_through

    def _prepare_exact_scan(self, table: Table, columns: tuple[str, ...], equal: tuple[str, ...]) -> Scan:
        stored = self._storage.table(table.name)
        chosen, compared = _chosen(stored, columns), _chosen(stored, equal)
        in_order = all(part.ordered for part in stored.primary)
        statements = Statements(self._dialect, stored)
        statement = statements.select(chosen, compared, in_order)
        reader = RowReader(stored, chosen, with_key=True)
        cells_of = values_writer(compared)
        execute: Execute = self._cursor.execute
        fetch = self._cursor.fetchall
        if self._dialect.same is None and any(
            column.column.optional or len(column.references) > 1 for column in compared
        ):
            execute = self._execute_for_empties(lambda empty: statements.select(chosen, compared, in_order, empty))
        failed, error_class = self._failed, self._dialect.error

        def scan(wanted: Sequence[object]) -> Iterator[StoredRow]:
            try:
                execute(statement, cells_of(wanted))
                rows = fetch()
            except NeverStored:
                return
            except error_class as error:
                failed(error, stored, (*stored.primary, *chosen))
            for cells in rows:
                key = reader.key(cells)
                yield StoredRow(key, reader.values(key, cells))

        if in_order:
            return scan
        order = key_order(table, self._schema.choices)

        def place(row: StoredRow) -> Any:
            return row.key if order is None else order(row.key)

        def sorted_scan(wanted: Sequence[object]) -> Iterator[StoredRow]:
            yield from sorted(scan(wanted), key=place)

        return sorted_scan

    @cached_property
    def _queries(self) -> Queries:
        # What puts expressions into SQL takes time to load, and many runs ask nothing of it.
        from actionlang.engine.sql.queries import Queries

        return Queries(self._cursor, self._dialect, self._storage, self.told)

    def prepare_query(self, query: e.Query, columns: tuple[str, ...], *, any_order: bool = False) -> TakenQuery | None:
        """See `Store`."""
        return self._queries.query(query, columns, any_order)

    def prepare_aggregate(self, node: e.Aggregate) -> TakenAggregate | None:
        """See `Store`."""
        return self._queries.aggregate(node)

    @contextmanager
    def told(self, stored: StoredTable, columns: Sequence[StoredColumn]) -> Iterator[None]:
        """Within this, an error of the driver about columns of a table becomes a StoredValueError or a StoreError."""
        try:
            yield
        except self._dialect.error as error:
            self._failed(error, stored, columns)

    def prepare_insert(self, table: Table, columns: tuple[str, ...]) -> Insert:
        """See `Store`."""
        stored = self._storage.table(table.name)
        chosen = _chosen(stored, columns)
        statement = Statements(self._dialect, stored).insert(chosen)
        key_cells, cells_of = key_writer(stored), values_writer(chosen)
        execute, refused, error_class = self._write, self._refused, self._dialect.error
        written = (*stored.primary, *chosen)

        def insert(key: Key, values: Sequence[object]) -> None:
            try:
                execute(statement, [*key_cells(key), *cells_of(values)])
            except (NeverStored, error_class) as error:
                keys = (key,) if len(stored.primary) == 1 else key
                refused(error, stored, dict(zip(written, (*keys, *values), strict=True)))  # type: ignore[misc]

        return insert

    def prepare_insert_keyless(self, table: Table, columns: tuple[str, ...]) -> InsertKeyless:
        """See `Store`. The database makes ids, too: it is told nothing of a key."""
        stored = self._storage.table(table.name)
        chosen = _chosen(stored, columns)
        statement = Statements(self._dialect, stored).insert_keyless(chosen)
        cells_of, key_of = values_writer(chosen), RowReader(stored, (), with_key=True).key
        # A counter of the database moves on even when its row is refused: trying again would not be the same.
        execute, refused, error_class = self._write_once, self._refused, self._dialect.error
        fetch = self._cursor.fetchall

        def insert(values: Sequence[object], _: Callable[[], str]) -> Key:
            try:
                execute(statement, cells_of(values))
                made = fetch()
            except (NeverStored, error_class) as error:
                refused(error, stored, dict(zip(chosen, values, strict=True)))
            # A trigger or a rule may have put the row elsewhere; a column that counts nothing was left empty.
            if len(made) != 1 or made[0][0] is None:
                raise ConstraintError("required", table.name, (stored.primary[0].column.name,))
            return key_of(made[0])

        return insert

    def prepare_update(self, table: Table, columns: tuple[str, ...]) -> Update:
        """See `Store`."""
        stored = self._storage.table(table.name)
        chosen = _chosen(stored, columns)
        statement = Statements(self._dialect, stored).update(chosen)
        key_cells, cells_of = key_writer(stored), values_writer(chosen)
        cursor, execute = self._cursor, self._write
        refused, error_class = self._refused, self._dialect.error

        def update(key: Key, values: Sequence[object]) -> None:
            try:
                execute(statement, [*cells_of(values), *key_cells(key)])
            except (NeverStored, error_class) as error:
                refused(error, stored, dict(zip(chosen, values, strict=True)), key)
            if not cursor.rowcount:
                raise ConstraintError("missing", table.name)

        return update

    def prepare_delete(self, table: Table) -> Delete:
        """See `Store`."""
        stored = self._storage.table(table.name)
        statement = Statements(self._dialect, stored).delete()
        key_cells = key_writer(stored)
        cursor, execute, error_class = self._cursor, self._write, self._dialect.error

        def delete(key: Key) -> None:
            try:
                execute(statement, key_cells(key))
            except NeverStored:
                raise ConstraintError("missing", table.name) from None
            except error_class as error:
                self._refused_delete(error, RowRef(table.name, key))
            if not cursor.rowcount:
                raise ConstraintError("missing", table.name)

        return delete

    def savepoint(self) -> object:
        """See `Store`."""
        self._depth += 1
        self._command(f"SAVEPOINT actionlang_{self._depth}")
        return self._depth

    def undo(self, mark: object) -> None:
        """See `Store`."""
        self._command(f"ROLLBACK TO SAVEPOINT actionlang_{mark}")
        self.keep(mark)

    def keep(self, mark: object) -> None:
        """See `Store`."""
        assert isinstance(mark, int)
        self._command(f"RELEASE SAVEPOINT actionlang_{mark}")
        self._depth = mark - 1

    def forget_savepoints(self) -> None:
        """A run begins or has ended: its savepoints are gone with its transaction."""
        self._depth = 0

    def _command(self, statement: str) -> None:
        try:
            self._cursor.execute(statement)
        except self._dialect.error as error:
            raise self._dialect.trouble(error) from error

    def _execute_for_empties(self, statement_with: Callable[[Sequence[bool]], str]) -> Execute:
        """What executes a statement of its own for each set of cells that are empty, with the others as parameters."""
        known: dict[tuple[bool, ...], str] = {}
        execute = self._cursor.execute

        def execute_for(_: str, cells: Sequence[Any]) -> object:
            empty = tuple([cell is None for cell in cells])
            statement = known.get(empty)
            if statement is None:
                statement = known[empty] = statement_with(empty)
            return execute(statement, [cell for cell in cells if cell is not None])

        return execute_for

    def _write_guarded(self, statement: str, cells: Sequence[Any]) -> object:
        """Execute a write so that the transaction lives on when it is refused."""
        guard = self._guard.execute
        guard("SAVEPOINT actionlang_write")
        try:
            return self._cursor.execute(statement, cells)
        except self._dialect.error:
            with suppress(self._dialect.error):
                guard("ROLLBACK TO SAVEPOINT actionlang_write")
            raise
        finally:
            with suppress(self._dialect.error):
                guard("RELEASE SAVEPOINT actionlang_write")

    def _write_guarded_if_asked(self, statement: str, cells: Sequence[Any]) -> object:
        if self.guards:
            return self._write_guarded(statement, cells)
        try:
            return self._cursor.execute(statement, cells)
        except self._dialect.error as error:
            if self._dialect.refusal(error) is None:
                raise
            raise Unguarded from error

    # The rest is for when something went wrong.

    def _failed(
        self, error: Exception, stored: StoredTable, columns: Sequence[StoredColumn], key: Key | None = None
    ) -> NoReturn:
        """A statement that reads failed."""
        name = self._dialect.undecodable(error)
        for column in columns:
            if name is not None and any(cell.name == name for cell in column.cells):
                raise self._not_text(stored, column, key) from error
        raise self._dialect.trouble(error) from error

    def _not_text(self, stored: StoredTable, column: StoredColumn, key: Key | None) -> StoredValueError:
        """What to say of a column that holds bytes which are no UTF-8, in the row with a key or the first row that has any."""
        found = "bytes that are not UTF-8"
        if key is not None or column in stored.primary:
            return StoredValueError(stored.table.name, key, column.column.name, found)
        self._cursor.execute(Statements(self._dialect, stored).select_bytes((column,)))
        reader = RowReader(stored, (), with_key=True)
        for cells in self._cursor.fetchall():
            texts = cells[len(stored.key_cells) :]
            if not all(_is_utf8(text) for text in texts if text is not None):
                return StoredValueError(stored.table.name, reader.key(cells), column.column.name, found)
        return StoredValueError(stored.table.name, None, column.column.name, found)

    def _refused(
        self, error: Exception, stored: StoredTable, values: Mapping[StoredColumn, object], own: Key | None = None
    ) -> NoReturn:
        """A statement that writes these values failed, or a value is none that its column can hold. `own` is the key of a row
        that was there already."""
        if isinstance(error, NeverStored):
            misfits = [column.column.name for column, value in values.items() if not _can_be_held(column, value)]
            raise ConstraintError("check", stored.table.name, tuple(misfits)) from error
        refusal = self._dialect.refusal(error)
        if refusal is None:
            raise self._dialect.trouble(error) from error
        if refusal.kind == "foreign key":
            dangling = [column.column.name for column, value in values.items() if self._dangles(value)]
            raise ConstraintError("foreign key", stored.table.name, tuple(dangling)) from error
        if refusal.kind == "unique" and (taken := self._first_taken(stored, values, own)) is not None:
            raise ConstraintError("unique", stored.table.name, taken) from error
        refused = constraint_error(refusal, stored)
        if refusal.kind == "unique" and self._dialect.writes_at_once and self._is_unseen(refused, stored, values):
            short = stored.table.short_name
            told = f"Another run has just made a row of {short} that this one, which began before, can not see."
            raise StoreError(CONFLICT.id, told) from error
        raise refused from error

    def _first_taken(
        self, stored: StoredTable, values: Mapping[StoredColumn, object], own: Key | None
    ) -> tuple[str, ...] | None:
        """Of the sets of columns that are unique the first, in declared order, whose values another row has; databases name any.
        None when that can not be said."""
        given = {column.column.name: value for column, value in values.items() if value is not None}
        table = stored.table
        primary = tuple(column.name for column in table.primary)
        if given.keys() >= set(primary):
            parts = tuple(given[name] for name in primary)
            key: Any = parts if len(parts) > 1 else parts[0]
            if self.prepare_read(table, ())(key) is not None:
                return primary
        for columns in (*table.keys, *table.uniques):
            if columns != primary and given.keys() >= set(columns):
                found = self.prepare_look_up(table, columns)([given[name] for name in columns])
                if found is not None and found != own:
                    return columns
        return None

    def _is_unseen(self, refused: ConstraintError, stored: StoredTable, values: Mapping[StoredColumn, object]) -> bool:
        """Whether the row that is in the way came after this transaction's view of the rows, so that a verb that looks for it
        would find nothing. False when that can not be said."""
        given = {column.column.name: value for column, value in values.items()}
        if not refused.columns or not given.keys() >= set(refused.columns):
            return False
        return self.prepare_look_up(stored.table, refused.columns)([given[name] for name in refused.columns]) is None

    def _dangles(self, value: object) -> bool:
        """Whether a value is a row that is not there."""
        if not isinstance(value, RowRef):
            return False
        return self.prepare_read(self._schema.tables[value.table], ())(value.key) is None

    def _refused_delete(self, error: Exception, row: RowRef) -> NoReturn:
        refusal = self._dialect.refusal(error)
        if refusal is None:
            raise self._dialect.trouble(error) from error
        if refusal.kind == "foreign key":
            raise self._referenced(row) from error
        raise constraint_error(refusal, self._storage.table(row.table)) from error

    def _referenced(self, row: RowRef) -> ConstraintError:
        """The refusal to delete a row, naming the first table and column known to refer to it."""
        for table in self._schema.tables.values():
            for column in table.columns:
                if isinstance(column.type, Row) and row.table in column.type.tables:
                    referring = self.prepare_scan(table, (), (column.name,))((row,))
                    # Whoever refers to the row by a key that can not be read is not named.
                    with suppress(StoredValueError):
                        if any(RowRef(table.name, other.key) != row for other in referring):
                            return ConstraintError("referenced", table.name, (column.name,))
        return ConstraintError("referenced", row.table)


def _chosen(stored: StoredTable, columns: tuple[str, ...]) -> tuple[StoredColumn, ...]:
    return tuple(stored.columns[name] for name in columns)


def _can_be_held(column: StoredColumn, value: object) -> bool:
    try:
        column.spread(value)
    except NeverStored:
        return False
    return True


def _is_utf8(text: bytes) -> bool:
    try:
        text.decode()
    except UnicodeDecodeError:
        return False
    return True
