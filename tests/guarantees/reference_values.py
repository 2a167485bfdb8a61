"""What the naive reference knows of values: exact numbers are fractions, everything is worked out as the language page says it, as
slowly as it likes. Nothing here is taken from the engine but the pinned table of capital letters, which is data."""

from __future__ import annotations

from calendar import monthrange
from datetime import date, datetime, timedelta
from fractions import Fraction
from typing import Any, NamedTuple

from actionlang.engine.functions.casing import upper
from actionlang.metadata import types as t


class Failed(Exception):
    """The language's own failure, by its code."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class Moment(NamedTuple):
    """What is fixed for a run."""

    now: datetime
    today: date


LARGEST = 2**63 - 1
MICROSECOND = timedelta(microseconds=1)
DAY = timedelta(days=1)


def integer(value: int) -> int:
    if -LARGEST - 1 <= value <= LARGEST:
        return value
    raise Failed("E0704")


def decimals_of(value: Fraction) -> int:
    """How many digits stand behind the point."""
    places = 0
    while (value * 10**places).denominator != 1:
        places += 1
    return places


def number(value: Fraction) -> Fraction:
    whole = str(abs(int(value))).lstrip("0")
    if len(whole) + decimals_of(value) <= 38:
        return value
    raise Failed("E0705")


def rounded(value: Fraction, places: int) -> Fraction:
    """Half-even, which is how Python rounds a fraction to a whole number."""
    return Fraction(round(value * Fraction(10) ** places)) / Fraction(10) ** places


def quotient(left: Fraction | int, right: Fraction | int) -> Fraction:
    if right == 0:
        raise Failed("E0706")
    return number(rounded(Fraction(left) / Fraction(right), 12))


def duration(microseconds: int) -> timedelta:
    if -LARGEST - 1 <= microseconds <= LARGEST:
        return timedelta(microseconds=microseconds)
    raise Failed("E0709")


def length(value: timedelta) -> int:
    return value // MICROSECOND


def shifted(value: Any, by: timedelta) -> Any:
    """A day or a moment, so much later."""
    if not isinstance(value, datetime) and by % DAY:
        raise Failed("E0718")
    try:
        return value + by
    except OverflowError:
        raise Failed("E0709") from None


def arithmetic(operator: str, left: Any, right: Any, left_type: t.Type, right_type: t.Type) -> Any:
    """`+ - * /` by the types of both sides."""
    kinds = type(left_type), type(right_type)
    if kinds == (t.Integer, t.Integer):
        if operator == "/":
            return quotient(left, right)
        return integer({"+": left + right, "-": left - right, "*": left * right}[operator])
    if kinds == (t.Decimal, t.Decimal):
        if operator == "/":
            return quotient(left, right)
        return number({"+": left + right, "-": left - right, "*": left * right}[operator])
    if kinds == (t.Duration, t.Duration):
        if operator == "/":
            return quotient(length(left), length(right))
        return duration(length(left) + (length(right) if operator == "+" else -length(right)))
    if kinds[0] == t.Duration:
        if operator == "/" and right == 0:
            raise Failed("E0706")
        return duration(round(Fraction(length(left)) * right if operator == "*" else Fraction(length(left)) / right))
    if kinds[1] == t.Duration:
        return shifted(left, right if operator == "+" else -right)
    return left - right


def negated(value: Any) -> Any:
    if isinstance(value, timedelta):
        return duration(-length(value))
    return integer(-value) if isinstance(value, int) else -value


def fitted(value: Any, target: t.Type) -> Any:
    """A value on its way into a column, a parameter or an output."""
    if value is None:
        return None
    if isinstance(target, t.Text) and target.length is not None and len(value) > target.length:
        raise Failed("E0708")
    if isinstance(target, t.Money):
        amount = rounded(Fraction(value), 4)
        if not -LARGEST - 1 <= amount * 10_000 <= LARGEST:
            raise Failed("E0707")
        return amount
    return value


def digits(value: Fraction) -> str:
    """A number in plain digits."""
    places = decimals_of(value)
    text = str(abs(int(value * 10**places))).rjust(places + 1, "0")
    text = f"{text[:-places]}.{text[-places:]}" if places else text
    return f"-{text}" if value < 0 else text


def shown(value: Any) -> str:
    """A value, which is no row, in a text."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Fraction):
        return digits(value)
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%dT%H:%M:%S").rjust(19, "0") + (f".{value:%f}Z" if value.microsecond else "Z")
    return shown_duration(value) if isinstance(value, timedelta) else str(value)


def shown_duration(value: timedelta) -> str:
    total = abs(length(value))
    parts = []
    for unit, size in (("D", 86_400_000_000), ("H", 3_600_000_000), ("M", 60_000_000)):
        parts.append((total // size, unit))
        total %= size
    day = "".join(f"{amount}{unit}" for amount, unit in parts[:1] if amount)
    clock = "".join(f"{amount}{unit}" for amount, unit in parts[1:] if amount)
    if total:
        clock += f"{digits(Fraction(total, 1_000_000))}S"
    sign = "-" if value < timedelta() else ""
    return f"{sign}P{day}" + (f"T{clock}" if clock else "" if day else "T0S")


def called(name: str, moment: Moment, *arguments: Any) -> Any:
    """One of the host's functions that generated plans call."""
    if name == "upper":
        return upper(arguments[0])
    if name == "length":
        return len(arguments[0])
    if name == "contains":
        return arguments[1] in arguments[0]
    if name in ("today", "now"):
        return getattr(moment, name)
    if name == "days":
        return duration(round(arguments[0] * length(DAY)))
    if name == "add_months":
        return months_later(*arguments)
    assert name == "round"
    if not -30 <= arguments[1] <= 30:
        raise Failed("E0717")
    return number(rounded(Fraction(arguments[0]), arguments[1]))


def months_later(day: date, months: int) -> date:
    month = day.year * 12 + day.month - 1 + months
    year, month = month // 12, month % 12 + 1
    if not 1 <= year <= 9999:
        raise Failed("E0709")
    return date(year, month, min(day.day, monthrange(year, month)[1]))
