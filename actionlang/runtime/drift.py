"""Whether a database has the tables that a schema describes, looked at before the first statement of a plan."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import sqlalchemy as sa

from actionlang.diagnostics.catalogue import database as codes
from actionlang.diagnostics.diagnostic import ActionLangError, Diagnostic
from actionlang.engine.schema import Schema
from actionlang.engine.sql.codecs import Kind
from actionlang.engine.sql.dialect import Dialect
from actionlang.engine.sql.storage import Cell, Storage
from actionlang.runtime import audit

FITTING: dict[Kind, tuple[type[sa.types.TypeEngine[Any]], ...]] = {
    Kind.TEXT: (sa.String, sa.Date, sa.DateTime, sa.JSON),
    Kind.INTEGER: (sa.Integer, sa.Boolean),
    Kind.REAL: (sa.Float, sa.Numeric),
}
"""SQLAlchemy's types of columns that can hold each kind."""

MOST_NAMED = 10
"""Differences that a message lists."""


def check_tables(schema: Schema, connection: sa.Connection, dialect: Dialect) -> None:
    """See that the database has the schema's tables and the audit's, each with its columns.

    Raises ActionLangError naming what differs.
    """
    inspector = sa.inspect(connection)
    differences = [*_missing_columns(schema, inspector), *_missing_audit(inspector)]
    if differences:
        named = differences[:MOST_NAMED]
        if len(differences) > MOST_NAMED:
            named.append(f"and {len(differences) - MOST_NAMED} more")
        raise ActionLangError(
            Diagnostic(
                codes.DATABASE_DIFFERS,
                f"The database does not have the tables that this needs: {differences[0]}.",
                hint="make missing tables with actionlang tables create, or compile the verb against what the database has",
                notes=tuple(named[1:]),
            )
        )


def _missing_columns(schema: Schema, inspector: sa.Inspector) -> Iterator[str]:
    storage = Storage(schema)
    present = {name.lower() for name in (*inspector.get_table_names(), *inspector.get_view_names())}
    for table in schema.tables.values():
        if table.stored.lower() not in present:
            yield f"there is no table {table.stored} (for {table.name})"
            continue
        columns = {column["name"].lower(): column["type"] for column in inspector.get_columns(table.stored)}
        yield from _differing(table.stored, storage.table(table.name).cells, columns)


def _differing(table: str, cells: Iterable[Cell], columns: dict[str, sa.types.TypeEngine[object]]) -> Iterator[str]:
    for cell in cells:
        found = columns.get(cell.name.lower())
        if found is None:
            yield f"{table} has no column {cell.name}"
        elif not isinstance(found, (*FITTING[cell.codec.kind], sa.types.NullType)):
            yield f"{table}.{cell.name} is {found}; a column of type {cell.type} is stored as {cell.codec.kind.value}"


def _missing_audit(inspector: sa.Inspector) -> Iterator[str]:
    for table in (audit.RUNS, audit.CHANGES):
        if not inspector.has_table(table.name):
            yield f"there is no table {table.name} (for the audit records of runs)"
