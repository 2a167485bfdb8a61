"""Runs that are kept together or not at all: verbs in one transaction, each with an audit record of its own.

The runs are parts of a transaction that nobody else sees anything of before its end. Where one fails, all are undone, and its
record is the only one that stays. Where others were in the way, all are tried again, as one run is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, suppress
from typing import TypeVar

import attrs
import sqlalchemy as sa

from actionlang.diagnostics.catalogue import database as codes
from actionlang.diagnostics.diagnostic import ActionLangError
from actionlang.engine.store import StoreError
from actionlang.plan.plan import StepPlan
from actionlang.runtime.audit import Outcome
from actionlang.runtime.connections import Opened
from actionlang.runtime.database import Database
from actionlang.runtime.plans import NOTHING, Plan, warned
from actionlang.runtime.request import Request, Start, Then
from actionlang.runtime.result import Result
from actionlang.runtime.retry import ONCE, WHOLE_TABLES, Attempts, Conflict, Heat, locks_of, queued
from actionlang.runtime.run import OneRun
from actionlang.runtime.session import ReadyPlan, Session
from actionlang.runtime.settling import Lost, was_kept
from actionlang.runtime.stale import Stale
from actionlang.runtime.time_limit import see_that_there_is_time
from actionlang.runtime.transactions import CallersTransaction, OwnTransaction
from actionlang.runtime.troubles import diagnostic_of
from actionlang.runtime.turns import elsewhere_of, prepared, ready_for, turn

Done = TypeVar("Done")


class Abandoned(Exception):
    """What was begun together is not to be kept: for work to raise, which nobody takes for an error."""


def run_together(database: Database, work: Callable[[ChangeSet], Done]) -> Done:
    """Have `work` run verbs in one transaction, and give what it gives. All that they did is kept when it returns; nothing is
    when it raises, or when one of its runs failed.

    `work` is called again where others were in the way: it should do nothing but run verbs.

    Raises what `work` raises, what `ChangeSet.perform` raises, and ActionLangError when the database fails.
    """
    together = _Together(database, _attempts(database))
    try:
        with _turn(database) as opened:
            while True:
                try:
                    return together.attempt(opened, work)
                except Conflict:
                    together.attempts.again()
    except Lost as lost:
        part = lost.run
        assert isinstance(part, Part)
        kept = was_kept(lambda: part.another_turn(database), lost.call, part.unit, lost.outcome)
        if kept:
            answer: Done = together.answer  # type: ignore[assignment] # it is there since the end was reached
            return answer
        part.settled(kept, lost.diagnostic)
        raise


def _attempts(database: Database) -> Attempts:
    """The first takes no precautions, whatever others met a moment ago: what the change set will run is known afterwards."""
    return Attempts(database.retry if database.dialect.writes_at_once else ONCE, Heat(), "")


@contextmanager
def _turn(database: Database) -> Iterator[Opened]:
    try:
        see_that_there_is_time()
        opened = database.take_turn()
    except StoreError as error:
        raise ActionLangError(diagnostic_of(error)) from error
    try:
        with database.held_to_time(opened.connection):
            yield opened
    finally:
        database.end_turn(opened.connection)


@attrs.define(eq=False)
class _Together:
    """What all attempts of a change set have in common."""

    database: Database
    attempts: Attempts
    starts: list[Start] = attrs.field(factory=list)
    plans: dict[str, StepPlan] = attrs.field(factory=dict)
    answer: object = None

    def attempt(self, opened: Opened, work: Callable[[ChangeSet], Done]) -> Done:
        """Do all of it once. Raises Conflict where it may be done again, Lost where the connection was lost."""
        self.attempts.wait()
        with self._in_turn(opened.session):
            changes = ChangeSet(self, opened)
            try:
                answer = work(changes)
                changes.see_that_it_lasts()
                self.answer = answer
                changes.keep()
            except (Exception, KeyboardInterrupt):
                # Whatever was made of it on its way here.
                if isinstance(changes.ended_by, Conflict | Lost):
                    raise changes.ended_by from None
                raise
            finally:
                changes.close()
            return answer

    @contextmanager
    def _in_turn(self, session: Session) -> Iterator[None]:
        """Queue for the tables that the verbs write, once there was a conflict."""
        locks = self._locks() if self.attempts.level else []
        if not locks:
            yield
            return
        try:
            with queued(session, locks):
                yield
        except StoreError as error:
            raise ActionLangError(diagnostic_of(error)) from error

    def _locks(self) -> list[tuple[int, bool]]:
        return sorted({lock for plan in self.plans.values() for lock in locks_of(plan, (), WHOLE_TABLES)})

    def start(self, at: int, session: Session, request: Request) -> Start:
        """The beginning of the run at a place in the change set, the same in all attempts."""
        if at == len(self.starts):
            self.starts.append(Start.now(session, request))
        return self.starts[at]


class ChangeSet:
    """An attempt of runs that are kept together. `ended_by` is what has ended it before its end."""

    def __init__(self, together: _Together, opened: Opened) -> None:
        self.ended_by: BaseException | None = None
        self._together = together
        self._connection, self._session = opened
        self._begun: sa.RootTransaction | None = None
        self._made = 0
        self._last: Part | None = None

    def perform(
        self,
        plan: Plan,
        *,
        on: object = None,
        caller: object = None,
        dry_run: bool = False,
        key: str | None = None,
        expected: str | None = None,
        arguments: Mapping[str, object] = NOTHING,
        then: Then | None = None,
    ) -> Result:
        """Run a verb in the change set: it sees what those before it did. All is as `Plan.run` says; `then`
        writes at its end, in the transaction.

        Raises what `Plan.run` raises, with which the change set has ended: all is undone, and what is run in it afterwards raises
        the same. Raises Conflict where all is to be done again.
        """
        self.see_that_it_lasts()
        database = self._together.database
        lifetime = database.key_lifetime
        request = Request(
            on, caller, None, database.zone, dry_run, arguments, key, "auto", lifetime, expected, None, then
        )
        try:
            return warned(plan, self._perform(plan, request), arguments)
        except BaseException as error:
            self.ended_by = error
            raise

    def _perform(self, plan: Plan, request: Request) -> Result:
        database, session = self._together.database, self._session
        self._together.plans[plan.hash] = plan.steps
        elsewhere = elsewhere_of(database.hosting, plan.steps, plan.hash, database.find_verb)
        ready = ready_for(session, plan.steps, plan.hash, self._connection, request, elsewhere)
        start = self._together.start(self._made, session, request)
        self._made += 1
        try:
            self._begin()
        except StoreError as error:
            if self._together.attempts.another_after(error.code):
                raise Conflict(error.message) from error
            raise ActionLangError(diagnostic_of(error)) from error
        while True:
            part = Part(plan, session, ready, request, start, self._together.attempts)
            try:
                result = part.perform()
            except Stale:
                ready = prepared(session)
                continue
            if not (result.replayed or result.dry_run):
                self._last = part
            return result

    def _begin(self) -> None:
        """Begin the transaction with the first run, whose plan was made ready before it."""
        if self._begun is not None:
            return
        # SQLAlchemy, through which plans are made ready, has to know of the transaction; it begins as runs begin theirs.
        self._begun = self._connection.begin()
        OwnTransaction(self._session, hasty=self._together.attempts.hasty).begin()

    def see_that_it_lasts(self) -> None:
        """Raises what has ended it, if anything has."""
        if self.ended_by is not None:
            raise self.ended_by

    def keep(self) -> None:
        """Keep all that was done. Raises what a run raises at its end."""
        if self._last is not None:
            try:
                self._last.keep_all()
            except BaseException as error:
                self.ended_by = error
                raise

    def close(self) -> None:
        """Undo what was not kept."""
        with suppress(StoreError):
            OwnTransaction(self._session).undo()
        if self._begun is not None:
            with suppress(sa.exc.SQLAlchemyError):
                self._begun.rollback()


class Part(OneRun):
    """A run in a change set while it lasts."""

    def __init__(
        self, plan: Plan, session: Session, ready: ReadyPlan, request: Request, start: Start, together: Attempts
    ) -> None:
        super().__init__(session, ready, CallersTransaction(session), request, start)
        self._plan = plan
        self._together = together

    def keep_all(self) -> None:
        """End the change set's transaction, of which this was the last run."""
        try:
            OwnTransaction(self._session).keep()
        except Exception as error:
            raise self._failed(error) from error
        except BaseException as error:
            raise self._stopped(error) from error

    def another_turn(self, database: Database) -> AbstractContextManager[tuple[Session, ReadyPlan]]:
        """A connection by which to find out what became of the run."""
        return turn(database, self._plan.steps, self._plan.hash, self._request)

    def _onward(self, error: StoreError) -> Conflict | Lost | None:
        """See `OneRun`: it is the change set that goes on."""
        if self._together.another_after(error.code):
            return Conflict(error.message)
        if error.code == codes.CONNECTION_LOST.id and self._call is not None and not self._request.dry_run:
            return Lost(self, self._call, diagnostic_of(error))
        return None

    def _record(self, outcome: Outcome) -> bool | None:
        """See `OneRun`. What was done before is undone: the record stands alone."""
        self._transaction = OwnTransaction(self._session)
        return super()._record(outcome)
