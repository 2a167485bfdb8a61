"""Plans altered by someone who knows what they do: names, types and parts exchanged, effects worked out again."""

from __future__ import annotations

from typing import Any

import attrs
from hypothesis import assume
from hypothesis import strategies as st

from actionlang.diagnostics.diagnostic import ActionLangError
from actionlang.metadata import types as t
from actionlang.plan import expressions as e
from actionlang.plan import shape
from actionlang.plan import steps as s
from actionlang.plan.codec import decode, encode
from actionlang.plan.effects import effects_of
from actionlang.plan.plan import StepPlan
from actionlang.plan.walk import nodes
from tests.plan.samples import BY_NAME, CASE, TASK
from tests.strategies.plans import CONSTANTS, plans

WORDS = (
    "case",
    "name1",
    "name2",
    "title",
    "amount",
    "due",
    "status",
    "owner",
    "open",
    "id",
    "nothing",
    "",
    "=",
    "<",
    "-",
)
TYPES = (*CONSTANTS, CASE, TASK, t.OWNER, t.Text(5), t.Decimal(5, 2), t.Empty(), t.Outputs("helpdesk.Inner"), t.Float())


def replaced(root: Any, old: Any, new: Any) -> Any:
    """A tree with one node, found by identity, exchanged for another."""
    if root is old:
        return new
    if isinstance(root, tuple):
        made = tuple(replaced(item, old, new) for item in root)
        return made if any(a is not b for a, b in zip(made, root, strict=True)) else root
    if isinstance(root, e.Expression | s.Step | e.Query | e.Ordering | s.Branch):
        changes = {}
        for field in attrs.fields(type(root)):
            before = getattr(root, field.name)
            after = replaced(before, old, new)
            if after is not before:
                changes[field.name] = after
        return attrs.evolve(root, **changes) if changes else root
    return root


@st.composite
def forged_plans(draw: Any) -> StepPlan:
    """A valid plan, with one to three parts of its steps altered."""
    plan = draw(plans())
    for _ in range(draw(st.integers(1, 3))):
        verb = draw(st.sampled_from(plan.verbs))
        found = list(nodes(verb.steps))
        node = draw(st.sampled_from(found))
        steps = replaced(verb.steps, node, draw(_altered(node, found)))
        forged = attrs.evolve(verb, steps=steps)
        plan = attrs.evolve(plan, verbs=tuple(forged if each is verb else each for each in plan.verbs))
    assume(_can_be_written(plan))
    return with_effects(plan)


def _can_be_written(plan: StepPlan) -> bool:
    """Whether there is a file that holds the plan: a constant that is none of its type has no form in one."""
    try:
        decode(encode(plan))
    except (ValueError, ActionLangError):
        return False
    return True


def with_effects(plan: StepPlan) -> StepPlan:
    """The plan with its effects worked out again, where that is possible."""
    verbs = {verb.name: verb for verb in plan.verbs}
    for name in sorted(verbs):
        try:
            verbs[name] = attrs.evolve(verbs[name], effects=effects_of(verbs[name], verbs, BY_NAME))
        except (KeyError, IndexError, AttributeError):
            continue
    return attrs.evolve(plan, verbs=tuple(verbs.values()))


def _altered(node: Any, others: list[Any]) -> st.SearchStrategy[Any]:
    """Another node in a node's place."""
    ways: list[st.SearchStrategy[Any]] = []
    fields = [field.name for field in attrs.fields(type(node)) if field.name != "place"]
    if isinstance(node, e.Expression):
        ways.append(st.sampled_from([other for other in others if isinstance(other, e.Expression)]))
        ways.append(st.sampled_from(TYPES).map(lambda type_: attrs.evolve(node, type=type_)))
        ways.append(st.sampled_from(TYPES).map(lambda type_: e.Convert(type_, node.optional, node)))
        ways.append(st.just(e.Narrow(node.type, False, node)))
        ways.append(st.sampled_from(TYPES).map(lambda type_: e.Narrow(type_, False, node)))
    elif isinstance(node, s.Step):
        ways.append(st.sampled_from([other for other in others if isinstance(other, s.Step)]))
        ways.append(st.just(s.Stop(node.place)))
    for member in shape.members_of(type(node)):
        if not member.required and member.absent is None:
            ways.append(st.just(attrs.evolve(node, **{member.name: None})))
    for name in fields:
        value = getattr(node, name)
        ways += [each.map(lambda new, name=name: attrs.evolve(node, **{name: new})) for each in _other_values(value)]
    return st.one_of(ways) if ways else st.just(node)


def _other_values(value: Any) -> list[st.SearchStrategy[Any]]:
    if isinstance(value, bool):
        return [st.just(not value)]
    if isinstance(value, str):
        return [st.sampled_from((*WORDS, *BY_NAME))]
    if isinstance(value, tuple) and value:
        return [
            st.just(value[1:]),
            st.just((*value, value[0])),
            st.just(tuple(reversed(value))),
        ]
    return []
