"""Binding the steps that change a row: update, assign, move, delete."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from actionlang.diagnostics.catalogue import run as codes
from actionlang.engine.changes import Change
from actionlang.engine.failure import Failure
from actionlang.engine.interpreter.constraints import refused
from actionlang.engine.interpreter.frame import UNIT, Evaluate, Execute, Frame
from actionlang.engine.interpreter.rows import TableRows
from actionlang.engine.interpreter.scope import Scope
from actionlang.engine.store import ConstraintError, RowRef
from actionlang.engine.unit import Unit
from actionlang.metadata.tables import Table
from actionlang.metadata.types import Row
from actionlang.plan import expressions as e
from actionlang.plan import steps as s


class Assignment(NamedTuple):
    """A column, what gives its new value, and whether that must not be empty."""

    column: str
    value: Evaluate
    required: bool


def assignment(table: Table, name: str, node: e.Expression, scope: Scope) -> Assignment:
    """A column to be set to an expression's value, brought into the column's type."""
    column = table.by_name[name]
    return Assignment(name, scope.fitted(node, column.type, column.sensitive), node.optional and not column.optional)


def required_empty(table: Table, column: str) -> Failure:
    """The failure of leaving a required column empty."""
    return Failure(
        codes.REQUIRED_EMPTY,
        f"`{column}` of the {table.short_name} must not be empty.",
        hint="give it a value, or let one stand in with otherwise",
    )


def table_of(node: e.Expression, scope: Scope) -> Table:
    """The one table that a row expression is of."""
    assert isinstance(node.type, Row)
    return scope.plan.schema.tables[node.type.tables[0]]


def bind_update(step: s.Update, scope: Scope) -> Execute:
    table = table_of(step.row, scope)
    assignments = tuple(assignment(table, name, value, scope) for name, value in step.values)
    return _Write(step, "update", step.row, table, scope).bind(assignments)


def bind_assign(step: s.Assign, scope: Scope) -> Execute:
    table = table_of(step.row, scope)
    assert table.owner is not None
    return _Write(step, "assign", step.row, table, scope).bind(
        (assignment(table, table.owner.name, step.owner, scope),)
    )


def bind_move(step: s.Move, scope: Scope) -> Execute:
    table = table_of(step.row, scope)
    status, state = table.status, step.state
    assert status is not None
    assert status.moves is not None
    sources = frozenset(moves.state for moves in status.moves if state in moves.targets)
    ways = {moves.state: ", ".join(moves.targets) for moves in status.moves}
    position = scope.plan.tables[table.name].index[status.name]

    def check(before: Sequence[object]) -> None:
        current = before[position]
        if current not in sources:
            onward = ways.get(str(current))
            raise Failure(
                codes.MOVE_REFUSED,
                f"The {table.short_name} is {current} and can not move to {state}.",
                hint=f"from {current} it can move to {onward}" if onward else f"{current} is where it ends",
            )

    target = Assignment(status.name, lambda frame: state, False)
    return _Write(step, "move", step.row, table, scope).bind((target,), check)


class _Write:
    """What is known of a changing step when it is bound."""

    def __init__(self, step: s.Step, operation: str, row: e.Expression, table: Table, scope: Scope) -> None:
        self.table = table
        self.rows: TableRows = scope.plan.tables[table.name]
        self.row = scope.evaluate(row)
        self.plan = scope.plan
        self.site = scope.site(step)
        self.operation = operation

    def bind(
        self, assignments: tuple[Assignment, ...], check: Callable[[Sequence[object]], None] | None = None
    ) -> Execute:
        """The step: read the row, work out every value, write what became another one."""
        names = tuple(each.column for each in assignments)
        positions = [self.rows.index[name] for name in names]
        evaluate_row, load, table = self.row, self.rows.load, self.table
        store = self._store(names)
        record = self._record(names, positions)

        def write(frame: Frame) -> None:
            unit: Unit = frame[UNIT]
            row: RowRef = evaluate_row(frame)
            column: str | None = None
            try:
                before = unit.rows.get(row) or load(unit, row)
                if check is not None:
                    check(before)
                after: list[Any] = []
                for column, value, required in assignments:
                    new = value(frame)
                    if required and new is None:
                        raise required_empty(table, column)
                    after.append(new)
                column = None
                if [before[position] for position in positions] != after:
                    store(unit, row, after)
                    record(unit, row, before, after)
            except Failure as failure:
                if failure.site is None and failure.row is None:
                    failure.row = row
                    failure.column = column
                raise

        return write

    def _store(self, names: tuple[str, ...]) -> Callable[[Unit, RowRef, list[Any]], None]:
        update, table, plan = self.plan.store.prepare_update(self.table, names), self.table, self.plan

        def store(unit: Unit, row: RowRef, after: list[Any]) -> None:
            try:
                update(row.key, after)
            except ConstraintError as error:
                values = dict(zip(names, after, strict=True))
                raise refused(error, row, table, values, unit, plan) from None

        return store

    def _record(
        self, names: tuple[str, ...], positions: list[int]
    ) -> Callable[[Unit, RowRef, list[object], list[Any]], None]:
        """What keeps the unit's copy of the row up to date and notes the change, of changed columns only."""
        table, operation, computed = self.table, self.operation, self.rows.computed
        verb, line, stage = self.site.verb, self.site.place.line, self.site.stage
        places = tuple(zip(names, positions, strict=True))

        def record(unit: Unit, row: RowRef, before: list[object], after: list[Any]) -> None:
            changed, old, new = [], [], []
            for (name, position), value in zip(places, after, strict=True):
                if before[position] != value:
                    changed.append(name)
                    old.append(before[position])
                    new.append(value)
                    before[position] = value
            if computed:
                del unit.rows[row]
            unit.changes.append(
                Change(table, row.key, operation, verb, line, stage, tuple(changed), tuple(old), tuple(new))
            )

        return record


def bind_delete(step: s.Delete, scope: Scope) -> Execute:
    table = table_of(step.row, scope)
    rows = scope.plan.tables[table.name]
    evaluate_row, load, plan = scope.evaluate(step.row), rows.load, scope.plan
    delete_stored = scope.plan.store.prepare_delete(table)
    names = tuple(column.name for column in table.columns)
    readers = tuple(rows.reader(name) for name in names)
    site = scope.site(step)

    def delete(frame: Frame) -> None:
        unit: Unit = frame[UNIT]
        row: RowRef = evaluate_row(frame)
        if row not in unit.rows:
            load(unit, row)
        before = tuple(read(unit, row) for read in readers)
        try:
            delete_stored(row.key)
        except ConstraintError as error:
            raise refused(error, row, table, {}, unit, plan) from None
        del unit.rows[row]
        unit.gone.add(row)
        unit.changes.append(
            Change(table, row.key, "delete", site.verb, site.place.line, site.stage, names, before, None)
        )

    return delete
