"""JSON Schemas of the wire: what they accept the reader accepts, what the writer writes they accept, and they say what is documented."""

from __future__ import annotations

import json
import re
from datetime import UTC, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import jsonschema_rs
import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st

from actionlang.engine.schema import Schema
from actionlang.engine.store import RowRef
from actionlang.engine.times import LONGEST, SHORTEST, iso_duration
from actionlang.metadata import types as t
from actionlang.metadata.tables import Choice, Column, Default, Member, Table
from actionlang.metadata.wire_names import WireNames
from actionlang.plan.plan import Effects, Parameter, Verb
from actionlang.server.catalog import Catalog
from actionlang.server.odata.given import value_reader
from actionlang.server.odata.given_rows import bound_reader
from actionlang.server.odata.json_body import parse_json
from actionlang.server.odata.values import Writing, writer_of
from actionlang.server.odata.wire import Wire
from actionlang.server.schemas import Schemas, input_schema, output_schema, row_schema

GRADE = Choice("board.Grade", (Member("low", 1, "Not high"), Member("high", 2)), "How urgent.")
COLOUR = Choice("board.Colour", (Member("red"), Member("sky blue")))
TABLES = (
    Table(
        "board.card",
        "card",
        (Column("id", t.Id(), "id", primary=True), Column("code", t.Text(8), "code", key=True)),
        (("code",),),
    ),
    Table("board.entry", "entry", (Column("number", t.Integer(), "number", primary=True),)),
    Table(
        "board.seat",
        "seat",
        (
            Column("card", t.Row(("board.card",)), "card", primary=True),
            Column("place", t.Integer(), "place", primary=True),
        ),
    ),
)
CARD, ENTRY, SEAT = (t.Row((table.name,)) for table in TABLES)
TYPES: tuple[t.Type, ...] = (
    t.Text(),
    t.Text(5),
    t.Integer(),
    t.Decimal(),
    t.Decimal(12, 4),
    t.Decimal(3, 3),
    t.Decimal(38, 10),
    t.Decimal(5, 0),
    t.Money(),
    t.Float(),
    t.Boolean(),
    t.Date(),
    t.DateTime(),
    t.Duration(),
    t.Id(),
    t.Json(),
    t.Choice("board.Grade"),
    t.Choice("board.Colour"),
    t.Choices("board.Grade"),
    t.Choices("board.Colour"),
    CARD,
    ENTRY,
    SEAT,
    t.Row(("board.card", "board.entry")),
    t.ListOf(t.Decimal(4, 2)),
    t.ListOf(CARD),
)
NAMES = WireNames.of([table.name for table in TABLES], [GRADE.name, COLOUR.name])
CATALOG = Catalog({table.name: table for table in TABLES}, {GRADE.name: GRADE, COLOUR.name: COLOUR}, {}, NAMES, 1)
WIRE = Wire(Schema.of(TABLES, (GRADE, COLOUR)), NAMES)


def validator(schema: dict[str, Any], schemas: Schemas) -> Any:
    """What says whether JSON data fits a schema, formats included."""
    whole = schema | {"$defs": schemas.definitions.made}
    jsonschema_rs.meta.validate(whole)
    return jsonschema_rs.Draft202012Validator(whole, validate_formats=True)


def accepting(type_: t.Type) -> Any:
    schemas = Schemas(CATALOG)
    return validator(schemas.accepted(type_), schemas)


ACCEPTING = {type_: accepting(type_) for type_ in TYPES}

PLAIN = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=10)
NUMBERS = st.one_of(
    st.integers(-20, 20),
    st.integers(-(2**64), 2**64),
    st.floats(allow_nan=False, allow_infinity=False),
    st.decimals(allow_nan=False, allow_infinity=False, places=2, min_value=-(10**6), max_value=10**6).map(float),
)
KEYS = st.one_of(st.uuids().map(str), st.integers(0, 99), st.sampled_from(["A-1", "O''Neil", "ä b"]))
ADDRESSES = st.builds(
    "{}{}({}{})".format,
    st.sampled_from(["", "/api/data/v9.2/", "https://example.com/api/data/v9.2/", "https://example.com/"]),
    st.sampled_from(["cards", "entries", "seats"]),
    st.sampled_from(["", "code=", "number=", "id="]),
    KEYS.map(lambda key: f"'{key}'" if isinstance(key, str) and len(key) < 36 else key),
)
TEXTS = st.one_of(
    PLAIN,
    NUMBERS.map(str),
    st.from_regex(r"\A-?[0-9]{1,39}(\.[0-9]{1,13})?\Z"),
    st.dates().map(str),
    st.datetimes(timezones=st.just(UTC)).map(lambda moment: moment.isoformat().replace("+00:00", "Z")),
    st.from_regex(
        r"\A[0-9]{4}-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-5][0-9](:[0-6][0-9](\.[0-9]{1,7})?)?(Z|z|[+-][0-9]{2}:[0-9]{2})\Z"
    ),
    st.timedeltas().map(iso_duration),
    st.from_regex(r"\A-?P([0-9]{1,6}[YWD])?(T([0-9]{1,6}H)?([0-9]{1,8}M)?([0-9]{1,9}(\.[0-9]{1,7})?S)?)?\Z"),
    st.uuids().map(str),
    st.sampled_from(
        ["low", "high", "Not high", "red", "sky blue", "1,2", "low,high", "red,sky blue", "1,", "A-1", "true"]
    ),
    ADDRESSES,
)
SCALARS = st.one_of(st.none(), st.booleans(), NUMBERS, TEXTS)
MEMBERS = st.dictionaries(
    st.sampled_from(["id", "code", "number", "_card_value", "place", "@odata.id", "@odata.type", "x"]),
    SCALARS,
    max_size=3,
)
SEATS = st.fixed_dictionaries({"_card_value": st.uuids().map(str), "place": SCALARS})
DATA = st.one_of(SCALARS, MEMBERS, SEATS, st.lists(st.one_of(SCALARS, MEMBERS), max_size=3))


@settings(max_examples=1500, deadline=None)
@given(data=DATA)
def test_what_a_schema_accepts_is_read(data: object) -> None:
    for type_, accepts in ACCEPTING.items():
        # No schema can say that the numbers in JSON data have 38 digits at most.
        skipped = data is None or (isinstance(type_, t.Json) and re.search(r"\d[.e]", json.dumps(data)) is not None)
        if not skipped and accepts.is_valid(data):
            event(f"accepted as {type_}")
            value_reader(type_, WIRE)(parse_json(json.dumps(data).encode(), 32))


@settings(max_examples=300, deadline=None)
@given(address=ADDRESSES)
def test_addresses_that_a_schema_accepts_are_read(address: str) -> None:
    for row in (CARD, ENTRY, SEAT, t.Row(("board.card", "board.entry"))):
        schemas = Schemas(CATALOG)
        is_valid = validator(schemas.definitions.address(row.tables), schemas).is_valid(address)
        try:
            bound_reader(row, WIRE, value_reader)(address)
        except ValueError:
            assert not is_valid
        else:
            assert is_valid


def values(type_: t.Type) -> st.SearchStrategy[Any]:
    """Values of the language."""
    if isinstance(type_, t.ListOf):
        return st.lists(values(type_.item), max_size=3).map(tuple)
    if isinstance(type_, t.Choices):
        members = CATALOG.choices[type_.name].by_name
        return st.sets(st.sampled_from(sorted(members))).map(
            lambda some: tuple(name for name in members if name in some)
        )
    if isinstance(type_, t.Choice):
        return st.sampled_from(sorted(CATALOG.choices[type_.name].by_name))
    if isinstance(type_, t.Row):
        return st.one_of([rows(table) for table in type_.tables])
    if isinstance(type_, t.Text):
        return st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=type_.length)
    if isinstance(type_, t.Decimal):
        before = (type_.precision or 38) - (type_.scale or 0)
        largest = Decimal(10) ** min(before, 26) - Decimal(1).scaleb(-(type_.scale or 0))
        return st.decimals(-largest, largest, places=type_.scale or 0)
    return BY_TYPE[type(type_)]


BY_TYPE: dict[type[t.Type], st.SearchStrategy[Any]] = {
    t.Integer: st.integers(-(2**63), 2**63 - 1),
    t.Money: st.decimals(-(10**14), 10**14, places=4),
    t.Float: st.floats(allow_nan=False, allow_infinity=False),
    t.Boolean: st.booleans(),
    t.Date: st.dates(),
    t.DateTime: st.datetimes(timezones=st.just(UTC)),
    t.Duration: st.timedeltas(max(SHORTEST, timedelta(-900_000)), min(LONGEST, timedelta(900_000))),
    t.Id: st.uuids().map(str),
    t.Json: st.sampled_from(["1", '"x"', "[1,null]", '{"a":{}}', "true"]),
}


def rows(table: str) -> st.SearchStrategy[RowRef]:
    """Rows of a table."""
    if table == "board.seat":
        return st.tuples(rows("board.card"), st.integers(0, 9)).map(lambda key: RowRef(table, key))
    key = st.uuids().map(str) if table == "board.card" else st.integers(0, 10**6)
    return key.map(lambda value: RowRef(table, value))


@pytest.mark.parametrize("type_", TYPES, ids=str)
@settings(max_examples=25, deadline=None)
@given(drawn=st.data())
def test_what_is_written_fits_and_is_read_back(type_: t.Type, drawn: st.DataObject) -> None:
    value = drawn.draw(values(type_))
    schemas = Schemas(CATALOG)
    sent = validator(schemas.received(type_, False), schemas)
    for writing in (Writing(), Writing(formatted=True)):
        text = writer_of(type_, WIRE, writing)(value)
        assert sent.is_valid(json.loads(text)), text
        assert ACCEPTING[type_].is_valid(json.loads(text)), text
        assert value_reader(type_, WIRE)(parse_json(text.encode(), 32)) == value
    exact = writer_of(type_, WIRE, Writing(ieee754=True))(value)
    assert value_reader(type_, WIRE)(parse_json(exact.encode(), 32)) == value


def verb(*inputs: Parameter, outputs: tuple[Parameter, ...] = ()) -> Verb:
    """A verb that takes these."""
    return Verb(
        "board.Deal", "action", None, inputs, outputs, (), False, False, None, "", Effects(), (), "board.act", 1
    )


def test_the_arguments_of_a_call() -> None:
    deal = verb(
        Parameter("text", t.Text(9), doc="What it says."),
        Parameter("pin", t.Text(), optional=True, sensitive=True),
        Parameter(
            "grade", t.Choice("board.Grade"), default=Default("high"), deprecated="Say level.", until="2027-01-01"
        ),
        Parameter("when", t.DateTime(), default=Default(function="now")),
        Parameter("card", CARD),
        Parameter("others", t.ListOf(CARD), optional=True),
        outputs=(Parameter("grades", t.Choices("board.Grade"), optional=True), Parameter("card", CARD)),
    )
    schema = input_schema(deal, CATALOG)
    assert schema is input_schema(deal, CATALOG)
    takes = schema["properties"]
    assert takes["text"] == {"type": "string", "maxLength": 9, "description": "What it says."}
    assert takes["pin"] == {"type": ["string", "null"], "format": "password"}
    assert takes["grade"]["default"] == 2
    assert takes["grade"]["deprecated"] is True
    assert "Say level. It is kept until 2027-01-01." in takes["grade"]["description"]
    assert takes["when"]["description"] == "Where it is left out: now()."
    assert schema["required"] == ["text"]
    accepts = jsonschema_rs.Draft202012Validator(schema, validate_formats=True).is_valid
    card = str(UUID(int=7))
    assert accepts({"text": "a", "card": card})
    assert accepts({"text": "a", "card": {"id": card}, "@odata.type": "x", "pin": None})
    assert accepts({"text": "a", "card@odata.bind": f"cards({card})", "others@odata.bind": ["cards(code='x')"]})
    for wrong in (
        {"card": card},
        {"text": "a"},
        {"text": "a" * 10, "card": card},
        {"text": "a", "card": card, "card@odata.bind": f"cards({card})"},
        {"text": "a", "card": card, "others": [], "others@odata.bind": []},
        {"text": "a", "card": card, "more": 1},
        {"text": "a", "card": None},
        {"text": "a", "card": card, "grade": 3},
    ):
        assert not accepts(wrong), wrong
    assert output_schema(deal, CATALOG)["required"] == ["grades", "card"]


def test_a_row_is_described_by_its_columns() -> None:
    schema = row_schema(TABLES[2], CATALOG)
    assert list(schema["properties"]) == ["@odata.context", "@odata.etag", "_card_value", "card", "place"]
    assert schema["properties"]["card"]["anyOf"][0] == {"$ref": "#/$defs/card"}
    assert set(schema["$defs"]["card"]["properties"]) == {"@odata.context", "@odata.etag", "id", "code"}
