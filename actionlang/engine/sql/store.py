"""Rows in an SQL database, on the driver's own cursor: the statements and codecs are made when a plan is bound, so that an
operation of a run costs hardly more than its statement."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Any, NoReturn

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
    Key,
    LookUp,
    Read,
    RowRef,
    Scan,
    StoredRow,
    StoredValueError,
    Update,
)
from actionlang.metadata.tables import Table
from actionlang.metadata.types import Row


class SqlStore:
    """A store on one connection, which its maker opens, begins, commits and closes."""

    def __init__(self, cursor: Cursor, dialect: Dialect, schema: Schema) -> None:
        self._cursor = cursor
        self._dialect = dialect
        self._schema = schema
        self._storage = Storage(schema)
        self._depth = 0

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
        statement = Statements(self._dialect, stored).select_key(chosen)
        key = RowReader(stored, (), with_key=True).key
        cells_of = values_writer(chosen)
        execute, fetch = self._cursor.execute, self._cursor.fetchone
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

    def prepare_scan(self, table: Table, columns: tuple[str, ...], equal: tuple[str, ...]) -> Scan:
        """See `Store`."""
        stored = self._storage.table(table.name)
        chosen, compared = _chosen(stored, columns), _chosen(stored, equal)
        in_order = all(part.ordered for part in stored.primary)
        statement = Statements(self._dialect, stored).select(chosen, compared, in_order)
        reader = RowReader(stored, chosen, with_key=True)
        cells_of = values_writer(compared)
        execute, fetch = self._cursor.execute, self._cursor.fetchall
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

    def prepare_insert(self, table: Table, columns: tuple[str, ...]) -> Insert:
        """See `Store`."""
        stored = self._storage.table(table.name)
        chosen = _chosen(stored, columns)
        statement = Statements(self._dialect, stored).insert(chosen)
        key_cells, cells_of = key_writer(stored), values_writer(chosen)
        execute, refused, error_class = self._cursor.execute, self._refused, self._dialect.error
        written = (*stored.primary, *chosen)

        def insert(key: Key, values: Sequence[object]) -> None:
            try:
                execute(statement, [*key_cells(key), *cells_of(values)])
            except error_class as error:
                keys = (key,) if len(stored.primary) == 1 else key
                refused(error, stored, dict(zip(written, (*keys, *values), strict=True)))  # type: ignore[misc]

        return insert

    def prepare_update(self, table: Table, columns: tuple[str, ...]) -> Update:
        """See `Store`."""
        stored = self._storage.table(table.name)
        chosen = _chosen(stored, columns)
        statement = Statements(self._dialect, stored).update(chosen)
        key_cells, cells_of = key_writer(stored), values_writer(chosen)
        cursor, execute = self._cursor, self._cursor.execute
        refused, error_class = self._refused, self._dialect.error

        def update(key: Key, values: Sequence[object]) -> None:
            try:
                execute(statement, [*cells_of(values), *key_cells(key)])
            except error_class as error:
                refused(error, stored, dict(zip(chosen, values, strict=True)))
            if not cursor.rowcount:
                raise ConstraintError("missing", table.name)

        return update

    def prepare_delete(self, table: Table) -> Delete:
        """See `Store`."""
        stored = self._storage.table(table.name)
        statement = Statements(self._dialect, stored).delete()
        key_cells = key_writer(stored)
        cursor, error_class = self._cursor, self._dialect.error

        def delete(key: Key) -> None:
            try:
                cursor.execute(statement, key_cells(key))
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

    def _refused(self, error: Exception, stored: StoredTable, values: Mapping[StoredColumn, object]) -> NoReturn:
        """A statement that writes these values failed."""
        refusal = self._dialect.refusal(error)
        if refusal is None:
            raise self._dialect.trouble(error) from error
        if refusal.kind == "foreign key":
            dangling = [column.column.name for column, value in values.items() if self._dangles(value)]
            raise ConstraintError("foreign key", stored.table.name, tuple(dangling)) from error
        raise constraint_error(refusal, stored) from error

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


def _is_utf8(text: bytes) -> bool:
    try:
        text.decode()
    except UnicodeDecodeError:
        return False
    return True
