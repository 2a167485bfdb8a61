"""Functions over days, with day-by-day counting as the judge."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actionlang.diagnostics.catalogue import run as codes
from actionlang.diagnostics.diagnostic import Code
from actionlang.engine.failure import Failure
from tests.engine.functions.calling import call

days = st.dates(date(1990, 1, 1), date(2060, 12, 31))
DAY = timedelta(days=1)


@pytest.mark.parametrize(
    ("name", "overload", "arguments", "result"),
    [
        ("year", "date", (date(2026, 11, 24),), 2026),
        ("month", "date", (date(2026, 11, 24),), 11),
        ("day", "date", (date(2026, 11, 24),), 24),
        ("weekday", "date", (date(2026, 11, 24),), 2),
        ("quarter", "date", (date(2026, 3, 31),), 1),
        ("quarter", "date", (date(2026, 10, 1),), 4),
        ("week_number", "date", (date(2027, 1, 1),), 53),
        ("week_year", "date", (date(2027, 1, 1),), 2026),
        ("make_date", "integer,integer,integer", (2028, 2, 29), date(2028, 2, 29)),
        ("add_months", "date,integer", (date(2026, 1, 31), 1), date(2026, 2, 28)),
        ("add_months", "date,integer", (date(2026, 1, 31), -2), date(2025, 11, 30)),
        ("add_years", "date,integer", (date(2028, 2, 29), 1), date(2029, 2, 28)),
        ("start_of_month", "date", (date(2026, 11, 24),), date(2026, 11, 1)),
        ("end_of_month", "date", (date(2028, 2, 1),), date(2028, 2, 29)),
        ("start_of_week", "date", (date(2026, 11, 24),), date(2026, 11, 23)),
        ("start_of_week", "date", (date.min,), date.min),
        ("days_between", "date,date", (date(2026, 1, 1), date(2025, 12, 30)), -2),
        ("months_between", "date,date", (date(2026, 1, 31), date(2026, 2, 28)), 1),
        ("months_between", "date,date", (date(2026, 2, 28), date(2026, 1, 31)), -1),
        ("years_between", "date,date", (date(2000, 2, 29), date(2001, 2, 28)), 1),
        ("years_between", "date,date", (date(2001, 2, 27), date(2000, 2, 28)), 0),
        ("workdays_between", "date,date", (date(2026, 11, 27), date(2026, 11, 30)), 1),
        ("add_workdays", "date,integer", (date(2026, 11, 27), 1), date(2026, 11, 30)),
        ("add_workdays", "date,integer", (date(2026, 11, 28), 0), date(2026, 11, 28)),
        ("add_workdays", "date,integer", (date(2026, 11, 28), -1), date(2026, 11, 27)),
        ("minimum", "date,date", (date(2026, 1, 1), date(2025, 1, 1)), date(2025, 1, 1)),
    ],
)
def test_dates(name: str, overload: str, arguments: tuple[Any, ...], result: object) -> None:
    assert call(name, overload, *arguments) == result


@pytest.mark.parametrize(
    ("name", "overload", "arguments", "code"),
    [
        ("make_date", "integer,integer,integer", (2026, 4, 31), codes.NO_ANSWER),
        ("make_date", "integer,integer,integer", (2**62, 1, 1), codes.NO_ANSWER),
        ("add_months", "date,integer", (date.max, 1), codes.TIME_OUT_OF_RANGE),
        ("add_years", "date,integer", (date.min, -(2**62)), codes.TIME_OUT_OF_RANGE),
        ("add_workdays", "date,integer", (date.max, 1), codes.TIME_OUT_OF_RANGE),
        ("add_workdays", "date,integer", (date.min, -(2**62)), codes.TIME_OUT_OF_RANGE),
    ],
)
def test_dates_without_an_answer(name: str, overload: str, arguments: tuple[Any, ...], code: Code) -> None:
    with pytest.raises(Failure) as caught:
        call(name, overload, *arguments)
    assert caught.value.code is code


def workdays(first: date, last: date) -> int:
    """Counted one by one: after `first`, up to and including `last`."""
    return sum((first + DAY * number).weekday() < 5 for number in range(1, (last - first).days + 1))


@given(days, st.integers(0, 60))
def test_workdays_are_counted(first: date, distance: int) -> None:
    last = first + DAY * distance
    assert call("workdays_between", "date,date", first, last) == workdays(first, last)
    assert call("workdays_between", "date,date", last, first) == -workdays(first - DAY, last - DAY)


@given(days, st.integers(-60, 60).filter(bool))
def test_adding_workdays_goes_from_one_to_the_next(first: date, count: int) -> None:
    step = DAY if count > 0 else -DAY
    expected, left = first, abs(count)
    while left:
        expected += step
        left -= expected.weekday() < 5
    assert call("add_workdays", "date,integer", first, count) == expected


@given(days, days)
def test_months_between_is_the_largest_number_that_does_not_go_beyond(one: date, other: date) -> None:
    first, last = sorted((one, other))
    count = call("months_between", "date,date", first, last)
    assert call("add_months", "date,integer", first, count) <= last
    assert call("add_months", "date,integer", first, count + 1) > last
    years = call("years_between", "date,date", first, last)
    assert call("add_years", "date,integer", first, years) <= last
    assert call("add_years", "date,integer", first, years + 1) > last
