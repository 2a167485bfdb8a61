"""Steps that would set off a hook: this host can not run hooks yet, so a run that gets to one of them fails and says so, rather
than leave out what somebody hung on it."""

from __future__ import annotations

from collections.abc import Iterable

import attrs

from actionlang.check.verbs import Hook
from actionlang.metadata.types import Row
from actionlang.plan import steps as s

EVENTS: dict[type, str] = {
    s.Create: "create",
    s.Update: "update",
    s.Delete: "delete",
    s.Assign: "assign",
    s.Move: "move",
}


def with_hooks(steps: Iterable[s.Step], hooks: Iterable[Hook]) -> tuple[s.Step, ...]:
    """Steps, each behind a step that fails when the hooks would be set off."""
    result: list[s.Step] = []
    for step in steps:
        fired = next((hook for hook in hooks if _fires(step, hook)), None)
        if fired is not None:
            text = f"{fired.time} {fired.event} of {fired.table.rpartition('.')[2]}"
            result.append(s.Unavailable(step.place, "hook", text))
        result.append(_inside(step, hooks))
    return tuple(result)


def _fires(step: s.Step, hook: Hook) -> bool:
    if EVENTS.get(type(step)) != hook.event:
        return False
    if isinstance(step, s.Create):
        return step.table == hook.table
    assert isinstance(step, s.Update | s.Delete | s.Assign | s.Move)
    if not isinstance(step.row.type, Row) or hook.table not in step.row.type.tables:
        return False
    changed = {name for name, _ in step.values} if isinstance(step, s.Update) else set()
    return not hook.columns or bool(changed & set(hook.columns))


def _inside(step: s.Step, hooks: Iterable[Hook]) -> s.Step:
    """A step with the steps in it."""
    if isinstance(step, s.If):
        branches = tuple(attrs.evolve(branch, body=with_hooks(branch.body, hooks)) for branch in step.branches)
        return attrs.evolve(step, branches=branches, otherwise=with_hooks(step.otherwise, hooks))
    if isinstance(step, s.Attempt):
        return attrs.evolve(step, body=with_hooks(step.body, hooks), otherwise=with_hooks(step.otherwise, hooks))
    if isinstance(step, s.ForEachRow | s.ForEachItem | s.Stage | s.Expect):
        return attrs.evolve(step, body=with_hooks(step.body, hooks))
    return step
