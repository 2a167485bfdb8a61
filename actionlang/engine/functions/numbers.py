"""Functions over numbers: rounding, division with remainder, powers."""

from __future__ import annotations

import math
from decimal import ROUND_CEILING, ROUND_DOWN, ROUND_FLOOR, ROUND_HALF_EVEN, ROUND_HALF_UP, ROUND_UP, Decimal
from fractions import Fraction

from actionlang.engine.decimals import (
    DIGITS,
    QUOTIENT_DECIMALS,
    WIDE,
    division_by_zero,
    exactly,
    integer,
    rounded,
    too_many_digits,
)
from actionlang.engine.functions.no_answer import no_answer, within

MOST_PLACES = 30
LARGEST_EXPONENT = 1000


def absolute_integer(value: int) -> int:
    return integer(abs(value))


def absolute_decimal(value: Decimal) -> Decimal:
    return value.copy_abs()


def sign(value: Decimal) -> int:
    return (value > 0) - (value < 0)


def _whole(value: Decimal, rounding: str) -> int:
    return integer(int(value.to_integral_value(rounding, WIDE)))


def round_whole(value: Decimal) -> int:
    return _whole(value, ROUND_HALF_EVEN)


def floor(value: Decimal) -> int:
    return _whole(value, ROUND_FLOOR)


def ceiling(value: Decimal) -> int:
    return _whole(value, ROUND_CEILING)


def truncate(value: Decimal) -> int:
    return _whole(value, ROUND_DOWN)


def _to_places(value: Decimal, places: int, rounding: str) -> Decimal:
    within("places", places, -MOST_PLACES, MOST_PLACES)
    return exactly(rounded(value, places, rounding))


def round_half_even(value: Decimal, places: int) -> Decimal:
    return _to_places(value, places, ROUND_HALF_EVEN)


def round_half_up(value: Decimal, places: int) -> Decimal:
    return _to_places(value, places, ROUND_HALF_UP)


def round_up(value: Decimal, places: int) -> Decimal:
    return _to_places(value, places, ROUND_UP)


def round_down(value: Decimal, places: int) -> Decimal:
    return _to_places(value, places, ROUND_DOWN)


def quotient(value: int, divisor: int) -> int:
    if not divisor:
        raise division_by_zero()
    return integer(value // divisor)


def modulo_integers(value: int, divisor: int) -> int:
    if not divisor:
        raise division_by_zero()
    return value % divisor


def modulo_decimals(value: Decimal, divisor: Decimal) -> Decimal:
    if not divisor:
        raise division_by_zero()
    # Both fit 38 decimals, so a remainder counted in units of the 38th is whole and exact.
    rest = int(value.scaleb(DIGITS, WIDE)) % int(divisor.scaleb(DIGITS, WIDE))
    return exactly(Decimal(rest).scaleb(-DIGITS, WIDE))


def power(base: Decimal, exponent: int) -> Decimal:
    within("exponent", exponent, -LARGEST_EXPONENT, LARGEST_EXPONENT)
    if exponent < 0 and not base:
        raise division_by_zero()
    scaled: int = round(Fraction(base) ** exponent * 10**QUOTIENT_DECIMALS)
    if abs(scaled) >= 10 ** (DIGITS + QUOTIENT_DECIMALS):
        raise too_many_digits()
    return exactly(Decimal(scaled).scaleb(-QUOTIENT_DECIMALS, WIDE))


def exact(value: float, places: int) -> Decimal:
    within("places", places, 0, 12)
    if not math.isfinite(value):
        raise no_answer("The floating point value is no number.")
    return exactly(rounded(Decimal(value), places))


def to_float(value: Decimal) -> float:
    # The opposite of an exact zero is a zero with a sign, which no floating point number of the language has.
    return float(value) + 0.0
