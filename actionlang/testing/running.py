"""Running one test: a unit of its own on an empty store in memory."""

from __future__ import annotations

from datetime import UTC, datetime
from time import perf_counter

import attrs

from actionlang.diagnostics.catalogue.database import HOST_FAILED
from actionlang.diagnostics.diagnostic import Diagnostic, Label
from actionlang.diagnostics.source import Span
from actionlang.engine.failure import Failure
from actionlang.engine.ids import CountedIds
from actionlang.engine.interpreter.bind import RULES, bind
from actionlang.engine.interpreter.observer import Observer
from actionlang.engine.interpreter.scope import Rules
from actionlang.engine.memory import MemoryStore
from actionlang.engine.times import parse_datetime
from actionlang.engine.unit import Unit
from actionlang.testing.cases import Case
from actionlang.testing.coverage import Hits, Tally
from actionlang.testing.recording import Call, Recorder
from actionlang.testing.watching import Watch, tell

MOMENT = datetime(2026, 1, 1, 12, tzinfo=UTC)
"""The clock of a test that does not say `at`."""


@attrs.frozen
class Outcome:
    """How a test went: how long it took, why it failed if it did, and what it went through, and what it called, when that was
    asked for."""

    seconds: float
    diagnostic: Diagnostic | None = None
    hits: Hits = attrs.field(factory=dict, repr=False)
    calls: tuple[Call, ...] = attrs.field(default=(), repr=False)

    @property
    def passed(self) -> bool:
        """Whether it passed."""
        return self.diagnostic is None


class Runner:
    """Runs tests one after another. It counts what they go through if it is `measuring`, and writes down what they call if it is
    `recording`."""

    def __init__(self, *, measuring: bool = False, recording: bool = False) -> None:
        self._tally = Tally() if measuring else None
        self._recorder = Recorder() if recording else None

    def run(self, case: Case) -> Outcome:
        """Run a test. It never raises on account of what the test does."""
        began = perf_counter()
        try:
            failure = _failure_of(case, self._tally, RULES if self._recorder is None else self._recorder.rules)
            diagnostic = None if failure is None else _explained(case, failure)
        # A test is not to take the others with it, whatever is wrong with ActionLang.
        except Exception as error:  # noqa: BLE001
            diagnostic = host_failed(case, f"{type(error).__name__}: {error}")
        hits = self._tally.take() if self._tally else {}
        calls = self._recorder.take() if self._recorder else ()
        return Outcome(perf_counter() - began, diagnostic, hits, calls)


def _failure_of(case: Case, observer: Observer | None = None, rules: Rules = RULES) -> Failure | None:
    """Run a test; what it failed with, if it did."""
    now = MOMENT if case.verb.at is None else parse_datetime(case.verb.at)
    store = MemoryStore(case.plan.tables, case.plan.choices)
    try:
        bind(case.plan, store, observer, rules).run(Unit(now, case.suite.zone, new_id=CountedIds(now)))
    except Failure as failure:
        return failure
    return None


def _explained(case: Case, failure: Failure) -> Diagnostic:
    watch = Watch()
    again = _failure_of(case, rules=watch.rules)
    if again is None or str(again) != str(failure):
        # The host's own functions may answer otherwise each time; then the first failure is all there is to tell.
        return tell(case, failure, None)
    story = watch.story if watch.story is not None and watch.story.failure is again else None
    return tell(case, again, story)


def host_failed(case: Case, told: str) -> Diagnostic:
    """The complaint about ActionLang when a test could not be run to its end."""
    source = case.suite.sources.get(case.verb.source)
    label = None
    if source is not None and case.line <= len(source.line_starts):
        start = source.line_starts[case.line - 1]
        label = Label(source, Span(start, start + len(source.line(case.line))))
    message = f"ActionLang itself failed while this test ran: {told}."
    return Diagnostic(HOST_FAILED, message, label, hint="please report this with the test that was run")
