"""Expressions as Python functions mean what their closures mean."""

from __future__ import annotations

from datetime import tzinfo
from typing import Any
from zoneinfo import ZoneInfo

import attrs
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from actionlang.engine.failure import Failure
from actionlang.engine.ids import CountedIds
from actionlang.engine.interpreter.bind import RULES, bind
from actionlang.engine.interpreter.inlined import DEEPEST
from actionlang.engine.interpreter.scope import Rules
from actionlang.engine.interpreter.warming import HOT, OFTEN, WarmingPlan
from actionlang.engine.memory import MemoryStore
from actionlang.engine.store import RowRef
from actionlang.engine.unit import Unit
from actionlang.metadata import types as t
from actionlang.plan import expressions as e
from actionlang.plan import steps as s
from actionlang.plan.plan import StepPlan
from tests.plan.running import CASE, NOW, ROWS, USER, argument
from tests.plan.samples import BY_NAME, CHOICES, ESCALATE_PLAN, TABLES
from tests.strategies.plans import plans

SLOW = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]


def filled() -> MemoryStore:
    store = MemoryStore(TABLES, CHOICES)
    for table, key, values in ROWS:
        store.prepare_insert(BY_NAME[table], tuple(values))(key, tuple(values.values()))
    return store


def outcome(plan: StepPlan, rules: Rules, zone: tzinfo) -> tuple[Any, ...]:
    unit = Unit(NOW, zone, caller=RowRef("core.user", USER), new_id=CountedIds(NOW))
    on = RowRef(plan.verb.binding.table, CASE) if plan.verb.binding else None
    arguments = {each.name: argument(each) for each in plan.verb.inputs}
    try:
        return bind(plan, filled(), rules=rules).run(unit, arguments, on), unit.changes
    except Failure as failure:
        return failure.code, failure.message, failure.hint, failure.site, failure.row, failure.column, unit.changes


@given(plans(), st.sampled_from([ZoneInfo("America/St_Johns"), ZoneInfo("Pacific/Apia")]))
@settings(max_examples=150, deadline=None, suppress_health_check=SLOW)
def test_a_function_gives_what_the_closures_give(plan: StepPlan, zone: tzinfo) -> None:
    assert outcome(plan, HOT, zone) == outcome(plan, RULES, zone)


def test_a_plan_that_runs_often_is_bound_once_more() -> None:
    plan = WarmingPlan.bind(ESCALATE_PLAN, filled())
    arguments = {each.name: argument(each) for each in plan.verb.inputs}
    said = set()
    for _ in range(OFTEN + 1):
        with pytest.raises(Failure) as caught:
            plan.run(
                Unit(NOW, caller=RowRef("core.user", USER), new_id=CountedIds(NOW)),
                arguments,
                RowRef("helpdesk.case", CASE),
            )
        said.add(str(caught.value))
    assert len(said) == 1


def test_an_expression_deeper_than_a_function_takes() -> None:
    condition: e.Expression = e.Compare(
        t.Boolean(), False, "=", e.Literal(t.Integer(), False, 1), e.Literal(t.Integer(), False, 1)
    )
    for _ in range(4 * DEEPEST):
        condition = e.Not(t.Boolean(), False, condition)
    step = s.Require(s.Place(1, 1, 1, 2), condition, None, "never")
    verb = attrs.evolve(
        ESCALATE_PLAN.verb, steps=(step, attrs.evolve(step, condition=e.Not(t.Boolean(), False, condition)))
    )
    plan = attrs.evolve(
        ESCALATE_PLAN, verbs=tuple(verb if each.name == verb.name else each for each in ESCALATE_PLAN.verbs)
    )
    code, message, *_ = outcome(plan, HOT, ZoneInfo("UTC"))
    assert (code.id, message) == ("E0701", "never")
    assert outcome(plan, HOT, ZoneInfo("UTC")) == outcome(plan, RULES, ZoneInfo("UTC"))
