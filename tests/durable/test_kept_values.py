"""What later units need of what earlier ones have found: each value of each type, the same again on the other side."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from actionlang.durable.kept_values import masked_text, read_values, told_outputs, values_text
from actionlang.engine.schema import Schema
from actionlang.engine.store import RowRef
from actionlang.metadata import types as t
from actionlang.metadata.tables import Column, Table
from actionlang.plan.plan import Effects, Parameter, Verb
from tests.durable.bench import MODULE, TABLES
from tests.registry.board import schema_of

SCHEMA: Schema = schema_of(TABLES, MODULE)
BOOK, MARK = t.Row(("bench.book",)), t.Row(("bench.mark",))
PLACE = t.Row(("bench.mark", "bench.shelf"))
COLOR = t.Choice("bench.Color")

VALUES: dict[str, tuple[t.Type, object]] = {
    "text": (t.Text(), 'ä☃ "quoted"\n\'\\ \u0001 \U0001f600'),
    "no letters": (t.Text(), ""),
    "a text that looks like something else": (t.Text(), "null"),
    "a whole number": (t.Integer(), 7),
    "the greatest": (t.Integer(), 2**63 - 1),
    "the least": (t.Integer(), -(2**63)),
    "decimal": (t.Decimal(), Decimal("12345678901234567890.123456789")),
    "money": (t.Money(), Decimal("-99999999999.99")),
    "float": (t.Float(), 0.1),
    "true": (t.Boolean(), True),
    "false": (t.Boolean(), False),
    "date": (t.Date(), date(2024, 2, 29)),
    "datetime": (t.DateTime(), datetime(2026, 11, 24, 23, 59, 59, 999999, tzinfo=UTC)),
    "duration": (t.Duration(), timedelta(days=-3, seconds=4, microseconds=5)),
    "id": (t.Id(), "00000000-0000-7000-8000-00000000ffff"),
    "choice": (COLOR, "green"),
    "choices": (t.Choices("bench.Color"), ("red", "blue")),
    "no choices": (t.Choices("bench.Color"), ()),
    "row": (MARK, RowRef("bench.mark", "00000000-0000-7000-8000-000000000001")),
    "row of one of several tables": (PLACE, RowRef("bench.shelf", "00000000-0000-7000-8000-000000000002")),
    "list": (t.ListOf(t.Integer()), (1, 2**60)),
    "empty list": (t.ListOf(t.Integer()), ()),
    "list of moments": (t.ListOf(t.DateTime()), (datetime(2026, 1, 1, tzinfo=UTC),)),
    "list of rows": (t.ListOf(PLACE), (RowRef("bench.mark", "00000000-0000-7000-8000-000000000001"),)),
    "json": (t.Json(), '{"a":[1,null,"x"]}'),
    "json null": (t.Json(), "null"),
    "json with many digits": (t.Json(), "12345678901234567890.10"),
    "empty": (t.Text(), None),
}


@pytest.mark.parametrize("case", VALUES.values(), ids=VALUES)
def test_a_value_is_the_same_afterwards(case: tuple[t.Type, object]) -> None:
    type_, value = case
    parameter = Parameter("it", type_, optional=True)
    found = read_values(values_text([parameter], {"it": value}), [parameter], SCHEMA)["it"]
    assert (type(found), found) == (type(value), value)


@given(
    st.dictionaries(st.sampled_from("abc"), st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))),
    st.dictionaries(st.sampled_from("bcd"), st.integers(-(2**63), 2**63 - 1)),
)
def test_what_is_found_later_is_added(texts: dict[str, str], numbers: dict[str, int]) -> None:
    earlier = [Parameter(name, t.Text()) for name in texts]
    later = [Parameter(name, t.Integer()) for name in numbers]
    known = values_text(later, numbers, values_text(earlier, texts))
    assert read_values(known, later, SCHEMA) == numbers
    only_earlier = [each for each in earlier if each.name not in numbers]
    assert read_values(known, only_earlier, SCHEMA) == {each.name: texts[each.name] for each in only_earlier}


def test_what_is_not_known_is_empty() -> None:
    assert read_values(None, [Parameter("it", t.Text())], SCHEMA) == {"it": None}


def test_people_read_what_is_not_sensitive() -> None:
    parameters = [Parameter("open", t.Text()), Parameter("secret", t.Text(), sensitive=True)]
    assert json.loads(masked_text(parameters, {"open": "a", "secret": "b"}, SCHEMA)) == {"open": "a", "secret": "***"}


def test_what_is_not_kept_of_outputs_may_be_empty() -> None:
    key = Column("id", t.Text(20), "id", primary=True, sensitive=True)
    tables = {
        "secret": Table("secret", "secret", (key,)),
        "open": Table("open", "open", (attrs.evolve(key, sensitive=False),)),
    }
    outputs = (
        Parameter("code", t.Text(), sensitive=True),
        Parameter("rows", t.ListOf(t.Row(("open", "secret")))),
        Parameter("row", t.Row(("open",))),
        Parameter("text", t.Text()),
    )
    verb = Verb("one.Do", "background", None, (), outputs, (), False, False, None, "", Effects(), (), "one.act", 1)
    told = [each.optional for each in told_outputs(verb, tables)]
    assert told == [True, True, False, False]
    # Other verbs answer with what they have found.
    assert told_outputs(attrs.evolve(verb, kind="action"), tables) == outputs
