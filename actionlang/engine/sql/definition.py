"""The tables of a schema as SQLAlchemy describes them: what `CREATE TABLE` is written from.

The checks are those that cost a database next to nothing, so that whoever writes to the tables without ActionLang is
told of most mistakes.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator
from itertools import product
from typing import Any

import sqlalchemy as sa
from sqlalchemy.schema import AddConstraint, CreateIndex, CreateSchema, CreateTable, sort_tables_and_constraints
from sqlalchemy.sql.elements import quoted_name

from actionlang.diagnostics.catalogue import database as codes
from actionlang.diagnostics.diagnostic import ActionLangError, Diagnostic
from actionlang.engine.schema import Schema
from actionlang.engine.sql.codecs import Kind
from actionlang.engine.sql.dialect import Dialect, quoted
from actionlang.engine.sql.native import MONEY_DIGITS
from actionlang.engine.sql.refusals import LONGEST_NAME, check_name, made_name
from actionlang.engine.sql.storage import Cell, Reference, Storage, StoredColumn, StoredTable
from actionlang.engine.values import MONEY_SCALE
from actionlang.metadata import types as t

SQL_TYPES: dict[Kind, sa.types.TypeEngine[Any]] = {
    Kind.TEXT: sa.Text().with_variant(sa.Text(collation="C"), "postgresql"),
    Kind.INTEGER: sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
    Kind.REAL: sa.Double().with_variant(sa.REAL(), "sqlite"),
    Kind.BOOLEAN: sa.Boolean(),
    Kind.DATE: sa.Date(),
    Kind.MOMENT: sa.DateTime(timezone=True),
    Kind.UUID: sa.Uuid(as_uuid=False),
}

NEW_ID = {
    "postgresql": "gen_random_uuid()",
    "sqlite": "(lower(hex(randomblob(4)) || '-' || hex(randomblob(2)) || '-4' || substr(hex(randomblob(2)), 2) || '-'"
    " || substr('89ab', 1 + (random() & 3), 1) || substr(hex(randomblob(2)), 2) || '-' || hex(randomblob(6))))",
}
"""SQL that gives a random UUID (RFC 9562, version 4)."""


def define(schema: Schema, dialect: Dialect) -> sa.MetaData:
    """The stored tables of a schema, with keys, foreign keys, checks and an index for each lookup.

    Raises ActionLangError when two columns would be stored under one name.
    """
    metadata = sa.MetaData()
    storage = Storage(schema, dialect)
    _check_names(schema, dialect.tells_capitals)
    if dialect.name == "postgresql":
        _check_lengths(storage)
    made = {name: _define_table(storage.table(name), schema, dialect, metadata) for name in schema.tables}
    for name, table in made.items():
        for column in storage.table(name).columns.values():
            for reference in column.references:
                table.append_constraint(_foreign_key(reference, table, made))
    return metadata


def creating(
    tables: Iterable[sa.Table], dialect: Dialect, *, if_missing: bool = False, present: Container[str] = ()
) -> Iterator[CreateSchema | CreateTable | CreateIndex | AddConstraint]:
    """The statements that make tables with their indexes, and the namespaces they are in. Where a foreign key needs the table
    that it refers to, those of tables that refer to each other are added at the end, unless their table is `present` already."""
    tables = list(tables)
    for namespace in sorted({table.schema for table in tables if table.schema is not None}):
        yield CreateSchema(namespace, if_not_exists=True)
    later: list[sa.ForeignKeyConstraint] = []
    for table, keys in sort_tables_and_constraints(tables):  # type: ignore[no-untyped-call]
        if table is None:
            later = [key for key in keys if key.table.fullname not in present]
            continue
        within = None if dialect.name == "sqlite" else list(keys)
        yield CreateTable(table, include_foreign_key_constraints=within, if_not_exists=if_missing)
        for index in sorted(table.indexes, key=lambda index: str(index.name)):
            yield CreateIndex(index, if_not_exists=if_missing)
    if dialect.name != "sqlite":
        for key in later:
            yield AddConstraint(key, isolate_from_table=False)


def _check_names(schema: Schema, tells_capitals: bool) -> None:
    """See that no two tables are stored under one name."""
    seen: dict[str, str] = {}
    for table in schema.tables.values():
        other = seen.setdefault(table.stored if tells_capitals else table.stored.lower(), table.name)
        if other != table.name:
            message = f"{other} and {table.name} would both be stored in a table named {table.stored}."
            hint = 'say where one of them is stored: table name stored as "another_name"'
            raise ActionLangError(Diagnostic(codes.STORED_NAMES_CLASH, message, hint=hint))


def _check_lengths(storage: Storage) -> None:
    """See that no name of a table or column is longer than PostgreSQL keeps, which would cut it short without a word."""
    for table in storage.schema.tables.values():
        for name in (*table.stored.split(".", 1), *(cell.name for cell in storage.table(table.name).cells)):
            if len(name.encode()) > LONGEST_NAME:
                message = (
                    f"{name} of {table.name} is longer than the {LONGEST_NAME} bytes that PostgreSQL keeps of a name."
                )
                hint = 'say how it is stored: stored as "shorter_name"'
                raise ActionLangError(Diagnostic(codes.UNFIT_DATABASE, message, hint=hint))


def _define_table(stored: StoredTable, schema: Schema, dialect: Dialect, metadata: sa.MetaData) -> sa.Table:
    table = stored.table
    parts: list[sa.schema.SchemaItem] = []
    for column in stored.columns.values():
        parts += [_define_cell(column, cell, dialect) for cell in column.cells]
        condition = _condition(column, schema)
        if condition:
            text = sa.text(condition.replace(":", "\\:"))
            parts.append(sa.CheckConstraint(text, name=check_name(table.stored, column)))
    parts.append(sa.PrimaryKeyConstraint(*(_as_spelt(cell.name) for cell in stored.key_cells)))
    for columns in dict.fromkeys((*table.keys, *table.uniques)):
        parts += [sa.UniqueConstraint(*names) for names in _unique_cells(stored, columns)]
    namespace, name = dialect.namespace_of(table.stored)
    return sa.Table(
        _as_spelt(name),
        metadata,
        *parts,
        *_indexes(stored),
        schema=None if namespace is None else _as_spelt(namespace),
    )


def _unique_cells(stored: StoredTable, columns: tuple[str, ...]) -> list[tuple[str, ...]]:
    """What is unique where these columns are. Of a lookup to several tables all but one table's cells are empty, and empties
    clash with nothing: so each table's cells are unique by themselves."""
    ways = [
        [reference.cells for reference in column.references] or [column.cells]
        for column in (stored.columns[name] for name in columns)
    ]
    return [tuple(_as_spelt(cell.name) for cells in way for cell in cells) for way in product(*ways)]


def _as_spelt(name: str) -> quoted_name:
    return quoted_name(name, True)


def _define_cell(column: StoredColumn, cell: Cell, dialect: Dialect) -> sa.Column[object]:
    known = column.column
    required = known.primary or (not known.optional and not known.readonly and len(column.references) < 2)
    made = _making(known.type, dialect) if known.primary and known.readonly else ()
    counted = any(isinstance(each, sa.Identity) for each in made)
    return sa.Column(_as_spelt(cell.name), _sql_type(cell), *made, nullable=not required, autoincrement=counted)


def _making(type_: t.Type, dialect: Dialect) -> tuple[sa.Identity | sa.FetchedValue, ...]:
    """What makes a new row's key. SQLite counts an INTEGER that is the primary key without being told to."""
    if isinstance(type_, t.Id):
        return (sa.DefaultClause(sa.text(NEW_ID[dialect.name])),)
    return (sa.Identity(always=False),) if dialect.name == "postgresql" else ()


def _sql_type(cell: Cell) -> sa.types.TypeEngine[Any]:
    if isinstance(cell.type, t.Decimal) and cell.codec.kind is Kind.NUMERIC:
        return sa.Numeric(cell.type.precision, cell.type.scale)
    if isinstance(cell.type, t.Money) and cell.codec.kind is Kind.NUMERIC:
        return sa.Numeric(MONEY_DIGITS, MONEY_SCALE)
    return SQL_TYPES[cell.codec.kind]


def _foreign_key(reference: Reference, table: sa.Table, made: dict[str, sa.Table]) -> sa.ForeignKeyConstraint:
    target = made[reference.table.name]
    return sa.ForeignKeyConstraint(
        [table.columns[cell.name] for cell in reference.cells],
        [target.columns[cell.name] for cell in reference.target_cells],
    )


def _indexes(stored: StoredTable) -> list[sa.Index]:
    """An index for each foreign key that is not the beginning of a key already."""
    beginnings = {tuple(cell.name for cell in stored.key_cells)[:1]}
    for columns in (*stored.table.keys, *stored.table.uniques):
        beginnings.update(names[:1] for names in _unique_cells(stored, columns))
    return [
        sa.Index(
            _as_spelt(made_name(stored.table.stored, reference.cells[0].name)),
            *(_as_spelt(cell.name) for cell in reference.cells),
        )
        for column in stored.columns.values()
        for reference in column.references
        if (reference.cells[0].name,) not in beginnings
    ]


def _condition(column: StoredColumn, schema: Schema) -> str | None:
    """What is true of a column's cells in every row that conforms; None where nothing cheap can be said."""
    if len(column.references) > 1:
        return _condition_of_tables(column)
    if len(column.cells) > 1:
        return None if not column.column.optional else _all_or_none(column.cells)
    name, type_ = quoted(column.cells[0].name), column.column.type
    if isinstance(type_, t.Boolean) and column.cells[0].codec.kind is Kind.INTEGER:
        return f"{name} IN (0, 1)"
    if isinstance(type_, t.Text) and type_.length is not None:
        return f"length({name}) <= {type_.length}"
    if isinstance(type_, t.Choice):
        members = schema.choices[type_.name].members
        known = (_literal(member.name) if member.number is None else str(member.number) for member in members)
        return f"{name} IN ({', '.join(known)})"
    return None


def _condition_of_tables(column: StoredColumn) -> str:
    """Of a lookup to several tables: at most one is filled (exactly one, if it is required), and that in whole."""
    firsts = [quoted(reference.cells[0].name) for reference in column.references]
    filled = " + ".join(f"CASE WHEN {name} IS NULL THEN 0 ELSE 1 END" for name in firsts)
    wholes = [_all_or_none(reference.cells) for reference in column.references if len(reference.cells) > 1]
    return " AND ".join((f"{filled} {'<=' if column.column.optional else '='} 1", *wholes))


def _all_or_none(cells: tuple[Cell, ...]) -> str:
    first, *others = (f"({quoted(cell.name)} IS NULL)" for cell in cells)
    return " AND ".join(f"{first} = {other}" for other in others)


def _literal(text: str) -> str:
    doubled = text.replace("'", "''")
    return f"'{doubled}'"
