"""The benchmark of sets measures what it says: both sides write the same rows and records."""

from __future__ import annotations

import pytest

from benchmarks.calls import escalate_plan
from benchmarks.sets import measure


@pytest.mark.parametrize("database", ["SQLite", "PostgreSQL"])
def test_both_sides_write_the_same(database: str) -> None:
    found = measure(escalate_plan(), database, 50, 1)
    assert found.by_hand > 0
    assert found.verb > 0
