"""Arguments and target rows, as people and programs give them."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from actionlang.diagnostics.catalogue.project import WRONG_ARGUMENT
from actionlang.diagnostics.diagnostic import ActionLangError
from actionlang.engine.arguments import ArgumentReader, NoSuchRow
from actionlang.engine.store import RowRef
from actionlang.metadata import types as t
from actionlang.metadata.tables import Default
from actionlang.plan.plan import Parameter
from tests.engine.building import CASE, LINE, PARTY, PRIORITY, Desk, plan, verb

ID = "01a20ce4-05c0-7000-8000-000000000001"

INPUTS = (
    Parameter("reason", t.Text(10)),
    Parameter("level", t.Integer(), default=Default(2)),
    Parameter("priority", PRIORITY, optional=True),
    Parameter("amount", t.Money(), optional=True),
    Parameter("party", PARTY, optional=True),
    Parameter("cases", t.ListOf(CASE), optional=True),
    Parameter("line", LINE, optional=True),
)


@pytest.fixture
def desk() -> Desk:
    desk = Desk()
    desk.case(ID, number="CAS-1")
    desk.case(ID[:-1] + "2", number="case CAS-1")
    desk.put("desk.account", ID, name="ACME")
    desk.put("desk.contact", ID, name="Ann", secret="ACME")
    desk.put("desk.line", (1, 2))
    return desk


def reader(desk: Desk, on: t.Row | None = CASE, inputs: tuple[Parameter, ...] = INPUTS) -> ArgumentReader:
    return ArgumentReader(plan(verb(name="desk.Escalate", on=on, inputs=inputs)), desk.store)


def complaints(error: ActionLangError) -> list[tuple[str, str | None]]:
    assert all(diagnostic.code is WRONG_ARGUMENT for diagnostic in error.diagnostics)
    return [(diagnostic.message, diagnostic.hint) for diagnostic in error.diagnostics]


def test_arguments_become_values_and_defaults_are_left_to_the_run(desk: Desk) -> None:
    given = {"reason": "smoke", "priority": "high", "amount": "12.5", "party": None}
    assert reader(desk).arguments(given) == {
        "reason": "smoke",
        "priority": "high",
        "amount": Decimal("12.5"),
        "party": None,
    }


def test_each_wrong_argument_is_told_with_what_it_takes(desk: Desk) -> None:
    with pytest.raises(ActionLangError) as caught:
        reader(desk).arguments({"level": "two", "priority": "urgent", "colour": "red", "amount": None})
    assert complaints(caught.value) == [
        ('`level` takes a whole number of 64 bits, such as 42, not "two".', None),
        ('`priority` takes one of low, normal, high, not "urgent".', None),
        (
            "Escalate has no parameter `colour`.",
            "it takes reason, level, priority, amount, party, cases, line",
        ),
        ("Escalate needs `reason`.", "it takes a value of type text(10)"),
    ]


def test_what_is_required_may_not_be_empty(desk: Desk) -> None:
    with pytest.raises(ActionLangError, match="`reason` takes a value, not None"):
        reader(desk).arguments({"reason": None})
    with pytest.raises(ActionLangError, match=r"`reason` takes a text .The text has 70 characters.*a\.\.\.\."):
        reader(desk).arguments({"reason": "a" * 70})
    with pytest.raises(ActionLangError) as caught:
        reader(desk, inputs=()).arguments({"x": 1})
    assert complaints(caught.value) == [("Escalate has no parameter `x`.", "it takes no arguments")]


@pytest.mark.parametrize(
    ("name", "data", "row"),
    [
        ("party", "account ACME", RowRef("desk.account", ID)),
        ("party", "contact ACME", RowRef("desk.contact", ID)),
        ("party", "desk.contact ACME", RowRef("desk.contact", ID)),
        ("party", "ACME", RowRef("desk.account", ID)),
        ("party", {"table": "contact", "key": ID}, RowRef("desk.contact", ID)),
        ("party", {"secret": "ACME"}, RowRef("desk.contact", ID)),
        ("party", RowRef("desk.contact", ID), RowRef("desk.contact", ID)),
        ("line", "1, 2", RowRef("desk.line", (1, 2))),
        ("line", [1, "2"], RowRef("desk.line", (1, 2))),
        ("line", {"position": 2, "order": 1}, RowRef("desk.line", (1, 2))),
        ("line", "line 1,2", RowRef("desk.line", (1, 2))),
    ],
)
def test_rows_by_what_people_call_them(desk: Desk, name: str, data: Any, row: RowRef) -> None:
    assert reader(desk).arguments({"reason": "x", name: data})[name] == row


@pytest.mark.parametrize("data", ["CAS-1", ID, "desk.case CAS-1", {"number": "CAS-1"}])
def test_the_target_by_what_people_call_it(desk: Desk, data: Any) -> None:
    assert reader(desk).target(data) == RowRef("desk.case", ID)


def test_a_table_before_the_key_comes_before_a_key_that_looks_like_it(desk: Desk) -> None:
    assert reader(desk).target("case CAS-1") == RowRef("desk.case", ID)
    assert reader(desk).target("case case CAS-1") == RowRef("desk.case", ID[:-1] + "2")


def test_lists_of_rows(desk: Desk) -> None:
    assert reader(desk).arguments({"reason": "x", "cases": ["CAS-1"]})["cases"] == (RowRef("desk.case", ID),)


@pytest.mark.parametrize("data", [["CAS-9"], ("CAS-9",), ["CAS-1", "CAS-9"]])
def test_a_list_with_a_row_that_is_not_there_is_told_as_it_was_given(desk: Desk, data: Any) -> None:
    with pytest.raises(ActionLangError) as caught:
        reader(desk).arguments({"reason": "x", "cases": data})
    assert '"CAS-9")' in str(caught.value)


def test_a_row_in_a_list_is_told_as_people_call_it(desk: Desk) -> None:
    with pytest.raises(ActionLangError) as caught:
        reader(desk).arguments({"reason": "x", "cases": [RowRef("desk.case", "gone")]})
    assert "(case gone)" in str(caught.value)
    assert "RowRef" not in str(caught.value)


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("party", "Nobody"),
        ("party", {"table": "case", "key": ID}),
        ("party", RowRef("desk.case", ID)),
        ("party", RowRef("desk.account", "gone")),
        ("line", 5),
        ("line", [1]),
        ("line", {"order": 1}),
        ("line", "1, x"),
    ],
)
def test_rows_that_are_not_there(desk: Desk, name: str, data: Any) -> None:
    with pytest.raises(ActionLangError, match=f"`{name}` takes an existing "):
        reader(desk).arguments({"reason": "x", name: data})


def test_targets_that_are_wrong_missing_or_too_much(desk: Desk) -> None:
    with pytest.raises(ActionLangError) as caught:
        reader(desk).target("CAS-9")
    assert complaints(caught.value) == [('Escalate is on an existing case, by its number, not "CAS-9".', None)]
    assert isinstance(caught.value, NoSuchRow)
    assert caught.value.table == "case"


def test_a_row_that_is_not_there_is_shown_as_people_name_it(desk: Desk) -> None:
    with pytest.raises(NoSuchRow) as caught:
        reader(desk).target({"table": "desk.case", "key": {"number": "CAS-9"}})
    assert complaints(caught.value) == [('Escalate is on an existing case, by its number, not "case CAS-9".', None)]
    with pytest.raises(ActionLangError, match="not case 5"):
        reader(desk).target(RowRef("desk.case", 5))
    with pytest.raises(ActionLangError) as caught:
        reader(desk).target(None)
    assert complaints(caught.value) == [("Escalate is on a case.", "say which case")]
    with pytest.raises(ActionLangError, match="Escalate is not on a row"):
        reader(desk, on=None).target("CAS-1")
    assert reader(desk, on=None).target(None) is None
    assert reader(desk, on=LINE).target("1,2") == RowRef("desk.line", (1, 2))
