"""Corners that generated verbs seldom get to, held against the naive reference as well."""

from __future__ import annotations

from datetime import UTC

import pytest

from actionlang.metadata import types as t
from actionlang.plan import expressions as e
from actionlang.plan import steps as s
from actionlang.plan.plan import Parameter, StepPlan
from tests.guarantees.homes import InMemory, OnDatabase
from tests.guarantees.test_promise import see_that_it_answers
from tests.plan.samples import (
    BOOLEAN,
    CASE,
    INTEGER,
    ON_CASE,
    PRIORITY,
    TEXT,
    THE_CASE,
    at,
    compare,
    literal,
    local,
    of,
    plan_of,
    template,
    text,
    verb,
    whole,
)

TITLE = of(THE_CASE, "title")
FAIL = s.Fail(at(9), text("No."))


def titled(value: e.Expression) -> s.Update:
    """Give the case a title."""
    return s.Update(at(3), THE_CASE, (("title", value),))


def attempt(*body: s.Step, otherwise: tuple[s.Step, ...] = ()) -> s.Attempt:
    return s.Attempt(at(2), body, otherwise or (s.Let(at(4), "nothing", whole(0)),))


def told(*steps: s.Step) -> StepPlan:
    """A verb on a case that does this and returns the title it has then, and how many cases there are."""
    count = e.Aggregate(INTEGER, False, "count", e.Query("helpdesk.case", "each", None), None)
    return plan_of(
        verb(
            "Tell",
            *steps,
            s.Return(at(20), (("title", e.Convert(TEXT, False, TITLE)), ("count", count))),
            binding=ON_CASE,
            outputs=(Parameter("title", TEXT), Parameter("count", INTEGER)),
        )
    )


def copy_of(title: e.Expression) -> s.Create:
    """A new case with the due date that it gets by default."""
    owner = e.Convert(t.OWNER, False, e.Caller(t.USER, False))
    return s.Create(at(5), "helpdesk.case", None, (("title", title), ("owner", owner)))


def each_case(*body: s.Step) -> s.ForEachRow:
    """Once a case, the row named `one`."""
    return s.ForEachRow(at(6), e.Query("helpdesk.case", "one", None), body)


ONE = local("one", CASE)
IS_HIGH = compare(of(ONE, "priority"), "=", literal(PRIORITY, "high"))

CORNERS = {
    "a row read after its change was undone": told(attempt(titled(text("tried")), FAIL)),
    "a row changed before and after its change was undone": told(
        titled(text("first")),
        attempt(titled(text("tried")), FAIL, otherwise=(titled(template(TITLE, " again")),)),
        titled(template(TITLE, " and again")),
    ),
    "an attempt inside an attempt, both undone": told(
        attempt(
            titled(text("outer")),
            attempt(titled(text("inner")), FAIL, otherwise=(titled(template(TITLE, " kept")), FAIL)),
        ),
    ),
    "an attempt kept inside one that is undone": told(
        attempt(attempt(titled(text("inner"))), titled(template(TITLE, " outer")), FAIL)
    ),
    "a new row undone": told(attempt(copy_of(text("new")), FAIL)),
    "a row in the way of another, and of itself made anew": told(
        copy_of(text("twice")),
        attempt(copy_of(text("twice"))),
        attempt(copy_of(text("thrice")), FAIL),
        copy_of(text("thrice")),
    ),
    "a loop that changes what it has yet to come to": told(
        each_case(
            s.If(at(7), (s.Branch(IS_HIGH, (titled(template(TITLE, "!")),)),), ()),
            s.ForEachRow(
                at(8),
                e.Query("helpdesk.case", "other", None),
                (s.Update(at(8), local("other", CASE), (("priority", literal(PRIORITY, "high")),)),),
            ),
        )
    ),
    "a loop that makes rows does not come to them": told(each_case(copy_of(template("copy of ", of(ONE, "title"))))),
    "a failure in a loop undoes all of it": told(
        attempt(
            each_case(s.Require(at(7), e.Not(BOOLEAN, False, IS_HIGH), None, "one.priority != high"), titled(text("x")))
        )
    ),
}


@pytest.mark.parametrize("plan", CORNERS.values(), ids=CORNERS)
def test_in_memory(memory_home: InMemory, plan: StepPlan) -> None:
    see_that_it_answers(memory_home, plan, UTC)


@pytest.mark.parametrize("plan", CORNERS.values(), ids=CORNERS)
def test_on_a_database(database_home: OnDatabase, plan: StepPlan) -> None:
    see_that_it_answers(database_home, plan, UTC)
