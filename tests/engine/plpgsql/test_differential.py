"""A function means what its plan means: whatever the plan, the session's function and the script's give what the interpreter gives,
and leave the same rows and records."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings

from actionlang.engine.relational.refused import NotRelational
from actionlang.plan.plan import StepPlan
from actionlang.runtime.plans import Plan
from tests.engine.plpgsql.running import Desk, open_desk, without_new_ids
from tests.plan.samples import ESCALATE_PLAN
from tests.strategies.plans import plans

PLANS = 60


@pytest.fixture(scope="module")
def desk() -> Iterator[Desk]:
    with open_desk() as opened:
        yield opened


def test_any_plan_means_the_same(desk: Desk) -> None:
    seen: Counter[str] = Counter()

    @seed(20261126)
    @given(plans())
    @settings(
        max_examples=PLANS,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    def compare(steps: StepPlan) -> None:
        if steps.verb.kind != "test":
            seen[_compare(steps, desk)] += 1

    compare()
    assert seen["done"] > PLANS / 5, seen
    assert seen["failed"] > PLANS / 10, seen
    assert seen["no form"] < PLANS / 10, seen


def _compare(steps: StepPlan, desk: Desk) -> str:
    """See that a plan does the same three times; tells what it did."""
    plan = Plan.of(steps)
    wanted = desk.by_plan(plan, "interpreter")
    on_server = desk.by_plan(plan, "server")
    try:
        by_script = desk.by_script(plan)
    except NotRelational:
        assert (on_server.outcome, on_server.told) == (wanted.outcome, wanted.told)
        return "no form"
    found = (on_server.outcome, on_server.told, on_server.stored, on_server.changes)
    assert found == (wanted.outcome, wanted.told, wanted.stored, wanted.changes)
    assert on_server.whole or on_server.outcome != "done"
    assert without_new_ids(by_script) == without_new_ids(wanted)
    return "done" if wanted.outcome == "done" else "failed"


def test_the_sample_means_the_same(desk: Desk) -> None:
    assert _compare(ESCALATE_PLAN, desk) == "failed"
