"""Values as the prompt shows them."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from actionlang.diagnostics.source import Source
from actionlang.engine.store import RowRef
from actionlang.metadata import types as t
from actionlang.repl.values import in_cell, shown, text_literal
from actionlang.syntax import ast
from actionlang.syntax.parser import parse_query

CASE = t.Row(("helpdesk.case",))
CUSTOMER = t.Row(("helpdesk.account", "helpdesk.contact"))
ROW = RowRef("helpdesk.case", "1")


def name(row: RowRef) -> str:
    return f"{row.table.rpartition('.')[2]} CAS-{row.key}"


@pytest.mark.parametrize(
    ("value", "type_", "alone", "cell"),
    [
        (None, t.Text(), "empty", ""),
        ("", t.Text(), '""', ""),
        ('a "b"\n{c}', t.Text(), '"a \\"b\\"\\n{{c}}"', 'a "b"\n{c}'),
        (10000, t.Integer(), "10000", "10000"),
        (Decimal("2.50"), t.Decimal(5, 2), "2.5", "2.5"),
        (Decimal("1234567.5"), t.Money(), "1,234,567.50", "1,234,567.50"),
        (Decimal("-0.1255"), t.Money(), "-0.1255", "-0.1255"),
        (Decimal(-1234), t.Money(), "-1,234.00", "-1,234.00"),
        (True, t.Boolean(), "true", "true"),
        (date(2026, 11, 24), t.Date(), "2026-11-24 (Tuesday)", "2026-11-24"),
        (datetime(2026, 11, 24, 9, 30, tzinfo=UTC), t.DateTime(), "2026-11-24 09:30:00 UTC", "2026-11-24 09:30:00"),
        (timedelta(days=2, hours=1), t.Duration(), "2 days 1 hour", "2 days 1 hour"),
        (timedelta(0), t.Duration(), "0 seconds", "0 seconds"),
        (timedelta(seconds=-90.5), t.Duration(), "-1 minute 30.5 seconds", "-1 minute 30.5 seconds"),
        ("high", t.Choice("helpdesk.Priority"), "high", "high"),
        (("billing", "hardware"), t.Choices("helpdesk.Tag"), "(billing, hardware)", "billing, hardware"),
        (ROW, CASE, "case CAS-1", "CAS-1"),
        (RowRef("helpdesk.contact", "2"), CUSTOMER, "contact CAS-2", "contact CAS-2"),
        (("a", "b"), t.ListOf(t.Text()), '("a", "b")', "a, b"),
        ((ROW, ROW), t.ListOf(CASE), "(case CAS-1, case CAS-1)", "CAS-1, CAS-1"),
    ],
)
def test_a_value(value: object, type_: t.Type, alone: str, cell: str) -> None:
    assert shown(value, type_, name) == alone
    assert in_cell(value, type_, name) == cell


@settings(deadline=None)
@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=30))
def test_a_text_is_shown_as_a_script_has_it(text: str) -> None:
    parsed = parse_query(Source("", text_literal(text)))
    assert not parsed.diagnostics
    assert parsed.query is not None
    assert isinstance(parsed.query.value, ast.TextLiteral)
    assert parsed.query.value.value == text
