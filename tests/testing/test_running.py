"""One test: its clock and ids, what is told of its failure, and that nothing it does gets out of it."""

from __future__ import annotations

from datetime import UTC, datetime, tzinfo
from zoneinfo import ZoneInfo

import pytest

from actionlang.diagnostics.catalogue import database
from actionlang.diagnostics.catalogue import run as codes
from actionlang.diagnostics.render import render
from actionlang.metadata import types as t
from actionlang.plan import expressions as e
from actionlang.plan import steps as s
from actionlang.plan.expression_text import expression_text
from actionlang.plan.plan import Parameter
from actionlang.testing.cases import Suite
from actionlang.testing.running import MOMENT, Outcome, Runner
from tests.engine.building import (
    BOOLEAN,
    CASE,
    DATE,
    DATETIME,
    INTEGER,
    STATUS,
    TEXT,
    aggregate,
    both,
    call,
    col,
    compare,
    create,
    either,
    give,
    lit,
    local,
    place,
    query,
    require,
    text,
    verb,
)
from tests.testing.building import case, fails, holds, suite

THE_CASE = local("c", CASE)
OPEN = compare(col(local("this", CASE), "status"), "=", lit("open", STATUS))
TITLE_OF_THIS = compare(col(local("this", CASE), "title"), "=", lit("Water"))
CLOSE = verb(require(OPEN, "Only open cases.", line=5), name="desk.Close", on=CASE)
MAKE = create("desk.case", "c", 2, number=lit("CAS-1"), title=lit("Fire"), status=lit("new", STATUS), score=lit(3))


def run(*steps: s.Step, **known: object) -> Outcome:
    return Runner().run(case(*steps, **known))  # type: ignore[arg-type]


def perform_on(row: str, line: int) -> s.Perform:
    return s.Perform(place(line), "desk.Close", local(row, CASE), (), None)


def test_a_test_passes_or_fails() -> None:
    assert run(holds()).passed
    failed = run(holds(), fails(line=4))
    assert not failed.passed
    assert failed.diagnostic is not None
    assert failed.diagnostic.code is codes.REFUSED
    assert failed.diagnostic.primary is not None
    assert failed.diagnostic.primary.source.position(failed.diagnostic.primary.span.start).line == 4
    assert failed.diagnostic.notes == ()


@pytest.mark.parametrize(
    ("at", "now"),
    [
        (None, MOMENT),
        ("2026-11-24T09:30:00Z", datetime(2026, 11, 24, 9, 30, tzinfo=UTC)),
        ("2026-11-24T09:30:00.000001Z", datetime(2026, 11, 24, 9, 30, 0, 1, tzinfo=UTC)),
    ],
)
def test_the_clock_is_fixed(at: str | None, now: datetime) -> None:
    is_now = compare(call("now", "", DATETIME), "=", lit(now, DATETIME))
    assert run(require(is_now), at=at).passed


@pytest.mark.parametrize(("zone", "day"), [("UTC", 1), ("Pacific/Kiritimati", 2), ("Pacific/Honolulu", 1)])
def test_today_goes_by_the_projects_time_zone(zone: str, day: int) -> None:
    today = lit(MOMENT.date().replace(day=day), DATE)
    assert run(require(compare(call("today", "", DATE), "=", today)), within=suite(zone=ZoneInfo(zone))).passed


def test_ids_are_the_same_each_time() -> None:
    title = e.Template(TEXT, False, ("", col(THE_CASE, "id")))
    outcomes = [run(MAKE, require(compare(title, "=", lit("x")), line=3)) for _ in range(2)]
    first, second = (outcome.diagnostic for outcome in outcomes)
    assert first is not None and second is not None
    assert first.notes == second.notes
    assert "7" in first.notes[0]


def test_tests_do_not_see_one_another() -> None:
    none_yet = require(compare(aggregate("count", query(CASE, "c")), "=", lit(0)))
    runner = Runner()
    assert runner.run(case(none_yet, MAKE)).passed
    assert runner.run(case(none_yet)).passed


# --------------------------------------------------------------------------------------------- why it does not hold

TITLE = compare(col(THE_CASE, "title"), "=", lit("Water"))
NOT_HIGHER = compare(col(THE_CASE, "score"), ">", lit(5))
SAME = compare(THE_CASE, "=", THE_CASE)
NONE = e.Not(BOOLEAN, False, aggregate("exists", query(CASE, "other")))
ONE_OF = e.In(BOOLEAN, False, col(THE_CASE, "score"), e.ListLiteral(t.ListOf(INTEGER), False, (lit(1), lit(2))))
SECRET = e.RowByKey(t.Row(("desk.contact",)), False, "desk.contact", ("secret",), (lit("hush"),))
REASONS: list[tuple[e.Expression, list[str]]] = [
    (TITLE, ['c.title is "Fire"']),
    (NOT_HIGHER, ["c.score is 3"]),
    (compare(col(THE_CASE, "score"), "<", lit(-1)), ["c.score is 3"]),
    (compare(col(THE_CASE, "escalation_reason"), "=", lit("x")), ["c.escalation_reason is empty"]),
    (compare(col(THE_CASE, "title"), "=", col(THE_CASE, "number")), ['c.title is "Fire"', 'c.number is "CAS-1"']),
    (e.Not(BOOLEAN, False, SAME), ["c is case CAS-1"]),
    (both(SAME, TITLE), ['this part does not hold: c.title = "Water"', 'c.title is "Fire"']),
    (both(SAME, both(SAME, TITLE)), ['this part does not hold: c.title = "Water"', 'c.title is "Fire"']),
    (
        both(SAME, either(TITLE, NOT_HIGHER)),
        ['this part does not hold: c.title = "Water" or c.score > 5', 'c.title is "Fire"', "c.score is 3"],
    ),
    (either(TITLE, NOT_HIGHER), ['c.title is "Fire"', "c.score is 3"]),
    (e.Not(BOOLEAN, False, either(TITLE, SAME)), ["this part holds: c = c", "c is case CAS-1"]),
    (e.Not(BOOLEAN, False, both(SAME, SAME)), ["c is case CAS-1"]),
    (NONE, ["exists(case as other) is true"]),
    (compare(aggregate("count", query(CASE, "other")), "=", lit(2)), ["count(case as other) is 1"]),
    (ONE_OF, ["c.score is 3"]),
    (e.IsEmpty(BOOLEAN, False, col(THE_CASE, "score")), ["c.score is 3"]),
    (compare(lit(1), "=", lit(2)), []),
    (compare(col(SECRET, "secret"), "=", lit("x")), ['contact("hush").secret is sensitive and not shown']),
    (compare(text("x" * 400, col(THE_CASE, "title")), "=", lit("x")), [f'"{"x" * 296}... is "{"x" * 296}...']),
]


@pytest.mark.parametrize(("condition", "reasons"), REASONS, ids=[expression_text(each)[:60] for each, _ in REASONS])
def test_why_a_condition_does_not_hold(condition: e.Expression, reasons: list[str]) -> None:
    contact = create("desk.contact", secret=lit("hush"))
    outcome = run(MAKE, contact, require(condition, line=9))
    assert outcome.diagnostic is not None
    assert list(outcome.diagnostic.notes) == reasons


def test_a_sensitive_parameter_is_not_shown() -> None:
    asked = Parameter("code", TEXT, sensitive=True)
    check = verb(require(compare(local("code", TEXT), "=", lit("x"))), name="desk.Check", inputs=(asked,))
    step = s.Perform(place(), "desk.Check", None, (("code", lit("hush")),), None)
    outcome = run(step, verbs=(check,))
    assert outcome.diagnostic is not None
    assert "code is sensitive and not shown" in outcome.diagnostic.notes
    assert "hush" not in render(outcome.diagnostic)


# ------------------------------------------------------------------------------------------------- where it failed


def labels_of(outcome: Outcome) -> list[tuple[int, str]]:
    """The lines that a diagnostic points at, the primary one first, with what it says of each."""
    assert outcome.diagnostic is not None
    assert outcome.diagnostic.primary is not None
    labels = (outcome.diagnostic.primary, *outcome.diagnostic.secondary)
    return [(label.source.position(label.span.start).line, label.message) for label in labels]


def test_a_failure_inside_a_verb_points_at_the_steps_that_led_to_it() -> None:
    through = verb(perform_on("this", 12), name="desk.Through", on=CASE)
    outer = s.Perform(place(20), "desk.Through", THE_CASE, (), None)
    staged = s.Stage(place(19), "Close", (outer,))
    outcome = run(MAKE, staged, verbs=(CLOSE, through))
    assert labels_of(outcome) == [(5, ""), (12, "performed here"), (20, "performed here")]
    assert outcome.diagnostic is not None
    assert outcome.diagnostic.notes == (
        "this.status is new",
        "in Close",
        "row: case CAS-1",
    )


def test_a_failure_that_was_expected_otherwise_tells_of_both() -> None:
    expected = s.Expect(place(8), lit("Something else."), (perform_on("c", 8),))
    outcome = run(MAKE, expected, verbs=(CLOSE,))
    assert outcome.diagnostic is not None
    assert outcome.diagnostic.code is codes.FAILED_OTHERWISE
    assert labels_of(outcome) == [(8, ""), (5, "this failed")]
    assert outcome.diagnostic.notes == ("this.status is new",)


def test_a_failure_that_was_caught_leaves_no_trace_in_the_next_one() -> None:
    expected = s.Expect(place(8), None, (perform_on("c", 8),))
    attempt = s.Attempt(place(9), (perform_on("c", 9),), ())
    outcome = run(MAKE, expected, attempt, require(TITLE, line=15), verbs=(CLOSE,))
    assert labels_of(outcome) == [(15, "")]
    assert outcome.diagnostic is not None
    assert outcome.diagnostic.notes == ('c.title is "Fire"',)


def test_a_failure_in_what_a_require_asks_has_no_reasons_of_that_require() -> None:
    """The inner failure came from another verb: the outer condition was never false."""
    asks = verb(
        require(TITLE_OF_THIS, line=5),
        give(6, yes=lit(True)),
        name="desk.Ask",
        kind="function",
        on=CASE,
        outputs={"yes": BOOLEAN},
    )
    condition = e.CallVerb(BOOLEAN, False, "desk.Ask", THE_CASE, ())
    outcome = run(MAKE, require(condition, line=9), verbs=(asks,))
    assert labels_of(outcome) == [(5, ""), (9, "performed here")]
    assert outcome.diagnostic is not None
    assert outcome.diagnostic.notes[0] == 'this.title is "Fire"'


def test_a_script_that_is_not_at_hand_is_named() -> None:
    outcome = Runner().run(case(fails(line=4), within=Suite()))
    assert outcome.diagnostic is not None
    assert outcome.diagnostic.primary is None
    assert "line 4" in outcome.diagnostic.notes[0]


class Broken(tzinfo):
    """A time zone that fails as no time zone should."""

    def fromutc(self, dt: datetime) -> datetime:
        raise ZeroDivisionError("no such day")


def test_what_goes_wrong_in_actionlang_is_one_failure() -> None:
    asks = require(compare(call("today", "", DATE), "=", lit(MOMENT.date(), DATE)))
    outcome = Runner().run(case(asks, line=3, within=suite(zone=Broken())))
    assert outcome.diagnostic is not None
    assert outcome.diagnostic.code is database.HOST_FAILED
    assert "ZeroDivisionError: no such day" in outcome.diagnostic.message
    assert labels_of(outcome) == [(3, "")]
