"""A run: one verb, from its beginning to its audit record, as one unit. All of it happens or none does."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, tzinfo
from typing import NamedTuple
from uuid import UUID

import sqlalchemy as sa

from actionlang.diagnostics.catalogue import database as codes
from actionlang.diagnostics.catalogue import run as run_codes
from actionlang.diagnostics.catalogue.project import WRONG_ARGUMENT
from actionlang.diagnostics.diagnostic import ActionLangError, Diagnostic
from actionlang.engine.failure import Failure
from actionlang.engine.ids import BlockIds, IdBlock
from actionlang.engine.interpreter.rows import stored_value
from actionlang.engine.sql.store import Unguarded
from actionlang.engine.store import RowRef, StoredValueError, StoreError
from actionlang.engine.unit import Unit
from actionlang.metadata.types import USER
from actionlang.plan.plan import StepPlan
from actionlang.runtime.audit import DONE, Call, Outcome
from actionlang.runtime.database import Database
from actionlang.runtime.idempotency import Asked, check_key, check_key_table
from actionlang.runtime.masking import mask
from actionlang.runtime.result import OutcomeUnknown, Result, RunFailed, RunInterrupted
from actionlang.runtime.retry import Attempts, Conflict, locks_of, queued
from actionlang.runtime.server import AnswerLost
from actionlang.runtime.session import ReadyPlan, Session
from actionlang.runtime.settling import was_kept
from actionlang.runtime.transactions import CallersTransaction, OwnTransaction, Transaction
from actionlang.runtime.troubles import diagnostic_of, told_as_codes

NOTHING: Mapping[str, object] = {}
NOT_RECORDED = "this failure could not be written to the audit records"


class Request(NamedTuple):
    """What a caller asks for: see `Plan.run`."""

    on: object
    caller: object
    at: datetime | None
    zone: tzinfo
    dry_run: bool
    arguments: Mapping[str, object]
    key: str | None = None
    engine: str = "auto"


class Start(NamedTuple):
    """What all attempts of a run have in common: its id, the moment it began, the ids for rows that it creates."""

    run: str
    started: datetime
    ids: IdBlock

    @staticmethod
    def now(session: Session) -> Start:
        """A run begins."""
        return Start(session.new_id(), datetime.now(UTC), session.new_ids().block)


def run_on_database(plan: StepPlan, plan_hash: str, database: Database, request: Request) -> Result:
    """Run a plan in a transaction of its own, again where other runs were in its way. Raises what `Plan.run` raises."""
    attempts = database.attempts(plan_hash)
    try:
        with turn(database, plan, plan_hash, request) as (session, ready):
            start, store = Start.now(session), ready.store
            store.guards = False
            try:
                while True:
                    try:
                        transaction = OwnTransaction(session, hasty=attempts.hasty)
                        return OneRun(session, ready, transaction, request, start, attempts).perform()
                    except Conflict:
                        attempts.again()
                    except Unguarded:
                        store.guards = True
            finally:
                store.guards = True
    except Lost as lost:
        kept = was_kept(lambda: turn(database, plan, plan_hash, request), lost.call, lost.run.unit, lost.outcome)
        return lost.run.settled(kept, lost.diagnostic)


@contextlib.contextmanager
def turn(database: Database, plan: StepPlan, plan_hash: str, request: Request) -> Iterator[tuple[Session, ReadyPlan]]:
    """A connection of the database for a while, with the plan ready on it."""
    try:
        connection, session = database.take_turn()
    except StoreError as error:
        raise ActionLangError(diagnostic_of(error)) from error
    try:
        yield session, _ready(session, plan, plan_hash, connection, request)
    finally:
        database.end_turn(connection)


def run_within(plan: StepPlan, plan_hash: str, connection: sa.Connection, request: Request) -> Result:
    """Run a plan inside the transaction of its caller's connection. Raises what `Plan.run` raises."""
    session = Session.on(connection)
    ready = _ready(session, plan, plan_hash, connection, request)
    if not connection.in_transaction():
        connection.begin()
    return OneRun(session, ready, CallersTransaction(session), request, Start.now(session)).perform()


def _ready(session: Session, plan: StepPlan, plan_hash: str, connection: sa.Connection, request: Request) -> ReadyPlan:
    """The plan, bound to the connection, once all is seen to be there that its run needs."""
    ready = session.ready(plan, plan_hash, connection)
    if request.key is not None:
        check_key(request.key, plan)
        with told_as_codes(session.dialect):
            check_key_table(connection)
    return ready


class Lost(Exception):
    """A run's connection is lost; what became of the run has to be found out on another one."""

    def __init__(self, run: OneRun, call: Call, diagnostic: Diagnostic) -> None:
        super().__init__()
        self.run = run
        self.call = call
        self.diagnostic = diagnostic
        self.outcome = Outcome("failed", diagnostic.code.id, diagnostic.message)


class OneRun:
    """A run while it lasts: one attempt of it. Without `attempts` there is but one."""

    def __init__(
        self,
        session: Session,
        ready: ReadyPlan,
        transaction: Transaction,
        request: Request,
        start: Start,
        attempts: Attempts | None = None,
    ) -> None:
        self._session = session
        self._ready = ready
        self._transaction = transaction
        self._request = request
        self._attempts = attempts
        self._start = start
        self._id, self._started, ids = start
        self.unit = Unit(request.at or self._started, request.zone, None, BlockIds(ids))
        self._keys = ready.keys
        self._call: Call | None = None
        self._outputs: Mapping[str, object] = NOTHING
        self._at_end = False
        self._is_called = False

    def perform(self) -> Result:
        """Do all of it."""
        self._ready.store.forget_savepoints()
        try:
            locks = self._locks()
            return self._act_in_turn(locks) if locks else self._act()
        except Exception as error:
            raise self._failed(error) from error
        except BaseException as error:
            raise self._stopped(error) from error

    def _act_in_turn(self, locks: list[tuple[int, bool]]) -> Result:
        """Act when it is this run's turn."""
        with queued(self._session, locks):
            try:
                return self._act()
            except BaseException:
                # Before the queues move on.
                self._undo()
                raise

    def _act(self) -> Result:
        """From the first statement to the last."""
        request = self._request
        if request.engine in ("auto", "server") and (answer := self._call_server()) is not None:
            return answer
        self._transaction.begin()
        if request.key is not None and (answered := self._take_key(request.key)) is not None:
            return answered
        call = self._read_request()
        if request.dry_run:
            return self._try_out(call)
        self._outputs = self._run_steps(call)
        if request.key is not None:
            self._keys.answer(request.key, self._outputs)
        self._at_end = True
        self._transaction.keep()
        return self._result()

    def _run_steps(self, call: Call) -> Mapping[str, object]:
        """Run the steps and write the records: by the interpreter, or as a set of one row where that is asked for."""
        ready, unit = self._ready, self.unit
        if self._request.engine == "relational":
            from actionlang.engine.relational.setplan import Selection
            from actionlang.runtime.as_set import AsSet, changes_of, clean, run_as_set

            done = run_as_set(self._session, ready, unit, self._id, call.arguments, Selection(row=call.row))
            if isinstance(done, AsSet) and done.outcome.targets == 1:
                outputs = next(iter(done.set_run.outputs()))
                clean(self._session, done.set_run)
                ready.audit.write(call, unit, DONE)
                unit.changes.extend(changes_of(self._session, ready, self._id))
                return dict(zip((each.name for each in ready.bound.verb.outputs), outputs, strict=True))
        outputs_by_name = ready.bound.run(unit, call.arguments, call.row)
        ready.audit.write(call, unit, DONE)
        return outputs_by_name

    def _call_server(self) -> Result | None:
        """Run by the plan's function on the server; None, with nothing done, where the interpreter has to decide."""
        request, server, start = self._request, self._ready.server, self._start
        asked = None
        if request.key is None and server.make(at_once=request.engine == "server"):
            asked = server.read(request.on, request.caller, request.arguments)
        if asked is None:
            return None
        self.unit.caller = asked.caller
        self._call = Call(self._id, self._started, asked.row, asked.arguments)
        alone = self._attempts is not None and not request.dry_run and server.is_transaction
        if not alone:
            self._transaction.begin()
        self._at_end = self._is_called = alone
        answer: Result | None = server.call(
            start.run, start.started, start.ids, self.unit, asked, dry_run=request.dry_run
        )
        self._at_end = self._is_called = False
        if answer is not None and not alone:
            answer = self._end_call(answer)
        if answer is None:
            self._transaction.undo()
            self._call, self.unit.caller = None, None
        return answer

    def _end_call(self, answer: Result) -> Result | None:
        """Keep what the server did in a transaction that was begun here, or undo a dry run."""
        try:
            if self._request.dry_run:
                if self._session.dialect.end_check(self._session.cursor)():
                    return None
                self._transaction.undo()
            else:
                self._at_end = self._is_called = True
                self._transaction.keep()
        except (Failure, self._session.dialect.error):
            # What is deferred to the end does not hold: the interpreter tells of it.
            self._at_end = self._is_called = False
            return None
        return answer

    def _result(self) -> Result:
        return Result(self._id, self._outputs, tuple(self.unit.changes))

    def _locks(self) -> list[tuple[int, bool]]:
        """What to queue for, once there was a conflict and a pause after it."""
        if self._attempts is None:
            return []
        self._attempts.wait()
        level = self._attempts.level
        if not level or self._request.dry_run:
            return []
        return locks_of(self._ready.bound.plan, self._rows_named(), level)

    def _rows_named(self) -> Iterator[RowRef]:
        """The rows that the caller names; none where something is wrong with what was given, which the run will tell."""
        reader, request = self._ready.reader, self._request
        with contextlib.suppress(ActionLangError):
            given = (reader.target(request.on), *reader.arguments(request.arguments).values())
            for value in given:
                named = value if isinstance(value, tuple) and not isinstance(value, RowRef) else (value,)
                yield from (each for each in named if isinstance(each, RowRef))

    def _take_key(self, key: str) -> Result | None:
        """Take the run's key, or give the result of the run that has it. A dry run gives its key back with all else."""
        request = self._request
        asked = Asked(request.on, request.caller, request.at, request.arguments)
        answer = self._keys.take(key, asked, self._id)
        if answer is None:
            return None
        self._transaction.undo()
        return Result(answer.run, answer.outputs, (), request.dry_run, replayed=True)

    def _read_request(self) -> Call:
        """Find the row, the caller and the arguments. What is refused here is no run yet and leaves no record."""
        request, reader = self._request, self._ready.reader
        reader.ahead = self.unit.ahead
        try:
            row = reader.target(request.on)
            if request.caller is not None:
                self.unit.caller = self._caller(request.caller)
            self._call = call = Call(self._id, self._started, row, reader.arguments(request.arguments))
        finally:
            reader.ahead = None
        return call

    def _caller(self, given: object) -> RowRef:
        """The user who calls. Where the plan does not know users, whoever calls is believed."""
        user = USER.tables[0]
        try:
            if any(table.name == user for table in self._ready.bound.plan.tables):
                return self._ready.reader.row(USER.tables, given)
            if isinstance(given, RowRef) and given.table == user:
                return given
            if isinstance(given, str | UUID):
                return RowRef(user, str(given))
            raise ValueError("a user, by id")
        except ValueError as error:
            raise _wrong(f"The caller is {error}, not {given!r}.") from None

    def _try_out(self, call: Call) -> Result:
        """A dry run: everything but the end, with what the end would have refused; then all of it is undone."""
        end_refuses = self._session.dialect.end_check(self._session.cursor)
        outputs = self._run_steps(call)
        if end_refuses():
            raise Failure(
                run_codes.NO_SUCH_REFERENCE, "At the end of the run a row would refer to a row that is not there."
            )
        self._transaction.undo()
        return Result(None, outputs, tuple(self.unit.changes), dry_run=True)

    # ------------------------------------------------------------------------------------ when it does not end well

    def _failed(self, error: Exception) -> Exception:
        """Undo everything, leave a record; gives the coded error, or what says how to go on."""
        self._undo()
        if isinstance(error, ActionLangError | Unguarded):
            return error
        if isinstance(error, self._session.dialect.error):
            error = self._session.dialect.trouble(error)
        if isinstance(error, StoreError) and (onward := self._onward(error)) is not None:
            return onward
        if isinstance(error, StoredValueError):
            error = stored_value(error)
        if isinstance(error, Failure):
            mask(error, self._ready.bound.plan, NOTHING if self._call is None else self._call.arguments, self.unit)
            recorded = self._record(Outcome.of_failure(error))
            return RunFailed(_noted(error.diagnostic(), recorded), self._id, recorded is True, error)
        diagnostic = self._trouble(error)
        recorded = self._record(Outcome("failed", diagnostic.code.id, diagnostic.message))
        return RunFailed(_noted(diagnostic, recorded), self._id, recorded is True)

    def _onward(self, error: StoreError) -> Conflict | Lost | None:
        """How a run in a transaction of its own goes on after its database failed it; None when that was all."""
        if self._attempts is None:
            return None
        if self._attempts.another_after(error.code):
            return Conflict()
        if error.code == codes.CONNECTION_LOST.id and self._call is not None and not self._request.dry_run:
            return Lost(self, self._call, diagnostic_of(error))
        return None

    def settled(self, kept: bool | None, diagnostic: Diagnostic) -> Result:
        """What a run came to whose connection was lost, once it is known whether it was kept; None when it is not known.

        Raises RunFailed or OutcomeUnknown.
        """
        if kept and self._is_called:
            raise AnswerLost(self._ready.bound.verb.short_name, self._id)
        if kept:
            return self._result()
        if kept is None and self._at_end:
            raise OutcomeUnknown(self._ready.bound.verb.short_name, self._id, self._request.key)
        raise RunFailed(_noted(diagnostic, kept is not None), self._id, kept is not None)

    def _trouble(self, error: Exception) -> Diagnostic:
        """What to say of an error that is no failure of the verb."""
        if isinstance(error, StoreError):
            if error.code == codes.DATABASE_DIFFERS.id:
                self._session.forget_plans()
            return diagnostic_of(error)
        told = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
        return Diagnostic(
            codes.HOST_FAILED,
            f"ActionLang itself failed while {self._ready.bound.verb.short_name} ran: {told}.",
            hint="nothing was changed; please report this with the plan that was run",
        )

    def _stopped(self, error: BaseException) -> BaseException:
        """Ctrl-C, or the program is told to end: undo everything unless the end was reached, leave a record;
        gives what to raise."""
        self._undo()
        committed = self._at_end and self._is_recorded()
        if not committed:
            self._record(Outcome("interrupted", codes.INTERRUPTED.id, "The run was interrupted."))
        if isinstance(error, KeyboardInterrupt):
            return RunInterrupted(self._ready.bound.verb.short_name, self._id, committed)
        return error

    def _undo(self) -> None:
        # The database has undone it already, or does so when the connection goes: what was wrong is told instead.
        with contextlib.suppress(StoreError):
            self._transaction.undo()

    def _record(self, outcome: Outcome) -> bool | None:
        """Write the record of a run that failed, in a transaction of its own where there can be one. Says whether that could be
        done; None when there is nothing to record."""
        if self._call is None or self._request.dry_run:
            return None
        try:
            self._transaction.begin()
            self._ready.audit.write(self._call, self.unit, outcome)
            self._transaction.keep()
        except (StoreError, Failure, self._session.dialect.error):
            self._undo()
            return False
        return True

    def _is_recorded(self) -> bool:
        try:
            return self._ready.audit.has(self._id)
        except self._session.dialect.error:
            return False


def _wrong(message: str) -> ActionLangError:
    return ActionLangError(Diagnostic(WRONG_ARGUMENT, message))


def _noted(diagnostic: Diagnostic, recorded: bool | None) -> Diagnostic:
    """The diagnostic, saying so if the failure left no record."""
    if recorded is not False:
        return diagnostic
    return Diagnostic(
        diagnostic.code,
        diagnostic.message,
        diagnostic.primary,
        diagnostic.secondary,
        diagnostic.hint,
        (*diagnostic.notes, NOT_RECORDED),
    )
