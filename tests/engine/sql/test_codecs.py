"""How values are stored: every value reads back, in the database's order where that is used, and nothing else reads."""

from __future__ import annotations

import math
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actionlang.engine.json_form import from_json
from actionlang.engine.schema import Schema
from actionlang.engine.sql.codecs import Codec, NeverStored, NotConforming, codec_of, read_moment, write_moment
from actionlang.metadata import types as t
from actionlang.metadata.tables import Choice, Member
from tests.engine.building import CHOICES, PRIORITY, STATUS

SCHEMA = Schema.of((), (*CHOICES, Choice("desk.Tag", tuple(Member(name) for name in ("b", "a", "ä")))))
TAGS = t.Choices("desk.Tag")

texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"))
json_data: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**20), 10**20) | st.decimals(-9, 9, places=3) | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=6,
)
VALUES: dict[str, tuple[t.Type, st.SearchStrategy[Any]]] = {
    "text": (t.Text(), texts),
    "short text": (t.Text(3), st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=3)),
    "integer": (t.Integer(), st.integers(-(2**63), 2**63 - 1)),
    "money": (t.Money(), st.integers(-(2**63), 2**63 - 1).map(lambda n: Decimal(n).scaleb(-4))),
    "decimal": (t.Decimal(18, 6), st.integers(-(10**18) + 1, 10**18 - 1).map(lambda n: Decimal(n).scaleb(-6))),
    "wide decimal": (
        t.Decimal(38, 10),
        st.integers(-(10**38) + 1, 10**38 - 1).map(lambda n: Decimal(f"{n}e-10")),
    ),
    "float": (t.Float(), st.floats(allow_nan=False, allow_infinity=False)),
    "boolean": (t.Boolean(), st.booleans()),
    "date": (t.Date(), st.dates()),
    "moment": (t.DateTime(), st.datetimes(timezones=st.just(UTC))),
    "duration": (t.Duration(), st.integers(-(2**63), 2**63 - 1).map(lambda n: timedelta(microseconds=n))),
    "id": (t.Id(), st.uuids().map(str)),
    "json": (t.Json(), json_data.map(lambda data: from_json(data, t.Json(), SCHEMA) or "null")),
    "numbered choice": (PRIORITY, st.sampled_from(["low", "normal", "high"])),
    "choice": (STATUS, st.sampled_from(["new", "open", "resolved", "cancelled"])),
    "choices": (TAGS, st.sampled_from([(), ("b",), ("b", "a"), ("b", "a", "ä")])),
}


@pytest.fixture(scope="module")
def database() -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(":memory:")) as driver:
        yield driver


def stored(codec: Codec, value: object, database: sqlite3.Connection) -> object:
    """A value as it comes back from a column of its kind."""
    written = value if codec.write is None else codec.write(value)
    database.execute("DROP TABLE IF EXISTS one")
    database.execute(f"CREATE TABLE one (c {codec.kind.value.upper()})")
    database.execute("INSERT INTO one VALUES (?)", (written,))
    return database.execute("SELECT c FROM one").fetchone()[0]


@pytest.mark.parametrize("name", VALUES)
@given(data=st.data())
def test_every_value_reads_back(name: str, data: st.DataObject, database: sqlite3.Connection) -> None:
    type_, values = VALUES[name]
    codec = codec_of(type_, SCHEMA)
    value = data.draw(values)
    assert codec.read(stored(codec, value, database)) == value


ORDERED = ("text", "integer", "money", "decimal", "float", "boolean", "date", "moment", "duration", "id")


@pytest.mark.parametrize("name", ORDERED)
@given(data=st.data())
def test_what_is_ordered_is_in_order(name: str, data: st.DataObject, database: sqlite3.Connection) -> None:
    type_, values = VALUES[name]
    codec = codec_of(type_, SCHEMA)
    assert codec.ordered
    some = data.draw(st.lists(values, max_size=4))
    database.execute("DROP TABLE IF EXISTS many")
    database.execute(f"CREATE TABLE many (c {codec.kind.value.upper()})")
    for value in some:
        database.execute("INSERT INTO many VALUES (?)", (value if codec.write is None else codec.write(value),))
    read = [codec.read(cell) for (cell,) in database.execute("SELECT c FROM many ORDER BY c COLLATE BINARY")]
    assert read == sorted(some)


def test_wide_decimals_are_not_in_the_database_s_order() -> None:
    assert not codec_of(t.Decimal(19, 2), SCHEMA).ordered


NOT_STORED: list[tuple[t.Type, list[object]]] = [
    (t.Text(), [1, 1.5, b"x", "a\x00b"]),
    (t.Text(2), ["abc"]),
    (t.Integer(), ["1", 1.0, b"1"]),
    (t.Money(), ["1.5", 1.5, b"1"]),
    (t.Decimal(3, 1), [1000, -1000, "1", 1.5]),
    (t.Decimal(20, 2), [1, "x", "1.50", "01", "1e5", "NaN", "1.234", "1000000000000000000", "", 1.5, "-0"]),
    (t.Float(), [1, "1.5", math.inf, b"1"]),
    (t.Boolean(), [2, -1, "true", "1", 0.5]),
    (t.Date(), ["2026-1-2", "20260102", "2026-13-01", 1, "", b"2026-01-02"]),
    (t.DateTime(), ["2026-01-02", "2026-01-02T00:00:00Z", "2026-01-02T00:00:00.000000", "x", 7]),
    (t.DateTime(), ["2026-01-02T00:00:00.000000+00:00", "2026-01-02 00:00:00.000000Z"]),
    (t.Duration(), ["PT1S", 1.5]),
    (t.Id(), ["x", 1, "00000000-0000-7000-8000-00000000000A", "{00000000-0000-7000-8000-000000000001}"]),
    (t.Json(), ["{", '{"b":1, "a":2}', '{"b":1,"a":2}', "1.50", 1, b"1", "[" * 100_000]),
    (PRIORITY, [0, 4, "low", 1.5]),
    (STATUS, ["gone", 1, "Open", b"open"]),
    (TAGS, ['["a","b"]', '["b", "a"]', "b", 1, '["c"]', '["b","b"]', "{}", "[" * 100_000]),
]


@pytest.mark.parametrize(
    ("type_", "cell"), [(type_, cell) for type_, cells in NOT_STORED for cell in cells], ids=lambda each: str(each)[:20]
)
def test_nothing_else_reads(type_: t.Type, cell: object) -> None:
    with pytest.raises(NotConforming):
        codec_of(type_, SCHEMA).read(cell)


def test_numbers_that_no_row_can_have_are_known() -> None:
    for type_, value in (
        (t.Money(), "1.00001"),
        (t.Money(), "1e20"),
        (t.Decimal(3, 1), "100"),
        (t.Decimal(3, 1), "1.25"),
    ):
        write = codec_of(type_, SCHEMA).write
        assert write is not None
        with pytest.raises(NeverStored):
            write(Decimal(value))


@given(st.datetimes(timezones=st.just(UTC)))
def test_moments_are_texts_of_one_length(moment: Any) -> None:
    assert len(write_moment(moment)) == 27
    assert read_moment(write_moment(moment)) == moment
