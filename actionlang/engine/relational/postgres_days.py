"""The calendar on PostgreSQL, and what all its functions are made with."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from actionlang.diagnostics.catalogue import run as codes
from actionlang.engine.relational.value import ANY_WHOLE, Sql
from actionlang.metadata import types as t

if TYPE_CHECKING:
    from actionlang.engine.relational.postgres import PostgresSpelling

Make = Callable[["PostgresSpelling", Sequence[Sql], t.Type], Sql]

FIRST_DAY, LAST_DAY = "DATE '0001-01-01'", "DATE '9999-12-31'"


def failed(code: str, wanted: str) -> str:
    """An expression that raises; see `PostgresSpelling.fail`."""
    return f"(('{code}'::text || left(random()::text, 0))::bigint::text::{wanted})"


def written(pattern: str, fails: bool = False) -> Make:
    """A function that is a text with its arguments in it."""

    def make(spelling: PostgresSpelling, arguments: Sequence[Sql], type_: t.Type) -> Sql:
        text = pattern.format(*(argument.text for argument in arguments))
        scale = max((argument.scale for argument in arguments), default=0)
        whole = max((argument.whole for argument in arguments), default=ANY_WHOLE)
        found = Sql((text,), type_, fails=fails, whole=whole, scale=scale)
        return spelling.sized(found, type_) if isinstance(type_, t.Integer) else found

    return make


def _months_later(spelling: PostgresSpelling, arguments: Sequence[Sql], type_: t.Type) -> Sql:
    return _added_months(arguments, type_, 1)


def _years_later(spelling: PostgresSpelling, arguments: Sequence[Sql], type_: t.Type) -> Sql:
    return _added_months(arguments, type_, 12)


def _added_months(arguments: Sequence[Sql], type_: t.Type, months_each: int) -> Sql:
    """The database keeps to the month's last day as the language does; counts beyond all years fail."""
    range_ = failed(codes.TIME_OUT_OF_RANGE.id, "date")
    months = "(extract(year FROM m.d) * 12 + extract(month FROM m.d) - 1 + m.c)"
    text = (
        f"(SELECT CASE WHEN m.d IS NULL OR m.c IS NULL THEN NULL WHEN {months} NOT BETWEEN 12 AND 119999 THEN {range_} "
        "ELSE (m.d + m.c::integer * INTERVAL '1 month')::date END "
        f"FROM (SELECT {arguments[0].text} AS d, {arguments[1].text}::numeric * {months_each} AS c OFFSET 0) AS m)"
    )
    return Sql((text,), type_, fails=True)


def _workdays_until(ordinal: str) -> str:
    """Working days from the first of all days, a Monday, up to the one with this number, counted from 1."""
    return f"({ordinal} / 7 * 5 + least({ordinal} % 7, 5))"


def _add_workdays(spelling: PostgresSpelling, arguments: Sequence[Sql], type_: t.Type) -> Sql:
    """See `functions.dates.add_workdays`: `n` is 1 where days are counted back, `w` the working days before the one wanted."""
    range_ = failed(codes.TIME_OUT_OF_RANGE.id, "date")
    behind = "div(m.w, 5) * 7 + m.w % 5"
    text = (
        "(SELECT CASE WHEN m.d IS NULL OR m.c IS NULL THEN NULL WHEN m.c = 0 THEN m.d "
        f"WHEN m.w < 0 OR {behind} > {LAST_DAY} - {FIRST_DAY} THEN {range_} ELSE {FIRST_DAY} + ({behind})::integer END "
        f"FROM (SELECT o.d, o.c, {_workdays_until('o.o')} + o.c + o.n - 1 AS w "
        f"FROM (SELECT k.d, k.c, k.n, (k.d - {FIRST_DAY}) + 1 - k.n AS o FROM (SELECT s.d, s.c, (s.c < 0)::integer AS n "
        f"FROM (SELECT {arguments[0].text} AS d, {arguments[1].text}::numeric AS c OFFSET 0) AS s OFFSET 0) AS k OFFSET 0) AS o "
        "OFFSET 0) AS m)"
    )
    return Sql((text,), type_, fails=True)


def _workdays_between(spelling: PostgresSpelling, arguments: Sequence[Sql], type_: t.Type) -> Sql:
    """See `functions.dates.workdays_between`: `n` is 1 where the last day is before the first."""
    last, first = (_workdays_until(f"((m.{day} - {FIRST_DAY}) + 1 - m.n)") for day in ("b", "a"))
    text = (
        f"(SELECT ({last} - {first})::bigint FROM (SELECT s.a, s.b, (s.b < s.a)::integer AS n "
        f"FROM (SELECT {arguments[0].text} AS a, {arguments[1].text} AS b OFFSET 0) AS s OFFSET 0) AS m)"
    )
    return spelling.sized(Sql((text,), type_), type_)


def _between(count: str, reached: str) -> Make:
    """Whole months or years from a day to another one, by the count in which the calendar tells them apart, and whether the last
    of them is reached: the month's last day is as good as any behind it."""
    parts = ", ".join(
        f"extract({part} FROM o.{day}) AS {day}_{part}" for day in "ab" for part in ("year", "month", "day")
    )
    counted = f"({count} - (CASE WHEN {reached} THEN 0 ELSE 1 END))"

    def make(spelling: PostgresSpelling, arguments: Sequence[Sql], type_: t.Type) -> Sql:
        text = (
            f"(SELECT ((CASE WHEN m.back THEN -1 ELSE 1 END) * {counted})::bigint "
            f"FROM (SELECT {parts}, extract(day FROM o.b + 1) = 1 AS ends, o.back "
            "FROM (SELECT least(s.a, s.b) AS a, greatest(s.a, s.b) AS b, s.b < s.a AS back "
            f"FROM (SELECT {arguments[0].text} AS a, {arguments[1].text} AS b OFFSET 0) AS s OFFSET 0) AS o OFFSET 0) AS m "
            "WHERE m.back IS NOT NULL)"
        )
        return spelling.sized(Sql((text,), type_), type_)

    return make


MONTHS = "((m.b_year - m.a_year) * 12 + m.b_month - m.a_month)"
DAY_IS_REACHED = "(m.a_day <= m.b_day OR m.ends)"

DAYS: dict[tuple[str, str], Make] = {
    ("year", "date"): written("(extract(year FROM {0})::bigint)"),
    ("month", "date"): written("(extract(month FROM {0})::bigint)"),
    ("day", "date"): written("(extract(day FROM {0})::bigint)"),
    ("weekday", "date"): written("(extract(isodow FROM {0})::bigint)"),
    ("quarter", "date"): written("(extract(quarter FROM {0})::bigint)"),
    ("week_number", "date"): written("(extract(week FROM {0})::bigint)"),
    ("week_year", "date"): written("(extract(isoyear FROM {0})::bigint)"),
    ("add_months", "date,integer"): _months_later,
    ("add_years", "date,integer"): _years_later,
    ("add_workdays", "date,integer"): _add_workdays,
    ("start_of_month", "date"): written("(date_trunc('month', {0}::timestamp)::date)"),
    ("end_of_month", "date"): written(
        "((date_trunc('month', {0}::timestamp) + INTERVAL '1 month' - INTERVAL '1 day')::date)"
    ),
    ("start_of_week", "date"): written("(date_trunc('week', {0}::timestamp)::date)"),
    ("days_between", "date,date"): written("(({1} - {0})::bigint)"),
    ("months_between", "date,date"): _between(MONTHS, DAY_IS_REACHED),
    ("years_between", "date,date"): _between(
        "(m.b_year - m.a_year)", f"(m.a_month < m.b_month OR (m.a_month = m.b_month AND {DAY_IS_REACHED}))"
    ),
    ("workdays_between", "date,date"): _workdays_between,
}
"""Functions over days."""
