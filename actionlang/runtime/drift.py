"""Whether a database has the tables that a schema describes, or those parts of them that a plan uses: looked at before its first
statement."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import sqlalchemy as sa

from actionlang.diagnostics.catalogue import database as codes
from actionlang.diagnostics.diagnostic import ActionLangError, Diagnostic
from actionlang.engine.schema import Schema
from actionlang.engine.sql.codecs import Codec
from actionlang.engine.sql.dialect import Dialect
from actionlang.engine.sql.storage import Cell, Storage
from actionlang.metadata.tables import Table
from actionlang.metadata.types import Choice, Type
from actionlang.runtime import audit
from actionlang.runtime.differences import Difference, Kind
from actionlang.runtime.reflection import ColumnTypes, find_tables, same_name
from actionlang.runtime.uses import Use

MOST_NAMED = 10
"""Differences that a message lists."""


def check_tables(
    schema: Schema, connection: sa.Connection, dialect: Dialect, uses: Iterable[Use] | None = None
) -> Storage:
    """See that the database has the schema's tables and the audit's, each with its columns; gives how they are stored in what
    was found. With `uses`, what is not used is not asked for.

    Raises ActionLangError naming what differs, and which verb uses it.
    """
    of_runs = tuple(table.name for table in (audit.RUNS, audit.CHANGES))
    found = find_tables((*(table.stored for table in schema.tables.values()), *of_runs), connection, dialect)
    fitting = Fitting(schema, found, dialect)
    differences = [*fitting.differences(), *missing_records(found)]
    if uses is None:
        told = [difference.text for difference in differences]
    else:
        asked = _Asked(schema, uses)
        told = [asked.tell(difference) for difference in differences if asked.asks_for(difference)]
    if told:
        named = told[:MOST_NAMED]
        if len(told) > MOST_NAMED:
            named.append(f"and {len(told) - MOST_NAMED} more")
        raise ActionLangError(
            Diagnostic(
                codes.DATABASE_DIFFERS,
                f"The database does not have the tables that this needs: {told[0]}.",
                hint="see actionlang tables diff; make missing tables with actionlang tables create, or compile the verb against "
                "what the database has",
                notes=tuple(named[1:]),
            )
        )
    return fitting.storage


def missing_records(found: Mapping[str, ColumnTypes]) -> Iterator[Difference]:
    """The tables for the records of runs that are not there."""
    for table in (audit.RUNS, audit.CHANGES):
        if table.name not in found:
            text = f"there is no table {table.name} (for the audit records of runs)"
            yield Difference(Kind.NO_RECORDS, table.name, text)


class _Asked:
    """What of its tables a plan asks for: the columns that it uses, and the keys of the tables that it uses."""

    def __init__(self, schema: Schema, uses: Iterable[Use]) -> None:
        self._tables: dict[str, Use] = {}
        self._columns: dict[tuple[str, str], Use] = {}
        for use in uses:
            self._tables.setdefault(use.table, use)
            if use.column is not None:
                self._columns.setdefault((use.table, use.column), use)
        self._keys = {(name, column) for name in self._tables for column in _key_columns(schema.tables[name])}

    def asks_for(self, difference: Difference) -> bool:
        """Whether the plan needs what differs."""
        table = difference.table
        if table is None or not difference.columns:
            return table is None or table in self._tables
        return any((table, column) in self._columns or (table, column) in self._keys for column in difference.columns)

    def tell(self, difference: Difference) -> str:
        """The difference, and who is the first to use it."""
        use = self._tables.get(difference.table or "")
        for column in difference.columns:
            use = self._columns.get((difference.table or "", column), use)
        if use is None:
            return difference.text
        return f"{difference.text}; {use.verb.rpartition('.')[2]} {use.how} it at line {use.line}"


def _key_columns(table: Table) -> set[str]:
    return {column.name for column in table.primary} | {name for key in table.keys for name in key}


class Fitting:
    """A schema's columns, each in the column that was found for it."""

    def __init__(self, schema: Schema, found: Mapping[str, ColumnTypes], dialect: Dialect) -> None:
        self._schema = schema
        self._found = found
        self._dialect = dialect
        self.storage = Storage(schema, dialect, self._codec_in)

    def _type_of(self, table: str, name: str) -> sa.types.TypeEngine[Any] | None:
        return self._found.get(table, {}).get(same_name(name, self._dialect))

    def _codec_in(self, table: str, name: str, type_: Type) -> Codec:
        """The codec for the column that was found. What is missing or does not fit is told of by `differences`."""
        found = self._type_of(table, name)
        fitting = None if found is None else self._dialect.codec_in(type_, self._schema, found)
        return fitting or self._dialect.codec_of(type_, self._schema)

    def differences(self) -> Iterator[Difference]:
        """What is missing or does not fit."""
        for table in self._schema.tables.values():
            if table.stored not in self._found:
                text = f"there is no table {table.stored} (for {table.name})"
                yield Difference(Kind.NO_TABLE, table.stored, text, table=table.name)
                continue
            stored = self.storage.table(table.name)
            for column in stored.columns.values():
                in_key = column.column.primary or bool(column.references)
                for cell in column.cells:
                    different = self._different(table, cell, in_key)
                    if different is not None:
                        kind, text = different
                        yield Difference(kind, table.stored, text, cell.name, table.name, (column.column.name,))

    def _different(self, table: Table, cell: Cell, in_key: bool) -> tuple[Kind, str] | None:
        found = self._type_of(table.stored, cell.name)
        if found is None:
            return Kind.NO_COLUMN, f"{table.stored} has no column {cell.name}"
        named, shown = f"{table.stored}.{cell.name}", _shown(found)
        fitting = self._dialect.codec_in(cell.type, self._schema, found)
        if fitting is None:
            unknown = self._unknown_members(cell.type, found)
            if unknown:
                return Kind.OTHER_TYPE, f"{named} is of an enumerated type without {', '.join(unknown)}"
            return Kind.OTHER_TYPE, f"{named} is {shown}, which can not hold values of type {cell.type}"
        if in_key and not fitting.exact:
            return (
                Kind.UNFIT_KEY,
                f"{named} is {shown}, in which equal values may stand in several ways, so that it can be no key",
            )
        return None

    def _unknown_members(self, type_: Type, found: sa.types.TypeEngine[Any]) -> list[str]:
        """The members of a choice that the database's enumerated type does not have."""
        if not isinstance(found, sa.Enum) or not isinstance(type_, Choice) or self._schema.choices[type_.name].numbered:
            return []
        return [member.name for member in self._schema.choices[type_.name].members if member.name not in found.enums]


def _shown(found: sa.types.TypeEngine[Any]) -> str:
    """A column's type as its database calls it."""
    return "of an unknown type" if isinstance(found, sa.types.NullType) else str(found)
