"""One meaning, wherever rows live: any plan gives the same on a store in memory, on SQLite and on PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from actionlang.engine.changes import Change
from actionlang.engine.failure import Failure
from actionlang.engine.ids import CountedIds
from actionlang.engine.interpreter.bind import bind
from actionlang.engine.store import RowRef, Store
from actionlang.engine.unit import Unit
from actionlang.plan.plan import StepPlan
from tests.engine.stores import STORES
from tests.plan.running import CASE, NOW, ROWS, USER, argument
from tests.plan.samples import BY_NAME, CHOICES, ESCALATE_PLAN, TABLES
from tests.strategies.plans import plans

Seen = tuple[Any, list[Change], dict[str, list[Any]]]


def fill(store: Store) -> None:
    for table, key, values in ROWS:
        store.prepare_insert(BY_NAME[table], tuple(values))(key, tuple(values.values()))


def everything(store: Store) -> dict[str, list[Any]]:
    """All rows of all tables."""
    found: dict[str, list[Any]] = {}
    for table in TABLES:
        names = tuple(column.name for column in table.columns if not column.primary)
        found[table.name] = [(row.key, list(row.values)) for row in store.prepare_scan(table, names, ())(())]
    return found


def told(failure: Failure) -> tuple[object, ...]:
    """All that a failure says."""
    return failure.code, failure.message, failure.hint, failure.site, failure.row, failure.row_name, failure.column


def outcome(plan: StepPlan, store: Store, zone: tzinfo) -> Seen:
    """What a run gives or how it fails, what it changed, and what is stored then."""
    fill(store)
    bound = bind(plan, store)
    unit = Unit(NOW, zone, caller=RowRef("core.user", USER), new_id=CountedIds(NOW))
    arguments = {each.name: argument(each) for each in plan.verb.inputs}
    on = RowRef(plan.verb.binding.table, CASE) if plan.verb.binding else None
    mark = store.savepoint()
    given_back: object
    try:
        given_back = bound.run(unit, arguments, on)
    except Failure as failure:
        given_back = told(failure)
        written = everything(store)
        store.undo(mark)
        return (
            given_back,
            unit.changes,
            {**written, **{f"{name}, undone": rows for name, rows in everything(store).items()}},
        )
    store.keep(mark)
    return given_back, unit.changes, everything(store)


def everywhere(plan: StepPlan, zone: tzinfo) -> Iterator[Seen]:
    for opened in STORES.values():
        with opened(TABLES, CHOICES) as store:
            yield outcome(plan, store, zone)


ZONES = st.sampled_from([UTC, ZoneInfo("America/St_Johns"), ZoneInfo("Pacific/Apia")])
SLOW = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]


@given(plans(), ZONES)
@settings(max_examples=120, deadline=None, suppress_health_check=SLOW)
def test_any_plan_means_the_same(plan: StepPlan, zone: tzinfo) -> None:
    in_memory, *on_databases = everywhere(plan, zone)
    for seen in on_databases:
        assert seen == in_memory


@pytest.mark.parametrize("zone", [UTC, ZoneInfo("Asia/Tokyo")], ids=str)
def test_the_sample_means_the_same(zone: tzinfo) -> None:
    in_memory, *on_databases = everywhere(ESCALATE_PLAN, zone)
    assert all(seen == in_memory for seen in on_databases)
    assert in_memory[0][1] == "There is no team with name Tier 3."
