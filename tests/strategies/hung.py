"""What is hung on a generated program's verbs: hooks on the tables that they change and on the verbs, and overrides of them."""

from __future__ import annotations

from random import Random

import attrs

from actionlang.check.hooks import ROWLESS, seen_by_hook
from actionlang.check.hung import EVENTS, Hook, table_of
from actionlang.check.names import Names, Universe
from actionlang.check.program import CheckedModule
from actionlang.compile.weaving import put_together
from actionlang.diagnostics.source import Source
from actionlang.metadata.types import Row
from actionlang.plan import steps as s
from actionlang.plan.plan import Binding, Effects, StepPlan, Verb
from actionlang.plan.walk import nodes
from actionlang.plan.woven import INHERITED, hook_name, layer_name
from tests.strategies.expressions import local
from tests.strategies.programs import plan_with
from tests.strategies.rows import Rows
from tests.strategies.shop import schema
from tests.strategies.steps import Steps

MODULE = "acme"
LINES = f"{' ' * 30}\n" * 400
"""A script in which every drawn step has its place."""

SHARE = 0.4
"""Of the programs, how many get something hung on them where that fits."""


def with_something_hung(plan: StepPlan, random: Random, rows: Rows) -> StepPlan:
    """A plan with hooks and overrides hung on its verbs; the plan itself where what was drawn would not end, or is nothing."""
    hooks = tuple(_hooks(plan, random, rows))
    overrides = {each.name: _override(each, random, rows) for each in _overridden(plan, random)}
    if not hooks and not overrides:
        return plan
    modules = {
        "example": _module("example", {verb.name: verb for verb in plan.verbs}, (), {}),
        MODULE: _module(
            MODULE,
            {verb.name: verb for verb in overrides.values()},
            hooks,
            {name: verb.name for name, verb in overrides.items()},
        ),
    }
    woven = put_together(modules, ())
    return plan if woven.problems else plan_with(plan.entry, woven.verbs)


def _module(name: str, verbs: dict[str, Verb], hooks: tuple[Hook, ...], overrides: dict[str, str]) -> CheckedModule:
    known = schema()
    verbs = {full: attrs.evolve(verb, source=f"{name}.act") for full, verb in verbs.items()}
    return CheckedModule(
        name, Source(f"{name}.act", LINES), Names(), Universe(), dict(known.tables), dict(known.choices), verbs, {}, (), hooks, overrides, (),
    )  # fmt: skip


def _hooks(plan: StepPlan, random: Random, rows: Rows) -> list[Hook]:
    """Hooks on what the plan's steps do, and now and then on one of its verbs."""
    changes = [node for verb in plan.verbs for node in nodes(verb.steps) if type(node) in EVENTS]
    found: list[Hook] = []
    for number, step in enumerate(random.sample(changes, min(len(changes), random.randint(0, 2))), 1):
        found.append(_on_table(step, number, random, rows))
    actions = [verb for verb in plan.verbs if verb.kind == "action"]
    if random.random() < 0.25:
        found.append(_on_verb(random.choice(actions), len(found) + 1, random, rows))
    return found


def _on_table(step: s.Step, number: int, random: Random, rows: Rows) -> Hook:
    table, event, time = (
        step.table if isinstance(step, s.Create) else table_of(step),
        EVENTS[type(step)],
        random.choice(("before", "after")),
    )
    row = table.rpartition(".")[2]
    binding = None if (time, event) in ROWLESS else Binding(table, row)
    columns = tuple(name for name, _ in step.values) if isinstance(step, s.Update) and random.random() < 0.5 else ()
    name = hook_name(MODULE, time, event, table, number)
    return Hook(time, event, table, columns, _drawn(name, binding, (), random, rows))


def _on_verb(verb: Verb, number: int, random: Random, rows: Rows) -> Hook:
    time = random.choice(("before", "after"))
    binding = verb.binding and attrs.evolve(verb.binding, each=False)
    name = hook_name(MODULE, time, "perform", verb.name, number)
    return Hook(time, "perform", verb.name, (), _drawn(name, binding, seen_by_hook(time, verb), random, rows))


def _drawn(name: str, binding: Binding | None, inputs: tuple[object, ...], random: Random, rows: Rows) -> Verb:
    """A verb of a few drawn steps."""
    verb = Verb(name, "action", binding, inputs, (), (), False, False, None, "", Effects(), (), f"{MODULE}.act", 1)  # type: ignore[arg-type]
    return attrs.evolve(verb, steps=_steps_of(verb, random, rows).steps(1, 2))


def _steps_of(verb: Verb, random: Random, rows: Rows) -> Steps:
    """What draws steps that stand in a verb."""
    steps = Steps(random, rows, "action", verb.name)
    if verb.binding is not None:
        steps.locals[verb.binding.row] = (Row((verb.binding.table,)), False)
    for each in verb.inputs:
        steps.locals[each.name] = (each.type, each.optional)
    steps.outputs = verb.outputs
    return steps


def _overridden(plan: StepPlan, random: Random) -> list[Verb]:
    actions = [verb for verb in plan.verbs if verb.kind == "action"]
    return [random.choice(actions)] if random.random() < 0.4 else []


def _override(verb: Verb, random: Random, rows: Rows) -> Verb:
    """Other steps for a verb, most often with what it did before among them."""
    steps = _steps_of(verb, random, rows)
    body = steps.steps(1, 2)
    if random.random() < 0.7:
        row = None if verb.binding is None else local(verb.binding.row, Row((verb.binding.table,)))
        arguments = tuple((each.name, local(each.name, each.type)) for each in verb.inputs)
        place = s.Place(90, 1, 90, 10)
        body = (s.Perform(place, layer_name(verb.name, INHERITED), row, arguments, None), *body)
    if verb.outputs:
        body = (*body, steps.return_())
    return attrs.evolve(verb, name=layer_name(verb.name, MODULE), kind="override", steps=body, source=f"{MODULE}.act")
