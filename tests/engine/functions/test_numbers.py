"""Functions over numbers."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actionlang.diagnostics.catalogue import run as codes
from actionlang.diagnostics.diagnostic import Code
from actionlang.engine.failure import Failure
from tests.engine.functions.calling import call

D = Decimal
decimals = st.decimals(-(10**12), 10**12, places=8, allow_nan=False)


@pytest.mark.parametrize(
    ("name", "overload", "arguments", "result"),
    [
        ("absolute", "integer", (-3,), 3),
        ("absolute", "decimal", (D("-0.5"),), D("0.5")),
        ("sign", "decimal", (D("-0.5"),), -1),
        ("sign", "decimal", (D("-0"),), 0),
        ("round", "decimal", (D("2.5"),), 2),
        ("round", "decimal", (D("3.5"),), 4),
        ("round", "decimal,integer", (D("2.665"), 2), D("2.66")),
        ("round", "decimal,integer", (D("1250"), -2), D("1200")),
        ("round_half_up", "decimal,integer", (D("2.665"), 2), D("2.67")),
        ("round_half_up", "decimal,integer", (D("-2.5"), 0), D("-3")),
        ("round_up", "decimal,integer", (D("2.001"), 2), D("2.01")),
        ("round_up", "decimal,integer", (D("-1.2"), 0), D("-2")),
        ("round_down", "decimal,integer", (D("2.009"), 2), D("2")),
        ("round_down", "decimal,integer", (D("-1.8"), 0), D("-1")),
        ("floor", "decimal", (D("-1.2"),), -2),
        ("ceiling", "decimal", (D("1.2"),), 2),
        ("truncate", "decimal", (D("-1.8"),), -1),
        ("quotient", "integer,integer", (-7, 2), -4),
        ("modulo", "integer,integer", (-7, 3), 2),
        ("modulo", "decimal,decimal", (D("7.5"), D("2")), D("1.5")),
        ("modulo", "decimal,decimal", (D("7.5"), D("-2")), D("-0.5")),
        ("power", "decimal,integer", (D("1.05"), 30), D("4.321942375151")),
        ("power", "decimal,integer", (D(0), 0), D(1)),
        ("power", "decimal,integer", (D(3), -1), D("0.333333333333")),
        ("power", "decimal,integer", (D("0.5"), 1000), D(0)),
        ("power", "decimal,integer", (D(10), 37), D(10) ** 37),
        ("minimum", "decimal,decimal", (D(1), D(2)), D(1)),
        ("maximum", "integer,integer", (1, 2), 2),
        ("exact", "float,integer", (0.1, 12), D("0.1")),
        ("exact", "float,integer", (2.5, 0), D(2)),
        ("exact", "float,integer", (5e-324, 12), D(0)),
        ("to_float", "decimal", (D("0.1"),), 0.1),
    ],
)
def test_numbers(name: str, overload: str, arguments: tuple[Any, ...], result: object) -> None:
    found = call(name, overload, *arguments)
    assert found == result
    assert type(found) is type(result)


@pytest.mark.parametrize(
    ("name", "overload", "arguments", "code"),
    [
        ("absolute", "integer", (-(2**63),), codes.INTEGER_OVERFLOW),
        ("round", "decimal", (D("1E30"),), codes.INTEGER_OVERFLOW),
        ("round", "decimal,integer", (D(1), 31), codes.NO_ANSWER),
        ("round_up", "decimal,integer", (D("9" * 38), -1), codes.TOO_MANY_DIGITS),
        ("quotient", "integer,integer", (1, 0), codes.DIVISION_BY_ZERO),
        ("quotient", "integer,integer", (-(2**63), -1), codes.INTEGER_OVERFLOW),
        ("modulo", "integer,integer", (1, 0), codes.DIVISION_BY_ZERO),
        ("modulo", "decimal,decimal", (D(1), D(0)), codes.DIVISION_BY_ZERO),
        ("modulo", "decimal,decimal", (D("-1E-38"), D(10) ** 37), codes.TOO_MANY_DIGITS),
        ("power", "decimal,integer", (D(0), -1), codes.DIVISION_BY_ZERO),
        ("power", "decimal,integer", (D(2), 1001), codes.NO_ANSWER),
        ("power", "decimal,integer", (D(10), 1000), codes.TOO_MANY_DIGITS),
        ("exact", "float,integer", (float("inf"), 2), codes.NO_ANSWER),
        ("exact", "float,integer", (1e300, 2), codes.TOO_MANY_DIGITS),
        ("exact", "float,integer", (1.0, 13), codes.NO_ANSWER),
    ],
)
def test_numbers_without_an_answer(name: str, overload: str, arguments: tuple[Any, ...], code: Code) -> None:
    with pytest.raises(Failure) as caught:
        call(name, overload, *arguments)
    assert caught.value.code is code


@given(decimals, decimals.filter(bool))
def test_what_remains_is_exact(value: Decimal, divisor: Decimal) -> None:
    assert Fraction(call("modulo", "decimal,decimal", value, divisor)) == Fraction(value) % Fraction(divisor)


@given(st.integers(-(10**18), 10**18), st.integers(-(10**9), 10**9).filter(bool))
def test_quotient_and_what_remains_make_up_the_value(value: int, divisor: int) -> None:
    quotient = call("quotient", "integer,integer", value, divisor)
    assert quotient * divisor + call("modulo", "integer,integer", value, divisor) == value


@given(st.decimals(-50, 50, places=3, allow_nan=False).filter(bool), st.integers(-20, 20))
def test_powers_are_rounded_once(base: Decimal, exponent: int) -> None:
    exact = round(Fraction(base) ** exponent * 10**12)
    try:
        assert Fraction(call("power", "decimal,integer", base, exponent)) * 10**12 == exact
    except Failure:
        assert len(str(abs(exact)).rstrip("0")) > 38 or abs(exact) >= 10**50
