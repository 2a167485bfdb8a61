"""JSON Schemas of single values as they are on the wire: what is accepted, and what is sent.

A schema never accepts what the reader of values refuses, so that a request which fits it is understood. It is narrower than the
reader in a few places: the digits of numbers that are written as texts, weeks in lengths of time, the first and the last day of
the calendar in moments.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from actionlang.engine.decimals import LARGEST_INTEGER, SMALLEST_INTEGER
from actionlang.engine.times import iso_datetime, iso_duration
from actionlang.engine.values import LARGEST_MONEY, MONEY_SCALE
from actionlang.metadata import types as t

Schema = dict[str, Any]

LARGEST_EXACT = 38
"""Digits of the longest exact number."""

COMPUTED_SCALE = 12
"""Decimals that a number without a scale may have where it is written as a text, so that the digits before the point fit, too."""

DURATION: Schema = {
    "type": "string",
    "title": "A length of time",
    "description": "Days, hours, minutes and seconds in ISO 8601: P1DT2H30M, -PT1.5S.",
    "pattern": r"^-?P(?:[0-9]{1,6}D)?(?:T(?:[0-9]{1,6}H)?(?:[0-9]{1,8}M)?(?:[0-9]{1,9}(?:\.[0-9]{1,6})?S)?)?$",
    "not": {"pattern": "[PT]$"},
}
"""OData's durations (Edm.Duration), short enough to stay in range. It is no `format: duration`, which has years and months, and
neither a sign nor parts of a second."""

MOMENT: Schema = {
    "type": "string",
    "title": "A moment",
    "description": "A day and a time with their offset from UTC: 2026-11-24T09:30:00Z.",
    "format": "date-time",
    "pattern": r"^[^a-z]*:[0-5][0-9](?:\.[0-9]{1,6})?(?:Z|[+-][0-9]{2}:[0-9]{2})$",
    "not": {"pattern": "^(?:0000|0001-01-01|9999-12-31)"},
}
"""What is taken of `format: date-time`: no leap seconds, nothing finer than microseconds, and no day on which an offset could
lead out of the calendar."""

SHARED = {"duration.value": DURATION, "moment.given": MOMENT}
"""Schemas that are long, and therefore stand in the definitions, by their names there."""


def accepted(type_: t.Type) -> Schema:
    """The schema of a value of a simple type in a request. Raises KeyError for choices, rows and lists."""
    return ACCEPTED[type(type_)](type_)


def sent(type_: t.Type) -> Schema:
    """The schema of a value of a simple type in an answer. Raises KeyError for choices, rows and lists."""
    return SENT[type(type_)](type_)


def constant(value: object) -> Any:
    """A constant of a plan, such as a default, as it is on the wire; members of choices apart."""
    if isinstance(value, tuple):
        return [constant(item) for item in value]
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, datetime):
        return iso_datetime(value)
    if isinstance(value, date):
        return value.isoformat()
    return iso_duration(value) if isinstance(value, timedelta) else value


def nullable(schema: Schema) -> Schema:
    """A schema that takes null, too."""
    kind = schema.get("type")
    if kind is None or "enum" in schema or "const" in schema:
        return {"anyOf": [schema, {"type": "null"}]} if schema else schema
    kinds = [kind] if isinstance(kind, str) else list(kind)
    return schema | {"type": [*kinds, "null"]}


def _text(type_: t.Type) -> Schema:
    assert isinstance(type_, t.Text)
    return {"type": "string"} if type_.length is None else {"type": "string", "maxLength": type_.length}


def _whole(_: t.Type) -> Schema:
    return {"type": "integer", "format": "int64", "minimum": SMALLEST_INTEGER, "maximum": LARGEST_INTEGER}


def _whole_accepted(type_: t.Type) -> Schema:
    return _whole(type_) | {"type": ["integer", "string"], "pattern": "^-?[0-9]{1,18}$"}


def _bounds(type_: t.Type) -> tuple[Decimal, int, int]:
    """The largest number of a type, how many digits it has before the point at most, and how many behind it."""
    if isinstance(type_, t.Money):
        # A text with one more digit may be too large.
        return LARGEST_MONEY, 14, MONEY_SCALE
    assert isinstance(type_, t.Decimal)
    if type_.precision is None or type_.scale is None:
        before = LARGEST_EXACT - COMPUTED_SCALE
        return Decimal(10**before), before, COMPUTED_SCALE
    before = type_.precision - type_.scale
    return Decimal(10**before) - Decimal(1).scaleb(-type_.scale), before, type_.scale


def _exact(type_: t.Type) -> Schema:
    largest = _number(_bounds(type_)[0])
    return {"type": "number", "format": "decimal", "minimum": -largest, "maximum": largest}


def _exact_accepted(type_: t.Type) -> Schema:
    _, before, behind = _bounds(type_)
    fraction = rf"(?:\.[0-9]{{1,{behind}}})?" if behind else ""
    whole = f"[0-9]{{1,{before}}}" if before else "0"
    return _exact(type_) | {"type": ["number", "string"], "pattern": f"^-?{whole}{fraction}$"}


def _number(value: Decimal) -> int | float:
    """The number, or the next smaller one that JSON's readers have."""
    if value == value.to_integral_value():
        return int(value)
    near = float(value)
    return near if Decimal(repr(near)) <= value else math.nextafter(near, 0.0)


def _plain(**schema: Any) -> Callable[[t.Type], Schema]:
    return lambda _: dict(schema)


_SAME: Mapping[type[t.Type], Callable[[t.Type], Schema]] = {
    t.Text: _text,
    t.Float: _plain(type="number", format="double"),
    t.Boolean: _plain(type="boolean"),
    t.Date: _plain(type="string", format="date"),
    t.Duration: lambda _: DURATION,
    t.Id: _plain(type="string", format="uuid"),
    t.Json: _plain(),
}

ACCEPTED: Mapping[type[t.Type], Callable[[t.Type], Schema]] = {
    **_SAME,
    t.Integer: _whole_accepted,
    t.Decimal: _exact_accepted,
    t.Money: _exact_accepted,
    t.DateTime: lambda _: MOMENT,
}

SENT: Mapping[type[t.Type], Callable[[t.Type], Schema]] = {
    **_SAME,
    t.Integer: _whole,
    t.Decimal: _exact,
    t.Money: _exact,
    t.DateTime: _plain(type="string", format="date-time"),
}
