"""Tests in several processes: the same outcomes in the same order, whatever the processes do or suffer."""

from __future__ import annotations

import os
import pickle
import signal
from collections.abc import Callable
from datetime import datetime, tzinfo
from multiprocessing import active_children
from time import monotonic

import pytest

from actionlang.diagnostics.catalogue.database import HOST_FAILED
from actionlang.plan import steps as s
from actionlang.testing.cases import Case
from actionlang.testing.running import Outcome
from actionlang.testing.sharing import run_all
from tests.engine.building import DATE, STATUS, call, create, let, lit, verb
from tests.testing.building import case, fails, holds, suite

TODAY = let("day", call("today", "", DATE))


class Deadly(tzinfo):
    """A time zone that ends the process that asks for it."""

    def __init__(self, end: Callable[[], None]) -> None:
        self.end = end

    def fromutc(self, dt: datetime) -> datetime:
        self.end()
        return dt


class Slow(tzinfo):
    """A time zone that takes its time."""

    def fromutc(self, dt: datetime) -> datetime:
        end = monotonic() + 0.06
        while monotonic() < end:
            pass
        return dt


def deadly(end: Callable[[], None]) -> Case:
    return case(TODAY, title="deadly", within=suite(zone=Deadly(end)))


def mixed(count: int) -> list[Case]:
    """Tests of which every third fails, each on a line of its own."""
    return [case(fails(line=number) if number % 3 == 0 else holds()) for number in range(1, count + 1)]


def told(outcomes: list[Outcome]) -> list[str | None]:
    """What can be compared of outcomes."""
    return [
        f"{outcome.diagnostic.code} {outcome.diagnostic.primary.span}"
        if outcome.diagnostic and outcome.diagnostic.primary
        else None
        for outcome in outcomes
    ]


@pytest.mark.parametrize("jobs", [1, 2, 5, 50, None])
def test_outcomes_are_the_same_however_many_processes_there_are(jobs: int | None) -> None:
    cases = mixed(36)
    assert told(list(run_all(cases, jobs=jobs))) == told(list(run_all(cases, jobs=1)))
    assert active_children() == []


def test_outcomes_come_in_order_when_the_first_is_slow() -> None:
    cases = [case(TODAY, fails(line=7), within=suite(zone=Slow())), *mixed(5)]
    outcomes = told(list(run_all(cases, jobs=2)))
    assert outcomes == told(list(run_all(cases, jobs=1)))
    assert outcomes[0] == "E0701 Span(start=146, end=152)"


def test_many_slow_tests_are_shared_by_themselves(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: set[int] = set()
    monkeypatch.setattr("actionlang.testing.sharing.processors", lambda: 2)
    slow = suite(zone=Slow())
    for outcome in run_all([case(TODAY, within=slow) for _ in range(16)]):
        assert outcome.passed
        seen |= {child.pid or 0 for child in active_children()}
    assert len(seen) == 2


@pytest.mark.parametrize(
    ("end", "words"),
    [
        (lambda: os._exit(3), "its process ended with status 3"),
        (lambda: os.kill(os.getpid(), signal.SIGKILL), "its process was ended by signal 9"),
    ],
    ids=["exit", "kill"],
)
def test_a_process_that_dies_takes_only_its_own_test_with_it(end: Callable[[], None], words: str) -> None:
    cases = [case(holds()), deadly(end), deadly(end), *mixed(6)]
    outcomes = list(run_all(cases, jobs=2))
    assert told(outcomes)[3:] == told(list(run_all(cases[3:], jobs=1)))
    assert outcomes[0].passed
    for outcome in outcomes[1:3]:
        assert outcome.diagnostic is not None
        assert outcome.diagnostic.code is HOST_FAILED
        assert words in outcome.diagnostic.message
    assert active_children() == []


def test_closing_stops_the_processes() -> None:
    outcomes = run_all(mixed(40), jobs=3)
    assert next(outcomes).passed
    assert len(active_children()) == 3
    outcomes.close()  # type: ignore[attr-defined]
    assert active_children() == []


def test_no_tests() -> None:
    assert list(run_all([], jobs=4)) == []


def test_what_was_passed_is_counted_in_every_process() -> None:
    do = verb(create("desk.case", title=lit("x"), status=lit("new", STATUS)), name="desk.Do")
    cases = [case(s.Perform(TODAY.place, "desk.Do", None, (), None), verbs=(do,)) for _ in range(8)]
    for jobs in (1, 3):
        outcomes = list(run_all(cases, jobs=jobs, measuring=True))
        assert [outcome.hits for outcome in outcomes] == [{"desk.Do": (1,)}] * 8
    assert all(not outcome.hits for outcome in run_all(cases, jobs=1))


def test_tests_and_outcomes_can_be_sent_where_processes_are_not_forked() -> None:
    cases = mixed(4)
    sent = pickle.loads(pickle.dumps(cases))
    outcomes = list(run_all(sent, jobs=1, measuring=True))
    assert told(pickle.loads(pickle.dumps(outcomes))) == told(list(run_all(cases, jobs=1)))
