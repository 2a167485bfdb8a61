"""Steps that change a table, with the plug-ins on what happens to it.

A plug-in is called once for each row that a step is done on, also where the row holds already what is to be set. The new values
are worked out first; what is wrong with them is seen to after the plug-ins before validation, and again after those before the
change, which see the row as it is then.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import attrs

from actionlang.engine.arguments import ArgumentReader
from actionlang.engine.failure import Failure, Site
from actionlang.engine.interpreter.creates import assignments_of, keeping, storing
from actionlang.engine.interpreter.frame import UNIT, Execute, Frame
from actionlang.engine.interpreter.scope import Scope
from actionlang.engine.interpreter.writes import (
    Write,
    bind_delete,
    required_empty,
    table_of,
    write_of_assign,
    write_of_move,
    write_of_update,
)
from actionlang.engine.store import RowRef
from actionlang.engine.unit import Unit
from actionlang.metadata.tables import Column, Table
from actionlang.plan import expressions as e
from actionlang.plan import steps as s
from actionlang.plugins.attached import known_as
from actionlang.plugins.images import image_of, on_row
from actionlang.plugins.members import members_of
from actionlang.plugins.performing import performing
from actionlang.plugins.place import Occasion, Place
from actionlang.plugins.registration import Registration
from actionlang.plugins.stages import AFTER, AFTER_COMMIT, BEFORE, BEFORE_VALIDATION, Stage

if TYPE_CHECKING:
    from actionlang.plugins.attached import Attached

Changing = s.Create | s.Update | s.Assign | s.Move | s.Delete


def concerned(step: s.Step, scope: Scope, attached: Attached) -> tuple[Registration, ...]:
    """The plug-ins that are called for a step."""
    if isinstance(step, s.Create):
        table, names = step.table, tuple(name for name, _ in step.values)
    elif isinstance(step, s.Update | s.Assign | s.Move | s.Delete):
        table = table_of(step.row, scope).name
        names = tuple(name for name, _ in step.values) if isinstance(step, s.Update) else ()
    else:
        return ()
    found = attached.tables.get((table, type(step).__name__.lower()), ())
    return tuple(each for each in found if each.counts(names))


def bind_with_plugins(step: Changing, scope: Scope, attached: Attached) -> Execute | None:
    """A step with its plug-ins; None where there are none."""
    found = concerned(step, scope, attached)
    if not found:
        return None
    if isinstance(step, s.Create):
        return _create(step, scope, attached, found)
    if isinstance(step, s.Delete):
        return _delete(step, scope, attached, found)
    if isinstance(step, s.Update):
        return _write(write_of_update(step, scope), scope, attached, found)
    if isinstance(step, s.Assign):
        return _write(write_of_assign(step, scope), scope, attached, found)
    return _write(write_of_move(step, scope), scope, attached, found)


def _place(
    table: Table,
    operation: str,
    settable: Sequence[str],
    site: Site,
    scope: Scope,
    attached: Attached,
    found: tuple[Registration, ...],
) -> Place:
    stages: dict[Stage, tuple[Registration, ...]] = {}
    for each in found:
        if each.stage is not None:
            stages[each.stage] = (*stages.get(each.stage, ()), each)
    schema = scope.plan.schema
    columns = members_of(table.columns, schema, ArgumentReader(attached.plan, scope.plan.store).row)
    return Place(
        site=site,
        verb=known_as(site.verb),
        table=table.name,
        operation=operation,
        stages=stages,
        arguments=columns,
        accepts={name: columns[name]._replace(optional=True) for name in settable},
        gives={},
        columns=columns,
        calls=attached.calls,
        performing=performing(scope.plan, attached),
    )


def _may_be_set(column: Column) -> bool:
    return not (column.primary or column.readonly or column.moves is not None)


# --------------------------------------------------------------------------------------------- update, assign and move


def _write(write: Write, scope: Scope, attached: Attached, found: tuple[Registration, ...]) -> Execute:
    table, rows = write.table, write.rows
    place = _place(table, write.operation, _settable(write), write.site, scope, attached, found)
    change = _changing(write, place)

    def execute(frame: Frame) -> None:
        unit: Unit = frame[UNIT]
        row: RowRef = write.evaluate_row(frame)
        column: str | None = None
        try:
            if row not in unit.rows:
                rows.load(unit, row)
            values: dict[str, Any] = {}
            for column, value, _ in write.assignments:
                values[column] = value(frame)
            column = None
            change(unit, Occasion(place, unit, row, values), row)
        except Failure as failure:
            on_row(failure, row, column)
            raise

    return execute


def _settable(write: Write) -> tuple[str, ...]:
    """The columns that plug-ins may set: of an update all that are at hand."""
    if write.operation == "update":
        return tuple(name for name in write.rows.columns if _may_be_set(write.table.by_name[name]))
    return write.names if write.operation == "assign" else ()


def _changing(write: Write, place: Place) -> Callable[[Unit, Occasion, RowRef], None]:
    """What changes a row, with the plug-ins around that."""
    rows, image, put, validate = write.rows, image_of(write.rows), _putting(write), _validating(write, place)
    shows_after = AFTER in place.stages or AFTER_COMMIT in place.stages

    def change(unit: Unit, occasion: Occasion, row: RowRef) -> None:
        values = occasion.arguments
        occasion.before = image(unit, row)
        if occasion.pass_(BEFORE_VALIDATION):
            occasion.before = image(unit, row)
        validate(unit.rows.get(row) or rows.load(unit, row), values)
        if occasion.pass_(BEFORE):
            validate(unit.rows.get(row) or rows.load(unit, row), values)
            occasion.before = image(unit, row)
        occasion.changed = put(unit, row, unit.rows.get(row) or rows.load(unit, row), values)
        if shows_after:
            occasion.after = image(unit, row)
            occasion.pass_(AFTER)
            occasion.announce()

    return change


def _validating(write: Write, place: Place) -> Callable[[Sequence[object], dict[str, Any]], None]:
    """What sees that the values may be written to a row."""
    table, check = write.table, write.check
    required = {name for name in (*write.names, *place.accepts) if not table.by_name[name].optional}

    def validate(before: Sequence[object], values: dict[str, Any]) -> None:
        if check is not None:
            check(before)
        for name, value in values.items():
            if value is None and name in required:
                raise _empty(table, name)

    return validate


def _empty(table: Table, column: str) -> Failure:
    failure = required_empty(table, column)
    failure.column = column
    return failure


def _putting(write: Write) -> Callable[[Unit, RowRef, list[object], dict[str, Any]], tuple[str, ...]]:
    """What writes new values of columns, and says which of them became another one."""
    index = write.rows.index
    known: dict[tuple[str, ...], tuple[Any, Any]] = {}

    def put(unit: Unit, row: RowRef, before: list[object], values: dict[str, Any]) -> tuple[str, ...]:
        changed = tuple(name for name, value in values.items() if before[index[name]] != value)
        if changed:
            names = tuple(values)
            if names not in known:
                known[names] = write.storing(names), write.recording(names)
            store, record = known[names]
            after = list(values.values())
            store(unit, row, after)
            record(unit, row, before, after)
        return changed

    return put


# ------------------------------------------------------------------------------------------------------------- create


def _create(step: s.Create, scope: Scope, attached: Attached, found: tuple[Registration, ...]) -> Execute:
    table = scope.plan.schema.tables[step.table]
    names = tuple(column.name for column in table.columns)
    fills = assignments_of(step, table, scope)
    required = [each.column for each in fills if each.required]
    settable = tuple(column.name for column in table.columns if _may_be_set(column))
    required += [name for name in settable if name not in required and not table.by_name[name].optional]
    place = _place(table, "create", settable, scope.site(step), scope, attached, found)
    store, keep, image = storing(table, scope), keeping(step, table, scope), image_of(scope.plan.tables[table.name])
    slot = scope.new_slot(step.row) if step.row is not None else None
    hidden = {column.name for column in table.columns if column.readonly or column.primary}

    def validate(values: dict[str, Any]) -> None:
        for name in required:
            if values[name] is None:
                raise _empty(table, name)

    def execute(frame: Frame) -> None:
        unit: Unit = frame[UNIT]
        values: dict[str, Any] = dict.fromkeys(names)
        column: str | None = None
        try:
            for column, value, _ in fills:
                values[column] = value(frame)
        except Failure as failure:
            if failure.site is None and failure.column is None:
                failure.column = column
            raise
        arguments = {name: value for name, value in values.items() if name not in hidden}
        occasion = Occasion(place, unit, None, arguments)
        occasion.pass_(BEFORE_VALIDATION)
        validate({**values, **arguments})
        occasion.pass_(BEFORE)
        values |= arguments
        validate(values)
        given = list(values.values())
        row = store(unit, given)
        keep(unit, row, given)
        if slot is not None:
            frame[slot] = row
        occasion.target, occasion.after = row, image(unit, row)
        occasion.pass_(AFTER)
        occasion.announce()

    return execute


# ------------------------------------------------------------------------------------------------------------- delete


def _delete(step: s.Delete, scope: Scope, attached: Attached, found: tuple[Registration, ...]) -> Execute:
    table = table_of(step.row, scope)
    place = _place(table, "delete", (), scope.site(step), scope, attached, found)
    rows, evaluate_row = scope.plan.tables[table.name], scope.evaluate(step.row)
    image = image_of(rows)
    # The row is found once: what plug-ins do might make it another one.
    name = f" deleted in line {step.place.line}, {step.place.column}"
    slot = scope.new_slot(name)
    delete = bind_delete(attrs.evolve(step, row=e.Local(step.row.type, False, name)), scope)

    def execute(frame: Frame) -> None:
        unit: Unit = frame[UNIT]
        row: RowRef = evaluate_row(frame)
        frame[slot] = row
        if row not in unit.rows:
            rows.load(unit, row)
        occasion = Occasion(place, unit, row, {}, before=image(unit, row))
        occasion.pass_(BEFORE_VALIDATION)
        occasion.pass_(BEFORE)
        occasion.before = image(unit, row)
        delete(frame)
        occasion.pass_(AFTER)
        occasion.announce()

    return execute
