"""The units of a background action, and plans with what only such actions do: what is let pass, and what is not."""

from __future__ import annotations

from functools import cache
from typing import Any

import attrs
import pytest

from actionlang.engine.failure import Failure
from actionlang.engine.interpreter.bind import bind
from actionlang.engine.store import RowRef
from actionlang.engine.unit import Unit
from actionlang.metadata import types as t
from actionlang.plan import expressions as e
from actionlang.plan import steps as s
from actionlang.plan.codec import decode, encode, plan_hash
from actionlang.plan.plan import Binding, Parameter, StepPlan, Verb
from actionlang.plan.units import Statement, ends_unit, nested, units_of
from actionlang.plan.verify import verify
from tests.conformance.scripts import compiled
from tests.plan.refusing import refusal
from tests.plan.running import CASE as CASE_KEY
from tests.plan.running import NOW, filled_store
from tests.plan.samples import (
    CASE,
    DATETIME,
    DURATION,
    ON_CASE,
    TEXT,
    THE_CASE,
    USER,
    at,
    is_filled,
    local,
    narrow,
    of,
    plan_of,
    text,
    verb,
    whole,
)

# -------------------------------------------------------------------------------------------------------------- units

SCRIPT = """
import helpdesk;
action Write on case < update case set title = "w" >
action Look on case returns (title text) < return title: case.title >
action Emits on case < emit Seen(number: case.number) >
action Begins on case < start Write() on case >
action Through on case < perform Write() on case >
function told(text text) returns (text text) < return text: "{text}!" >
extern action Outside on case;
BACKGROUND
"""

BODIES: dict[str, tuple[str, list[str]]] = {
    "nothing": ("", []),
    "an empty stage": ('stage "A" < >', []),
    "only a wait": ("wait 2 days", ["Wait"]),
    "only reading": ('let a = case.title; require (a != "x")', ["Let Require"]),
    "each write": (
        ('update case set title = "a"; create task as one set subject = "t", regarding = case; '
        "move case to open; assign case to caller; delete one"),
        ["Update", "Create", "Move", "Assign", "Delete"],
    ),
    "an event, a start, a wait": (
        'emit Seen(number: case.number); start Write() on case; wait 1 day',
        ["Emit", "Start", "Wait"],
    ),
    "reads with the write behind them": (
        ('let a = case.title; find task as one; require (a != "x"); update case set title = a; let b = one.subject; '
        'update case set title = "{b}"'),
        ["Let Find Require Update", "Let Update"],
    ),
    "reads at the end": ('update case set title = "a"; let a = case.title; require (a != "x")', ["Update", "Let Require"]),
    "stages are opened": (
        ('let a = "a"; stage "A" < update case set title = a; let b = "b"; stage "B" < update case set title = b > '
        'let c = "c"; require (b != c) > update case set title = "d"'),
        ["Let Update", "Let Update", "Let Require Update"],
    ),
    "blocks are whole": (
        ('if (case.due is empty) < update case set title = "a"; update case set title = "b" > '
        'for each one in task < update one set subject = "a"; update one set subject = "b" > '
        'for each word in ("a", "b") < update case set title = word > '
        'attempt < update case set title = "a"; fail "no" > else < update case set title = "b" >'),
        ["If", "ForEachRow", "ForEachItem", "Attempt"],
    ),
    "blocks that only read": (
        ('if (case.due is empty) < require (case.title != "x") > for each one in task < require (one.subject != "x") > '
        'update case set title = "a"'),
        ["If ForEachRow Update"],
    ),
    "a verb that writes, by another, emits or starts": (
        "perform Write() on case; perform Through() on case; perform Emits() on case; perform Begins() on case",
        ["Perform", "Perform", "Perform", "Perform"],
    ),
    "a verb that only reads": ("perform Look() on case as a; update case set title = a.title", ["Perform Update"]),
    "a function": ('let a = told(text: "a"); update case set title = a', ["Let Update"]),
    "what the host implements": ("perform Outside() on case; let a = case.title; require (a != \"x\")", ["Perform", "Let Require"]),
}  # fmt: skip


@cache
def plans() -> dict[str, StepPlan]:
    """The plan of each body."""
    verbs = "\n".join(
        f"background action Do{number} on case < {body} >" for number, (body, _) in enumerate(BODIES.values())
    )
    script = compiled(SCRIPT.replace("BACKGROUND", verbs))
    return {name: script.plan(f"Do{number}") for number, name in enumerate(BODIES)}


def units(plan: StepPlan) -> tuple[tuple[Statement, ...], ...]:
    return units_of(plan.verb, {each.name: each for each in plan.verbs})


@pytest.mark.parametrize("name", BODIES)
def test_where_units_end(name: str) -> None:
    plan = plans()[name]
    found = [" ".join(type(each.step).__name__ for each in unit) for unit in units(plan)]
    assert found == BODIES[name][1]
    verbs = {each.name: each for each in plan.verbs}
    for unit in units(plan):
        assert not any(ends_unit(each.step, verbs) for each in unit[:-1])
    assert all(ends_unit(unit[-1].step, verbs) for unit in units(plan)[:-1])


@pytest.mark.parametrize("name", BODIES)
def test_units_together_are_the_verb(name: str) -> None:
    plan = plans()[name]
    together = nested([each for unit in units(plan) for each in unit])
    assert together == tuple(step for step in plan.verb.steps if step != s.Stage(step.place, "A", ()))


@pytest.mark.parametrize("name", BODIES)
def test_a_plan_is_the_same_from_its_bytes(name: str) -> None:
    plan = plans()[name]
    assert decode(encode(plan)) == plan
    assert plan_hash(decode(encode(plan))) == plan_hash(plan)


def test_another_action_is_one_unit() -> None:
    plan = compiled(SCRIPT.replace("BACKGROUND", "")).plan("Write")
    assert [len(unit) for unit in units(plan)] == [1]


def test_what_is_added_stands_behind_the_last_statement() -> None:
    first, second, last = (s.Let(at(number), f"a{number}", whole(number)) for number in (1, 2, 3))
    outer, inner = s.Stage(at(1), "Outer", ()), s.Stage(at(1), "Inner", ())
    in_stage = nested([Statement((outer,), first), Statement((outer, inner), second)], last)
    assert in_stage == (attrs.evolve(outer, body=(first, attrs.evolve(inner, body=(second, last)))),)
    behind = nested([Statement((outer,), first), Statement((), second)], last)
    assert behind == (attrs.evolve(outer, body=(first,)), second, last)
    assert nested([], last) == (last,)
    assert nested([]) == ()


# ----------------------------------------------------------------------------------------------------------- let pass

CASE_ROW = RowRef("helpdesk.case", CASE_KEY)
WAIT = s.Wait(at(1), e.Literal(DURATION, False, NOW - NOW))
TITLE = of(THE_CASE, "title")
AMOUNT = of(THE_CASE, "amount")
SET = s.Update(at(2), THE_CASE, (("title", text("x")),))
STATUS_OF_CASE = of(THE_CASE, "status")


def background(*steps: s.Step, **more: Any) -> Verb:
    return verb("Try", *steps, kind="background", binding=ON_CASE, **more)


def action(*steps: s.Step, **more: Any) -> Verb:
    return verb("Try", *steps, binding=ON_CASE, **more)


def start(name: str = "elsewhere.Later", **more: Any) -> s.Start:
    parts: dict[str, Any] = {"on": None, "arguments": (), "after": None, "at": None, **more}
    return s.Start(at(1), name, **parts)


MOMENT = e.Literal(DATETIME, False, NOW)
LONG = e.Literal(DURATION, False, NOW - NOW)
FILLED = s.Require(at(1), is_filled(AMOUNT), None, "")
SPEND = s.Let(at(3), "spent", narrow(AMOUNT))
KNOWN = s.Let(at(1), "known", AMOUNT), s.Require(at(1), is_filled(local("known", AMOUNT.type, True)), None, "")
IN_UNIT: dict[str, Verb] = {
    "in the unit": background(FILLED, SPEND, SET),
    "in the next statement, where none writes": background(SET, FILLED, SPEND),
    "within a block": background(s.If(at(1), (s.Branch(is_filled(AMOUNT), (SET, SPEND)),), ())),
    "in an action": action(FILLED, SET, SPEND),
    "of a local, behind it": background(*KNOWN, SET, s.Let(at(3), "spent", narrow(local("known", AMOUNT.type, True)))),
}


@pytest.mark.parametrize("made", IN_UNIT.values(), ids=IN_UNIT)
def test_facts_within_a_unit_hold(made: Verb) -> None:
    verify(plan_of(made))


STARTS: dict[str, Verb] = {
    "a start": action(start()),
    "a start on a row, with arguments, after a time": action(
        start(on=THE_CASE, arguments=(("a", whole(1)), ("b", THE_CASE)), after=LONG)
    ),
    "a start at a moment, in a background action": background(start(at=MOMENT), WAIT, s.Wait(at(2), MOMENT)),
    "a wait in stages": background(s.Stage(at(1), "A", (s.Stage(at(1), "B", (WAIT,)),)), WAIT),
    "a start in a loop": action(s.ForEachItem(at(1), "each", e.ListLiteral(t.ListOf(TEXT), False, (text("a"),)), (start(),))),
}  # fmt: skip


@pytest.mark.parametrize("made", STARTS.values(), ids=STARTS)
def test_accepted(made: Verb) -> None:
    plan = plan_of(made)
    verify(plan)
    assert decode(encode(plan)) == plan


# ------------------------------------------------------------------------------------------------------------- refused

IF_WAIT = s.If(at(1), (s.Branch(is_filled(AMOUNT), (attrs.evolve(WAIT, place=at(4)),)),), ())
ONE_CASE = e.ListLiteral(t.ListOf(CASE), False, (THE_CASE,))
REFUSED: dict[str, tuple[Verb, str]] = {
    "a wait in an action": (action(WAIT), "E0611: line 1, Wait: only a background action waits, and in no block but a stage"),
    "a wait in a function": (verb("Try", WAIT, kind="function"), "E0611: line 1, Wait: only a background action waits, and in no block but a stage"),
    "a wait in an if": (background(IF_WAIT), "E0611: line 4, Wait: only a background action waits, and in no block but a stage"),
    "a wait in an if in a stage": (background(s.Stage(at(1), "A", (IF_WAIT,))), "E0611: line 4, Wait: only a background action waits, and in no block but a stage"),
    "a wait in a stage in a loop": (background(s.ForEachItem(at(1), "each", ONE_CASE, (s.Stage(at(2), "A", (WAIT,)),))), "E0611: line 1, Wait: only a background action waits, and in no block but a stage"),
    "a wait in an attempt": (background(s.Attempt(at(1), (WAIT,), ())), "E0611: line 1, Wait: only a background action waits, and in no block but a stage"),
    "a wait for a number": (background(s.Wait(at(1), whole(1))), "E0608: line 1, Wait: a wait takes a moment or a length of time, not integer"),
    "a wait for what may be empty": (background(s.Wait(at(1), local("maybe", DURATION, True)), inputs=(Parameter("maybe", DURATION, True),)), "E0609: line 1, Wait: maybe may be empty here"),
    "a start without a module": (action(start("Later")), "E0610: line 1, Start: Later is no full name of a verb"),
    "a start on a text": (action(start(on=text("a"))), "E0608: line 1, Start: what a verb is started on has to be a row of one table, not text"),
    "an argument twice": (action(start(arguments=(("a", whole(1)), ("a", whole(2))))), "E0617: line 1, Start: the arguments of a start has two of the name a"),
    "after a time and at a moment": (action(start(after=LONG, at=MOMENT)), "E0611: line 1, Start: it is started after a time and at a moment"),
    "after a number": (action(start(after=whole(1))), "E0608: line 1, Start: duration is wanted here, not integer"),
    "at a time": (action(start(at=LONG)), "E0608: line 1, Start: datetime is wanted here, not duration"),
    "a start on what may be empty": (action(start(on=of(THE_CASE, "customer"))), "E0609: line 1, Start"),
    "a fact behind a write": (background(FILLED, SET, SPEND), "E0609: line 3, Let"),
    "a fact behind a wait": (background(FILLED, WAIT, SPEND), "E0609: line 3, Let"),
    "a fact behind a start": (background(FILLED, start(), SPEND), "E0609: line 3, Let"),
    "a fact behind an if that writes": (background(FILLED, s.If(at(2), (s.Branch(is_filled(AMOUNT), (SET,)),), ()), SPEND), "E0609: line 3, Let"),
    "a fact behind a stage that writes": (background(FILLED, s.Stage(at(2), "A", (SET,)), SPEND), "E0609: line 3, Let"),
}  # fmt: skip


@pytest.mark.parametrize(("made", "expected"), REFUSED.values(), ids=REFUSED)
def test_refused(made: Verb, expected: str) -> None:
    told = refusal(plan_of(made))
    code, _, reason = expected.partition(": ")
    assert told.startswith(f"{code}: The plan of helpdesk.Try is refused: helpdesk.Try, {reason}"), told


def test_refused_on_each() -> None:
    on_each = attrs.evolve(background(SET), binding=Binding("helpdesk.case", "case", each=True))
    expected = "helpdesk.Try: a background action is on one row, not on each."
    assert refusal(plan_of(on_each)) == f"E0618: The plan of helpdesk.Try is refused: {expected}"


def test_a_status_is_known_up_to_the_end_of_the_unit() -> None:
    """In an action a case that was moved to open is not moved there again; in a unit of its own it may have come from anywhere."""
    twice = (s.Move(at(1), THE_CASE, "open"), s.Move(at(2), THE_CASE, "open"))
    assert "line 2, Move: helpdesk.case never moves to open here" in refusal(plan_of(action(*twice)))
    verify(plan_of(background(*twice)))


LATER = verb("Later", SET, kind="background", binding=ON_CASE)
PERFORMS = s.Perform(at(1), LATER.name, THE_CASE, (), None)


@pytest.mark.parametrize("kind", ["action", "background"])
def test_only_a_test_performs_a_background_action(kind: str) -> None:
    made = verb("Try", PERFORMS, binding=ON_CASE, kind=kind)
    expected = "helpdesk.Try, line 1, Perform: only a test performs a background action."
    assert refusal(plan_of(made, LATER)) == f"E0611: The plan of helpdesk.Try is refused: {expected}"


def test_a_test_performs_one_whole() -> None:
    case = local("fresh", CASE)
    made = s.Create(
        at(1),
        "helpdesk.case",
        "fresh",
        (("number", text("1")), ("title", text("a")), ("owner", e.Convert(t.OWNER, False, e.Caller(USER, False)))),
    )
    verify(plan_of(verb("Try", made, attrs.evolve(PERFORMS, on=case), kind="test"), LATER))


# --------------------------------------------------------------------------------------------- plans of earlier versions


@pytest.mark.parametrize("each", [False, True])
def test_a_plan_of_an_earlier_version_is_read_and_says_why_it_does_not_run(each: bool) -> None:
    missing = s.Unavailable(at(1), "background", "Try")
    old = attrs.evolve(background(missing, FILLED, SET, SPEND), binding=Binding("helpdesk.case", "case", each=each))
    plan = plan_of(old)
    verify(plan)
    assert decode(encode(plan)) == plan
    bound = bind(plan, filled_store())
    with pytest.raises(Failure) as caught:
        bound.run(Unit(NOW), {}, CASE_ROW)
    assert caught.value.code.id == "E0951"
    assert caught.value.message == "The plan was compiled when running in the background was not available (Try)."
    assert caught.value.hint is not None
