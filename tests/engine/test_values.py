"""What fits a column, parameter or output."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actionlang.diagnostics.catalogue import run as codes
from actionlang.engine.failure import Failure
from actionlang.engine.values import Fit, fitting, money
from actionlang.metadata import types as t


def fit_of(source: t.Type, target: t.Type) -> Fit:
    found = fitting(source, target)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("source", "target"),
    [
        (t.Text(5), t.Text(5)),
        (t.Text(5), t.Text(6)),
        (t.Text(5), t.Text()),
        (t.Decimal(5, 2), t.Decimal()),
        (t.Integer(), t.Integer()),
        (t.Row(("a",)), t.Row(("a", "b"))),
        (t.ListOf(t.Text(2)), t.ListOf(t.Text(3))),
    ],
)
def test_what_fits_already_is_not_looked_at(source: t.Type, target: t.Type) -> None:
    assert fitting(source, target) is None


def test_text_is_counted_in_code_points_and_never_cut() -> None:
    fit = fit_of(t.Text(), t.Text(2))
    assert fit("🖨🔥") == "🖨🔥"
    with pytest.raises(Failure, match=r"3 characters; text\(2\)") as caught:
        fit("abc")
    assert caught.value.code is codes.TEXT_DOES_NOT_FIT


@given(st.decimals(-2000, 2000, places=6, allow_nan=False))
def test_a_decimal_is_rounded_half_even_to_its_scale_or_fails(value: Decimal) -> None:
    exact = round(Fraction(value) * 100)
    fit = fit_of(t.Decimal(), t.Decimal(5, 2))
    if abs(exact) < 10**5:
        assert Fraction(str(fit(value))) * 100 == exact
    else:
        with pytest.raises(Failure) as caught:
            fit(value)
        assert caught.value.code is codes.NUMBER_DOES_NOT_FIT


@pytest.mark.parametrize(
    ("value", "stored"),
    [
        ("922337203685477.5807", "922337203685477.5807"),
        ("922337203685477.58074", "922337203685477.5807"),
        ("922337203685477.58075", None),
        ("-922337203685477.5808", "-922337203685477.5808"),
        ("-922337203685477.5809", None),
        ("0.00005", "0.0000"),
        ("0.00015", "0.0002"),
    ],
)
def test_money_fits_64_bits_at_four_decimals(value: str, stored: str | None) -> None:
    if stored is not None:
        assert str(money(Decimal(value))) == stored
        return
    with pytest.raises(Failure) as caught:
        money(Decimal(value))
    assert caught.value.code is codes.NUMBER_DOES_NOT_FIT


def test_lists_fit_item_by_item() -> None:
    fit = fit_of(t.ListOf(t.Decimal()), t.ListOf(t.Money()))
    assert fit((Decimal("1.00005"), Decimal(2))) == (Decimal("1.0000"), Decimal(2))
