"""Both sides of the benchmark of calls write the same, so that their times can be compared."""

from __future__ import annotations

from benchmarks.calls import escalate_plan, measure


def test_both_sides_write_the_same() -> None:
    measured = measure(escalate_plan(), "off", rounds=2, calls=5)
    assert measured.by_hand > 0
    assert measured.verb > 0
