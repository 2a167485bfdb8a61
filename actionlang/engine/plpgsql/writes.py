"""The steps that change a row: update, assign, move, delete."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from actionlang.diagnostics.catalogue import run as codes
from actionlang.engine.plpgsql.changes import ChangedColumn, note
from actionlang.engine.plpgsql.fitting import fitted
from actionlang.engine.plpgsql.function import Attempted
from actionlang.engine.plpgsql.reading import gone_message, load
from actionlang.engine.plpgsql.row_variables import RowVariable
from actionlang.engine.plpgsql.scope import ServerScope
from actionlang.engine.plpgsql.writing import Block
from actionlang.engine.relational import conditions, rows
from actionlang.engine.relational.value import Sql
from actionlang.metadata import types as t
from actionlang.metadata.tables import Column, Table
from actionlang.plan import expressions as e
from actionlang.plan import steps as s


class Pending:
    """Changes of one row by neighbouring steps, which are written together, in one statement behind the last of them."""

    def __init__(self, scope: ServerScope) -> None:
        self.scope = scope
        self.flag = scope.function.variable("pending", "boolean")
        self.columns: dict[str, Column] = {}
        self.row: RowVariable | None = None
        self.operation = ""
        self.values: list[tuple[str, Sql]] = []
        if scope.function.repeats:
            scope.block.say(f"{self.flag} := false;")

    def write(self) -> None:
        """Write the statement."""
        row, scope = self.row, self.scope
        assert row is not None
        branch = scope.block.inside(f"IF {self.flag} THEN", "END IF;")
        _store(row, [(column, row.column(name)) for name, column in self.columns.items()], branch, scope)
        scope.function.attempted.append(Attempted(scope.at, self.operation, row.table, tuple(self.values)))


def update(step: s.Update, scope: ServerScope, pending: Pending | None = None) -> None:
    row = scope.row_of(step.row)
    load(row, scope)
    values = [(row.table.by_name[name], assigned(row.table, name, node, scope)) for name, node in step.values]
    _write("update", row, values, scope, pending)


def assign(step: s.Assign, scope: ServerScope, pending: Pending | None = None) -> None:
    row = scope.row_of(step.row)
    load(row, scope)
    owner = row.table.owner
    assert owner is not None
    _write("assign", row, [(owner, assigned(row.table, owner.name, step.owner, scope))], scope, pending)


def move(step: s.Move, scope: ServerScope, pending: Pending | None = None) -> None:
    row = scope.row_of(step.row)
    load(row, scope)
    status = row.table.status
    assert status is not None
    assert status.moves is not None
    current = row.column(status.name)
    sources = [moves.state for moves in status.moves if step.state in moves.targets]
    allowed = [conditions.equality(current, _state(status, name, scope), True, scope).text for name in sources]
    refused = scope.block.inside(f"IF NOT ({' OR '.join(allowed) or 'FALSE'}) THEN", "END IF;")
    shown = scope.spelling.display(current)
    short = row.table.short_name
    message = scope.spelling.joined(
        [scope.text(f"The {short} is "), shown, scope.text(f" and can not move to {step.state}.")]
    )
    onward = " ".join(
        f"WHEN {scope.text(moves.state)} THEN "
        + scope.text(
            f"from {moves.state} it can move to {', '.join(moves.targets)}"
            if moves.targets
            else f"{moves.state} is where it ends"
        )
        for moves in status.moves
    )
    refused.say(f"RAISE EXCEPTION USING ERRCODE = 'AL714', MESSAGE = {message}, HINT = (CASE {shown} {onward} END);")
    _write("move", row, [(status, _state(status, step.state, scope))], scope, pending)


def _state(status: Column, state: str, scope: ServerScope) -> Sql:
    return scope.spelling.literal(state, status.type)


def assigned(table: Table, name: str, node: e.Expression, scope: ServerScope) -> Sql:
    """A column's new value, which is kept as it is while columns change; a required one is seen to be filled."""
    column = table.by_name[name]
    value = scope.kept(node, fitted(node, column.type, scope, column.sensitive), name)
    if node.optional and not column.optional:
        branch = scope.block.inside(f"IF {conditions.emptiness(value, scope).text} THEN", "END IF;")
        hint = "give it a value, or let one stand in with otherwise"
        message = scope.text(f"`{name}` of the {table.short_name} must not be empty.")
        scope.fail(codes.REQUIRED_EMPTY, message, hint=hint, block=branch)
    return value


def _write(
    operation: str,
    row: RowVariable,
    values: list[tuple[Column, Sql]],
    scope: ServerScope,
    pending: Pending | None = None,
) -> None:
    """Write what became another value, note it, and keep the row's variables up to date."""
    columns = [
        ChangedColumn(column, row.column(column.name), value, _changes(row.column(column.name), value, scope))
        for column, value in values
    ]
    load(row, scope)
    differ = [each.condition for each in columns if each.condition is not None]
    changed = scope.block.inside(f"IF {' OR '.join(differ)} THEN", "END IF;")
    outer, scope.block = scope.block, changed
    if pending is None:
        _store(row, values, changed, scope)
    else:
        changed.say(f"{pending.flag} := true;")
    if len(columns) == 1:
        columns = [ChangedColumn(each.column, each.before, each.after) for each in columns]
    note(operation, row.table, row.key, columns, scope)
    for column, value in values:
        pairs = zip(row.column(column.name).cells, _cells(column, value, scope), strict=True)
        changed.say(*(f"{name} := {text};" for name, text in pairs))
    scope.block = outer
    named = tuple((column.name, value) for column, value in values)
    if pending is None:
        scope.function.attempted.append(Attempted(scope.at, operation, row.table, named))
    else:
        pending.row, pending.operation = row, operation
        pending.columns.update((column.name, column) for column, _ in values)
        pending.values += named
    _forget(row, [column for column, _ in values], scope)


def _store(row: RowVariable, values: list[tuple[Column, Sql]], block: Block, scope: ServerScope) -> None:
    """Write the statement that sets columns of a row."""
    alias = scope.new_alias()
    stored = scope.storage.table(row.table.name)
    cells = [
        f"{scope.spelling.quoted(cell.name)} = {scope.spelling.writing(cell, text)}"
        for column, value in values
        for cell, text in zip(stored.columns[column.name].cells, _cells(column, value, scope), strict=True)
    ]
    where = rows.keyed(row.table, alias, row.key.cells, scope)
    block.say(f"UPDATE {scope.named(row.table, alias)} SET {', '.join(cells)} WHERE {where};")
    gone = block.inside("IF NOT FOUND THEN", "END IF;")
    scope.fail(codes.ROW_GONE, gone_message(row, scope), block=gone)


def _forget(row: RowVariable, columns: list[Column], scope: ServerScope) -> None:
    """Other names may be this row's; rows known by what these columns held are other rows now."""
    scope.function.forget([row.table.name], but=row)
    names = {name for column in columns for name in row.column(column.name).cells}
    scope.function.drop({other for other in scope.function.fresh if names.intersection(other.key.cells)})


def _cells(column: Column, value: Sql, scope: ServerScope) -> tuple[str, ...]:
    return rows.as_row(value, column.type, scope).cells if isinstance(column.type, t.Row) else value.cells


def _changes(before: Sql, after: Sql, scope: ServerScope) -> str:
    """Whether a value becomes another one."""
    if isinstance(before.type, t.Row):
        after = rows.as_row(after, before.type, scope)
    types = scope.function.cell_types(before.type)
    return " OR ".join(
        scope.spelling.differ(old, new, type_, True)
        for old, new, type_ in zip(before.cells, after.cells, types, strict=True)
    )


def delete(step: s.Delete, scope: ServerScope) -> None:
    row = scope.row_of(step.row)
    columns = [ChangedColumn(column, _value(row, column), None) for column in row.table.columns]
    if any(column.readonly and not column.primary for column in row.table.columns):
        scope.function.drop({row})
    load(row, scope)
    alias = scope.new_alias()
    where = rows.keyed(row.table, alias, row.key.cells, scope)
    scope.block.say(f"DELETE FROM {scope.named(row.table, alias)} WHERE {where};")
    gone = scope.block.inside("IF NOT FOUND THEN", "END IF;")
    scope.fail(codes.ROW_GONE, gone_message(row, scope), block=gone)
    note("delete", row.table, row.key, columns, scope)
    scope.function.attempted.append(Attempted(scope.at, "delete", row.table))
    scope.function.forget([row.table.name])


def _value(row: RowVariable, column: Column) -> Sql:
    if not column.primary:
        return row.column(column.name)
    start = 0
    for part in row.table.primary:
        count = len(row.function.cell_types(part.type))
        if part.name == column.name:
            return Sql(row.key.cells[start : start + count], column.type)
        start += count
    raise AssertionError(column.name)


CHANGING: dict[type, Callable[[Any, ServerScope, Pending], None]] = {s.Update: update, s.Assign: assign, s.Move: move}
"""The steps that may be written together with their neighbours."""
