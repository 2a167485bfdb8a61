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
    return write_of_update(step, scope).bind()


def write_of_update(step: s.Update, scope: Scope) -> Write:
    """What an update writes."""
    table = table_of(step.row, scope)
    assignments = tuple(assignment(table, name, value, scope) for name, value in step.values)
    return Write(step, "update", step.row, assignments, scope)


def bind_assign(step: s.Assign, scope: Scope) -> Execute:
    return write_of_assign(step, scope).bind()


def write_of_assign(step: s.Assign, scope: Scope) -> Write:
    """What an assign writes."""
    table = table_of(step.row, scope)
    assert table.owner is not None
    assignments = (assignment(table, table.owner.name, step.owner, scope),)
    return Write(step, "assign", step.row, assignments, scope)


def bind_move(step: s.Move, scope: Scope) -> Execute:
    return write_of_move(step, scope).bind()


def write_of_move(step: s.Move, scope: Scope) -> Write:
    """What a move writes."""
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
    return Write(step, "move", step.row, (target,), scope, check)


Written = tuple[RowRef, list[object], list[Any]]


class Write:
    """What is known of a changing step when it is bound: it reads the row, works out every value, writes what became another
    one."""

    def __init__(
        self,
        step: s.Step,
        operation: str,
        row: e.Expression,
        assignments: tuple[Assignment, ...],
        scope: Scope,
        check: Callable[[Sequence[object]], None] | None = None,
    ) -> None:
        self.table = table_of(row, scope)
        self.site = scope.site(step)
        self.names = tuple(each.column for each in assignments)
        self.assignments = assignments
        self.operation = operation
        self.evaluate_row = scope.evaluate(row)
        self.rows: TableRows = scope.plan.tables[self.table.name]
        self.check = check
        self._plan = scope.plan
        self._positions = [self.rows.index[name] for name in self.names]

    def bind(self) -> Execute:
        """The step."""
        work_out, store, record = self.working_out(), self.storing(self.names), self.recording(self.names)

        def write(frame: Frame) -> None:
            changed = work_out(frame)
            if changed is None:
                return
            unit: Unit = frame[UNIT]
            row, before, after = changed
            try:
                store(unit, row, after)
            except Failure as failure:
                if failure.site is None and failure.row is None:
                    failure.row = row
                raise
            record(unit, row, before, after)

        return write

    def working_out(self) -> Callable[[Frame], Written | None]:
        """What gives the row, as it is known and with its new values; None when every value is what it was."""
        evaluate_row, load, check = self.evaluate_row, self.rows.load, self.check
        table, assignments, positions = self.table, self.assignments, self._positions

        def work_out(frame: Frame) -> Written | None:
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
            except Failure as failure:
                if failure.site is None and failure.row is None:
                    failure.row = row
                    failure.column = column
                raise
            return None if [before[position] for position in positions] == after else (row, before, after)

        return work_out

    def storing(self, names: tuple[str, ...]) -> Callable[[Unit, RowRef, list[Any]], None]:
        """What writes these columns of the row."""
        update, table, plan = self._plan.store.prepare_update(self.table, names), self.table, self._plan

        def store(unit: Unit, row: RowRef, after: list[Any]) -> None:
            try:
                update(row.key, after)
            except ConstraintError as error:
                values = dict(zip(names, after, strict=True))
                raise refused(error, row, table, values, unit, plan) from None

        return store

    def recording(self, names: tuple[str, ...]) -> Callable[[Unit, RowRef, list[object], list[Any]], None]:
        """What keeps the unit's copy of the row up to date and notes the change, of those of these columns that changed."""
        table, operation, computed = self.table, self.operation, self.rows.computed
        verb, line, stage = self.site.verb, self.site.place.line, self.site.stage
        places = tuple((name, self.rows.index[name]) for name in names)

        def record(unit: Unit, row: RowRef, before: list[object], after: list[Any]) -> None:
            changed, old, new = [], [], []
            for (name, position), value in zip(places, after, strict=True):
                if before[position] != value:
                    changed.append(name)
                    old.append(before[position])
                    new.append(value)
                    before[position] = value
            if computed:
                # It may be forgotten already: a function that gave a value may have attempted something.
                unit.rows.pop(row, None)
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
