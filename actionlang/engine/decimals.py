"""Exact numbers: what integer and decimal arithmetic gives, on every engine.

A decimal fits when its digits before the point and those behind it (zeros at the end not counted) are 38
together at most. `+ - *` are exact or fail; `/` is carried to 12 decimals, half-even, rounded once. How many
zeros a Decimal happens to carry behind its last digit means nothing: 2.5 and 2.500 are one value, compare
equal and are shown alike.
"""

from __future__ import annotations

from decimal import (
    ROUND_05UP,
    ROUND_HALF_EVEN,
    Context,
    Decimal,
    DecimalException,
    DivisionByZero,
    Inexact,
    InvalidOperation,
    Overflow,
)

from actionlang.diagnostics.catalogue import run as codes
from actionlang.engine.failure import Failure

DIGITS = 38
QUOTIENT_DECIMALS = 12
LARGEST_INTEGER = 2**63 - 1
SMALLEST_INTEGER = -(2**63)

# The exponents make a result inexact exactly when it has a digit beyond the 38th or behind the 38th decimal.
EXACT = Context(prec=DIGITS, Emax=DIGITS - 1, Emin=-1, traps=[Inexact, Overflow, InvalidOperation, DivisionByZero])
WIDE = Context(prec=400, Emax=999, Emin=-999, rounding=ROUND_HALF_EVEN, traps=[InvalidOperation])
# 05UP leaves a digit from which a second rounding goes the way that one rounding would have gone.
QUOTIENT = Context(prec=120, Emax=999, Emin=-999, rounding=ROUND_05UP, traps=[InvalidOperation])

UNITS = tuple(Decimal(1).scaleb(-places, WIDE) for places in range(DIGITS + 1))
"""10 to the power of minus `places`, by places."""


def too_many_digits() -> Failure:
    """The failure of a result that has no exact place in 38 digits."""
    return Failure(
        codes.TOO_MANY_DIGITS,
        f"The result has more than {DIGITS} digits.",
        hint="round what goes in, or what comes out of a division, with round(value, places)",
    )


def division_by_zero() -> Failure:
    """The failure of a division by zero."""
    return Failure(codes.DIVISION_BY_ZERO, "This divides by zero.", hint="test the divisor with if or require first")


def integer(value: int) -> int:
    """The integer itself.

    Raises Failure when it is beyond 64 bits.
    """
    if SMALLEST_INTEGER <= value <= LARGEST_INTEGER:
        return value
    raise Failure(codes.INTEGER_OVERFLOW, "The result is beyond what an integer of 64 bits holds.")


def exactly(value: Decimal) -> Decimal:
    """The number itself.

    Raises Failure when it has more than 38 digits.
    """
    try:
        return EXACT.plus(value)
    except DecimalException:
        raise too_many_digits() from None


def add_integers(left: int, right: int) -> int:
    return integer(left + right)


def subtract_integers(left: int, right: int) -> int:
    return integer(left - right)


def multiply_integers(left: int, right: int) -> int:
    return integer(left * right)


def divide_integers(left: int, right: int) -> Decimal:
    return divide(Decimal(left), Decimal(right))


def add(left: Decimal, right: Decimal) -> Decimal:
    try:
        return EXACT.add(left, right)
    except DecimalException:
        raise too_many_digits() from None


def subtract(left: Decimal, right: Decimal) -> Decimal:
    try:
        return EXACT.subtract(left, right)
    except DecimalException:
        raise too_many_digits() from None


def multiply(left: Decimal, right: Decimal) -> Decimal:
    try:
        return EXACT.multiply(left, right)
    except DecimalException:
        raise too_many_digits() from None


def divide(left: Decimal, right: Decimal) -> Decimal:
    """The quotient to 12 decimals, half-even.

    Raises Failure for a divisor of zero and for more than 38 digits.
    """
    if not right:
        raise division_by_zero()
    return exactly(WIDE.quantize(QUOTIENT.divide(left, right), UNITS[QUOTIENT_DECIMALS]))


def rounded(value: Decimal, places: int, rounding: str = ROUND_HALF_EVEN) -> Decimal:
    """The number with `places` (-38 to 38) digits behind the point, by one of the decimal module's ways of
    rounding; never -0."""
    unit = UNITS[places] if places >= 0 else Decimal(1).scaleb(-places, WIDE)
    result = value.quantize(unit, rounding, WIDE)
    return result or result.copy_abs()


def plain(value: Decimal) -> str:
    """The number in digits: no exponent, no zeros at the end of the fraction, no sign on zero."""
    if not value:
        return "0"
    text = format(value, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text
