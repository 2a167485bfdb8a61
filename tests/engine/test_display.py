"""Values written into texts."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from actionlang.engine.display import display_of
from actionlang.metadata import types as t


@pytest.mark.parametrize(
    ("type_", "value", "text"),
    [
        (t.Text(5), "a b", "a b"),
        (t.Integer(), -5, "-5"),
        (t.Money(), Decimal("12.5000"), "12.5"),
        (t.Decimal(5, 2), Decimal("0.00"), "0"),
        (t.Float(), 1e22, "10000000000000000000000"),
        (t.Float(), 0.1, "0.1"),
        (t.Boolean(), True, "true"),
        (t.Boolean(), False, "false"),
        (t.Date(), date(2026, 11, 24), "2026-11-24"),
        (t.DateTime(), datetime(2026, 11, 24, 9, 30, tzinfo=UTC), "2026-11-24T09:30:00Z"),
        (t.Duration(), timedelta(days=2), "P2D"),
        (t.Choice("desk.Priority"), "high", "high"),
        (t.Choices("desk.Priority"), ("low", "high"), "low, high"),
        (t.ListOf(t.Money()), (Decimal("1.0000"), Decimal("2.5000")), "1, 2.5"),
    ],
)
def test_values_in_texts(type_: t.Type, value: object, text: str) -> None:
    assert display_of(type_)(value) == text
