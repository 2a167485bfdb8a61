"""Text from a command line as arguments: what each type takes, and what is said of what it does not take."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actionlang.cli.arguments import read_arguments, read_row
from actionlang.diagnostics.diagnostic import ActionLangError
from actionlang.engine.json_form import from_json
from actionlang.engine.schema import Schema
from actionlang.metadata import types as t
from actionlang.metadata.tables import Default
from actionlang.plan.plan import Effects, Parameter, Verb
from tests.plan.samples import CASE, CHOICES, CUSTOMER, PRIORITY, TABLES

SCHEMA = Schema.of(TABLES, CHOICES)


def verb_with(*inputs: Parameter) -> Verb:
    """A verb that takes these."""
    return Verb("desk.Do", "action", None, inputs, (), (), False, False, None, "", Effects(), (), "desk.act", 1)


def read(type_: t.Type, *texts: str, optional: bool = False) -> object:
    """What the texts are for a parameter of a type."""
    verb = verb_with(Parameter("x", type_, optional))
    return read_arguments([f"x={text}" for text in texts], verb, SCHEMA).get("x")


def complaints(verb: Verb, typed: Sequence[str]) -> list[str]:
    """What is wrong, each with its hint."""
    with pytest.raises(ActionLangError) as caught:
        read_arguments(typed, verb, SCHEMA)
    assert {diagnostic.code.id for diagnostic in caught.value.diagnostics} == {"E0907"}
    return [f"{diagnostic.message} / {diagnostic.hint}" for diagnostic in caught.value.diagnostics]


TAKEN = [
    (t.Text(), "a = b", "a = b"),
    (t.Text(), "", ""),
    (t.Integer(), "-3", -3),
    (t.Decimal(), "2.50", Decimal("2.5")),
    (t.Money(), "12", Decimal(12)),
    (t.Boolean(), "true", True),
    (t.Date(), "2026-11-24", None),
    (t.DateTime(), "2026-11-24T09:30:00+01:00", None),
    (t.Duration(), "90 minutes", None),
    (PRIORITY, "high", "high"),
    (t.Choices("helpdesk.Tag"), "hardware,billing", ("billing", "hardware")),
    (t.Json(), '{"b": 1, "a": [2]}', '{"a":[2],"b":1}'),
]


@pytest.mark.parametrize(("type_", "text", "value"), TAKEN, ids=str)
def test_what_types_take(type_: t.Type, text: str, value: object) -> None:
    found = from_json(read(type_, text), type_, SCHEMA)
    assert found is not None
    assert value is None or found == value


REFUSED = [
    (t.Integer(), "two", '`x` takes a whole number of 64 bits, such as 42, not "two". / for example x=42'),
    (t.Integer(), "9223372036854775808", "`x` takes a whole number of 64 bits, such as 42"),
    (t.Decimal(), "1,5", '`x` takes an exact number, such as 12.50, not "1,5". / for example x=12.50'),
    (t.Boolean(), "yes", '`x` takes true or false, not "yes". / for example x=true'),
    (t.Date(), "24.11.2026", "`x` takes a day, such as 2026-11-24"),
    (t.DateTime(), "2026-11-24T09:30:00", "`x` takes a moment with its offset, such as 2026-11-24T09:30:00Z"),
    (t.Duration(), "soon", "`x` takes a length of time, such as 90 minutes"),
    (t.Text(3), "four", "`x` takes a text"),
    (PRIORITY, "urgent", '`x` takes one of low, normal, high, not "urgent". / for example x=low'),
    (t.Choices("helpdesk.Tag"), "hardware,paint", "`x` takes any of billing, hardware"),
    (t.Json(), "{", '`x` takes JSON data, not "{".'),
    (t.Id(), "7", "`x` takes an id"),
    (t.Integer(), "", '`x` takes a value, not "". / for example x=42'),
    (t.ListOf(t.Integer()), "[1, true]", "`x` takes a whole number of 64 bits"),
    (
        t.ListOf(t.Integer()),
        "one",
        '`x` takes a list, each item of it a whole number of 64 bits, such as 42, not "one". / for example x=42 x=42',
    ),
]


@pytest.mark.parametrize(("type_", "text", "said"), REFUSED, ids=str)
def test_what_is_said_of_a_wrong_value(type_: t.Type, text: str, said: str) -> None:
    (complaint,) = complaints(verb_with(Parameter("x", type_)), [f"x={text}"])
    assert complaint.startswith(said)
    assert "for example x=" in complaint


def test_lists_are_repeated_or_json() -> None:
    numbers = t.ListOf(t.Integer())
    for texts in (("1", "2"), ("[1, 2]",)):
        assert from_json(read(numbers, *texts), numbers, SCHEMA) == (1, 2)
    assert read(numbers, "") == []
    assert read(t.ListOf(t.Text()), "a", "b,c") == ["a", "b,c"]


def test_one_value_is_not_given_twice() -> None:
    assert complaints(verb_with(Parameter("x", t.Integer())), ["x=1", "x=2"]) == [
        '`x` takes one value, not "1 2". / for example x=42'
    ]


def test_rows_are_keys() -> None:
    assert read(CASE, "CAS-0042") == "CAS-0042"
    assert read(CUSTOMER, "account ACME") == "account ACME"
    assert read(CASE, '{"title": "Mouse", "due": "2026-11-24"}') == {"title": "Mouse", "due": "2026-11-24"}
    assert read_row('{"number": "CAS-1"}') == {"number": "CAS-1"}
    assert read_row("{not JSON") == "{not JSON"


def test_nothing_is_empty_where_that_may_be() -> None:
    assert read(t.Date(), "", optional=True) is None
    assert read(t.Text(), "", optional=True) == ""


def test_all_that_is_wrong_is_told_at_once() -> None:
    verb = verb_with(
        Parameter("reason", t.Text()),
        Parameter("level", t.Integer(), default=Default(2)),
        Parameter("due", t.Date()),
        Parameter("note", t.Text(), optional=True),
    )
    assert complaints(verb, ["level=x", "reson=because", "loud", "color=red"]) == [
        "Do has no parameter `reson`. / Did you mean reason?",
        'Arguments are written name=value, not "loud". / for example reason="some words"',
        "Do has no parameter `color`. / it takes reason, level, due, note",
        '`level` takes a whole number of 64 bits, such as 42, not "x". / for example level=42',
        "Do needs `due`, a value of type date. / for example due=2026-11-24",
    ]


def test_examples_of_rows_name_the_key() -> None:
    wanted = verb_with(Parameter("it", CASE), Parameter("who", CUSTOMER))
    assert complaints(wanted, []) == [
        'Do needs `it`, a value of type case. / for example it="NUMBER"',
        'Do needs `who`, a value of type account | contact. / for example who="account NAME"',
    ]


def test_a_sensitive_value_is_not_repeated() -> None:
    (complaint,) = complaints(verb_with(Parameter("pin", t.Integer(), sensitive=True)), ["pin=12b4"])
    assert "12b4" not in complaint


@given(st.text(st.characters(codec="utf-8", exclude_characters="\x00")))
def test_any_text_is_a_text(text: str) -> None:
    assert read(t.Text(), text) == text


@given(
    st.sampled_from([type_ for type_, _, _ in TAKEN] + [CASE, CUSTOMER, t.ListOf(CASE), t.ListOf(t.Json())]), st.text()
)
def test_any_words_are_read_or_refused(type_: t.Type, text: str) -> None:
    try:
        read(type_, text)
    except ActionLangError as error:
        assert error.diagnostics[0].hint
