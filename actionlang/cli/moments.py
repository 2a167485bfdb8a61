"""Moments as they are typed: `2h` ago, a day, a moment with its offset."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from typing import NoReturn
from zoneinfo import ZoneInfo

from actionlang.diagnostics.catalogue.project import WRONG_ARGUMENT
from actionlang.diagnostics.diagnostic import ActionLangError, Diagnostic
from actionlang.engine.times import parse_datetime

UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
AGO = re.compile(r"([0-9]{1,6}) ?([smhdw])")


def read_moment(text: str, option: str, zone: ZoneInfo) -> datetime:
    """The moment that an option's text stands for, in UTC; a day begins in the project's time zone.

    Raises ActionLangError when it is none.
    """
    ago = AGO.fullmatch(text.strip())
    try:
        if ago is not None:
            return datetime.now(UTC) - timedelta(**{UNITS[ago[2]]: int(ago[1])})
        if len(text.strip()) == len("2026-11-24"):
            day = date.fromisoformat(text.strip())
            return datetime(day.year, day.month, day.day, tzinfo=zone).astimezone(UTC)
        return parse_datetime(text)
    except (ValueError, OverflowError):
        _refuse(text, option)


def _refuse(text: str, option: str) -> NoReturn:
    message = f'{option} takes a time ago, a day or a moment with its offset, not "{text}".'
    hint = f"for example {option} 2h, {option} 7d, {option} 2026-11-24 or {option} 2026-11-24T09:30:00Z"
    raise ActionLangError(Diagnostic(WRONG_ARGUMENT, message, hint=hint)) from None
