"""Steps with the hooks that they set off: each a step of its own, before or behind the one that it is hung on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

import attrs

from actionlang.check.hung import Change, Hook, TableHooks, table_of
from actionlang.metadata.types import Row
from actionlang.plan import expressions as e
from actionlang.plan import steps as s
from actionlang.plan.effects import writes_of
from actionlang.plan.facts import path_of
from actionlang.plan.flow import through
from actionlang.plan.plan import Verb
from actionlang.plan.woven import hooked_row


def with_hooks(verb: Verb, hooks: TableHooks, linked: Mapping[str, Verb]) -> tuple[s.Step, ...]:
    """A verb's steps, and between them those that run the hooks which they set off. `linked` has the hooks' verbs with all that
    they do."""
    return _Hooking(hooks, linked).steps(verb.steps)


class _Hooking:
    """Goes through one verb's steps; rows that get a name for a hook's sake get each its own."""

    def __init__(self, hooks: TableHooks, linked: Mapping[str, Verb]) -> None:
        self.hooks = hooks
        self.linked = linked
        self.named: Counter[str] = Counter()

    def steps(self, steps: Iterable[s.Step]) -> tuple[s.Step, ...]:
        return tuple(made for step in steps for made in self._step(step))

    def _step(self, step: s.Step) -> Iterator[s.Step]:
        hooks = self.hooks.set_off_by(step)
        if hooks:
            yield from self._create(step, hooks) if isinstance(step, s.Create) else self._change(step, hooks)
        else:
            yield with_inner(step, self.steps)

    def _name(self, table: str) -> str:
        self.named[table] += 1
        return hooked_row(table, self.named[table])

    def _create(self, step: s.Create, hooks: Sequence[Hook]) -> Iterator[s.Step]:
        if step.row is None and any(hook.verb.binding for hook in hooks):
            step = attrs.evolve(step, row=self._name(step.table))
        row = None if step.row is None else e.Local(Row((step.table,)), False, step.row)
        yield from _performed(hooks, "before", step, None)
        yield step
        yield from _performed(hooks, "after", step, row)

    def _change(self, step: s.Step, hooks: Sequence[Hook]) -> Iterator[s.Step]:
        """A change of a row, and its hooks on the same row: it is looked for once, before the first of them."""
        assert isinstance(step, Change)
        path, row = path_of(step.row), step.row
        if (path is None or len(path) > 1) and any(hook.verb.binding for hook in hooks):
            row = e.Local(step.row.type, False, self._name(table_of(step)))
            yield s.Let(step.place, row.name, step.row)
            if path is None or through(path, self._written_before(hooks)):
                step = attrs.evolve(step, row=row)
        yield from _performed(hooks, "before", step, row)
        yield step
        yield from _performed(hooks, "after", step, row)

    def _written_before(self, hooks: Iterable[Hook]) -> set[tuple[str, str]]:
        """What the hooks before a step may write: the way to its row may lead to another one behind them."""
        return {
            write for hook in hooks if hook.time == "before" for write in writes_of(self.linked[hook.verb.name].effects)
        }


def _performed(hooks: Iterable[Hook], time: str, step: s.Step, row: e.Expression | None) -> Iterator[s.Step]:
    for hook in hooks:
        if hook.time == time:
            yield s.Perform(step.place, hook.verb.name, row if hook.verb.binding else None, (), None)


def with_inner(step: s.Step, change: Callable[[tuple[s.Step, ...]], tuple[s.Step, ...]]) -> s.Step:
    """A step with the steps in it changed."""
    if isinstance(step, s.If):
        branches = tuple(attrs.evolve(branch, body=change(branch.body)) for branch in step.branches)
        return attrs.evolve(step, branches=branches, otherwise=change(step.otherwise))
    if isinstance(step, s.Attempt):
        return attrs.evolve(step, body=change(step.body), otherwise=change(step.otherwise))
    if isinstance(step, s.ForEachRow | s.ForEachItem | s.Stage | s.Expect):
        return attrs.evolve(step, body=change(step.body))
    return step
