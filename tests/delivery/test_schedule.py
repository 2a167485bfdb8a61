"""When what failed is tried again."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actionlang.delivery.schedule import LONGEST_ASKED_FOR, USUAL, Schedule

SCHEDULES = st.builds(
    Schedule,
    attempts=st.integers(1, 40),
    first=st.timedeltas(timedelta(milliseconds=1), timedelta(hours=1)),
    factor=st.floats(1, 1e6),
    longest=st.timedeltas(timedelta(seconds=1), timedelta(days=7)),
    jitter=st.floats(0, 1),
)


def test_the_usual_one_goes_over_three_days() -> None:
    pauses = [USUAL.pause(failed, 0.0) for failed in range(1, 10)]
    assert [None if each is None else each.total_seconds() for each in pauses] == [
        5,
        30,
        180,
        1080,
        6480,
        38880,
        86400,
        86400,
        None,
    ]


@given(SCHEDULES, st.floats(0, 1), st.none() | st.timedeltas(timedelta(0), timedelta(days=400)))
def test_pauses_grow_end_and_stay_in_their_bounds(
    schedule: Schedule, chance: float, asked_for: timedelta | None
) -> None:
    pauses = []
    failed = 1
    while (pause := schedule.pause(failed, chance, asked_for)) is not None:
        pauses.append(pause)
        failed += 1
    assert failed == schedule.attempts
    assert all(before <= after for before, after in pairwise(pauses))
    for pause in pauses:
        assert timedelta(0) <= pause <= max(schedule.longest, LONGEST_ASKED_FOR)
        assert asked_for is None or pause >= min(asked_for, LONGEST_ASKED_FOR)


@given(SCHEDULES, st.floats(0, 1))
def test_chance_takes_away_at_most_its_part(schedule: Schedule, chance: float) -> None:
    whole, some = schedule.pause(1, 0.0), schedule.pause(1, chance)
    if whole is not None and some is not None:
        assert whole * (1 - schedule.jitter) - timedelta(microseconds=1) <= some <= whole


@pytest.mark.parametrize("wrong", [{"attempts": 0}, {"factor": 0.5}, {"jitter": 2}, {"first": timedelta(0)}])
def test_schedules_that_make_no_sense(wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=next(iter(wrong))):
        Schedule(**wrong)  # type: ignore[arg-type]
