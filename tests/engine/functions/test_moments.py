"""Functions over moments and lengths of time, in several time zones."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from actionlang.diagnostics.catalogue import run as codes
from actionlang.diagnostics.diagnostic import Code
from actionlang.engine.failure import Failure
from tests.engine.functions.calling import NOW, call

BERLIN = ZoneInfo("Europe/Berlin")
AUCKLAND = ZoneInfo("Pacific/Auckland")


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # type: ignore[arg-type, misc]


def test_the_clock_of_the_run() -> None:
    assert call("now", "") == NOW
    assert call("today", "") == date(2026, 11, 24)
    assert call("today", "", zone=BERLIN) == date(2026, 11, 25)


@pytest.mark.parametrize(
    ("name", "result"),
    [("year", 2027), ("month", 1), ("day", 1), ("weekday", 5), ("hour", 0), ("minute", 30), ("second", 15)],
)
def test_parts_of_a_moment_are_those_of_the_runs_zone(name: str, result: int) -> None:
    assert call(name, "datetime", utc(2026, 12, 31, 23, 30, 15, 9), zone=BERLIN) == result


@pytest.mark.parametrize(
    ("name", "overload", "arguments", "result"),
    [
        ("date_of", "datetime", (utc(2026, 11, 24, 23, 30),), date(2026, 11, 25)),
        ("date_in_zone", "datetime,text", (utc(2026, 11, 24, 11), "Pacific/Auckland"), date(2026, 11, 25)),
        ("datetime_at", "date,integer,integer", (date(2026, 7, 1), 9, 30), utc(2026, 7, 1, 7, 30)),
        # Clocks skip 02:00 to 03:00: 02:30 is half an hour after three.
        ("datetime_at", "date,integer,integer", (date(2026, 3, 29), 2, 30), utc(2026, 3, 29, 1, 30)),
        # 02:30 comes twice: the first is meant.
        ("datetime_at", "date,integer,integer", (date(2026, 10, 25), 2, 30), utc(2026, 10, 25, 0, 30)),
        (
            "datetime_at",
            "date,integer,integer,text",
            (date(2026, 7, 1), 0, 0, "Pacific/Auckland"),
            utc(2026, 6, 30, 12),
        ),
        ("start_of_day", "date", (date(2026, 11, 24),), utc(2026, 11, 23, 23)),
        ("start_of_day", "datetime", (utc(2026, 11, 24, 23, 30),), utc(2026, 11, 24, 23)),
        ("weeks", "decimal", (Decimal("1.5"),), timedelta(days=10, hours=12)),
        ("days", "decimal", (Decimal(-2),), timedelta(days=-2)),
        ("hours", "decimal", (Decimal("0.5"),), timedelta(minutes=30)),
        ("minutes", "decimal", (Decimal(90),), timedelta(minutes=90)),
        ("seconds", "decimal", (Decimal("0.0000005"),), timedelta(0)),
        ("seconds", "decimal", (Decimal("0.0000015"),), timedelta(microseconds=2)),
        ("to_days", "duration", (timedelta(hours=8),), Decimal("0.333333333333")),
        ("to_hours", "duration", (timedelta(minutes=90),), Decimal("1.5")),
        ("to_minutes", "duration", (timedelta(seconds=-30),), Decimal("-0.5")),
        ("to_seconds", "duration", (timedelta(microseconds=2**63 - 1),), Decimal("9223372036854.775807")),
        ("absolute", "duration", (timedelta(days=-2),), timedelta(days=2)),
    ],
)
def test_moments(name: str, overload: str, arguments: tuple[Any, ...], result: object) -> None:
    assert call(name, overload, *arguments, zone=BERLIN) == result


@pytest.mark.parametrize(
    ("name", "overload", "arguments", "code"),
    [
        ("date_in_zone", "datetime,text", (NOW, "Europe/Nowhere"), codes.NO_ANSWER),
        ("date_in_zone", "datetime,text", (NOW, "../etc/passwd"), codes.NO_ANSWER),
        ("date_in_zone", "datetime,text", (NOW, ""), codes.NO_ANSWER),
        ("date_in_zone", "datetime,text", (NOW, "Europe"), codes.NO_ANSWER),
        ("datetime_at", "date,integer,integer", (date(2026, 1, 1), 24, 0), codes.NO_ANSWER),
        ("datetime_at", "date,integer,integer", (date(2026, 1, 1), 0, 60), codes.NO_ANSWER),
        ("datetime_at", "date,integer,integer", (date.min, 0, 0), codes.TIME_OUT_OF_RANGE),
        ("date_of", "datetime", (datetime.max.replace(tzinfo=UTC),), codes.TIME_OUT_OF_RANGE),
        ("days", "decimal", (Decimal(10) ** 9,), codes.TIME_OUT_OF_RANGE),
        ("weeks", "decimal", (Decimal(10) ** 37,), codes.TIME_OUT_OF_RANGE),
        ("absolute", "duration", (timedelta(microseconds=-(2**63)),), codes.TIME_OUT_OF_RANGE),
    ],
)
def test_moments_without_an_answer(name: str, overload: str, arguments: tuple[Any, ...], code: Code) -> None:
    with pytest.raises(Failure) as caught:
        call(name, overload, *arguments, zone=AUCKLAND)
    assert caught.value.code is code
