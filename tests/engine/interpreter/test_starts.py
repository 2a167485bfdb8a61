"""Verbs that are started for later, and waits."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from actionlang.diagnostics.catalogue import run as codes
from actionlang.engine.failure import Failure
from actionlang.engine.starts import StartArgument, Started
from actionlang.metadata import types as t
from actionlang.plan import expressions as e
from actionlang.plan import steps as s
from actionlang.plan.plan import Verb
from tests.engine.building import CASE, INTEGER, NOW, TEXT, Desk, create, let, lit, local, place, unit, verb

DURATION, DATETIME = t.Duration(), t.DateTime()
THIS = local("this", CASE)


def length(found: timedelta) -> e.Literal:
    return e.Literal(DURATION, False, found)


def moment(found: datetime) -> e.Literal:
    return e.Literal(DATETIME, False, found)


def start(**more: Any) -> s.Start:
    parts: dict[str, Any] = {"on": None, "arguments": (), "after": None, "at": None, **more}
    return s.Start(place(), "desk.Later", **parts)


def started(*steps: s.Step, **more: Any) -> list[Started]:
    """What a verb starts."""
    desk, run = Desk(), unit()
    case = desk.case("1")
    desk.bind(verb(*steps, on=CASE, **more)).run(run, {}, case)
    return run.started


WHEN = {
    "at once": (start(), NOW),
    "after a time": (start(after=length(timedelta(days=2))), NOW + timedelta(days=2)),
    "before now": (start(after=length(timedelta(hours=-1))), NOW - timedelta(hours=1)),
    "at a moment": (start(at=moment(datetime(2031, 1, 1, tzinfo=UTC))), datetime(2031, 1, 1, tzinfo=UTC)),
}


@pytest.mark.parametrize("case", WHEN.values(), ids=WHEN)
def test_when_a_verb_begins_that_is_started(case: tuple[s.Start, datetime]) -> None:
    step, due = case
    assert started(step) == [Started("desk.Later", None, (), due)]


def test_it_is_given_its_row_and_arguments_as_they_are_now() -> None:
    given = (("n", local("n", INTEGER)), ("word", lit("a")), ("row", THIS))
    (found,) = started(let("n", lit(7)), start(on=THIS, arguments=given))
    assert found.on is not None
    assert found.on.key == "1"
    assert found.arguments == (
        StartArgument("n", INTEGER, 7),
        StartArgument("word", lit("a").type, "a"),
        StartArgument("row", CASE, found.on),
    )


def test_a_time_beyond_all_times_fails() -> None:
    with pytest.raises(Failure) as caught:
        started(start(after=length(timedelta(days=3_000_000))))
    assert caught.value.code == codes.TIME_OUT_OF_RANGE


def test_each_time_that_it_is_come_to() -> None:
    words = e.ListLiteral(t.ListOf(TEXT), False, (lit("a"), lit("b")))
    loop = s.ForEachItem(place(), "word", words, (start(arguments=(("word", local("word", TEXT)),)),))
    assert [each.arguments[0].value for each in started(loop)] == ["a", "b"]


UNDONE: dict[str, tuple[s.Step, list[str]]] = {
    "kept": (s.Attempt(place(), (start(arguments=(("word", lit("in")),)),), ()), ["before", "in", "after"]),
    "undone": (
        s.Attempt(place(), (start(arguments=(("word", lit("in")),)), s.Fail(place(), lit("no"))), ()),
        ["before", "after"],
    ),
    "of the other way": (
        s.Attempt(place(), (start(), s.Fail(place(), lit("no"))), (start(arguments=(("word", lit("else")),)),)),
        ["before", "else", "after"],
    ),
}


@pytest.mark.parametrize("case", UNDONE.values(), ids=UNDONE)
def test_what_an_attempt_has_started_is_undone_with_it(case: tuple[s.Step, list[str]]) -> None:
    step, words = case
    before, after = (start(arguments=(("word", lit(word)),)) for word in ("before", "after"))
    assert [each.arguments[0].value for each in started(before, step, after)] == words


def test_an_expected_failure_has_started_nothing() -> None:
    expected = s.Expect(place(), None, (start(), s.Fail(place(), lit("no"))))
    assert started(expected) == []


def test_a_performed_verb_starts_for_its_performer() -> None:
    inner = verb(start(), name="desk.Inner")
    desk, run = Desk(), unit()
    desk.bind(verb(s.Perform(place(), "desk.Inner", None, (), None)), inner).run(run)
    assert [each.verb for each in run.started] == ["desk.Later"]


# --------------------------------------------------------------------------------------------------------------- waiting


def test_a_background_action_runs_whole_and_waits_take_no_time() -> None:
    desk, run = Desk(), unit()
    whole: Verb = verb(
        create("desk.task", subject=lit("a")),
        s.Wait(place(), length(timedelta(days=2))),
        s.Wait(place(), moment(datetime(2031, 1, 1, tzinfo=UTC))),
        create("desk.task", subject=lit("b")),
        kind="background",
    )
    desk.bind(whole).run(run)
    assert (len(desk.keys("desk.task")), run.now) == (2, NOW)


def test_what_is_waited_for_is_worked_out_all_the_same() -> None:
    beyond = e.Arithmetic(DATETIME, False, "+", moment(NOW), length(timedelta(days=3_000_000)))
    with pytest.raises(Failure) as caught:
        Desk().run(verb(s.Wait(place(), beyond), kind="background"))
    assert caught.value.code == codes.TIME_OUT_OF_RANGE
