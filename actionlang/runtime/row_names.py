"""What people call a row: `case CAS-0042`, by its first alternate key where it has one that can be told."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import sqlalchemy as sa

from actionlang.engine.changes import Change
from actionlang.engine.display import display_of
from actionlang.engine.interpreter.display import shown_key
from actionlang.engine.interpreter.rows import key_text
from actionlang.engine.json_form import from_json
from actionlang.engine.schema import Schema
from actionlang.engine.sql.dialect import Dialect
from actionlang.engine.sql.storage import Storage
from actionlang.engine.sql.store import SqlStore
from actionlang.engine.store import Read, RowRef, StoredValueError, StoreError
from actionlang.metadata.tables import Table
from actionlang.metadata.types import Row
from actionlang.runtime.database import Database
from actionlang.runtime.drift import Fitting
from actionlang.runtime.masking import MASK
from actionlang.runtime.reflection import find_tables
from actionlang.runtime.troubles import told_as_codes


class RowNames:
    """Names rows of a schema's tables: from what a run has changed, which a dry run has undone, else from the database."""

    def __init__(self, schema: Schema) -> None:
        self._schema = schema
        self._known: dict[RowRef, str] = {}

    def name(self, row: RowRef) -> str:
        """The table's short name and the key."""
        short = row.table.rpartition(".")[2]
        table = self._schema.tables.get(row.table)
        if table is not None and any(column.sensitive for column in table.primary):
            return f"{short} {MASK}"
        return f"{short} {self._known.get(row) or key_text(row.key)}"

    def learn(self, changes: Iterable[Change]) -> None:
        """Note the keys that rows were given, or had before they were deleted."""
        for change in changes:
            values = change.after if change.after is not None else change.before
            assert values is not None
            named = dict(zip(change.columns, values, strict=True))
            self._note(change.row, change.table, named)

    def unnamed(self, rows: Iterable[RowRef]) -> list[RowRef]:
        """Those of these rows that could have a name, and have none yet."""
        return list(dict.fromkeys(row for row in rows if row not in self._known and self._columns(row.table)))

    def note(self, row: RowRef, values: Mapping[str, object]) -> None:
        """Note the key that a row had, out of a record: JSON data by column. Raises ValueError where it is no key."""
        table = self._schema.tables[row.table]
        known = ((name, table.by_name[name]) for name in self._columns(row.table))
        self._note(row, table, {name: from_json(values.get(name), each.type, self._schema) for name, each in known})

    def read(self, database: Database, rows: Iterable[RowRef]) -> None:
        """Read the keys of those rows that have no name yet. A row that can not be read keeps its primary key for a name."""
        unnamed = self.unnamed(rows)
        if not unnamed:
            return
        with database.connection() as connection:
            driver = connection.connection.driver_connection
            assert driver is not None
            storage = self._storage({row.table for row in unnamed}, connection, database.dialect)
            store = SqlStore(driver.cursor(), database.dialect, self._schema, storage)
            reads: dict[str, Read] = {}
            for row in unnamed:
                table = self._schema.tables[row.table]
                columns = self._columns(row.table)
                if row.table not in reads:
                    reads[row.table] = store.prepare_read(table, columns)
                try:
                    values = reads[row.table](row.key)
                except (StoreError, StoredValueError):
                    continue
                if values is not None:
                    self._note(row, table, dict(zip(columns, values, strict=True)))

    def _storage(self, names: Iterable[str], connection: sa.Connection, dialect: Dialect) -> Storage:
        """How rows of these tables stand in the columns that the database really has."""
        stored = [self._schema.tables[name].stored for name in names]
        with told_as_codes(dialect):
            return Fitting(self._schema, find_tables(stored, connection, dialect), dialect).storage

    def _columns(self, name: str) -> tuple[str, ...]:
        """The columns of the key that rows of a table go by; none where it can not be told, or leads to other rows."""
        table = self._schema.tables.get(name)
        if table is None:
            return ()
        columns = [table.by_name[column] for column in shown_key(table)]
        if any(column.sensitive or column.primary or isinstance(column.type, Row) for column in columns):
            return ()
        return tuple(column.name for column in columns)

    def _note(self, row: RowRef, table: Table, values: Mapping[str, object]) -> None:
        columns = self._columns(row.table)
        if columns and all(values.get(name) is not None for name in columns):
            texts = [display_of(table.by_name[name].type)(values[name]) for name in columns]
            self._known[row] = ", ".join(texts)
