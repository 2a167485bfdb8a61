"""Binding a plan with its plug-ins: the rules of the interpreter, with what is registered put around verbs and steps."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from actionlang.engine.interpreter.frame import Execute
from actionlang.engine.interpreter.scope import PlanBinding, Rules, Scope, StepRule
from actionlang.plan import steps as s
from actionlang.plan.plan import Verb
from actionlang.plugins import changes, verb_calls

if TYPE_CHECKING:
    from actionlang.engine.interpreter.scope import BoundVerb
    from actionlang.plugins.attached import Attached

CHANGING = (s.Create, s.Update, s.Assign, s.Move, s.Delete)


def rules_with(attached: Attached, rules: Rules) -> Rules:
    """Rules that bind a plan as these do, with plug-ins where there are some."""
    steps = dict(rules.steps)
    for kind in CHANGING:
        steps[kind] = _step_rule(rules.steps[kind], attached)

    def bind_verb(verb: Verb, plan: PlanBinding) -> BoundVerb:
        return verb_calls.bind_with_plugins(verb, plan, attached)

    def merge(block: tuple[s.Step, ...], scope: Scope) -> Iterator[tuple[s.Step, Execute | None]]:
        """Steps that plug-ins are called for are done by themselves; those between them are merged as ever."""
        assert rules.merge is not None
        others: list[s.Step] = []
        for step in block:
            if changes.concerned(step, scope, attached):
                yield from rules.merge(tuple(others), scope)
                others.clear()
                yield step, None
            else:
                others.append(step)
        yield from rules.merge(tuple(others), scope)

    return rules._replace(
        steps=steps,
        verb=bind_verb,
        merge=None if rules.merge is None else merge,
        columns=attached.columns,
        doubts=True,
    )


def _step_rule(rule: StepRule, attached: Attached) -> StepRule:
    def bind(step: Any, scope: Scope) -> Execute:
        return changes.bind_with_plugins(step, scope, attached) or rule(step, scope)

    return bind
