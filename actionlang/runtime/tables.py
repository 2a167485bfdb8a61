"""Making, dropping and showing the tables that a schema describes, and those that runs themselves need."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager

import sqlalchemy as sa
from sqlalchemy.schema import DropTable, sort_tables_and_constraints

from actionlang.engine.schema import Schema
from actionlang.engine.sql.definition import creating, define
from actionlang.engine.sql.dialect import Dialect
from actionlang.runtime.audit import CHANGES, RUNS, STEPS
from actionlang.runtime.comparison import compare
from actionlang.runtime.differences import Difference
from actionlang.runtime.drift import check_tables
from actionlang.runtime.idempotency import KEYS
from actionlang.runtime.outbox import EVENTS
from actionlang.runtime.reflection import find_tables

Connect = Callable[[], AbstractContextManager[sa.Connection]]

LOCK_OF_TABLES = 4714_1120
"""The number of PostgreSQL's advisory lock that whoever makes or drops tables holds."""

OF_RUNS = (RUNS, CHANGES, STEPS, KEYS, EVENTS)
"""The tables of audit records, of keys that runs have taken, and of events that they emitted."""


class Tables:
    """What can be done with the tables of a database."""

    def __init__(self, connect: Connect, dialect: Dialect) -> None:
        self._connect = connect
        self._dialect = dialect

    def create(self, schema: Schema) -> tuple[str, ...]:
        """Make the schema's tables and those of runs, all or none; those that are there already are left alone.

        Gives the stored names of the tables made. Raises ActionLangError when a table that is there lacks what the
        schema says, when two would be stored under one name, or when the database fails.
        """
        tables = self._sorted(schema)
        with self._connect() as connection, connection.begin():
            self._alone(connection)
            present = self._present(tables, connection)
            for statement in creating(tables, self._dialect, if_missing=True, present=present):
                connection.execute(statement)
            check_tables(schema, connection, self._dialect)
        return tuple(table.fullname for table in tables if table.fullname not in present)

    def drop(self, schema: Schema, *, audit_too: bool = False) -> tuple[str, ...]:
        """Drop the schema's tables with all their rows, all or none; the audit records and keys of runs stay unless
        `audit_too`.

        Gives the stored names of the tables dropped. Raises ActionLangError when rows of other tables refer to theirs,
        or when the database fails.
        """
        kept = () if audit_too else OF_RUNS
        tables = [table for table in reversed(self._sorted(schema)) if table not in kept]
        with self._connect() as connection, connection.begin():
            self._alone(connection)
            present = self._present(tables, connection)
            if self._dialect.name == "sqlite":
                # Tables that refer to each other can not be emptied one by one unless the database looks at the end only.
                connection.exec_driver_sql("PRAGMA defer_foreign_keys = ON")
                for table in tables:
                    connection.execute(DropTable(table, if_exists=True))
            elif gone := [table for table in tables if table.fullname in present]:
                quote = connection.dialect.identifier_preparer.format_table
                connection.exec_driver_sql(f"DROP TABLE {', '.join(quote(table) for table in gone)}")
        return tuple(table.fullname for table in tables if table.fullname in present)

    def show(self, schema: Schema) -> str:
        """The statements that `create` would run on an empty database."""
        with self._connect() as connection:
            written = [
                str(statement.compile(dialect=connection.dialect)).strip()
                for statement in creating(self._sorted(schema), self._dialect)
            ]
        return "".join(f"{text};\n" for text in written).replace("\t", "    ")

    def _alone(self, connection: sa.Connection) -> None:
        """Wait until no one else makes or drops tables by these means, for the rest of the transaction."""
        if self._dialect.name == "postgresql":
            # Whoever waited must see what the other one has made.
            connection.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL READ COMMITTED")
            connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({LOCK_OF_TABLES})")

    def _present(self, tables: Iterable[sa.Table], connection: sa.Connection) -> set[str]:
        """The stored names of those tables that are there."""
        return set(find_tables((table.fullname for table in tables), connection, self._dialect))

    def compare(self, schema: Schema) -> tuple[Difference, ...]:
        """Where the database and the schema disagree, in both directions. Raises ActionLangError when the database fails."""
        with self._connect() as connection:
            return compare(schema, connection, self._dialect)

    def _sorted(self, schema: Schema) -> list[sa.Table]:
        """All tables, those referred to before those that refer to them as far as they do not refer to each other."""
        tables = [*define(schema, self._dialect).tables.values(), *OF_RUNS]
        ordered = sort_tables_and_constraints(tables)  # type: ignore[no-untyped-call]
        return [table for table, _ in ordered if table is not None]
