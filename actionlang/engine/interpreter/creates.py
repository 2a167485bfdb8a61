"""Binding `create`: defaults, the primary key, the row as it is stored."""

from __future__ import annotations

from collections.abc import Callable
from operator import itemgetter
from typing import Any, TypeVar

from actionlang.engine.changes import Change
from actionlang.engine.failure import Failure
from actionlang.engine.interpreter.calls import default_value
from actionlang.engine.interpreter.constraints import refused
from actionlang.engine.interpreter.frame import UNIT, Execute, Frame
from actionlang.engine.interpreter.rows import stored_value
from actionlang.engine.interpreter.scope import Scope
from actionlang.engine.interpreter.writes import Assignment, assignment, required_empty
from actionlang.engine.store import ConstraintError, RowRef, StoredValueError
from actionlang.engine.unit import Unit
from actionlang.metadata.tables import Column, Table
from actionlang.metadata.types import Id
from actionlang.plan import steps as s

Prepared = TypeVar("Prepared")


def bind_create(step: s.Create, scope: Scope) -> Execute:
    """Insert a row: values in the order written, then defaults in the order of columns, then the key, which may be the store's
    to make."""
    table = scope.plan.schema.tables[step.table]
    places = {column.name: at for at, column in enumerate(table.columns)}
    fills = tuple((places[each.column], *each) for each in assignments_of(step, table, scope))
    store = storing(table, scope)
    keep = keeping(step, table, scope)
    slot = scope.new_slot(step.row) if step.row is not None else None
    empty_row: list[Any] = [None] * len(table.columns)

    def create(frame: Frame) -> None:
        unit: Unit = frame[UNIT]
        values = empty_row.copy()
        column: str | None = None
        try:
            for at, column, value, required in fills:
                new = value(frame)
                if required and new is None:
                    raise required_empty(table, column)
                values[at] = new
        except Failure as failure:
            if failure.site is None and failure.column is None:
                failure.column = column
            raise
        row = store(unit, values)
        keep(unit, row, values)
        if slot is not None:
            frame[slot] = row

    return create


def assignments_of(step: s.Create, table: Table, scope: Scope) -> list[Assignment]:
    """Every column that gets a value: as the step says, else by default; status columns begin in their first
    state. An id that nothing else sets is made, last of all. A required column left over fails when the step
    is done."""
    found = [assignment(table, name, node, scope) for name, node in step.values]
    given = {name for name, _ in step.values}
    made: list[Assignment] = []
    for column in table.columns:
        if column.name in given or column.readonly:
            continue
        if column.default is not None:
            found.append(Assignment(column.name, default_value(column.default, column.type), False))
        elif column.moves is not None:
            found.append(_constant(column, column.moves[0].state))
        elif column.primary and isinstance(column.type, Id):
            made.append(Assignment(column.name, lambda frame: frame[UNIT].new_id(), False))
        elif not column.optional:
            found.append(_constant(column, None))
    return found + made


def _constant(column: Column, value: object) -> Assignment:
    return Assignment(column.name, lambda frame: value, not column.optional)


def _key(table: Table) -> Callable[[list[Any]], Any]:
    positions = [at for at, column in enumerate(table.columns) if column.primary]
    return itemgetter(*positions)


def picker(positions: list[int]) -> Callable[[list[Any]], tuple[Any, ...]]:
    """What picks values by position, as a tuple however many there are."""
    if len(positions) > 1:
        return itemgetter(*positions)
    return lambda values: tuple([values[at] for at in positions])


Stored = Callable[[Unit, list[Any]], RowRef]
"""Stores a new row with these values of all its columns, and gives a reference to it."""


def storing(table: Table, scope: Scope) -> Stored:
    """What stores a new row of a table."""
    return _inserting_keyless(table, scope) if table.makes_key else _inserting(table, scope)


def _inserting(table: Table, scope: Scope) -> Stored:
    given, insert = _insert(table, scope, scope.plan.store.prepare_insert)
    key_of, plan = _key(table), scope.plan

    def store(unit: Unit, values: list[Any]) -> RowRef:
        row = RowRef(table.name, key_of(values))
        try:
            insert(row.key, given(values))
        except ConstraintError as error:
            raise refused(error, row, table, _written(table, values), unit, plan) from None
        return row

    return store


def _inserting_keyless(table: Table, scope: Scope) -> Stored:
    """The store makes the key; it is then among the row's values as if it had been given."""
    given, insert = _insert(table, scope, scope.plan.store.prepare_insert_keyless)
    (key_at,) = (at for at, column in enumerate(table.columns) if column.primary)
    plan = scope.plan

    def store(unit: Unit, values: list[Any]) -> RowRef:
        try:
            key = values[key_at] = insert(given(values), unit.new_id)
        except ConstraintError as error:
            raise refused(error, None, table, _written(table, values), unit, plan) from None
        except StoredValueError as error:
            raise stored_value(error) from None
        return RowRef(table.name, key)

    return store


def _insert(
    table: Table, scope: Scope, prepare: Callable[[Table, tuple[str, ...]], Prepared]
) -> tuple[Callable[[list[Any]], tuple[Any, ...]], Prepared]:
    """What picks the values to store beside the key, and what stores them."""
    stored = [at for at, column in enumerate(table.columns) if not column.primary and not column.readonly]
    return picker(stored), prepare(table, tuple(table.columns[at].name for at in stored))


def _written(table: Table, values: list[Any]) -> dict[str, Any]:
    return {column.name: value for column, value in zip(table.columns, values, strict=True)}


def keeping(step: s.Create, table: Table, scope: Scope) -> Callable[[Unit, RowRef, list[Any]], None]:
    """What puts the new row where reads find it, and notes the change. Columns that the database computes are
    unknown, but for the key."""
    rows = scope.plan.tables[table.name]
    places = {column.name: at for at, column in enumerate(table.columns)}
    kept = picker([places[name] for name in rows.columns])
    shown = [at for at, column in enumerate(table.columns) if column.primary or not column.readonly]
    names = tuple(table.columns[at].name for at in shown)
    told = picker(shown)
    site = scope.site(step)
    verb, line, stage = site.verb, site.place.line, site.stage

    def keep(unit: Unit, row: RowRef, values: list[Any]) -> None:
        if not rows.computed:
            unit.rows[row] = list(kept(values))
        unit.gone.discard(row)
        unit.changes.append(Change(table, row.key, "create", verb, line, stage, names, None, told(values)))

    return keep
