"""New ids."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

from actionlang.engine.ids import ClockIds, CountedIds, IdBlock, random_block, run_ids


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


def test_a_block_is_arithmetic() -> None:
    block = IdBlock("01a20ce4-05c0-7abc-9def", 0x10, 0x100)
    assert [block.id(0), block.id(1), block.id(2**24)] == [
        "01a20ce4-05c0-7abc-9def-000000000010",
        "01a20ce4-05c0-7abc-9def-000000000110",
        "01a20ce4-05c0-7abc-9def-000100000010",
    ]


def test_ids_of_a_block_are_taken_one_by_one_or_many_at_once() -> None:
    ids = run_ids()
    first = ids()
    number = ids.take(1000)
    assert (number, ids.taken) == (1, 1001)
    made = [first, *(ids.block.id(number + each) for each in range(1000)), ids()]
    assert made == sorted(set(made))
    assert made[0] == ids.block.id(0)
    assert made[-1] == ids.block.id(1001)


def test_blocks_are_version_7_of_the_moment_and_none_is_like_another() -> None:
    blocks = [random_block(lambda: 1_700_000_000_123) for _ in range(200)]
    for block in blocks:
        made = UUID(block.id(10**6))
        assert (made.version, made.variant) == (7, "specified in RFC 4122")
        assert made.int >> 80 == 1_700_000_000_123
        assert 0 <= block.base < 2**47
        assert 1 <= block.stride <= 2**16
    assert len({block.prefix for block in blocks}) > 190
    assert len({block.base for block in blocks}) == 200
    assert len({block.stride for block in blocks}) > 150
