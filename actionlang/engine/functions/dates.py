"""Functions over days: parts of a date, the calendar's months, years and working days."""

from __future__ import annotations

from calendar import monthrange
from datetime import date, timedelta

from actionlang.engine.functions.no_answer import no_answer
from actionlang.engine.times import out_of_range

LAST_ORDINAL = date.max.toordinal()


def quarter(value: date) -> int:
    return (value.month + 2) // 3


def week_number(value: date) -> int:
    return value.isocalendar().week


def week_year(value: date) -> int:
    return value.isocalendar().year


def make_date(year: int, month: int, day: int) -> date:
    try:
        return date(year, month, day)
    except (ValueError, OverflowError):
        raise no_answer(f"There is no day {day} of month {month} in the year {year}.") from None


def add_months(value: date, count: int) -> date:
    year, month = divmod(value.year * 12 + value.month - 1 + count, 12)
    if not date.min.year <= year <= date.max.year:
        raise out_of_range("date")
    return date(year, month + 1, min(value.day, monthrange(year, month + 1)[1]))


def add_years(value: date, count: int) -> date:
    return add_months(value, count * 12)


def start_of_month(value: date) -> date:
    return value.replace(day=1)


def end_of_month(value: date) -> date:
    return value.replace(day=monthrange(value.year, value.month)[1])


def start_of_week(value: date) -> date:
    # The calendar's first day is a Monday, so no week begins before it.
    return value - timedelta(days=value.weekday())


def days_between(first: date, last: date) -> int:
    return (last - first).days


def months_between(first: date, last: date) -> int:
    if last < first:
        return -months_between(last, first)
    count = (last.year - first.year) * 12 + last.month - first.month
    return count if add_months(first, count) <= last else count - 1


def years_between(first: date, last: date) -> int:
    if last < first:
        return -years_between(last, first)
    count = last.year - first.year
    return count if add_years(first, count) <= last else count - 1


def _workdays_until(ordinal: int) -> int:
    """Working days from the first of all days, a Monday, up to this one."""
    weeks, days = divmod(ordinal, 7)
    return weeks * 5 + min(days, 5)


def workdays_between(first: date, last: date) -> int:
    if last < first:
        return _workdays_until(last.toordinal() - 1) - _workdays_until(first.toordinal() - 1)
    return _workdays_until(last.toordinal()) - _workdays_until(first.toordinal())


def add_workdays(value: date, count: int) -> date:
    if count == 0:
        return value
    before = _workdays_until(value.toordinal() - (count < 0))
    wanted = before + count + (count < 0)
    weeks, days = divmod(wanted - 1, 5)
    ordinal = weeks * 7 + days + 1
    if not 1 <= ordinal <= LAST_ORDINAL:
        raise out_of_range("date")
    return date.fromordinal(ordinal)
