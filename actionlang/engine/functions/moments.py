"""Functions over moments and lengths of time; those that ask the run's clock or time zone take the unit
first."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta, tzinfo
from decimal import Decimal
from fractions import Fraction
from zoneinfo import ZoneInfo

from actionlang.engine.decimals import divide
from actionlang.engine.functions.no_answer import no_answer, within
from actionlang.engine.times import MICROSECOND, duration_of, out_of_range
from actionlang.engine.unit import Unit

MICROSECONDS_IN = {
    "weeks": 604_800_000_000,
    "days": 86_400_000_000,
    "hours": 3_600_000_000,
    "minutes": 60_000_000,
    "seconds": 1_000_000,
}


def now(unit: Unit) -> datetime:
    return unit.now


def today(unit: Unit) -> date:
    return unit.today


def _there(moment: datetime, zone: tzinfo) -> datetime:
    try:
        return moment.astimezone(zone)
    except OverflowError:
        raise out_of_range("datetime") from None


def year(unit: Unit, moment: datetime) -> int:
    return _there(moment, unit.zone).year


def month(unit: Unit, moment: datetime) -> int:
    return _there(moment, unit.zone).month


def day(unit: Unit, moment: datetime) -> int:
    return _there(moment, unit.zone).day


def weekday(unit: Unit, moment: datetime) -> int:
    return _there(moment, unit.zone).isoweekday()


def hour(unit: Unit, moment: datetime) -> int:
    return _there(moment, unit.zone).hour


def minute(unit: Unit, moment: datetime) -> int:
    return _there(moment, unit.zone).minute


def second(unit: Unit, moment: datetime) -> int:
    return _there(moment, unit.zone).second


def date_of(unit: Unit, moment: datetime) -> date:
    return _there(moment, unit.zone).date()


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise no_answer(f'There is no time zone "{name}".', 'name one as in "Europe/Berlin"') from None


def date_in_zone(moment: datetime, zone: str) -> date:
    return _there(moment, _zone(zone)).date()


def _at(value: date, hour: int, minute: int, zone: tzinfo) -> datetime:
    within("hour", hour, 0, 23)
    within("minute", minute, 0, 59)
    return _there(datetime.combine(value, time(hour, minute), zone), UTC)


def datetime_at(unit: Unit, value: date, hour: int, minute: int) -> datetime:
    return _at(value, hour, minute, unit.zone)


def datetime_at_in_zone(value: date, hour: int, minute: int, zone: str) -> datetime:
    return _at(value, hour, minute, _zone(zone))


def start_of_day(unit: Unit, value: date) -> datetime:
    return _at(value, 0, 0, unit.zone)


def start_of_day_of(unit: Unit, moment: datetime) -> datetime:
    return start_of_day(unit, date_of(unit, moment))


def weeks(amount: Decimal) -> timedelta:
    return _length(amount, "weeks")


def days(amount: Decimal) -> timedelta:
    return _length(amount, "days")


def hours(amount: Decimal) -> timedelta:
    return _length(amount, "hours")


def minutes(amount: Decimal) -> timedelta:
    return _length(amount, "minutes")


def seconds(amount: Decimal) -> timedelta:
    return _length(amount, "seconds")


def _length(amount: Decimal, unit: str) -> timedelta:
    return duration_of(round(Fraction(amount) * MICROSECONDS_IN[unit]))


def to_days(value: timedelta) -> Decimal:
    return _measured(value, "days")


def to_hours(value: timedelta) -> Decimal:
    return _measured(value, "hours")


def to_minutes(value: timedelta) -> Decimal:
    return _measured(value, "minutes")


def to_seconds(value: timedelta) -> Decimal:
    return _measured(value, "seconds")


def _measured(value: timedelta, unit: str) -> Decimal:
    return divide(Decimal(value // MICROSECOND), Decimal(MICROSECONDS_IN[unit]))


def absolute(value: timedelta) -> timedelta:
    return duration_of(abs(value // MICROSECOND))
