"""Values as JSON data and back."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actionlang.engine.json_form import from_json, key_from_json, to_json
from actionlang.engine.schema import Schema
from actionlang.engine.store import RowRef
from actionlang.metadata import types as t
from tests.engine.building import CASE, CHOICES, PARTY, PRIORITY, TABLES

SCHEMA = Schema.of(TABLES, CHOICES)
MANY = t.Choices("desk.Priority")
ID = "01a20ce4-05c0-7000-8000-000000000001"

numbers = st.decimals(1 - 10**14, 10**14 - 1, places=4, allow_nan=False)
texts = st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"]))
values: st.SearchStrategy[tuple[t.Type, object]] = st.one_of(
    st.tuples(st.just(t.Text()), texts),
    st.tuples(st.just(t.Integer()), st.integers(-(2**63), 2**63 - 1)),
    st.tuples(st.just(t.Money()), numbers),
    st.tuples(st.just(t.Decimal(18, 4)), numbers),
    st.tuples(st.just(t.Float()), st.floats(allow_nan=False, allow_infinity=False)),
    st.tuples(st.just(t.Boolean()), st.booleans()),
    st.tuples(st.just(t.Date()), st.dates()),
    st.tuples(st.just(t.DateTime()), st.datetimes(timezones=st.just(UTC))),
    st.tuples(st.just(t.Duration()), st.integers(-(2**63), 2**63 - 1).map(lambda n: timedelta(microseconds=n))),
    st.tuples(st.just(t.Id()), st.uuids().map(str)),
    st.tuples(st.just(PRIORITY), st.sampled_from(["low", "normal", "high"])),
    st.tuples(st.just(MANY), st.sampled_from([(), ("low",), ("low", "high")])),
    st.tuples(st.just(t.ListOf(t.Integer())), st.lists(st.integers(0, 9)).map(tuple)),
    st.tuples(st.just(CASE), st.uuids().map(lambda key: RowRef("desk.case", str(key)))),
    st.tuples(st.just(PARTY), st.uuids().map(lambda key: RowRef("desk.contact", str(key)))),
    st.tuples(st.just(t.Row(("desk.line",))), st.just(RowRef("desk.line", (1, 2)))),
    st.tuples(st.just(t.Text()), st.none()),
)


@given(values)
def test_every_value_reads_back_from_real_json(typed: tuple[t.Type, object]) -> None:
    type_, value = typed
    data = json.loads(json.dumps(to_json(value, type_)))
    assert from_json(data, type_, SCHEMA) == value


def test_numbers_that_other_readers_would_round_are_texts() -> None:
    assert to_json(2**53 - 1, t.Integer()) == 2**53 - 1
    assert to_json(2**53, t.Integer()) == "9007199254740992"
    assert to_json(Decimal("2.500"), t.Decimal()) == "2.5"
    assert to_json(RowRef("desk.line", (1, date(2026, 1, 2))), t.Row(("desk.line",))) == [1, "2026-01-02"]
    assert to_json((RowRef("a", Decimal("1.0")), RowRef("a", RowRef("b", 2))), t.ListOf(t.Row(("a",)))) == ["1", 2]


@pytest.mark.parametrize(
    ("data", "type_", "value"),
    [
        (" 42 ", t.Integer(), 42),
        (7, t.Decimal(), Decimal(7)),
        ("12.345", t.Money(), Decimal("12.3450")),
        (Decimal("1.005"), t.Decimal(5, 2), Decimal("1.00")),
        ("0.5", t.Float(), 0.5),
        ("true", t.Boolean(), True),
        (date(2026, 1, 2), t.Date(), date(2026, 1, 2)),
        (
            datetime(2026, 1, 2, 3, tzinfo=timezone(timedelta(hours=1))),
            t.DateTime(),
            datetime(2026, 1, 2, 2, tzinfo=UTC),
        ),
        (timedelta(days=1), t.Duration(), timedelta(days=1)),
        ("2 days", t.Duration(), timedelta(days=2)),
        (UUID(ID), t.Id(), ID),
        (ID.upper().replace("-", ""), t.Id(), ID),
        ("high, low", MANY, ("low", "high")),
        ("", MANY, ()),
        (["high", "high"], MANY, ("high",)),
        (RowRef("desk.case", ID), CASE, RowRef("desk.case", ID)),
        (
            {"b": [1.50, None, True, -0.0], "a": {"x": Decimal("1E+2")}},
            t.Json(),
            '{"a":{"x":100},"b":[1.5,null,true,0]}',
        ),
        ("née", t.Json(), '"née"'),
    ],
)
def test_what_people_and_programs_give(data: object, type_: t.Type, value: object) -> None:
    assert from_json(data, type_, SCHEMA) == value


def nested(depth: int) -> list[Any]:
    data: list[Any] = []
    for _ in range(depth):
        data = [data]
    return data


@pytest.mark.parametrize(
    ("data", "type_", "takes"),
    [
        (1, t.Text(), "a text"),
        ("a\x00b", t.Text(), "a text"),
        ("\ud800", t.Text(), "a text"),
        ("abc", t.Text(2), "a text .The text has 3 characters"),
        (1.5, t.Integer(), "a whole number of 64 bits"),
        (True, t.Integer(), "a whole number"),
        (2**63, t.Integer(), "a whole number"),
        ("1" * 99, t.Integer(), "a whole number"),
        (1.5, t.Decimal(), "an exact number"),
        (Decimal("NaN"), t.Decimal(), "an exact number"),
        ("1e5", t.Decimal(), "an exact number"),
        (True, t.Money(), "an amount of money"),
        ("1000", t.Decimal(5, 2), "an exact number"),
        (float("nan"), t.Float(), "a number"),
        ("x", t.Float(), "a number"),
        (True, t.Float(), "a number"),
        (10**400, t.Float(), "a number"),
        ("yes", t.Boolean(), "true or false"),
        (1, t.Boolean(), "true or false"),
        ("24.11.2026", t.Date(), "a day"),
        (datetime(2026, 1, 2), t.Date(), "a day"),
        (datetime(2026, 1, 2), t.DateTime(), "a moment"),
        ("soon", t.DateTime(), "a moment"),
        (5, t.Duration(), "a length of time"),
        (timedelta.max, t.Duration(), "a length of time"),
        ("abc", t.Id(), "an id"),
        (5, t.Id(), "an id"),
        (object(), t.Json(), "JSON data"),
        ({1: 2}, t.Json(), "JSON data"),
        (nested(100_000), t.Json(), "JSON data"),
        ("urgent", PRIORITY, "one of low, normal, high"),
        (3, PRIORITY, "one of low, normal, high"),
        (["urgent"], MANY, "any of low, normal, high"),
        (5, MANY, "any of low, normal, high"),
        ("a", t.ListOf(t.Text()), "a list without empty items"),
        ([None], t.ListOf(t.Text()), "a list without empty items"),
        ("x", t.File(), "not available"),
        ("x", CASE, "an id"),
        ("x", PARTY, "table and key"),
        ({"table": "desk.case", "key": ID}, PARTY, "table and key"),
        ([1], t.Row(("desk.line",)), "the values of order, position"),
    ],
)
def test_what_is_no_value_of_the_type(data: object, type_: t.Type, takes: str) -> None:
    with pytest.raises(ValueError, match=takes):
        from_json(data, type_, SCHEMA)


def test_a_key_alone() -> None:
    assert key_from_json([1, "2"], "desk.line", SCHEMA) == (1, 2)
    assert key_from_json("high", "desk.weight", SCHEMA) == "high"


def test_json_gives_back_the_data() -> None:
    assert to_json('{"a":[1,null]}', t.Json()) == {"a": [1, None]}
