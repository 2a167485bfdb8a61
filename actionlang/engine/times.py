"""Days, moments and lengths of time: their ranges, their arithmetic, and how they are written in ISO 8601.

Days are of the years 1 to 9999. A moment is an aware `datetime` in UTC, to the microsecond. A length of time
is a number of microseconds that fits a 64-bit integer (about 292,271 years either way), for that is how every
engine can store it.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction

from actionlang.diagnostics.catalogue import run as codes
from actionlang.engine.decimals import LARGEST_INTEGER, SMALLEST_INTEGER, divide, division_by_zero
from actionlang.engine.failure import Failure

MICROSECOND = timedelta(microseconds=1)
DAY = timedelta(days=1)
LONGEST = timedelta(microseconds=LARGEST_INTEGER)
SHORTEST = timedelta(microseconds=SMALLEST_INTEGER)

DATE = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})", re.ASCII)
DATETIME = re.compile(
    r"([0-9]{4})-([0-9]{2})-([0-9]{2})T([0-9]{2}):([0-9]{2})(?::([0-9]{2})(?:\.([0-9]{1,6}))?)?(Z|[+-][0-9]{2}:[0-9]{2})",
    re.ASCII,
)
DURATION = re.compile(
    r"(-?)P(?:([0-9]{1,12})W)?(?:([0-9]{1,12})D)?"
    r"(T(?:([0-9]{1,15})H)?(?:([0-9]{1,15})M)?(?:([0-9]{1,18})(?:\.([0-9]{1,6}))?S)?)?",
    re.ASCII,
)
WORDS = re.compile(r"(-?[0-9]{1,18}) (week|day|hour|minute|second)s?", re.ASCII)
SECONDS_IN = {"week": 604_800, "day": 86_400, "hour": 3_600, "minute": 60, "second": 1}


def out_of_range(what: str) -> Failure:
    """The failure of a day, moment or length of time that leaves its range."""
    return Failure(codes.TIME_OUT_OF_RANGE, f"The result is beyond the range of a {what}.")


def duration_of(microseconds: int) -> timedelta:
    """A length of time.

    Raises Failure when it is out of range.
    """
    if SMALLEST_INTEGER <= microseconds <= LARGEST_INTEGER:
        return timedelta(microseconds=microseconds)
    raise out_of_range("duration")


def add_durations(left: timedelta, right: timedelta) -> timedelta:
    return duration_of((left + right) // MICROSECOND)


def subtract_durations(left: timedelta, right: timedelta) -> timedelta:
    return duration_of((left - right) // MICROSECOND)


def divide_durations(left: timedelta, right: timedelta) -> Decimal:
    """How many times one length of time goes into another, to 12 decimals."""
    return divide(Decimal(left // MICROSECOND), Decimal(right // MICROSECOND))


def multiply_duration(value: timedelta, factor: int | Decimal) -> timedelta:
    """So many times a length of time, rounded half-even to the microsecond."""
    return duration_of(round(value // MICROSECOND * Fraction(factor)))


def divide_duration(value: timedelta, divisor: Decimal) -> timedelta:
    """A part of a length of time, rounded half-even to the microsecond."""
    if not divisor:
        raise division_by_zero()
    return duration_of(round(value // MICROSECOND / Fraction(divisor)))


def negate_duration(value: timedelta) -> timedelta:
    return duration_of(-(value // MICROSECOND))


def _whole_days(length: timedelta) -> int:
    days, rest = divmod(length, DAY)
    if rest:
        raise Failure(
            codes.PART_OF_A_DAY,
            f"A date takes whole days only, not {iso_duration(length)}.",
            hint="use a datetime, such as start_of_day(...), where hours count",
        )
    return days


def add_to_date(value: date, length: timedelta) -> date:
    days = _whole_days(length)
    try:
        return date.fromordinal(value.toordinal() + days)
    except (ValueError, OverflowError):
        raise out_of_range("date") from None


def subtract_from_date(value: date, length: timedelta) -> date:
    days = _whole_days(length)
    try:
        return date.fromordinal(value.toordinal() - days)
    except (ValueError, OverflowError):
        raise out_of_range("date") from None


def add_to_moment(value: datetime, length: timedelta) -> datetime:
    try:
        return value + length
    except OverflowError:
        raise out_of_range("datetime") from None


def subtract_from_moment(value: datetime, length: timedelta) -> datetime:
    try:
        return value - length
    except OverflowError:
        raise out_of_range("datetime") from None


def between(left: date | datetime, right: date | datetime) -> timedelta:
    """From `right` to `left`, both days or both moments; always in range."""
    return left - right  # type: ignore[operator]


def iso_datetime(value: datetime) -> str:
    """A moment in UTC with `Z`; six digits of a second's fraction only where it is not zero."""
    return value.isoformat()[:-6] + "Z"


def iso_duration(value: timedelta) -> str:
    """A length of time as days, hours, minutes and seconds, the parts that are zero left out: `P2DT3H`,
    `-PT1.5S`, `PT0S`."""
    total = value // MICROSECOND
    days, rest = divmod(abs(total), 86_400_000_000)
    hours, rest = divmod(rest, 3_600_000_000)
    minutes, rest = divmod(rest, 60_000_000)
    seconds, fraction = divmod(rest, 1_000_000)
    second = f"{seconds}.{fraction:06d}".rstrip("0").rstrip(".") if fraction else str(seconds)
    clock = "".join(
        f"{amount}{unit}" for amount, unit in ((hours, "H"), (minutes, "M"), (second, "S")) if amount not in (0, "0")
    )
    day = f"{days}D" if days else ""
    sign = "-" if total < 0 else ""
    return f"{sign}P{day}T{clock}" if clock else f"{sign}P{day or 'T0S'}"


def parse_date(text: str) -> date:
    """The day that `YYYY-MM-DD` stands for.

    Raises ValueError for anything else.
    """
    match = DATE.fullmatch(text)
    if match is None:
        raise ValueError(text)
    return date(int(match[1]), int(match[2]), int(match[3]))


def parse_datetime(text: str) -> datetime:
    """The moment that `YYYY-MM-DDTHH:MM[:SS[.ffffff]]` with `Z` or an offset stands for, in UTC.

    Raises ValueError for anything else.
    """
    match = DATETIME.fullmatch(text)
    if match is None:
        raise ValueError(text)
    year, month, day, hour, minute = (int(match[group]) for group in range(1, 6))
    moment = datetime(
        year, month, day, hour, minute, int(match[6] or 0), int((match[7] or "").ljust(6, "0")), tzinfo=UTC
    )
    zone = match[8]
    if zone == "Z":
        return moment
    hours, minutes = int(zone[1:3]), int(zone[4:6])
    if hours > 23 or minutes > 59:
        raise ValueError(text)
    offset = timedelta(hours=hours, minutes=minutes)
    try:
        return moment - offset if zone[0] == "+" else moment + offset
    except OverflowError:
        raise ValueError(text) from None


def parse_duration(text: str) -> timedelta:
    """The length of time that ISO 8601 (`P2DT3H`, without months and years) or a literal (`90 minutes`)
    stands for.

    Raises ValueError for anything else and for what is out of range.
    """
    words = WORDS.fullmatch(text)
    if words:
        microseconds = int(words[1]) * SECONDS_IN[words[2]] * 1_000_000
    else:
        match = DURATION.fullmatch(text)
        if match is None or text.endswith(("P", "T")):
            raise ValueError(text)
        weeks, days, hours, minutes, seconds = (int(match[group] or 0) for group in (2, 3, 5, 6, 7))
        total = ((weeks * 7 + days) * 24 + hours) * 3600 + minutes * 60 + seconds
        microseconds = total * 1_000_000 + int((match[8] or "").ljust(6, "0"))
        microseconds = -microseconds if match[1] else microseconds
    if not SMALLEST_INTEGER <= microseconds <= LARGEST_INTEGER:
        raise ValueError(text)
    return timedelta(microseconds=microseconds)
