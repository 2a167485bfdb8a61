"""Days as people write them."""

from __future__ import annotations

import datetime as dt
import re

PATTERNS = (
    re.compile(r"(?P<year>[0-9]{4})[-/.](?P<month>[0-9]{1,2})[-/.](?P<day>[0-9]{1,2})", re.ASCII),
    re.compile(r"(?P<day>[0-9]{1,2})\.(?P<month>[0-9]{1,2})\.(?P<year>[0-9]{4})", re.ASCII),
)
EITHER = re.compile(r"(?P<first>[0-9]{1,2})[/-](?P<second>[0-9]{1,2})[/-](?P<year>[0-9]{4})", re.ASCII)
"""The day first in Europe, the month first in America."""


def day_meant(text: str) -> dt.date | None:
    """The day that a text like `24.11.2026` or `2026/11/24` names; None when it names none, or might name two."""
    plain = "".join(text.split())
    for pattern in PATTERNS:
        found = pattern.fullmatch(plain)
        if found:
            return _day(int(found["year"]), int(found["month"]), int(found["day"]))
    found = EITHER.fullmatch(plain)
    if found is None:
        return None
    first, second, year = int(found["first"]), int(found["second"]), int(found["year"])
    days = {_day(year, first, second), _day(year, second, first)} - {None}
    return days.pop() if len(days) == 1 else None


def _day(year: int, month: int, day: int) -> dt.date | None:
    try:
        return dt.date(year, month, day)
    except ValueError:
        return None
