"""The loops over objects change and record what the verb does."""

import pytest

from actionlang.runtime.plans import Plan
from benchmarks.calls import escalate_plan
from benchmarks.object_loops import measure, short_plan


@pytest.mark.parametrize("plan", [short_plan(), escalate_plan()], ids=["short", "whole"])
@pytest.mark.parametrize("database", ["SQLite", "PostgreSQL"])
def test_loops_and_verb_change_the_same_rows(plan: Plan, database: str) -> None:
    each, many, verb = measure(plan, database, cases=100, looped=50, called=10)
    assert min(each, many, verb) > 0
