"""New ids."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

from actionlang.engine.ids import ClockIds, CountedIds


def test_ids_are_version_7_and_carry_the_time() -> None:
    made = UUID(ClockIds(lambda: 1_700_000_000_123)())
    assert made.version == 7
    assert made.variant == "specified in RFC 4122"
    assert made.int >> 80 == 1_700_000_000_123


def test_ids_rise_also_within_a_millisecond_and_when_the_clock_is_set_back() -> None:
    clock = iter([5, 5, 5, 4, 6] * 200)
    source = ClockIds(lambda: next(clock))
    made = [source() for _ in range(1000)]
    assert made == sorted(set(made))


def test_the_systems_clock_is_the_source() -> None:
    before = datetime.now(UTC).timestamp() * 1000
    assert abs((UUID(ClockIds()()).int >> 80) - before) < 60_000


def test_counted_ids_can_be_foretold() -> None:
    source = CountedIds(datetime(2026, 11, 24, 9, 30, tzinfo=UTC))
    assert [source(), source()] == [
        "01a20ce4-05c0-7000-8000-000000000001",
        "01a20ce4-05c0-7000-8000-000000000002",
    ]
