"""Neighbouring steps that change one row, written to the store at once: `update case set ...; assign case to ...`.

Each step still works its values out after the one before it, and leaves a change of its own. They are merged only where nobody
could tell: they change different columns, none of which is part of a key or has to be unique, and nothing is asked of the
store in between but rows that the values need, of which the row is none that is read anew.
"""

from __future__ import annotations

from collections.abc import Iterator

from actionlang.engine.failure import Failure
from actionlang.engine.interpreter.constants import bare
from actionlang.engine.interpreter.frame import UNIT, Execute, Frame
from actionlang.engine.interpreter.scope import Scope
from actionlang.engine.interpreter.writes import Write, write_of_assign, write_of_move, write_of_update
from actionlang.engine.store import RowRef
from actionlang.engine.unit import Unit
from actionlang.metadata.tables import Table
from actionlang.metadata.types import Row
from actionlang.plan import expressions as e
from actionlang.plan import steps as s
from actionlang.plan.walk import nodes

Changing = s.Update | s.Assign | s.Move

ASKS_THE_STORE = (e.Aggregate, e.CallVerb, e.Under)
"""Expressions that look at rows as they are stored."""


def merge(steps: tuple[s.Step, ...], scope: Scope) -> Iterator[tuple[s.Step, Execute | None]]:
    """The steps of a block in their order. Of those that are written together the first, with what does all of them; for a step
    by itself, None. To be bound as they come."""
    group: list[s.Step] = []
    for step in steps:
        if group and not _joins(step, group, scope):
            yield _as_one(group, scope)
            group = []
        group.append(step)
    if group:
        yield _as_one(group, scope)


def _as_one(group: list[s.Step], scope: Scope) -> tuple[s.Step, Execute | None]:
    return group[0], _bind_merged(group, scope) if len(group) > 1 else None


def _joins(step: s.Step, group: list[s.Step], scope: Scope) -> bool:
    """Whether a step may be written together with those before it."""
    parts = (*group, step)
    if not isinstance(step, Changing) or not isinstance(group[0], Changing):
        return False
    local = bare(step.row)
    if not isinstance(local, e.Local) or any(bare(part.row) != local for part in parts if isinstance(part, Changing)):
        return False
    assert isinstance(step.row.type, Row)
    table = scope.plan.schema.tables[step.row.type.tables[0]]
    columns = [column for part in parts for column in _columns(part, table)]
    told_apart = {name for names in (*table.keys, *table.uniques) for name in names}
    return (
        len(set(columns)) == len(columns)
        and told_apart.isdisjoint(columns)
        and not scope.plan.tables[table.name].computed
        and not any(isinstance(node, ASKS_THE_STORE) for node in nodes(step))
        # A function may attempt something, and where that fails the run forgets the rows it has read.
        and not any(isinstance(node, e.CallVerb) for node in nodes(tuple(group)))
    )


def _columns(step: s.Step, table: Table) -> tuple[str, ...]:
    if isinstance(step, s.Update):
        return tuple(name for name, _ in step.values)
    column = table.owner if isinstance(step, s.Assign) else table.status
    assert column is not None
    return (column.name,)


def _bind_merged(steps: list[s.Step], scope: Scope) -> Execute:
    writes = tuple(_write(step, scope) for step in steps)
    works = tuple((write.working_out(), write.recording(write.names)) for write in writes)
    names = tuple(name for write in writes for name in write.names)
    index = scope.plan.tables[writes[0].table.name].index
    positions = tuple(index[name] for name in names)
    together = writes[0].storing(names)
    alone = tuple((write.storing(write.names), [index[name] for name in write.names]) for write in writes)
    sites = {name: write.site for write in writes for name in write.names}

    def store(unit: Unit, row: RowRef, values: list[object], changed: list[int]) -> None:
        try:
            if len(changed) > 1:
                together(unit, row, [values[position] for position in positions])
            else:
                write, where = alone[changed[0]]
                write(unit, row, [values[position] for position in where])
        except Failure as failure:
            failure.site = sites.get(failure.column or "", writes[changed[0]].site)
            raise

    def merged(frame: Frame) -> None:
        unit: Unit = frame[UNIT]
        changed: list[int] = []
        row: RowRef | None = None
        values: list[object] = []
        for number, (work_out, record) in enumerate(works):
            try:
                written = work_out(frame)
            except Failure as failure:
                if row is not None:
                    # Had it been written by itself, the step before might have been refused.
                    store(unit, row, values, changed)
                if failure.site is None:
                    failure.site = writes[number].site
                raise
            if written is not None:
                row, values, after = written
                record(unit, row, values, after)
                changed.append(number)
        if row is not None:
            store(unit, row, values, changed)

    return merged


def _write(step: s.Step, scope: Scope) -> Write:
    if isinstance(step, s.Update):
        return write_of_update(step, scope)
    if isinstance(step, s.Assign):
        return write_of_assign(step, scope)
    assert isinstance(step, s.Move)
    return write_of_move(step, scope)
