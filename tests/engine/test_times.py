"""Days, moments and lengths of time."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actionlang.diagnostics.catalogue import run as codes
from actionlang.diagnostics.diagnostic import Code
from actionlang.engine import times
from actionlang.engine.failure import Failure

durations = st.integers(-(2**63), 2**63 - 1).map(lambda count: timedelta(microseconds=count))
factors = st.decimals(-1000, 1000, places=6, allow_nan=False)


def fails(code: Code, operation: Callable[[], object]) -> None:
    with pytest.raises(Failure) as caught:
        operation()
    assert caught.value.code is code


@given(durations)
def test_a_duration_is_written_and_read_back(value: timedelta) -> None:
    assert times.parse_duration(times.iso_duration(value)) == value


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (timedelta(0), "PT0S"),
        (timedelta(days=2), "P2D"),
        (timedelta(minutes=90), "PT1H30M"),
        (timedelta(days=-2, hours=-3), "-P2DT3H"),
        (timedelta(seconds=1, microseconds=500), "PT1.0005S"),
        (timedelta(microseconds=1), "PT0.000001S"),
        (timedelta(days=1, seconds=10), "P1DT10S"),
    ],
)
def test_durations_in_iso_8601(value: timedelta, text: str) -> None:
    assert times.iso_duration(value) == text


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("90 minutes", timedelta(minutes=90)),
        ("1 week", timedelta(weeks=1)),
        ("-3 days", timedelta(days=-3)),
        ("P1W", timedelta(weeks=1)),
        ("P1DT2H", timedelta(days=1, hours=2)),
        ("-PT0.5S", timedelta(milliseconds=-500)),
    ],
)
def test_durations_are_read(text: str, value: timedelta) -> None:
    assert times.parse_duration(text) == value


@pytest.mark.parametrize("text", ["", "P", "PT", "P1M", "1 month", "2", "90  minutes", "P1DT", "999999999999 weeks"])
def test_what_is_no_duration(text: str) -> None:
    with pytest.raises(ValueError, match="^"):
        times.parse_duration(text)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("2026-11-24T09:30:00Z", datetime(2026, 11, 24, 9, 30, tzinfo=UTC)),
        ("2026-11-24T09:30Z", datetime(2026, 11, 24, 9, 30, tzinfo=UTC)),
        ("2026-11-24T10:30:00.25+01:00", datetime(2026, 11, 24, 9, 30, 0, 250000, tzinfo=UTC)),
        ("2026-11-24T04:00:00-05:30", datetime(2026, 11, 24, 9, 30, tzinfo=UTC)),
    ],
)
def test_moments_are_read(text: str, value: datetime) -> None:
    assert times.parse_datetime(text) == value


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-24T09:30:00",
        "2026-11-24 09:30:00Z",
        "2026-11-31T09:30:00Z",
        "2026-11-24T24:00:00Z",
        "2026-11-24T09:30:00.1234567Z",
        "2026-11-24T09:30:00+24:00",
        "0001-01-01T00:00:00+01:00",
        "٢٠٢٦-11-24T09:30:00Z",
    ],
)
def test_what_is_no_moment(text: str) -> None:
    with pytest.raises(ValueError, match="^"):
        times.parse_datetime(text)


@pytest.mark.parametrize("text", ["20261124", "2026-W48-2", "2026-1-1", "2026-02-30", "0000-01-01"])
def test_what_is_no_day(text: str) -> None:
    with pytest.raises(ValueError, match="^"):
        times.parse_date(text)


def test_a_moment_shows_a_fraction_only_where_there_is_one() -> None:
    assert times.iso_datetime(datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)) == "2026-01-02T03:04:05Z"
    assert times.iso_datetime(datetime(2026, 1, 2, 3, 4, 5, 600, tzinfo=UTC)) == "2026-01-02T03:04:05.000600Z"


@given(durations, durations)
def test_durations_add_up_or_fail(left: timedelta, right: timedelta) -> None:
    for operation, exact in ((times.add_durations, left + right), (times.subtract_durations, left - right)):
        if times.SHORTEST <= exact <= times.LONGEST:
            assert operation(left, right) == exact
        else:
            fails(codes.TIME_OUT_OF_RANGE, lambda operation=operation: operation(left, right))


@given(st.integers(-(10**15), 10**15), factors)
def test_multiples_and_parts_are_rounded_half_even_to_the_microsecond(count: int, factor: Decimal) -> None:
    value = timedelta(microseconds=count)
    assert times.multiply_duration(value, factor) == timedelta(microseconds=round(count * Fraction(factor)))
    if factor:
        part = round(count / Fraction(factor))
        if abs(part) < 2**63:
            assert times.divide_duration(value, factor) == timedelta(microseconds=part)


def test_the_edges_of_arithmetic() -> None:
    fails(codes.DIVISION_BY_ZERO, lambda: times.divide_duration(timedelta(1), Decimal(0)))
    fails(codes.DIVISION_BY_ZERO, lambda: times.divide_durations(timedelta(1), timedelta(0)))
    fails(codes.TIME_OUT_OF_RANGE, lambda: times.negate_duration(times.SHORTEST))
    fails(codes.TIME_OUT_OF_RANGE, lambda: times.multiply_duration(times.LONGEST, 2))
    assert times.divide_durations(timedelta(hours=1), timedelta(minutes=90)) == Decimal("0.666666666667")
    assert times.negate_duration(timedelta(days=1)) == timedelta(days=-1)


def test_days_take_whole_days_only() -> None:
    day = date(2026, 2, 28)
    assert times.add_to_date(day, timedelta(days=1)) == date(2026, 3, 1)
    assert times.subtract_from_date(day, timedelta(weeks=4)) == date(2026, 1, 31)
    fails(codes.PART_OF_A_DAY, lambda: times.add_to_date(day, timedelta(hours=36)))
    fails(codes.PART_OF_A_DAY, lambda: times.subtract_from_date(day, timedelta(microseconds=1)))
    fails(codes.TIME_OUT_OF_RANGE, lambda: times.add_to_date(date.max, timedelta(days=1)))
    fails(codes.TIME_OUT_OF_RANGE, lambda: times.subtract_from_date(date.min, timedelta(days=1)))


def test_moments_end_with_the_calendar() -> None:
    last = datetime.max.replace(tzinfo=UTC)
    first = datetime.min.replace(tzinfo=UTC)
    assert times.add_to_moment(first, timedelta(hours=36)) == datetime(1, 1, 2, 12, tzinfo=UTC)
    fails(codes.TIME_OUT_OF_RANGE, lambda: times.add_to_moment(last, times.MICROSECOND))
    fails(codes.TIME_OUT_OF_RANGE, lambda: times.subtract_from_moment(first, times.MICROSECOND))
    assert times.between(last, first) == last - first
