"""The tables of a schema as SQLAlchemy describes them: what `CREATE TABLE` is written from.

The checks are those that cost a database next to nothing, so that whoever writes to the tables without ActionLang is
told of most mistakes.
"""

from __future__ import annotations

from itertools import product
from typing import Any

import sqlalchemy as sa
from sqlalchemy.sql.elements import quoted_name

from actionlang.diagnostics.catalogue import database as codes
from actionlang.diagnostics.diagnostic import ActionLangError, Diagnostic
from actionlang.engine.schema import Schema
from actionlang.engine.sql.codecs import Kind
from actionlang.engine.sql.dialect import Dialect
from actionlang.engine.sql.refusals import check_name
from actionlang.engine.sql.storage import Cell, Reference, Storage, StoredColumn, StoredTable
from actionlang.metadata import types as t

SQL_TYPES: dict[Kind, sa.types.TypeEngine[Any]] = {
    Kind.TEXT: sa.Text(),
    Kind.INTEGER: sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
    Kind.REAL: sa.Double().with_variant(sa.REAL(), "sqlite"),
}


def define(schema: Schema, dialect: Dialect) -> sa.MetaData:
    """The stored tables of a schema, with keys, foreign keys, checks and an index for each lookup.

    Raises ActionLangError when two columns would be stored under one name.
    """
    metadata = sa.MetaData()
    storage = Storage(schema)
    _check_names(schema)
    made = {name: _define_table(storage.table(name), schema, dialect, metadata) for name in schema.tables}
    for name, table in made.items():
        for column in storage.table(name).columns.values():
            for reference in column.references:
                table.append_constraint(_foreign_key(reference, table, made))
    return metadata


def _check_names(schema: Schema) -> None:
    """See that no two tables are stored under one name; databases do not tell capitals from small letters."""
    seen: dict[str, str] = {}
    for table in schema.tables.values():
        other = seen.setdefault(table.stored.lower(), table.name)
        if other != table.name:
            message = f"{other} and {table.name} would both be stored in a table named {table.stored}."
            hint = 'say where one of them is stored: table name stored as "another_name"'
            raise ActionLangError(Diagnostic(codes.STORED_NAMES_CLASH, message, hint=hint))


def _define_table(stored: StoredTable, schema: Schema, dialect: Dialect, metadata: sa.MetaData) -> sa.Table:
    table = stored.table
    parts: list[sa.schema.SchemaItem] = []
    for column in stored.columns.values():
        parts += [_define_cell(column, cell) for cell in column.cells]
        condition = _condition(column, schema, dialect)
        if condition:
            text = sa.text(condition.replace(":", "\\:"))
            parts.append(sa.CheckConstraint(text, name=check_name(table.stored, column)))
    parts.append(sa.PrimaryKeyConstraint(*(_quoted(cell.name) for cell in stored.key_cells)))
    for columns in dict.fromkeys((*table.keys, *table.uniques)):
        parts += [sa.UniqueConstraint(*names) for names in _unique_cells(stored, columns)]
    return sa.Table(_quoted(table.stored), metadata, *parts, *_indexes(stored))


def _unique_cells(stored: StoredTable, columns: tuple[str, ...]) -> list[tuple[str, ...]]:
    """What is unique where these columns are. Of a lookup to several tables all but one table's cells are empty, and empties
    clash with nothing: so each table's cells are unique by themselves."""
    ways = [
        [reference.cells for reference in column.references] or [column.cells]
        for column in (stored.columns[name] for name in columns)
    ]
    return [tuple(_quoted(cell.name) for cells in way for cell in cells) for way in product(*ways)]


def _quoted(name: str) -> quoted_name:
    return quoted_name(name, True)


def _define_cell(column: StoredColumn, cell: Cell) -> sa.Column[object]:
    known = column.column
    required = not known.optional and not known.readonly and len(column.references) < 2
    return sa.Column(_quoted(cell.name), SQL_TYPES[cell.codec.kind], nullable=not required, autoincrement=False)


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
            _quoted(f"{stored.table.stored}.{reference.cells[0].name}"),
            *(_quoted(cell.name) for cell in reference.cells),
        )
        for column in stored.columns.values()
        for reference in column.references
        if (reference.cells[0].name,) not in beginnings
    ]


def _condition(column: StoredColumn, schema: Schema, dialect: Dialect) -> str | None:
    """What is true of a column's cells in every row that conforms; None where nothing cheap can be said."""
    if len(column.references) > 1:
        return _condition_of_tables(column, dialect)
    if len(column.cells) > 1:
        return None if not column.column.optional else _all_or_none(column.cells, dialect)
    name, type_ = dialect.quoted(column.cells[0].name), column.column.type
    if isinstance(type_, t.Boolean):
        return f"{name} IN (0, 1)"
    if isinstance(type_, t.Text) and type_.length is not None:
        return f"length({name}) <= {type_.length}"
    if isinstance(type_, t.Choice):
        members = schema.choices[type_.name].members
        known = (_literal(member.name) if member.number is None else str(member.number) for member in members)
        return f"{name} IN ({', '.join(known)})"
    return None


def _condition_of_tables(column: StoredColumn, dialect: Dialect) -> str:
    """Of a lookup to several tables: at most one is filled (exactly one, if it is required), and that in whole."""
    firsts = [dialect.quoted(reference.cells[0].name) for reference in column.references]
    filled = " + ".join(f"CASE WHEN {name} IS NULL THEN 0 ELSE 1 END" for name in firsts)
    wholes = [_all_or_none(reference.cells, dialect) for reference in column.references if len(reference.cells) > 1]
    return " AND ".join((f"{filled} {'<=' if column.column.optional else '='} 1", *wholes))


def _all_or_none(cells: tuple[Cell, ...], dialect: Dialect) -> str:
    first, *others = (f"({dialect.quoted(cell.name)} IS NULL)" for cell in cells)
    return " AND ".join(f"{first} = {other}" for other in others)


def _literal(text: str) -> str:
    doubled = text.replace("'", "''")
    return f"'{doubled}'"
