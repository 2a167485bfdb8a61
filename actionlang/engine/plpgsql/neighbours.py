"""Neighbouring steps that change one row: where nothing between them can look at the stored row, they are written together."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from actionlang.engine.interpreter.constants import bare
from actionlang.metadata import types as t
from actionlang.plan import expressions as e
from actionlang.plan import steps as s
from actionlang.plan.walk import nodes

if TYPE_CHECKING:
    from actionlang.engine.plpgsql.scope import ServerScope

STILL = (
    e.Literal,
    e.Local,
    e.Caller,
    e.OutputOf,
    e.FailureMessage,
    e.Narrow,
    e.Convert,
    e.Not,
    e.And,
    e.Or,
    e.Compare,
    e.IsEmpty,
    e.IsTable,
    e.Otherwise,
    e.Arithmetic,
    e.Negate,
    e.CallFunction,
)
"""Expressions that read no row."""


def neighbours(steps: tuple[s.Step, ...], scope: ServerScope) -> Iterator[list[s.Step]]:
    """The steps, those together that are written together."""
    group: list[s.Step] = []
    for step in steps:
        if group and not (_is_quiet(group[-1], scope) and _follows(step, group[-1])):
            yield group
            group = []
        group.append(step)
    if group:
        yield group


def _row(step: s.Step) -> e.Local | None:
    """The local that a step changes, if it changes one."""
    if not isinstance(step, s.Update | s.Assign | s.Move):
        return None
    local = bare(step.row)
    return local if isinstance(local, e.Local) else None


def _is_quiet(step: s.Step, scope: ServerScope) -> bool:
    """Whether no unique set and no reference can refuse what a step writes: it would be told of a later step."""
    row = _row(step)
    if row is None or isinstance(step, s.Assign) or not isinstance(row.type, t.Row):
        return False
    table = scope.schema.tables[row.type.tables[0]]
    unique = {name for columns in (*table.keys, *table.uniques) for name in columns}
    status = table.status
    names = [name for name, _ in step.values] if isinstance(step, s.Update) else [status.name if status else ""]
    return not any(name in unique or isinstance(table.by_name[name].type, t.Row) for name in names)


def _follows(step: s.Step, before: s.Step) -> bool:
    """Whether a step changes the same row, with values for which no stored row is looked at."""
    row, other = _row(step), _row(before)
    if row is None or other is None or row.name != other.name:
        return False
    values: tuple[e.Expression, ...] = ()
    if isinstance(step, s.Update):
        values = tuple(value for _, value in step.values)
    elif isinstance(step, s.Assign):
        values = (step.owner,)
    return all(_is_still(node, row.name) for node in nodes(values))


def _is_still(node: object, row: str) -> bool:
    if isinstance(node, e.Column):
        local = bare(node.row)
        return isinstance(local, e.Local) and local.name == row
    if isinstance(node, e.Template):
        return all(isinstance(part, str) or not isinstance(part.type, t.Row | t.ListOf) for part in node.parts)
    return isinstance(node, STILL)
