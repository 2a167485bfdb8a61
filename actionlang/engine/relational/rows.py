"""Rows in SQL: their keys, their columns, rows named by a key."""

from __future__ import annotations

from collections.abc import Iterator

import attrs

from actionlang.diagnostics.catalogue.run import NOT_FOUND
from actionlang.engine.relational.refused import NotRelational
from actionlang.engine.relational.scope import Scope
from actionlang.engine.relational.value import Known, Sql, all_fixed, any_fails
from actionlang.engine.sql.storage import Cell
from actionlang.metadata import types as t
from actionlang.metadata.tables import Table
from actionlang.plan import expressions as e


def key_cells(table: str, scope: Scope) -> tuple[Cell, ...]:
    """The cells of a table's primary key."""
    return scope.storage.table(table).key_cells


def parts(row: Sql, scope: Scope) -> Iterator[tuple[str, tuple[str, ...], tuple[Cell, ...]]]:
    """For each table that a row may be of: its name, the texts of its key, their cells."""
    assert isinstance(row.type, t.Row)
    start = 0
    for table in row.type.tables:
        cells = key_cells(table, scope)
        yield table, row.cells[start : start + len(cells)], cells
        start += len(cells)


def cell_types(type_: t.Row, scope: Scope) -> tuple[t.Type, ...]:
    """The types of a row's cells."""
    return tuple(cell.type for table in type_.tables for cell in key_cells(table, scope))


def empty(type_: t.Row, scope: Scope) -> Sql:
    """No row."""
    cells = tuple(scope.spelling.null(cell) for cell in cell_types(type_, scope))
    return Sql(cells, type_, optional=True, simple=True, fixed=True, known=Known(None))


def as_row(row: Sql, type_: t.Row, scope: Scope) -> Sql:
    """The same row, as one of more or fewer tables."""
    if row.type == type_:
        return row
    if isinstance(row.type, t.Empty):
        return empty(type_, scope)
    known = {table: texts for table, texts, _ in parts(row, scope)}
    cells: list[str] = []
    for table in type_.tables:
        nothing = tuple(scope.spelling.null(cell.type) for cell in key_cells(table, scope))
        cells += known.get(table, nothing)
    return attrs.evolve(row, cells=tuple(cells), type=type_, known=row.known if row.known is not None else None)


def firsts(row: Sql, scope: Scope) -> list[str]:
    """The first cell of each table's key: a row is there when one of them is filled."""
    return [texts[0] for _, texts, _ in parts(row, scope)]


def is_empty(row: Sql, scope: Scope) -> str:
    """Whether there is no row."""
    return "(" + " AND ".join(f"{first} IS NULL" for first in firsts(row, scope)) + ")"


def otherwise(operand: Sql, fallback: Sql, type_: t.Row, scope: Scope) -> Sql:
    """A row, or the one that stands in for it."""
    operand, fallback = as_row(operand, type_, scope), as_row(fallback, type_, scope)
    if not operand.optional:
        return operand
    nothing = is_empty(operand, scope)
    cells = tuple(
        f"(CASE WHEN {nothing} THEN {second} ELSE {first} END)"
        for first, second in zip(operand.cells, fallback.cells, strict=True)
    )
    return Sql(cells, type_, fallback.optional, any_fails(operand, fallback), fixed=all_fixed(operand, fallback))


# ------------------------------------------------------------------------------------------------------------ columns


def column(node: e.Column, scope: Scope) -> Sql:
    """A column of a row."""
    assert isinstance(node.row.type, t.Row)
    alias = scope.scanned(node.row)
    if alias is not None:
        return scope.read(alias, scope.schema.tables[node.row.type.tables[0]], node.column)
    return of_row(as_row(scope.translate(node.row), node.row.type, scope), node.column, scope)


def of_row(row: Sql, name: str, scope: Scope) -> Sql:
    """A column, by name, of a row, which may be of several tables that all have it."""
    ways = [_of_table(table, texts, name, row, scope) for table, texts, _ in parts(row, scope)]
    if len(ways) == 1:
        return ways[0]
    cells = tuple(f"coalesce({', '.join(texts)})" for texts in zip(*(way.cells for way in ways), strict=True))
    return attrs.evolve(
        ways[0],
        cells=cells,
        optional=any(way.optional for way in ways) and (row.optional or _may_be_empty(name, row, scope)),
        fails=any_fails(*ways),
        simple=False,
        fixed=all_fixed(*ways),
    )


def _may_be_empty(name: str, row: Sql, scope: Scope) -> bool:
    return any(scope.schema.tables[table].by_name[name].optional for table, _, _ in parts(row, scope))


def _of_table(name: str, key: tuple[str, ...], column_name: str, row: Sql, scope: Scope) -> Sql:
    """A column of a row with a key in one table; empty where the key is."""
    table = scope.schema.tables[name]
    assert isinstance(row.type, t.Row)
    optional = row.optional or len(row.type.tables) > 1
    stored = scope.storage.table(name).columns[column_name]
    own = Sql(key, t.Row((name,)), optional, row.fails, simple=row.simple, fixed=row.fixed)
    if stored.column.primary:
        return _of_key(table, column_name, own, scope)
    given = scope.column_of(own, table, stored)
    if given is not None:
        return attrs.evolve(given, optional=given.optional or optional)
    alias = scope.new_alias()
    found = scope.read(alias, table, column_name)
    where = keyed(table, alias, key, scope)
    cells = tuple(f"(SELECT {text} FROM {scope.named(table, alias)} WHERE {where})" for text in found.cells)
    return attrs.evolve(
        found, cells=cells, optional=found.optional or optional, fails=own.fails, simple=False, fixed=own.fixed
    )


def _of_key(table: Table, name: str, key: Sql, scope: Scope) -> Sql:
    """A column of the primary key itself."""
    start = 0
    for part in scope.storage.table(table.name).primary:
        end = start + len(part.cells)
        if part.column.name == name:
            found = Sql(
                key.cells[start:end], part.column.type, key.optional, key.fails, simple=key.simple, fixed=key.fixed
            )
            return scope.spelling.sized(found, part.column.type)
        start = end
    raise AssertionError(name)


def keyed(table: Table, alias: str, key: tuple[str, ...], scope: Scope) -> str:
    """That the row of an alias has a key."""
    spelling = scope.spelling
    cells = scope.storage.table(table.name).key_cells
    return " AND ".join(
        spelling.same(f"{alias}.{spelling.quoted(cell.name)}", spelling.writing(cell, text), cell.type, False)
        for cell, text in zip(cells, key, strict=True)
    )


# ----------------------------------------------------------------------------------------------------------- by a key


def row_by_key(node: e.RowByKey, scope: Scope) -> Sql:
    """A row named by its key. Where there is none this raises, like the run would fail."""
    table = scope.schema.tables[node.table]
    stored = scope.storage.table(node.table)
    alias = scope.new_alias()
    row = e.Local(t.Row((node.table,)), False, alias)
    wanted: list[Sql] = []
    conditions: list[str] = []
    for name, value in zip(node.columns, node.values, strict=True):
        sql = scope.translate(value)
        column_type = stored.columns[name].column.type
        if isinstance(column_type, t.Row):
            sql = as_row(sql, column_type, scope)
        wanted.append(sql)
        if len(stored.columns[name].references) > 1:
            raise NotRelational("a row is named here by a lookup to several tables")
        found = scope.read(alias, table, name)
        left, right = scope.spelling.aligned(found, sql)
        types = cell_types(column_type, scope) if isinstance(column_type, t.Row) else (column_type,)
        conditions += [
            scope.spelling.same(one, other, type_, False)
            for one, other, type_ in zip(left.cells, right.cells, types, strict=True)
        ]
    scope.asks(e.Query(node.table, row.name, None))
    key = scope.key_of(alias, table)
    where = " AND ".join(conditions)
    cells = tuple(
        f"coalesce((SELECT {text} FROM {scope.named(table, alias)} WHERE {where}), "
        f"{scope.spelling.fail(NOT_FOUND.id, cell.type)})"
        for text, cell in zip(key.cells, stored.key_cells, strict=True)
    )
    return Sql(cells, t.Row((node.table,)), False, True, fixed=all_fixed(*wanted))
