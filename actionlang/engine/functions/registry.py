"""The host's functions by name and overload, as plans call them.

The keys are exactly those of `plan.host_functions`; a test holds the two together.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any, NamedTuple

from actionlang.engine.decimals import plain
from actionlang.engine.display import boolean_text
from actionlang.engine.functions import casing, conversions, dates, moments, numbers, texts
from actionlang.engine.times import iso_datetime, iso_duration


class HostFunction(NamedTuple):
    """How a function is called: with its arguments in order, before them the unit if `takes_unit`."""

    call: Callable[..., Any]
    takes_unit: bool = False


def _same(value: str) -> str:
    return value


PLAIN: dict[tuple[str, str], Callable[..., Any]] = {
    ("length", "text"): len,
    ("upper", "text"): casing.upper,
    ("lower", "text"): casing.lower,
    ("trim", "text"): casing.trim,
    ("left", "text,integer"): texts.left,
    ("right", "text,integer"): texts.right,
    ("middle", "text,integer,integer"): texts.middle,
    ("contains", "text,text"): texts.contains,
    ("starts_with", "text,text"): str.startswith,
    ("ends_with", "text,text"): str.endswith,
    ("replace", "text,text,text"): texts.replace,
    ("position", "text,text"): texts.position,
    ("position", "text,text,integer"): texts.position_from,
    ("repeat", "text,integer"): texts.repeat,
    ("join", "list of text,text"): texts.join,
    ("pad_left", "text,integer"): texts.pad_left,
    ("pad_left", "text,integer,text"): texts.pad_left,
    ("pad_right", "text,integer"): texts.pad_right,
    ("pad_right", "text,integer,text"): texts.pad_right,
    ("text_of", "integer"): str,
    ("text_of", "decimal"): plain,
    ("text_of", "decimal,integer"): conversions.with_places,
    ("text_of", "boolean"): boolean_text,
    ("text_of", "date"): date.isoformat,
    ("text_of", "datetime"): iso_datetime,
    ("text_of", "duration"): iso_duration,
    ("text_of", "id"): _same,
    ("number_of", "text"): conversions.number_of,
    ("integer_of", "text"): conversions.integer_of,
    ("date_of", "text"): conversions.date_of,
    ("datetime_of", "text"): conversions.datetime_of,
    ("is_number", "text"): conversions.is_number,
    ("is_date", "text"): conversions.is_date,
    ("absolute", "integer"): numbers.absolute_integer,
    ("absolute", "decimal"): numbers.absolute_decimal,
    ("absolute", "duration"): moments.absolute,
    ("sign", "decimal"): numbers.sign,
    ("round", "decimal"): numbers.round_whole,
    ("round", "decimal,integer"): numbers.round_half_even,
    ("round_half_up", "decimal,integer"): numbers.round_half_up,
    ("round_up", "decimal,integer"): numbers.round_up,
    ("round_down", "decimal,integer"): numbers.round_down,
    ("floor", "decimal"): numbers.floor,
    ("ceiling", "decimal"): numbers.ceiling,
    ("truncate", "decimal"): numbers.truncate,
    ("quotient", "integer,integer"): numbers.quotient,
    ("modulo", "integer,integer"): numbers.modulo_integers,
    ("modulo", "decimal,decimal"): numbers.modulo_decimals,
    ("power", "decimal,integer"): numbers.power,
    **{("minimum", f"{kind},{kind}"): min for kind in ("integer", "decimal", "date", "datetime", "duration")},
    **{("maximum", f"{kind},{kind}"): max for kind in ("integer", "decimal", "date", "datetime", "duration")},
    ("exact", "float,integer"): numbers.exact,
    ("to_float", "decimal"): numbers.to_float,
    ("year", "date"): lambda value: value.year,
    ("month", "date"): lambda value: value.month,
    ("day", "date"): lambda value: value.day,
    ("weekday", "date"): date.isoweekday,
    ("quarter", "date"): dates.quarter,
    ("week_number", "date"): dates.week_number,
    ("week_year", "date"): dates.week_year,
    ("make_date", "integer,integer,integer"): dates.make_date,
    ("add_months", "date,integer"): dates.add_months,
    ("add_years", "date,integer"): dates.add_years,
    ("start_of_month", "date"): dates.start_of_month,
    ("end_of_month", "date"): dates.end_of_month,
    ("start_of_week", "date"): dates.start_of_week,
    ("days_between", "date,date"): dates.days_between,
    ("months_between", "date,date"): dates.months_between,
    ("years_between", "date,date"): dates.years_between,
    ("workdays_between", "date,date"): dates.workdays_between,
    ("add_workdays", "date,integer"): dates.add_workdays,
    ("weeks", "decimal"): moments.weeks,
    ("days", "decimal"): moments.days,
    ("hours", "decimal"): moments.hours,
    ("minutes", "decimal"): moments.minutes,
    ("seconds", "decimal"): moments.seconds,
    ("to_days", "duration"): moments.to_days,
    ("to_hours", "duration"): moments.to_hours,
    ("to_minutes", "duration"): moments.to_minutes,
    ("to_seconds", "duration"): moments.to_seconds,
    ("date_in_zone", "datetime,text"): moments.date_in_zone,
    ("datetime_at", "date,integer,integer,text"): moments.datetime_at_in_zone,
}

OF_THE_RUN: dict[tuple[str, str], Callable[..., Any]] = {
    ("now", ""): moments.now,
    ("today", ""): moments.today,
    ("date_of", "datetime"): moments.date_of,
    ("year", "datetime"): moments.year,
    ("month", "datetime"): moments.month,
    ("day", "datetime"): moments.day,
    ("weekday", "datetime"): moments.weekday,
    ("hour", "datetime"): moments.hour,
    ("minute", "datetime"): moments.minute,
    ("second", "datetime"): moments.second,
    ("datetime_at", "date,integer,integer"): moments.datetime_at,
    ("start_of_day", "date"): moments.start_of_day,
    ("start_of_day", "datetime"): moments.start_of_day_of,
}

FUNCTIONS: dict[tuple[str, str], HostFunction] = {
    **{name: HostFunction(call) for name, call in PLAIN.items()},
    **{name: HostFunction(call, takes_unit=True) for name, call in OF_THE_RUN.items()},
}
"""Every function by name and overload (its parameters' types joined by commas)."""
