"""Whole programs over the shop's tables, drawn from a source of random numbers: a plan, the rows that it is run on, who calls it
and with what."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, tzinfo
from random import Random
from zoneinfo import ZoneInfo

import attrs

from actionlang.engine.store import RowRef
from actionlang.metadata import types as t
from actionlang.metadata.tables import Default
from actionlang.plan import expressions as e
from actionlang.plan.effects import effects_of
from actionlang.plan.plan import Binding, Effects, Parameter, StepPlan, Verb
from actionlang.plan.walk import mentions, type_choices, type_tables
from tests.strategies.expressions import (
    INTEGER,
    ORDERED,
    SCALARS,
    TEXT,
    literal,
    local,
    of,
    plain,
    row_type,
    table_of,
    unsized_kin,
)
from tests.strategies.rows import Rows
from tests.strategies.shop import schema, tables
from tests.strategies.steps import Steps
from tests.strategies.values import constant

CLOCKS = tuple(
    datetime.fromisoformat(text).replace(tzinfo=UTC)
    for text in ("2026-11-24T09:30:00", "2026-03-29T00:59:59.999999", "2024-02-29T23:30:00.000001")
)
ZONES: tuple[tzinfo, ...] = (UTC, ZoneInfo("America/St_Johns"), ZoneInfo("Pacific/Apia"))


@attrs.frozen
class Program:
    """A plan and its calls. `targets` are the rows a bound verb is run on; `where` chooses them, None for all there are."""

    plan: StepPlan
    targets: tuple[RowRef, ...]
    where: e.Expression | None
    caller: RowRef | None
    arguments: Mapping[str, object]
    clock: datetime
    zone: tzinfo


def _parameters(random: Random, most: int, word: str) -> list[Parameter]:
    found = []
    for number in range(random.randint(0, most)):
        type_: t.Type = random.choice(SCALARS)
        if word == "given" and random.random() < 0.12:
            type_ = t.ListOf(random.choice((TEXT, INTEGER, row_type("item"))))
        found.append(Parameter(f"{word}{number}", type_, sensitive=random.random() < 0.1))
    return found


def _verb(random: Random, rows: Rows, name: str, kind: str, performed: list[Verb]) -> Verb:
    """A verb that may perform or call others."""
    steps = Steps(random, rows, kind, name)
    steps.performed = [each for each in performed if each.kind == "action"]
    steps.functions = [each for each in performed if each.kind == "function"]
    on = random.choice(("item", "item", "item", "line", "account", "counter", "cell", "entry", "person"))
    binding = None
    if random.random() < (0.9 if name == "example.Outer" else 0.6):
        binding = Binding(tables()[on].name, on, each=name == "example.Outer" and random.random() < 0.7)
        steps.locals[on] = (row_type(on), False)
    inputs = []
    for drawn in _parameters(random, 2, "given"):
        each = drawn
        if random.random() < 0.3 and not isinstance(each.type, t.ListOf):
            each = attrs.evolve(each, default=Default(constant(each.type, random)))
        steps.locals[each.name] = (each.type, False)
        inputs.append(each)
    outputs = _parameters(random, 2, "out")
    if kind == "function":
        outputs = [Parameter("out", random.choice(ORDERED))]
    if kind == "action":
        outputs = [attrs.evolve(each, optional=random.random() < 0.4) for each in outputs]
        if random.random() < 0.2:
            outputs.append(Parameter("row", row_type(random.choice(("item", "line"))), optional=random.random() < 0.5))
    steps.outputs = tuple(outputs)
    body = (
        steps.steps(2 if name == "example.Outer" else 1, 4 if name == "example.Outer" else 2)
        if kind == "action"
        else ()
    )
    if kind == "function" and random.random() < 0.6:
        body = steps.steps(1, 1)
    if outputs:
        body = (*body, steps.return_())
    return Verb(
        name=name, kind=kind, binding=binding, inputs=tuple(inputs), outputs=tuple(outputs), requires=(), system=False,
        private=False, deprecated=None, doc="", effects=Effects(), steps=body, source=f"{name}.act", line=1,
    )  # fmt: skip


def plan_of(entry: Verb, others: list[Verb]) -> StepPlan:
    """The plan of a verb and of those it performs and calls, with effects worked out and the metadata that they need."""
    verbs: dict[str, Verb] = {}
    for each in (*others, entry):
        verbs[each.name] = attrs.evolve(each, effects=effects_of(each, verbs, schema().tables))
    return plan_with(entry.name, verbs)


def plan_with(entry: str, verbs: Mapping[str, Verb]) -> StepPlan:
    """The plan of a verb, with those of `verbs` that it performs and calls and the metadata that they need."""
    known = schema().tables
    wanted, pending = {entry}, [entry]
    while pending:
        more = mentions(verbs[pending.pop()]).verbs - wanted
        wanted |= more
        pending += more
    mentioned = [mentions(verbs[name]) for name in wanted]
    needed = {name for found in mentioned for name in found.tables}
    todo = list(needed)
    while todo:
        found_tables = {name for each in known[todo.pop()].columns for name in type_tables(each.type)} - needed
        needed |= found_tables
        todo += found_tables
    members = {name for found in mentioned for name in found.choices}
    members |= {name for table in needed for each in known[table].columns for name in type_choices(each.type)}
    return StepPlan(
        entry,
        tuple(verbs[name] for name in sorted(wanted)),
        tuple(known[name] for name in sorted(needed)),
        tuple(choice for name, choice in sorted(schema().choices.items()) if name in members),
    )


def a_program(random: Random, rows: Rows) -> Program:
    """A program. Its plan is most often, but not always, one that the verifier accepts."""
    others: list[Verb] = []
    for name in ("A", "B"):
        if random.random() < 0.4:
            kind = "action" if random.random() < 0.6 else "function"
            others.append(_verb(random, rows, f"example.{name}", kind, list(others)))
    entry = _verb(random, rows, "example.Outer", "action", others)
    plan = plan_of(entry, others)
    targets: tuple[RowRef, ...] = ()
    where: e.Expression | None = None
    if entry.binding is not None:
        there = [each.row for each in rows[entry.binding.table]]
        random.shuffle(there)
        chosen = there[: random.randint(1, 5)]
        targets = tuple(chosen)
        where = _one_of(chosen, entry.binding)
    users = [each.row for each in rows["core.user"]]
    return Program(
        plan,
        targets,
        where,
        random.choice(users) if users and random.random() < 0.7 else None,
        {
            each.name: _argument(each.type, rows, random)
            for each in entry.inputs
            if each.default is None or random.random() < 0.5
        },
        random.choice(CLOCKS),
        random.choice(ZONES),
    )


def _argument(type_: t.Type, rows: Rows, random: Random) -> object:
    """What a verb is called with."""
    if not isinstance(type_, t.ListOf):
        return constant(type_, random)
    number = random.randint(0, 3)
    if isinstance(type_.item, t.Row):
        there = [each.row for each in rows[type_.item.tables[0]]]
        return tuple(random.choice(there) for _ in range(number)) if there else ()
    return tuple(constant(type_.item, random) for _ in range(number))


def _one_of(chosen: list[RowRef], binding: Binding) -> e.Expression:
    """The condition that a row is one of these."""
    type_ = t.Row((binding.table,))
    table = table_of(type_)
    columns = table.primary
    ways = []
    for row in chosen:
        parts = row.key if len(columns) > 1 else (row.key,)
        assert isinstance(parts, tuple)
        same = [
            e.Compare(
                t.Boolean(),
                False,
                "=",
                plain(of(local(binding.row, type_), column)),
                literal(unsized_kin(column.type), part),
            )
            for column, part in zip(columns, parts, strict=True)
        ]
        ways.append(same[0] if len(same) == 1 else e.And(t.Boolean(), False, tuple(same)))
    return ways[0] if len(ways) == 1 else e.Or(t.Boolean(), False, tuple(ways))
