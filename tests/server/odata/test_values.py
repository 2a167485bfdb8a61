"""Values as OData's JSON: whatever a value is, what is written of it is read as that value."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from actionlang.engine.schema import Schema
from actionlang.engine.store import RowRef
from actionlang.metadata import types as t
from actionlang.metadata.tables import Choice, Column, Member, Table
from actionlang.metadata.wire_names import WireNames
from actionlang.server.odata.given import value_reader
from actionlang.server.odata.given_rows import bound_reader
from actionlang.server.odata.json_body import parse_json
from actionlang.server.odata.literals import EnumLiteral
from actionlang.server.odata.values import Writing, member_of, writer_of
from actionlang.server.odata.wire import Wire

PRIORITY = Choice("desk.Priority", (Member("low", 1), Member("high", 3, "Very high"), Member("odd", -7, "low")))
COLOUR = Choice("desk.Colour", (Member("red"), Member("blue", label="Sky")))
ID = Column("id", t.Id(), "id", primary=True)
CASE = Table("desk.case", "case", (ID, Column("number", t.Text(20), "number", key=True)), (("number",),))
TEAM = Table("desk.team", "team", (ID, Column("name", t.Text(), "name", key=True)), (("name",),))
SEAT = Table(
    "desk.seat",
    "seat",
    (
        Column("team", t.Row(("desk.team",)), "team", primary=True),
        Column("row", t.Text(), "row", primary=True),
        Column("place", t.Integer(), "place", primary=True),
        Column("code", t.Text(), "code"),
        Column("on", t.Date(), "on"),
    ),
    (("code", "on"),),
)
SHAPE = Choice("desk.Shape", (Member("round"), Member("not round")))
TABLES, CHOICES = (CASE, TEAM, SEAT), (PRIORITY, COLOUR, SHAPE)
WIRE = Wire(
    Schema.of(TABLES, CHOICES), WireNames.of((each.name for each in TABLES), (each.name for each in CHOICES), ())
)

EVERY_WRITING = [Writing(ieee754, formatted, level) for ieee754 in (False, True) for formatted in (False, True) for level in ("minimal", "full")]  # fmt: skip

IDS = st.uuids().map(str)
TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="\x00"))
WHOLE = st.integers(-(2**63), 2**63 - 1)


def numbers(digits: int, places: int) -> st.SearchStrategy[Decimal]:
    most = 10**digits - 1
    # Left alone, hypothesis draws few that have all digits.
    all_digits = st.integers(most // 10 + 1, most)
    return (st.integers(-most, most) | all_digits | all_digits.map(lambda number: -number)).map(
        lambda number: Decimal(f"{number}E-{places}")
    )


ROWS = {
    "desk.case": IDS.map(lambda key: RowRef("desk.case", key)),
    "desk.team": IDS.map(lambda key: RowRef("desk.team", key)),
    "desk.seat": st.tuples(IDS.map(lambda key: RowRef("desk.team", key)), TEXTS, WHOLE).map(
        lambda key: RowRef("desk.seat", key)
    ),
}

VALUES: dict[str, tuple[t.Type, st.SearchStrategy[object]]] = {
    "text": (t.Text(), TEXTS),
    "integer": (t.Integer(), WHOLE),
    "decimal": (t.Decimal(30, 12), numbers(30, 12)),
    "money": (t.Money(), numbers(18, 4)),
    "float": (t.Float(), st.floats(allow_nan=False, allow_infinity=False)),
    "boolean": (t.Boolean(), st.booleans()),
    "date": (t.Date(), st.dates()),
    "datetime": (t.DateTime(), st.datetimes(timezones=st.just(UTC))),
    "duration": (t.Duration(), st.timedeltas(timedelta(days=-99_999), timedelta(days=99_999))),
    "id": (t.Id(), IDS),
    "numbered choice": (t.Choice("desk.Priority"), st.sampled_from(["low", "high", "odd"])),
    "named choice": (t.Choice("desk.Colour"), st.sampled_from(["red", "blue"])),
    "choices": (t.Choices("desk.Priority"), st.sampled_from([(), ("low",), ("low", "high"), ("high", "odd")])),
    "row": (t.Row(("desk.case",)), ROWS["desk.case"]),
    "row of several parts": (t.Row(("desk.seat",)), ROWS["desk.seat"]),
    "row of several tables": (t.Row(("desk.case", "desk.seat")), ROWS["desk.case"] | ROWS["desk.seat"]),
}


@pytest.mark.parametrize("name", VALUES)
@given(data=st.data(), writing=st.sampled_from(EVERY_WRITING), many=st.booleans())
@settings(max_examples=40)
def test_what_is_written_is_read(name: str, data: st.DataObject, writing: Writing, many: bool) -> None:
    type_, values = VALUES[name]
    value: object = data.draw(values)
    if many:
        type_, value = t.ListOf(type_), (value, *data.draw(st.lists(values, max_size=2)))
    text = writer_of(type_, WIRE, writing)(value)
    assert value_reader(type_, WIRE)(parse_json(text.encode(), 32)) == value
    # Members of objects are well formed, with whatever stands beside the value.
    told = json.loads("{" + member_of("x", type_, WIRE, writing)(value) + "}")
    assert json.loads(text) == told["x"]


@given(st.one_of(list(ROWS.values())))
def test_an_address_names_its_row(row: RowRef) -> None:
    type_ = t.Row((row.table,))
    address = WIRE.address(row)
    for given_ in (address, f"/{address}", f"/api/data/v9.2/{address}", f"https://a.example/x/api/data/v9.0/{address}"):
        assert bound_reader(type_, WIRE, value_reader)(given_) == row
        assert value_reader(type_, WIRE)({"@odata.id": given_}) == row


@pytest.mark.parametrize(
    ("type_", "value", "writing", "text"),
    [
        (t.Money(), Decimal("12.5000"), Writing(), '"x":12.5'),
        (t.Money(), Decimal("1E+3"), Writing(), '"x":1000'),
        (t.Money(), Decimal("12.5"), Writing(ieee754=True), '"x":"12.5"'),
        (t.Integer(), 2**60, Writing(ieee754=True), f'"x":"{2**60}"'),
        (t.Money(), Decimal(1), Writing(metadata="full"), '"x@odata.type":"#Decimal","x":1'),
        (t.Money(), None, Writing(), '"x":null'),
        (t.Choice("desk.Priority"), "high", Writing(), '"x":3'),
        (
            t.Choice("desk.Priority"),
            "high",
            Writing(formatted=True),
            '"x":3,"x@OData.Community.Display.V1.FormattedValue":"Very high"',
        ),
        (t.Choice("desk.Priority"), None, Writing(formatted=True), '"x":null'),
        (t.Choice("desk.Colour"), "blue", Writing(), '"x":"blue"'),
        (t.Choices("desk.Priority"), ("low", "high"), Writing(), '"x":"1,3"'),
        (t.Text(), 'a "b" é', Writing(metadata="full"), '"x":"a \\"b\\" é"'),
        (t.ListOf(t.Date()), (), Writing(metadata="full"), '"x@odata.type":"#Collection(Date)","x":[]'),
        (
            t.Row(("desk.team",)),
            RowRef("desk.team", "00000000-0000-4000-8000-000000000001"),
            Writing(),
            (
                '"x":{"@odata.type":"#Microsoft.Dynamics.CRM.team",'
                '"@odata.id":"teams(00000000-0000-4000-8000-000000000001)","id":"00000000-0000-4000-8000-000000000001"}'
            ),
        ),
        (
            t.Row(("desk.team",)),
            RowRef("desk.team", "00000000-0000-4000-8000-000000000007"),
            Writing(metadata="none"),
            '"x":{"id":"00000000-0000-4000-8000-000000000007"}',
        ),
    ],
)
def test_what_is_written(type_: t.Type, value: object, writing: Writing, text: str) -> None:
    assert member_of("x", type_, WIRE, writing)(value) == text


TIER = {"table": "desk.team", "key": {"name": "Tier 2"}}
FIRST = "00000000-0000-4000-8000-000000000001"


@pytest.mark.parametrize(
    ("type_", "data", "value"),
    [
        (t.Integer(), Decimal("2.0"), 2),
        (t.Integer(), "-42", "-42"),
        (t.Choice("desk.Priority"), "Very high", "high"),
        (t.Choice("desk.Priority"), Decimal("3.0"), "high"),
        # A name goes before a label.
        (t.Choice("desk.Priority"), "low", "low"),
        (t.Choice("desk.Priority"), -7, "odd"),
        (t.Choice("desk.Priority"), EnumLiteral("Microsoft.Dynamics.CRM.Priority", "high"), "high"),
        (t.Choice("desk.Priority"), EnumLiteral("Microsoft.Dynamics.CRM.Priority", "3"), "high"),
        # As `$metadata` has the member.
        (t.Choice("desk.Shape"), EnumLiteral("Microsoft.Dynamics.CRM.Shape", "not_x0020_round"), "not round"),
        (t.Choice("desk.Shape"), "not_x0020_round", "not round"),
        (t.Choices("desk.Priority"), "3, 1", ("low", "high")),
        (t.Choices("desk.Priority"), ["high", 1], ("low", "high")),
        (t.Choices("desk.Priority"), 3, ("high",)),
        (t.Row(("desk.team",)), "Tier 2", "Tier 2"),
        (t.Row(("desk.team",)), {"name": "Tier 2"}, TIER),
        (t.Row(("desk.team",)), {"@odata.id": "teams(name='Tier%202')"}, TIER),
        (t.Row(("desk.team",)), {"@odata.type": "#Microsoft.Dynamics.CRM.team", "name": "Tier 2"}, TIER),
        (t.Row(("desk.team",)), {"@odata.type": "Microsoft.Dynamics.CRM.team", "teamid": FIRST, "more": 1}, RowRef("desk.team", FIRST)),
        (t.Row(("desk.case", "desk.team")), {"@type": "#Microsoft.Dynamics.CRM.team", "name": "Tier 2"}, TIER),
        (t.Row(("desk.case", "desk.team")), {"id": FIRST}, {"id": FIRST}),
        (
            t.Row(("desk.seat",)),
            {"_team_value": FIRST, "row": "A", "place": 5},
            RowRef("desk.seat", (RowRef("desk.team", FIRST), "A", 5)),
        ),
        (
            t.Row(("desk.seat",)),
            {"team": {"name": "Tier 2"}, "row": "A", "place": 5},
            {"table": "desk.seat", "key": {"team": TIER, "row": "A", "place": 5}},
        ),
        # As the property of a lookup to such a row has it.
        (
            t.Row(("desk.case", "desk.seat")),
            f"_team_value={FIRST},row='A, \"B\"',place=5",
            RowRef("desk.seat", (RowRef("desk.team", FIRST), 'A, "B"', 5)),
        ),
    ],
)  # fmt: skip
def test_what_is_taken(type_: t.Type, data: object, value: object) -> None:
    read = value_reader(type_, WIRE)(data)
    assert read == value or str(read) == value


@pytest.mark.parametrize(
    ("type_", "data", "takes"),
    [
        (t.Text(), 5, "a text"),
        (t.Text(3), "four", "a text (The text has 4 characters; text(3) takes at most 3.)"),
        (t.Text(), "a\x00", "a text"),
        (t.Text(), "\ud800", "a text"),
        (t.Integer(), 2.5, "a whole number of 64 bits, such as 42"),
        (t.Integer(), Decimal("2.5"), "a whole number of 64 bits, such as 42"),
        (t.Integer(), True, "a whole number of 64 bits, such as 42"),
        (t.Integer(), 2**63, "a whole number of 64 bits, such as 42 (The result is beyond what an integer of 64 bits holds.)"),
        (t.Integer(), Decimal("1E+999999"), "a whole number of 64 bits, such as 42"),
        (t.Money(), "12,50", "an amount of money, such as 12.50"),
        (t.Money(), "+1", "an amount of money, such as 12.50"),
        (t.Boolean(), "true", "true or false"),
        (t.Date(), "2026-11-24T00:00:00Z", "a day, such as 2026-11-24"),
        (t.DateTime(), "2026-11-24T09:30:00", "a moment with its offset, such as 2026-11-24T09:30:00Z"),
        (t.Duration(), "90 minutes", "a length of time, such as PT90M"),
        (t.Id(), "{00000000-0000-4000-8000-000000000001}", "an id: 32 hexadecimal digits with hyphens"),
        (t.Choice("desk.Priority"), 2, "one of low (1), high (3), odd (-7)"),
        (t.Choice("desk.Priority"), Decimal("1.5"), "one of low (1), high (3), odd (-7)"),
        (t.Choice("desk.Priority"), Decimal("1E+999999"), "one of low (1), high (3), odd (-7)"),
        (t.Choice("desk.Priority"), True, "one of low (1), high (3), odd (-7)"),
        (t.Choice("desk.Priority"), EnumLiteral("x.Colour", "high"), "one of low (1), high (3), odd (-7)"),
        (t.Choice("desk.Colour"), "green", "one of red, blue"),
        (t.Choices("desk.Colour"), "red,green", "one of red, blue"),
        (t.ListOf(t.Integer()), 5, "a list without empty items"),
        (t.ListOf(t.Integer()), [None], "a list without empty items"),
        (t.ListOf(t.Integer()), [1, "a"], "as item 2 a whole number of 64 bits, such as 42"),
        (t.Row(("desk.team",)), [], 'a team: {"@odata.id": "teams(name=...)"}, or a key of it'),
        (t.Row(("desk.team",)), 5, 'a team: {"@odata.id": "teams(name=...)"}, or a key of it'),
        (t.Row(("desk.team",)), {}, "a team by id or by name"),
        (t.Row(("desk.team",)), {"id": "x"}, "for `id` of a team an id: 32 hexadecimal digits with hyphens"),
        (t.Row(("desk.team",)), {"@odata.type": "x.case", "id": FIRST}, 'an object whose "@odata.type" is Microsoft.Dynamics.CRM.team'),
        (t.Row(("desk.team",)), {"@odata.id": "cases(1)"}, 'the address of a team, such as "teams(name=...)"'),
        (t.Row(("desk.team",)), {"@odata.id": "http://["}, 'the address of a team, such as "teams(name=...)"'),
        (t.Row(("desk.team",)), {"@odata.id": "teams"}, 'the address of a team, such as "teams(name=...)"'),
        (t.Row(("desk.seat",)), {"@odata.id": "seats(1)"}, "a seat by team and row and place or by code and on"),
        (t.Row(("desk.case", "desk.seat")), {"x": 1}, "a case by id or by number"),
        (t.File(), "x", "nothing: values of this type are not available in this host yet"),
    ],
)  # fmt: skip
def test_what_is_refused(type_: t.Type, data: object, takes: str) -> None:
    with pytest.raises(ValueError, match=".") as raised:
        value_reader(type_, WIRE)(data)
    assert str(raised.value) == takes


@given(
    st.sampled_from([type_ for type_, _ in VALUES.values()]),
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.decimals(allow_nan=False, allow_infinity=False) | st.text(),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(["id", "@odata.id", "@odata.type", "name", "team", "row"]), inner, max_size=3
            )
        ),
        max_leaves=5,
    ).filter(lambda data: data is not None),
)
def test_whatever_is_sent_is_read_or_refused(type_: t.Type, data: object) -> None:
    read: Callable[[object], object] = value_reader(type_, WIRE)
    try:
        read(data)
    except ValueError as error:
        assert str(error)
