"""Reading a row into variables, and seeing that what is stored conforms."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from actionlang.diagnostics.catalogue import run as codes
from actionlang.engine.plpgsql.row_variables import RowVariable
from actionlang.engine.plpgsql.writing import INDENT
from actionlang.engine.relational import rows
from actionlang.engine.relational.value import Sql
from actionlang.metadata import types as t

if TYPE_CHECKING:
    from actionlang.engine.plpgsql.scope import ServerScope


def load(row: RowVariable, scope: ServerScope, *, maybe_empty: bool = False) -> None:
    """Write that a row's columns are read, unless its variables hold them. A row that is not there is a failure."""
    function = scope.function
    if row in function.fresh:
        return
    function.drop({row})
    block, alias = scope.block, scope.new_alias()
    where = rows.keyed(row.table, alias, row.key.cells, scope)
    if maybe_empty:
        empty, block = block.either(row.is_key_empty)
        empty.say_later(lambda: [f"{name} := NULL;" for name in row.names] or ["NULL;"])
    block.say_later(lambda: [selecting(row, alias, where, scope)])
    gone = block.inside("IF NOT FOUND THEN", "END IF;")
    scope.fail(codes.ROW_GONE, gone_message(row, scope), block=gone)
    block.say_later(lambda: conforming(row, scope))
    function.fresh.add(row)


def selecting(row: RowVariable, alias: str, where: str, scope: ServerScope, tail: str = "") -> str:
    """The statement that reads a row's columns, which sets FOUND."""
    cells = read_cells(row, alias, scope)
    table = scope.named(row.table, alias)
    if not cells:
        return f"PERFORM 1 FROM {table} WHERE {where}{tail};"
    return f"SELECT {', '.join(cells)} INTO {', '.join(row.names)} FROM {table} WHERE {where}{tail};"


def read_cells(row: RowVariable, alias: str, scope: ServerScope) -> list[str]:
    """What is read of the row that an alias stands for, in the order of the row's variables."""
    stored = scope.storage.table(row.table.name)
    return [
        scope.spelling.reading(cell, f"{alias}.{scope.spelling.quoted(cell.name)}")
        for name in row.columns
        for cell in stored.columns[name].cells
    ]


def gone_message(row: RowVariable, scope: ServerScope) -> str:
    """What to say of a row that is no longer there, as SQL."""
    key = key_told(row, scope)
    return scope.spelling.joined([scope.text(f"The {row.table.short_name} "), key, scope.text(" is no longer there.")])


def key_told(row: RowVariable, scope: ServerScope) -> str:
    """A row's primary key as people read it, as SQL."""
    return scope.told(Sql(row.key.cells, t.Row((row.table.name,))))


def conforming(row: RowVariable, scope: ServerScope) -> Iterator[str]:
    """That what was read is what its table allows."""
    conditions = [(name, found) for name in row.columns if (found := _condition(row, name, scope)) is not None]
    if not conditions:
        return
    whole = " AND ".join(condition for _, condition in conditions)
    ways = " ".join(f"WHEN ({condition}) IS NOT TRUE THEN {_found(row, name, scope)}" for name, condition in conditions)
    message = scope.spelling.joined(
        [
            scope.text(f"The {row.table.short_name} "),
            key_told(row, scope),
            scope.text(" has "),
            f"(CASE {ways} END)",
            scope.text(", which is no value of that column."),
        ]
    )
    yield f"IF ({whole}) IS NOT TRUE THEN"
    yield f"{INDENT}RAISE EXCEPTION USING ERRCODE = 'AL715', MESSAGE = {message};"
    yield "END IF;"


def _condition(row: RowVariable, name: str, scope: ServerScope) -> str | None:
    """When a column's variables hold a value of the column; None when they always do."""
    stored = scope.storage.table(row.table.name).columns[name]
    column, variables = stored.column, row.columns[name].cells
    if stored.references:
        if column.optional:
            return None
        return "(" + " OR ".join(f"{variable} IS NOT NULL" for variable in variables) + ")"
    (variable,) = variables
    condition = scope.spelling.conforming(stored.cells[0], variable, column.type)
    if column.optional:
        return condition and f"({variable} IS NULL OR {condition})"
    return condition or f"{variable} IS NOT NULL"


def _found(row: RowVariable, name: str, scope: ServerScope) -> str:
    """What stands in a column that it should not, as SQL."""
    column = row.table.by_name[name]
    if column.sensitive:
        shown = scope.text("***")
    elif isinstance(column.type, t.Row):
        shown = scope.text("nothing")
    else:
        variable = row.columns[name].text
        shown = f"COALESCE(quote_literal(left({variable}::text, 60)), 'nothing')"
    return scope.spelling.joined([shown, scope.text(f" stored in `{name}`")])
