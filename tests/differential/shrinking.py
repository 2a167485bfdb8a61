"""The least of a program that still shows a difference."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import attrs

from actionlang.diagnostics.diagnostic import ActionLangError
from actionlang.plan import expressions as e
from actionlang.plan import steps as s
from actionlang.plan.plan import StepPlan, Verb
from actionlang.plan.verify import verify
from tests.strategies.programs import Program, plan_of

MOST_TRIES = 250


def shrunk(program: Program, differs: Callable[[Program], bool]) -> Program:
    """Take away rows, steps and parts of expressions as long as what is left is a program that still differs."""
    tries = 0
    while True:
        for smaller in _smaller(program):
            tries += 1
            if tries > MOST_TRIES:
                return program
            if differs(smaller):
                program = smaller
                break
        else:
            return program


def _smaller(program: Program) -> Iterator[Program]:
    for number in range(len(program.targets) if len(program.targets) > 1 else 0):
        where = program.where
        if isinstance(where, e.Or):
            left = (*where.operands[:number], *where.operands[number + 1 :])
            where = left[0] if len(left) == 1 else attrs.evolve(where, operands=left)
            yield attrs.evolve(
                program, targets=(*program.targets[:number], *program.targets[number + 1 :]), where=where
            )
    for plan in _smaller_plans(program.plan):
        try:
            verify(plan)
        except ActionLangError:
            continue
        yield attrs.evolve(program, plan=plan)


def _smaller_plans(plan: StepPlan) -> Iterator[StepPlan]:
    for number, verb in enumerate(plan.verbs):
        for steps in _without(verb.steps):
            yield _with(plan, number, attrs.evolve(verb, steps=steps))
    for number, verb in enumerate(plan.verbs):
        for at, step in enumerate(verb.steps):
            for smaller in _parts(step):
                steps = (*verb.steps[:at], smaller, *verb.steps[at + 1 :])
                yield _with(plan, number, attrs.evolve(verb, steps=steps))


def _with(plan: StepPlan, number: int, verb: Verb) -> StepPlan:
    verbs = [*plan.verbs[:number], verb, *plan.verbs[number + 1 :]]
    entry = next(each for each in verbs if each.name == plan.entry)
    return plan_of(entry, [each for each in verbs if each is not entry])


def _without(steps: tuple[Any, ...]) -> Iterator[tuple[Any, ...]]:
    """Steps with one of them taken away, or replaced by what is inside of it."""
    for number, step in enumerate(steps):
        before, behind = steps[:number], steps[number + 1 :]
        yield (*before, *behind)
        for body in _bodies(step):
            yield (*before, *body, *behind)


def _bodies(step: s.Step) -> Iterator[tuple[s.Step, ...]]:
    if isinstance(step, s.If):
        yield from (branch.body for branch in step.branches)
        yield step.otherwise
    elif isinstance(step, s.Attempt):
        yield step.body
        yield step.otherwise
    elif isinstance(step, s.Stage):
        yield step.body


def _parts(node: Any) -> Iterator[Any]:
    """A node with something in it made smaller."""
    for field in attrs.fields(type(node)):
        value = getattr(node, field.name)
        if isinstance(value, tuple):
            yield from (attrs.evolve(node, **{field.name: smaller}) for smaller in _smaller_tuple(value))
        elif attrs.has(type(value)) and isinstance(value, e.Expression | e.Query):
            for smaller in _smaller_value(value):
                yield attrs.evolve(node, **{field.name: smaller})
        elif value is not None and field.name in ("where", "limit", "message"):
            yield attrs.evolve(node, **{field.name: None})


def _smaller_tuple(items: tuple[Any, ...]) -> Iterator[tuple[Any, ...]]:
    for number, item in enumerate(items):
        before, behind = items[:number], items[number + 1 :]
        if behind or before:
            yield (*before, *behind)
        for smaller in _smaller_item(item):
            yield (*before, smaller, *behind)


def _smaller_item(item: Any) -> Iterator[Any]:
    if isinstance(item, tuple) and len(item) == 2 and isinstance(item[0], str):
        yield from ((item[0], smaller) for smaller in _smaller_value(item[1]))
    elif isinstance(item, e.Expression):
        yield from _smaller_value(item)
    elif isinstance(item, s.Branch | e.Ordering | s.Step):
        yield from _parts(item)


def _smaller_value(node: Any) -> Iterator[Any]:
    """Of an expression: one of its parts that has its type, else the same with a smaller part."""
    if isinstance(node, e.Expression):
        for field in attrs.fields(type(node)):
            value = getattr(node, field.name)
            for part in value if isinstance(value, tuple) else (value,):
                if isinstance(part, e.Expression) and (part.type, part.optional) == (node.type, node.optional):
                    yield part
    if isinstance(node, e.Query) and node.where is not None:
        yield attrs.evolve(node, where=None)
    yield from _parts(node)
