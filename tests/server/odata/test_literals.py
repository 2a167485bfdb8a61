"""Values in URLs: each literal is read as what was written, and nothing else is."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from urllib.parse import unquote
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actionlang.server.odata.literals import EnumLiteral, encoded, parse_literal, split_outside, write_literal
from actionlang.server.odata.segments import Segment, segments_of
from actionlang.server.refusal import Refusal

SIGNS = st.text("'\"()[]{},=/%\\?&#+ aé", max_size=12)
"""Texts of what has a meaning in addresses."""

VALUES = st.one_of(
    SIGNS,
    st.none(),
    st.booleans(),
    st.integers(-(2**63), 2**63 - 1),
    st.decimals(allow_nan=False, allow_infinity=False, places=4, min_value=-(10**14), max_value=10**14),
    st.text(),
    st.uuids(),
    st.dates(),
    st.datetimes(timezones=st.just(UTC)),
    st.timedeltas(min_value=timedelta(days=-90_000), max_value=timedelta(days=90_000)),
)


@given(VALUES)
def test_what_is_written_is_read(value: object) -> None:
    assert parse_literal(write_literal(value)) == value


@given(st.dictionaries(st.from_regex(r"[a-z_][a-z0-9_]{0,8}", fullmatch=True), VALUES, min_size=1, max_size=4))
def test_a_key_comes_through_an_address(values: dict[str, object]) -> None:
    inner = ",".join(f"{name}={write_literal(value)}" for name, value in values.items())
    path = f"cases({encoded(inner)})/Escalate"
    row, verb = segments_of(path)
    assert verb == Segment("Escalate")
    assert {name: parse_literal(text) for name, text in row.arguments()} == values


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("null", None),
        ("42", 42),
        ("-2.50", Decimal("-2.50")),
        ("1e3", Decimal(1000)),
        ("'O''Neil'", "O'Neil"),
        ("''", ""),
        ("7D2E8F10-0000-4000-8000-000000000001", UUID("7d2e8f10-0000-4000-8000-000000000001")),
        ("2026-11-24", date(2026, 11, 24)),
        ("2026-11-24T09:30:00Z", datetime(2026, 11, 24, 9, 30, tzinfo=UTC)),
        ("2026-11-24T09:30:00.1230000+01:00", datetime(2026, 11, 24, 8, 30, 0, 123000, UTC)),
        ("duration'PT90M'", timedelta(minutes=90)),
        ("P1DT2H", timedelta(days=1, hours=2)),
        ("Microsoft.Dynamics.CRM.Priority'high'", EnumLiteral("Microsoft.Dynamics.CRM.Priority", "high")),
        ('["a",1.10]', ["a", Decimal("1.10")]),
        ('{"@odata.id":"cases(1)"}', {"@odata.id": "cases(1)"}),
    ],
)
def test_literals(text: str, value: object) -> None:
    assert parse_literal(text) == value


@pytest.mark.parametrize(
    "text",
    ["", "abc", "'", "'a'b'", "NaN", "INF", "--1", "1.", "binary'AA'", "2026-13-01", "duration'2 days'", "9" * 81],
)
def test_what_is_no_literal(text: str) -> None:
    with pytest.raises(ValueError, match=r"^[^\n]*$"):
        parse_literal(text)


@pytest.mark.parametrize("text", ['{"a":1,"a":2}', "[1,", "[" * 40 + "]" * 40])
def test_what_is_no_json(text: str) -> None:
    with pytest.raises(Refusal) as raised:
        parse_literal(text)
    assert (raised.value.status, raised.value.code) == (400, "E1124")


def test_texts_are_parted_outside_of_quotes_and_brackets() -> None:
    parts = ["a='x,y'", 'b=["1,2",{"c":"]"}]', "d=f(1,2)", r'e={"q":"\",\""}']
    assert list(split_outside(",".join(parts), ",")) == parts


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("cases(number='x", "none of a table"),
        ("cases(number='x)", "does not close"),
        ("cases(1,2)", "no list of NAME=VALUE"),
        ("cases(a=1,a=2)", "no list of NAME=VALUE"),
        ("cases(a=)", "no list of NAME=VALUE"),
        ("cases//x", "none of a table"),
        ("%ff", "not in UTF-8"),
        ("a/" * 30, "too long"),
    ],
)
def test_addresses_that_can_not_be_read(path: str, message: str) -> None:
    with pytest.raises(Refusal) as raised:
        _ = [segment.arguments() for segment in segments_of(path)]
    assert (raised.value.status, raised.value.code) == (400, "E1121")
    assert message in raised.value.message


@given(st.text(st.characters(codec="utf-8"), max_size=30) | SIGNS.map(lambda text: f"cases({text})"))
def test_no_address_breaks_the_reader(path: str) -> None:
    try:
        for segment in segments_of(path):
            for _, literal in segment.arguments():
                parse_literal(literal)
    except (Refusal, ValueError):
        return


@given(st.text() | SIGNS)
def test_what_is_encoded_names_one_segment(text: str) -> None:
    assert "/" not in encoded(text) and "?" not in encoded(text)
    assert unquote(encoded(text)) == text
