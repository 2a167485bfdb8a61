"""`create`: values in the order written, then defaults in the order of columns, then the key."""

from __future__ import annotations

from actionlang.diagnostics.catalogue import run as codes
from actionlang.engine.plpgsql.changes import ChangedColumn, note
from actionlang.engine.plpgsql.function import Attempted
from actionlang.engine.plpgsql.performing import default_value
from actionlang.engine.plpgsql.scope import ServerScope
from actionlang.engine.plpgsql.writes import assigned
from actionlang.engine.relational import rows
from actionlang.engine.relational.value import Sql
from actionlang.metadata import types as t
from actionlang.metadata.tables import Column, Table
from actionlang.plan import steps as s

NEW_ID = "(ids_ || '-' || lpad(to_hex(base_ + made_ * stride_), 12, '0'))::uuid"


def create(step: s.Create, scope: ServerScope) -> None:
    """Insert a row."""
    table = scope.schema.tables[step.table]
    values = {name: assigned(table, name, node, scope) for name, node in step.values}
    _fill(table, values, scope)
    stored = scope.storage.table(table.name)
    written = [column for column in table.columns if not column.readonly]
    cells, texts = [], []
    for column in written:
        value = values.setdefault(column.name, _nothing(column, scope))
        if isinstance(column.type, t.Row):
            value = values[column.name] = rows.as_row(value, column.type, scope)
        for cell, text in zip(stored.columns[column.name].cells, value.cells, strict=True):
            cells.append(scope.spelling.quoted(cell.name))
            texts.append(scope.spelling.writing(cell, text))
    told = tuple(values.items())
    given = f"({', '.join(cells)}) VALUES ({', '.join(texts)})" if cells else "DEFAULT VALUES"
    if table.makes_key:
        _insert_keyless(table, given, values, scope)
    else:
        scope.block.say(f"INSERT INTO {scope.spelling.table(table)} {given};")
    key = Sql(tuple(cell for column in table.primary for cell in values[column.name].cells), t.Row((table.name,)))
    noted = [column for column in table.columns if column.name in values]
    note("create", table, key, [ChangedColumn(each, None, values[each.name]) for each in noted], scope)
    scope.function.attempted.append(Attempted(scope.at, "create", table, told))
    if step.row is not None:
        _bind(step.row, table, key, values, scope)


def _insert_keyless(table: Table, given: str, values: dict[str, Sql], scope: ServerScope) -> None:
    """Insert a row whose key the database makes; it is among the values from then on."""
    (column,) = table.primary
    (cell,) = scope.storage.table(table.name).key_cells
    (name,) = scope.function.value_variables(table.short_name, column.type)
    alias = scope.new_alias()
    made = scope.spelling.reading(cell, f"{alias}.{scope.spelling.quoted(cell.name)}")
    scope.block.say(f"INSERT INTO {scope.spelling.table(table)} AS {alias} {given} RETURNING {made} INTO {name};")
    empty = scope.block.inside(f"IF {name} IS NULL THEN", "END IF;")
    scope.fail(codes.REQUIRED_EMPTY, scope.text(f"`{column.name}` of the {table.short_name} is empty."), block=empty)
    values[column.name] = Sql((name,), column.type, simple=True)


def _fill(table: Table, values: dict[str, Sql], scope: ServerScope) -> None:
    """Give every column that the step leaves out what stands in for it; an id is made last of all."""
    made: list[Column] = []
    for column in table.columns:
        if column.name in values or column.readonly:
            continue
        if column.default is not None:
            values[column.name] = default_value(column.default, column.type, scope)
        elif column.moves is not None:
            values[column.name] = scope.spelling.literal(column.moves[0].state, column.type)
        elif column.primary and isinstance(column.type, t.Id):
            made.append(column)
        elif not column.optional:
            hint = "give it a value, or let one stand in with otherwise"
            message = scope.text(f"`{column.name}` of the {table.short_name} must not be empty.")
            scope.fail(codes.REQUIRED_EMPTY, message, hint=hint)
            values[column.name] = _nothing(column, scope)
    for column in made:
        (name,) = scope.function.value_variables(table.short_name, column.type)
        scope.block.say(f"{name} := {NEW_ID};", "made_ := made_ + 1;")
        scope.function.lasting.add(name)
        values[column.name] = Sql((name,), column.type, simple=True)


def _nothing(column: Column, scope: ServerScope) -> Sql:
    if isinstance(column.type, t.Row):
        return rows.empty(column.type, scope)
    return scope.spelling.literal(None, column.type)


def _bind(name: str, table: Table, key: Sql, values: dict[str, Sql], scope: ServerScope) -> None:
    """Give the new row its name. Its columns are known, unless the database computes some of them."""
    names = key.cells
    if not scope.function.lasting.issuperset(names):
        names = scope.function.value_variables(name, key.type)
        scope.block.say(*(f"{one} := {other};" for one, other in zip(names, key.cells, strict=True)))
    local = Sql(names, key.type, simple=True)
    scope.values[name] = local
    row = scope.function.row(table, local)
    scope.function.drop({row})

    def fill() -> list[str]:
        return [
            f"{variable} := {text};"
            for column, variables in row.columns.items()
            for variable, text in zip(variables.cells, values[column].cells, strict=True)
        ]

    scope.block.say_later(fill)
    scope.function.fresh.add(row)
