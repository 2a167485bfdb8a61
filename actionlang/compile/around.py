"""A verb with hooks on it: what callers name runs the hooks before, the verb's own steps, and the hooks after."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import attrs

from actionlang.check.hung import Hook
from actionlang.metadata import types as t
from actionlang.plan import expressions as e
from actionlang.plan import steps as s
from actionlang.plan.plan import Verb
from actionlang.plan.woven import HOOKED_ROW

RESULT = f"{HOOKED_ROW}result"
"""What the verb's own steps returned."""


def around(verb: Verb, inner: str, hooks: Sequence[Hook]) -> Verb:
    """The verb that callers get: `verb`, whose steps go by the name `inner`, between its hooks. It is where the verb is, and has
    the verb's contract; however the steps end in success, the hooks after it run."""
    place = s.Place(verb.line, 1, verb.line, 2)
    row = None if verb.binding is None else e.Local(t.Row((verb.binding.table,)), False, verb.binding.row)
    result = e.Local(t.Outputs(inner), False, RESULT)
    given = {each.name: e.Local(each.type, each.optional, each.name) for each in verb.inputs}
    returned = {each.name: e.OutputOf(each.type, each.optional, result, each.name) for each in verb.outputs}

    def performed(time: str) -> Iterator[s.Step]:
        seen: dict[str, e.Expression] = {**given, **returned} if time == "after" else {**given}
        for hook in hooks:
            if hook.time == time:
                arguments = tuple((each.name, seen[each.name]) for each in hook.verb.inputs)
                yield s.Perform(place, hook.verb.name, row if hook.verb.binding else None, arguments, None)

    own = s.Perform(place, inner, row, tuple(given.items()), RESULT if returned else None)
    steps: tuple[s.Step, ...] = (*performed("before"), own, *performed("after"))
    if returned:
        steps = (*steps, s.Return(place, tuple(returned.items())))
    return attrs.evolve(verb, kind="action", steps=steps)
