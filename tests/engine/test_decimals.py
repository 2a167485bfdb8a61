"""Exact numbers against Python's fractions."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actionlang.diagnostics.catalogue import run as codes
from actionlang.engine import decimals
from actionlang.engine.failure import Failure

LIMIT = 10**38


@st.composite
def numbers(draw: st.DrawFn) -> Decimal:
    """Any number that fits 38 digits, now and then with zeros behind it."""
    digits = draw(st.integers(1, 38))
    scale = draw(st.integers(0, 38))
    return Decimal(draw(st.integers(-(10**digits) + 1, 10**digits - 1))).scaleb(-scale, decimals.WIDE)


def fits(value: Fraction) -> bool:
    """The rule of 38 digits, without a decimal module: as few decimals as needed, and not too many digits in all."""
    scale = 0
    while (value * 10**scale).denominator != 1:
        scale += 1
        if scale > 38:
            return False
    return abs(value) * 10**scale < LIMIT


def outcome(operation: Callable[[Decimal, Decimal], Decimal], left: Decimal, right: Decimal) -> Fraction | None:
    """The result as a fraction, None when there are too many digits."""
    try:
        return Fraction(operation(left, right))
    except Failure as failure:
        assert failure.code is codes.TOO_MANY_DIGITS
        return None


@given(numbers(), numbers())
def test_adding_is_exact_or_fails(left: Decimal, right: Decimal) -> None:
    exact = Fraction(left) + Fraction(right)
    assert outcome(decimals.add, left, right) == (exact if fits(exact) else None)


@given(numbers(), numbers())
def test_subtracting_is_exact_or_fails(left: Decimal, right: Decimal) -> None:
    exact = Fraction(left) - Fraction(right)
    assert outcome(decimals.subtract, left, right) == (exact if fits(exact) else None)


@given(numbers(), numbers())
def test_multiplying_is_exact_or_fails(left: Decimal, right: Decimal) -> None:
    exact = Fraction(left) * Fraction(right)
    assert outcome(decimals.multiply, left, right) == (exact if fits(exact) else None)


@given(numbers(), numbers().filter(bool))
def test_dividing_rounds_once_half_even_at_the_twelfth_decimal(left: Decimal, right: Decimal) -> None:
    exact = Fraction(round(Fraction(left) / Fraction(right) * 10**12), 10**12)
    assert outcome(decimals.divide, left, right) == (exact if fits(exact) else None)


def test_a_quotient_just_beside_a_half_is_not_rounded_twice() -> None:
    just_below = Decimal("0.0000000000004999999999999999999999999")
    assert decimals.divide(just_below, Decimal(1)) == 0
    assert decimals.divide(Decimal("0.0000000000005"), Decimal(1)) == 0
    assert decimals.divide(Decimal("0.0000000000015"), Decimal(1)) == Decimal("0.000000000002")


def test_dividing_by_zero_fails() -> None:
    for operation in (lambda: decimals.divide(Decimal(1), Decimal(0)), lambda: decimals.divide_integers(1, 0)):
        with pytest.raises(Failure) as caught:
            operation()
        assert caught.value.code is codes.DIVISION_BY_ZERO


@pytest.mark.parametrize(
    ("operation", "left", "right", "result"),
    [
        (decimals.add_integers, 2**63 - 2, 1, 2**63 - 1),
        (decimals.add_integers, 2**63 - 1, 1, None),
        (decimals.subtract_integers, -(2**63) + 1, 1, -(2**63)),
        (decimals.subtract_integers, -(2**63), 1, None),
        (decimals.multiply_integers, 2**62, -2, -(2**63)),
        (decimals.multiply_integers, 2**62, 2, None),
    ],
)
def test_integers_end_at_64_bits(
    operation: Callable[[int, int], int], left: int, right: int, result: int | None
) -> None:
    if result is not None:
        assert operation(left, right) == result
        return
    with pytest.raises(Failure) as caught:
        operation(left, right)
    assert caught.value.code is codes.INTEGER_OVERFLOW


@given(numbers(), st.integers(-30, 38))
def test_rounding_is_half_even(value: Decimal, places: int) -> None:
    scale = Fraction(10) ** places
    assert Fraction(decimals.rounded(value, places)) == round(Fraction(value) * scale) / scale


def test_zero_has_no_sign() -> None:
    assert str(decimals.rounded(Decimal("-0.001"), 2)) == "0.00"
    assert decimals.plain(Decimal("-0.0")) == "0"


@given(numbers())
def test_plain_digits_read_back_and_do_not_show_how_a_number_is_kept(value: Decimal) -> None:
    text = decimals.plain(value)
    assert Decimal(text) == value
    assert set(text) <= set("-0123456789.")
    assert decimals.plain(value.normalize(decimals.WIDE)) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [("2.50", "2.5"), ("100.0000", "100"), ("1E+3", "1000"), ("1E-7", "0.0000001"), ("-0.10", "-0.1")],
)
def test_plain_digits(value: str, text: str) -> None:
    assert decimals.plain(Decimal(value)) == text


@pytest.mark.parametrize(("value", "ok"), [("1E37", True), ("1E38", False), ("1E-38", True), ("1E-39", False)])
def test_the_edges_of_38_digits(value: str, ok: bool) -> None:
    if ok:
        assert decimals.exactly(Decimal(value)) == Decimal(value)
        return
    with pytest.raises(Failure, match="38 digits"):
        decimals.exactly(Decimal(value))
