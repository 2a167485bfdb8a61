"""The functions that every host has: names, parameters' types and result, as `stdlib/prelude.act` declares and documents them.

A plan is verified against this table without reading the prelude; the engine implements exactly these. No argument and no
result is ever empty.
"""

from __future__ import annotations

from functools import cache

import attrs

from actionlang.metadata.types import Type, parse_type

SIGNATURES = """
# text
length(text) -> integer
upper(text) -> text
lower(text) -> text
trim(text) -> text
left(text,integer) -> text
right(text,integer) -> text
middle(text,integer,integer) -> text
contains(text,text) -> boolean
starts_with(text,text) -> boolean
ends_with(text,text) -> boolean
replace(text,text,text) -> text
position(text,text) -> integer
position(text,text,integer) -> integer
repeat(text,integer) -> text
join(list of text,text) -> text
pad_left(text,integer) -> text
pad_left(text,integer,text) -> text
pad_right(text,integer) -> text
pad_right(text,integer,text) -> text
# conversions
text_of(integer) -> text
text_of(decimal) -> text
text_of(decimal,integer) -> text
text_of(boolean) -> text
text_of(date) -> text
text_of(datetime) -> text
text_of(duration) -> text
text_of(id) -> text
number_of(text) -> decimal
integer_of(text) -> integer
date_of(text) -> date
date_of(datetime) -> date
datetime_of(text) -> datetime
is_number(text) -> boolean
is_date(text) -> boolean
# numbers
absolute(integer) -> integer
absolute(decimal) -> decimal
absolute(duration) -> duration
sign(decimal) -> integer
round(decimal) -> integer
round(decimal,integer) -> decimal
round_half_up(decimal,integer) -> decimal
round_up(decimal,integer) -> decimal
round_down(decimal,integer) -> decimal
floor(decimal) -> integer
ceiling(decimal) -> integer
truncate(decimal) -> integer
quotient(integer,integer) -> integer
modulo(integer,integer) -> integer
modulo(decimal,decimal) -> decimal
power(decimal,integer) -> decimal
minimum(integer,integer) -> integer
minimum(decimal,decimal) -> decimal
minimum(date,date) -> date
minimum(datetime,datetime) -> datetime
minimum(duration,duration) -> duration
maximum(integer,integer) -> integer
maximum(decimal,decimal) -> decimal
maximum(date,date) -> date
maximum(datetime,datetime) -> datetime
maximum(duration,duration) -> duration
exact(float,integer) -> decimal
to_float(decimal) -> float
# dates
year(date) -> integer
year(datetime) -> integer
month(date) -> integer
month(datetime) -> integer
day(date) -> integer
day(datetime) -> integer
weekday(date) -> integer
weekday(datetime) -> integer
quarter(date) -> integer
week_number(date) -> integer
week_year(date) -> integer
make_date(integer,integer,integer) -> date
add_months(date,integer) -> date
add_years(date,integer) -> date
start_of_month(date) -> date
end_of_month(date) -> date
start_of_week(date) -> date
days_between(date,date) -> integer
months_between(date,date) -> integer
years_between(date,date) -> integer
workdays_between(date,date) -> integer
add_workdays(date,integer) -> date
# time
now() -> datetime
today() -> date
hour(datetime) -> integer
minute(datetime) -> integer
second(datetime) -> integer
weeks(decimal) -> duration
days(decimal) -> duration
hours(decimal) -> duration
minutes(decimal) -> duration
seconds(decimal) -> duration
to_days(duration) -> decimal
to_hours(duration) -> decimal
to_minutes(duration) -> decimal
to_seconds(duration) -> decimal
date_in_zone(datetime,text) -> date
datetime_at(date,integer,integer) -> datetime
datetime_at(date,integer,integer,text) -> datetime
start_of_day(date) -> datetime
start_of_day(datetime) -> datetime
"""


@attrs.frozen
class Signature:
    """One overload of a function."""

    parameters: tuple[Type, ...]
    result: Type


@cache
def host_functions() -> dict[tuple[str, str], Signature]:
    """All functions by name and overload (the parameters' types joined by commas)."""
    found: dict[tuple[str, str], Signature] = {}
    for line in SIGNATURES.strip().splitlines():
        if not line.startswith("#"):
            call, _, result = line.partition(" -> ")
            name, _, overload = call.removesuffix(")").partition("(")
            parameters = tuple(parse_type(text) for text in overload.split(",") if text)
            found[name, overload] = Signature(parameters, parse_type(result))
    return found
