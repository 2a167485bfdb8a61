"""Making, dropping and showing the tables that a schema describes, and those of the audit."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager

import sqlalchemy as sa
from sqlalchemy.schema import CreateIndex, CreateTable, DropTable, sort_tables_and_constraints

from actionlang.engine.schema import Schema
from actionlang.engine.sql.definition import define
from actionlang.engine.sql.dialect import Dialect
from actionlang.runtime import audit
from actionlang.runtime.drift import check_tables

Connect = Callable[[], AbstractContextManager[sa.Connection]]


class Tables:
    """What can be done with the tables of a database."""

    def __init__(self, connect: Connect, dialect: Dialect) -> None:
        self._connect = connect
        self._dialect = dialect

    def create(self, schema: Schema) -> tuple[str, ...]:
        """Make the schema's tables and the audit's, all or none; those that are there already are left alone.

        Gives the stored names of the tables made. Raises ActionLangError when a table that is there lacks what the
        schema says, when two would be stored under one name, or when the database fails.
        """
        tables = self._sorted(schema)
        with self._connect() as connection, connection.begin():
            present = set(sa.inspect(connection).get_table_names())
            for statement in _creating(tables):
                connection.execute(statement)
            check_tables(schema, connection, self._dialect)
        return tuple(table.name for table in tables if table.name not in present)

    def drop(self, schema: Schema, *, audit_too: bool = False) -> tuple[str, ...]:
        """Drop the schema's tables with all their rows, all or none; the audit records stay unless `audit_too`.

        Gives the stored names of the tables dropped. Raises ActionLangError when rows of other tables refer to theirs,
        or when the database fails.
        """
        kept = () if audit_too else tuple(audit.METADATA.tables)
        tables = [table for table in reversed(self._sorted(schema)) if table.name not in kept]
        with self._connect() as connection, connection.begin():
            present = set(sa.inspect(connection).get_table_names())
            if self._dialect.name == "sqlite":
                # Tables that refer to each other can not be emptied one by one unless the database looks at the end only.
                connection.exec_driver_sql("PRAGMA defer_foreign_keys = ON")
            for table in tables:
                connection.execute(DropTable(table, if_exists=True))
        return tuple(table.name for table in tables if table.name in present)

    def show(self, schema: Schema) -> str:
        """The statements that `create` would run on an empty database."""
        with self._connect() as connection:
            written = [
                str(statement.compile(dialect=connection.dialect)).strip()
                for statement in _creating(self._sorted(schema), False)
            ]
        return "".join(f"{text};\n" for text in written).replace("\t", "    ")

    def _sorted(self, schema: Schema) -> list[sa.Table]:
        """All tables, those referred to before those that refer to them as far as they do not refer to each other."""
        tables = [*define(schema, self._dialect).tables.values(), *audit.METADATA.tables.values()]
        ordered = sort_tables_and_constraints(tables)  # type: ignore[no-untyped-call]
        return [table for table, _ in ordered if table is not None]


def _creating(tables: list[sa.Table], if_missing: bool = True) -> Iterator[CreateTable | CreateIndex]:
    for table in tables:
        yield CreateTable(table, if_not_exists=if_missing)
        for index in sorted(table.indexes, key=lambda index: str(index.name)):
            yield CreateIndex(index, if_not_exists=if_missing)
