"""Values to generate programs and rows with: often small and equal, so that comparisons meet, sometimes as far out as their type
goes."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from random import Random

from actionlang.metadata import types as t

TEXTS = (
    "", "a", "b", "A", "ab", "a b", " a ", "B1", "b-2", "ß", "ÿ", "Ω", "é", "e\u0301", "\uffff", "😀", "😀a", "𐐀", "a'b", 'a"b',
    "{a}", "%s", "a\\b", "a\nb", "\u2028", "12", "-3.50", "2026-02-28", "NULL", "İ", "ﬁ", "\x01", "\x7f", "z" * 20,
)  # fmt: skip
INTEGERS = (0, 0, 1, 1, 2, 2, 3, 5, 7, 10, 12, -1, -2, -7, 100, 2**31, 2**53 + 1, 2**63 - 1, -(2**63))
DECIMALS = (
    "0", "0", "1", "1", "2", "0.5", "-0.5", "1.25", "2.5", "-1", "10", "0.05", "0.125", "-2.675", "99999.99", "99999.995", "0.00005",
    "123456.789", "922337203685477.5807", "-922337203685477.5808", "0.333333333333", "1234567890123456789012345678",
)  # fmt: skip
DATES = (
    "2026-11-24",
    "2026-11-24",
    "2026-11-25",
    "2026-02-28",
    "2024-02-29",
    "2025-12-31",
    "1970-01-01",
    "0001-01-01",
    "9999-12-31",
)
MOMENTS = (
    "2026-11-24T09:30:00", "2026-11-24T09:30:00", "2026-11-24T23:59:59.999999", "2026-03-29T01:30:00", "2026-10-25T00:30:00.000001",
    "1969-12-31T23:59:59.5", "0001-01-01T00:00:00", "9999-12-31T23:59:59.999999",
)  # fmt: skip
DURATIONS = (
    timedelta(), timedelta(days=1), timedelta(days=1), timedelta(days=-1), timedelta(days=7), timedelta(minutes=90),
    timedelta(microseconds=1), timedelta(hours=-36, microseconds=-3), timedelta(days=400), timedelta(days=3650000),
)  # fmt: skip


FLOATS = (0.0, 0.0, 1.0, 1.0, 2.0, 0.1, -0.5, 1.5, 2.5, 1e-7, 123456789.125, 1e22, -1e300, 5e-324)


def _decimal(random: Random) -> Decimal:
    return Decimal(
        random.choice(DECIMALS) if random.random() < 0.7 else f"{random.randint(-9999, 9999)}e-{random.randint(0, 5)}"
    )


DRAWN: dict[type[t.Type], Callable[[Random], object]] = {
    t.Text: lambda random: random.choice(TEXTS),
    t.Integer: lambda random: random.choice(INTEGERS),
    t.Decimal: _decimal,
    t.Money: _decimal,
    t.Float: lambda random: random.choice(FLOATS),
    t.Boolean: lambda random: random.random() < 0.5,
    t.Date: lambda random: date.fromisoformat(random.choice(DATES)),
    t.DateTime: lambda random: datetime.fromisoformat(random.choice(MOMENTS)).replace(tzinfo=UTC),
    t.Duration: lambda random: random.choice(DURATIONS),
}
MEMBERS = {
    "example.Level": ("low", "normal", "high"),
    "example.Color": ("red", "green", "blue"),
    "example.item.status": ("new", "open", "done"),
}


def constant(type_: t.Type, random: Random) -> object:
    """A value of a type, sizes left aside. Not for rows and ids, which are those of rows that are there."""
    if isinstance(type_, t.Choice):
        return random.choice(MEMBERS[type_.name])
    if isinstance(type_, t.Choices):
        return tuple(name for name in MEMBERS[type_.name] if random.random() < 0.5)
    return DRAWN[type(type_)](random)


def stored(type_: t.Type, random: Random) -> object:
    """A value that a column of this type takes, in the form in which it is stored: digits behind the point filled up."""
    value = constant(type_, random)
    if isinstance(type_, t.Text) and isinstance(value, str) and type_.length is not None:
        return value[: type_.length]
    if isinstance(type_, t.Decimal | t.Money) and isinstance(value, Decimal):
        precision, scale = (19, 4) if isinstance(type_, t.Money) else (type_.precision or 38, type_.scale or 0)
        largest = Decimal(10) ** (precision - scale) - Decimal(1).scaleb(-scale)
        if isinstance(type_, t.Money):
            largest = Decimal("922337203685477.5807")
        rounded = min(max(value, -largest), largest).quantize(Decimal(1).scaleb(-scale))
        return rounded or abs(rounded)
    return value
