"""The language's type for a database's: what reflection says a column holds, in the words of `metadata.types`."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal as Exact
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from actionlang.metadata import types as t

Reflected = sa.types.TypeEngine[Any]

DIGITS = 38
"""Of the largest decimal."""

ANY_NUMBER = t.Decimal(DIGITS, 12)
"""What stands for a number whose digits the database does not limit."""


def underlying(type_: Reflected) -> Reflected:
    """What a column of a domain holds; other types as they are."""
    while isinstance(type_, postgresql.DOMAIN):
        type_ = type_.data_type
    return type_


def language_type(type_: Reflected) -> t.Type | None:
    """The type of a column; None where the language has none for it. Enums are not looked at."""
    for kind, make in TYPES:
        if isinstance(type_, kind):
            return make(type_)
    return None


def _number(type_: Reflected) -> t.Type:
    precision, scale = getattr(type_, "precision", None), getattr(type_, "scale", None)
    if precision is None:
        return ANY_NUMBER
    scale = scale or 0
    if 0 <= scale <= precision <= DIGITS:
        return t.Decimal(precision, scale)
    return t.Decimal(DIGITS, min(max(scale, 0), DIGITS))


def _text(type_: Reflected) -> t.Type:
    length = getattr(type_, "length", None)
    return t.Text(length if isinstance(length, int) and length > 0 else None)


def _always(type_: t.Type | None) -> Callable[[Reflected], t.Type | None]:
    return lambda _: type_


TYPES: tuple[tuple[type[Reflected], Callable[[Reflected], t.Type | None]], ...] = (
    (postgresql.INTERVAL, _always(t.Duration())),
    (sa.Interval, _always(t.Duration())),
    (sa.Boolean, _always(t.Boolean())),
    (sa.Uuid, _always(t.Id())),
    (sa.JSON, _always(t.Json())),
    (sa.DateTime, _always(t.DateTime())),
    (sa.Date, _always(t.Date())),
    (sa.Float, _always(t.Float())),
    (sa.Numeric, _number),
    (sa.Integer, _always(t.Integer())),
    (sa.String, _text),
)
"""In this order: the more special first. What is not here (bytes, times of day, arrays, ranges, addresses) has no type."""


def narrowed(type_: Reflected) -> str | None:
    """Why a column may hold more than the language's type for it does; None where it does not."""
    if isinstance(type_, sa.Numeric) and not isinstance(type_, sa.Float):
        if type_.precision is None:
            return f"numbers of any size, here those that fit {ANY_NUMBER}"
        if not 0 <= (type_.scale or 0) <= type_.precision <= DIGITS:
            return f"{str(type_).lower()}, here the numbers that fit {_number(type_)}"
    if isinstance(type_, postgresql.INTERVAL):
        return "intervals with months, too, which are no durations here"
    if isinstance(type_, postgresql.CITEXT):
        return "texts that differ by capital and small letters only are the same, here they are not"
    return None


def constant(type_: t.Type, value: object) -> object:
    """A default's SQL constant as a constant of the type (a choice's is the member's name or number).

    Raises ValueError when it is none.
    """
    if isinstance(type_, t.Boolean) and value in (True, False, "t", "f", "true", "false", "1", "0"):
        return value in (True, "t", "true", "1")
    if isinstance(type_, t.Text) and isinstance(value, str):
        return value
    if isinstance(type_, t.Choice) and isinstance(value, str | int):
        return value
    if isinstance(type_, t.Integer | t.Decimal | t.Money) and isinstance(value, str | int | Exact):
        return _exact(type_, value)
    if isinstance(type_, t.Id) and isinstance(value, str):
        from uuid import UUID

        return str(UUID(value))
    if isinstance(type_, t.Date) and isinstance(value, str):
        from datetime import date

        return date.fromisoformat(value)
    if isinstance(type_, t.DateTime) and isinstance(value, str):
        from datetime import UTC, datetime

        moment = datetime.fromisoformat(value)
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    raise ValueError(f"{value!r} is no constant of type {type_}")


def _exact(type_: t.Type, value: str | int | Exact) -> object:
    try:
        number = Exact(value)
    except ArithmeticError:
        raise ValueError(f"{value!r} is no number") from None
    if not isinstance(type_, t.Integer):
        return number
    if number != int(number):
        raise ValueError(f"{value!r} is no whole number")
    return int(number)
