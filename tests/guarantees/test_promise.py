"""The promise, property by property, each held against the naive reference:

*A checked verb cannot fail on a type; a failed verb leaves no trace but its audit record; a retried verb acts once; a dry run
gives the same answer as the run, given the same database, clock and ids.*
"""

from __future__ import annotations

from datetime import UTC, tzinfo
from zoneinfo import ZoneInfo

from hypothesis import assume, given, seed, settings
from hypothesis import strategies as st

from actionlang.plan.plan import StepPlan
from tests.guarantees.homes import SLOW, Home, InMemory, OnDatabase, expected, told
from tests.guarantees.reference import without_messages
from tests.strategies.plans import plans

PLANS = plans().map(without_messages)
ZONES = st.sampled_from([UTC, ZoneInfo("America/St_Johns"), ZoneInfo("Pacific/Apia")])
FAILING = PLANS.filter(lambda plan: expected(plan, UTC).code is not None)
"""Plans that fail, by what the reference says."""

promised = settings(max_examples=40, deadline=None, suppress_health_check=SLOW, database=None)


def see_that_it_answers(home: Home, plan: StepPlan, zone: tzinfo) -> None:
    """Run a plan and hold what it came to against the reference: outputs or code, and every row."""
    home.begin()
    wanted = expected(plan, zone)
    seen = home.run(plan, zone)
    assert (seen.outputs, seen.code) == (wanted.outputs, wanted.code)
    assert home.rows() == told(wanted.rows)


@seed(1)
@given(plan=PLANS, zone=ZONES)
@settings(promised, max_examples=250)
def test_a_checked_verb_cannot_fail_on_a_type_in_memory(memory_home: InMemory, plan: StepPlan, zone: tzinfo) -> None:
    see_that_it_answers(memory_home, plan, zone)


@seed(2)
@given(plan=PLANS, zone=ZONES)
@promised
def test_a_checked_verb_cannot_fail_on_a_type(database_home: OnDatabase, plan: StepPlan, zone: tzinfo) -> None:
    see_that_it_answers(database_home, plan, zone)


@seed(3)
@given(plan=FAILING)
@promised
def test_a_failed_verb_leaves_no_trace_but_its_audit_record(database_home: OnDatabase, plan: StepPlan) -> None:
    database_home.begin()
    before = database_home.trace()
    seen = database_home.run(plan, UTC, key="a key that stays free")
    assert seen.code == expected(plan, UTC).code
    assert database_home.trace() == before
    assert database_home.outcomes() == [("failed", seen.code)]


@seed(4)
@given(plan=FAILING)
@promised
def test_a_failed_verb_leaves_no_trace_in_memory(memory_home: InMemory, plan: StepPlan) -> None:
    memory_home.begin()
    before = memory_home.trace()
    assert memory_home.run(plan, UTC).code is not None
    assert memory_home.trace() == before


@seed(5)
@given(plan=PLANS, times=st.integers(2, 4))
@promised
def test_a_retried_verb_acts_once(database_home: OnDatabase, plan: StepPlan, times: int) -> None:
    home = database_home
    home.begin()
    wanted = expected(plan, UTC)
    assume(wanted.code is None)
    first, *again = [home.run(plan, UTC, key="once") for _ in range(times)]
    assert (first.outputs, first.replayed) == (wanted.outputs, False)
    assert {(each.run, each.code, each.replayed, each.changes) for each in again} == {(first.run, None, True, ())}
    assert all(each.outputs == wanted.outputs for each in again)
    assert home.rows() == told(wanted.rows)
    assert home.outcomes() == [("done", None)]


@seed(6)
@given(plan=PLANS, zone=ZONES, key=st.none() | st.just("dry"))
@promised
def test_a_dry_run_gives_the_answer_of_the_run(
    database_home: OnDatabase, plan: StepPlan, zone: tzinfo, key: str | None
) -> None:
    home = database_home
    home.begin()
    before = home.trace()
    tried = home.run(plan, zone, dry_run=True, key=key)
    assert (home.trace(), home.outcomes()) == (before, [])
    done = home.run(plan, zone, key=key)
    assert (tried.outputs, tried.code, tried.changes) == (done.outputs, done.code, done.changes)
    assert done.outputs == expected(plan, zone).outputs
