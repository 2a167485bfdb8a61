"""The plan verifier on metadata: each forged table or choice is refused for its own reason."""

from __future__ import annotations

from typing import Any

import attrs
import pytest

from actionlang.metadata import types as t
from actionlang.metadata.tables import Choice, Default, Member, Moves, Table
from actionlang.plan.plan import Parameter, StepPlan
from tests.plan.refusing import refusal
from tests.plan.samples import CHOICES, DECIMAL, ESCALATE_PLAN, TABLES, TEXT, column, verb


def table_with(*columns: Any, **more: Any) -> StepPlan:
    """A plan over one table."""
    table = Table("m.thing", str(more.pop("stored", "thing")), columns, **more)
    row = t.Row(("m.thing",))
    made = verb("Try", inputs=(Parameter("thing", row),))
    choices = (Choice("m.Empty", ()), Choice("m.Mood", (Member("good"), Member("bad"))))
    needed = {each.type.name for each in columns if isinstance(each.type, t.Choice)}
    return StepPlan("helpdesk.Try", (made,), (table,), tuple(each for each in choices if each.name in needed))


KEY = column("id", t.Id(), primary=True)
MOOD = t.Choice("m.Mood")
METADATA: dict[str, tuple[StepPlan, str]] = {
    "no primary key": (table_with(column("a", TEXT)), "the table m.thing has no primary key"),
    "no columns": (table_with(), "the table m.thing has no primary key"),
    "a key that no database makes": (
        table_with(column("id", t.Text(), primary=True, readonly=True)),
        "the table m.thing has a primary key that no database makes",
    ),
    "a part of a key that the database makes": (
        table_with(
            column("id", t.Id(), primary=True, readonly=True),
            column("year", t.Integer(), primary=True),
        ),
        "the table m.thing has a primary key that no database makes",
    ),
    "no stored name": (table_with(KEY, stored=""), "the table m.thing has no stored name"),
    "a column twice": (table_with(KEY, KEY), "the table m.thing has two of the name id"),
    "a stored column twice": (table_with(KEY, column("a", TEXT, stored="id")), "the table m.thing, as stored, has two of the name id"),
    "a column of lists": (table_with(KEY, column("a", t.ListOf(TEXT))), "the column a of m.thing can not hold list of text"),
    "a column of any decimal": (table_with(KEY, column("a", DECIMAL)), "the column a of m.thing can not hold decimal"),
    "an empty default of a required column": (table_with(KEY, column("a", TEXT, required=True, default=Default())), "the column a of m.thing is empty by default, and required"),
    "a tree of texts": (table_with(KEY, column("a", TEXT, hierarchy=True)), "the column a of m.thing makes no tree: it is text"),
    "an empty key": (table_with(KEY, keys=((),)), "a key of m.thing has no columns"),
    "a key with a column twice": (table_with(KEY, keys=(("id", "id"),)), "a key of m.thing has two of the name id"),
    "a key that is not among the keys": (table_with(KEY, column("a", TEXT, key=True)), "the column a of m.thing is not among the table's keys"),
    "a unique column that is not": (table_with(KEY, column("a", TEXT, unique=True)), "the column a of m.thing is not among the table's keys"),
    "a choice without members": (table_with(KEY, column("a", t.Choice("m.Empty"))), "the choice m.Empty has no members"),
    "two statuses": (
        table_with(KEY, *(column(name, MOOD, moves=(Moves("good", ()), Moves("bad", ()))) for name in "ab")),
        "the table m.thing has two status columns",
    ),
    "a status of text": (table_with(KEY, column("a", TEXT, moves=())), "the column a of m.thing is a status of type text"),
    "moves of other states": (table_with(KEY, column("a", MOOD, moves=(Moves("good", ()),))), "the column a of m.thing has moves for other states than its choice"),
    "a move to another state": (table_with(KEY, column("a", MOOD, moves=(Moves("good", ("so",)), Moves("bad", ())))), "the column a of m.thing moves to a state that it does not have"),
}  # fmt: skip


@pytest.mark.parametrize(("plan", "reason"), METADATA.values(), ids=METADATA)
def test_refused_metadata(plan: StepPlan, reason: str) -> None:
    assert refusal(plan) == f"E0617: The plan of helpdesk.Try is refused: {reason}."


@pytest.mark.parametrize(
    ("members", "reason"),
    [
        ((Member("a"), Member("a")), "the choice m.Mood has two of the name a"),
        ((Member("a", 1), Member("b")), "the choice m.Mood needs a number of its own for each member, or none at all"),
        (
            (Member("a", 1), Member("b", 1)),
            "the choice m.Mood needs a number of its own for each member, or none at all",
        ),
        ((Member("a", 2**63),), "the choice m.Mood has a number that does not fit 64 bits"),
    ],
)
def test_refused_choices(members: tuple[Member, ...], reason: str) -> None:
    plan = attrs.evolve(table_with(KEY, column("a", MOOD)), choices=(Choice("m.Mood", members),))
    assert refusal(plan) == f"E0617: The plan of helpdesk.Try is refused: {reason}."


def test_a_key_of_an_unknown_column() -> None:
    assert refusal(table_with(KEY, keys=(("a",),))).startswith("E0607: ")


def test_an_enormous_text_column() -> None:
    assert "text(2000000000) is no type" in refusal(table_with(KEY, column("a", t.Text(2_000_000_000))))


def test_the_samples_metadata_is_all_used() -> None:
    assert {table.name for table in TABLES} == {table.name for table in ESCALATE_PLAN.tables}
    assert set(CHOICES) == set(ESCALATE_PLAN.choices)
