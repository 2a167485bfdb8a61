"""A run: one verb, from its beginning to its audit record, as one unit. All of it happens or none does."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from functools import cached_property
from time import perf_counter_ns
from typing import TYPE_CHECKING

from actionlang.diagnostics.catalogue import database as codes
from actionlang.diagnostics.catalogue import run as run_codes
from actionlang.diagnostics.diagnostic import ActionLangError, Diagnostic
from actionlang.engine.failure import Failure, HostFailure
from actionlang.engine.ids import BlockIds
from actionlang.engine.interpreter.guards import Hidden
from actionlang.engine.interpreter.rows import stored_value
from actionlang.engine.sql.store import Unguarded
from actionlang.engine.store import RowRef, StoredValueError, StoreError
from actionlang.engine.unit import Unit
from actionlang.plan.plan import StepPlan
from actionlang.runtime.audit import DONE, Call, Outcome
from actionlang.runtime.call_values import Asked as AskedServer
from actionlang.runtime.calling_user import read_caller
from actionlang.runtime.database import Database
from actionlang.runtime.idempotency import Asked, UnderWay
from actionlang.runtime.masking import mask
from actionlang.runtime.request import Request, Start
from actionlang.runtime.result import OutcomeUnknown, Result, RunFailed, RunInterrupted
from actionlang.runtime.retry import WHOLE_TABLES, Attempts, Conflict, locks_of, queued
from actionlang.runtime.server import AnswerLost
from actionlang.runtime.session import ReadyPlan, Session
from actionlang.runtime.settling import Lost, was_kept
from actionlang.runtime.stale import Stale
from actionlang.runtime.transactions import OwnTransaction, Transaction
from actionlang.runtime.troubles import diagnostic_of
from actionlang.runtime.turns import prepared, turn

if TYPE_CHECKING:
    from actionlang.access.grants import Unchanged

NOTHING: Mapping[str, object] = {}
NOT_RECORDED = "this failure could not be written to the audit records"

QUEUED = {1: "its turn for the rows that it was given", WHOLE_TABLES: "its turn for the tables that it writes"}
"""What a run waits for, by the level of queueing."""


def run_on_database(plan: StepPlan, plan_hash: str, database: Database, request: Request) -> Result:
    """Run a plan in a transaction of its own, again where other runs were in its way. Raises what `Plan.run` raises."""
    attempts = database.attempts(plan_hash)
    try:
        with turn(database, plan, plan_hash, request) as (session, first):
            ready = first
            start, store = Start.now(session, request), ready.store
            # Plug-ins are not called twice where that can be helped.
            store.guards = ready.attached is not None
            try:
                while True:
                    try:
                        transaction = OwnTransaction(session, hasty=attempts.hasty)
                        return OneRun(session, ready, transaction, request, start, attempts).perform()
                    except Stale:
                        store.guards = True
                        ready = prepared(session)
                        store = ready.store
                    except Conflict as conflict:
                        attempts.again()
                        if start.trace is not None:
                            start.trace.retried(str(conflict))
                    except Unguarded:
                        store.guards = True
            finally:
                store.guards = True
    except Lost as lost:
        kept = was_kept(lambda: turn(database, plan, plan_hash, request), lost.call, lost.run.unit, lost.outcome)
        return lost.run.settled(kept, lost.diagnostic)


class OneRun:
    """A run while it lasts: one attempt of it. Without `attempts` there is but one."""

    _is_on_one = True

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
        self._permission = session.permission
        self._transaction = transaction
        self._request = request
        self._attempts = attempts
        self._start = start
        self._id, self._started, ids, trace = start
        self.unit = Unit(request.at or self._started, request.zone, None, BlockIds(ids))
        self.unit.called_by = request.called_by
        if trace is not None:
            trace.watch(self.unit)
        self._keys = ready.keys
        self._call: Call | None = None
        self._outputs: Mapping[str, object] = NOTHING
        self._at_end = self._is_called = False
        self._is_without_key = request.key is not None
        self._is_claiming = False
        self._version: str | None = None

    def perform(self) -> Result:
        """Do all of it."""
        self._ready.store.forget_savepoints()
        if self._ready.attached is not None:
            self._ready.attached.calls.begin(self._id)
        try:
            locks = self._locks()
            return self._act_in_turn(locks) if locks else self._act()
        except Exception as error:
            raise self._failed(error) from error
        except BaseException as error:
            raise self._stopped(error) from error

    def _act_in_turn(self, locks: list[tuple[int, bool]]) -> Result:
        """Act when it is this run's turn."""
        trace = self._start.trace
        asked = 0 if trace is None else perf_counter_ns()
        with queued(self._session, locks):
            if trace is not None and self._attempts is not None:
                trace.waited(QUEUED[self._attempts.level], asked)
            try:
                return self._act()
            except BaseException:
                # Before the queues move on.
                self._undo()
                raise

    def _act(self) -> Result:
        """From the first statement to the last."""
        request = self._request
        goes_to_server = request.may_go_to_server and self._start.trace is None
        if self._permission is None:
            if goes_to_server and (answer := self._call_server()) is not None:
                return answer
            self._begin()
        elif (answer := self._begin_permitted(goes_to_server)) is not None:
            return answer
        request = self._request
        if request.key is not None and (answered := self._take_key(request.key)) is not None:
            return answered
        try:
            call = self._read_request()
        except ActionLangError as error:
            raise self._told(error) from None
        if request.expected is not None and call.row is not None:
            if self._permission is not None:
                self._permission.see_rows((call.row,), self._ready)
            self._ready.versions.see(call.row, request.expected)
        if request.dry_run:
            return self._try_out(call)
        self._outputs = self._run_steps(call)
        if request.key is not None:
            self._keys.answer(request.key, self._outputs)
        if request.then is not None:
            request.then(self._session, self.unit, call, self._outputs)
        self._note_version(call)
        self._at_end = True
        self._transaction.keep()
        return self._result()

    def _note_version(self, call: Call) -> None:
        """Keep the version that the row has now, where one was expected."""
        if self._request.expected is not None and call.row is not None:
            self._version = self._ready.versions.of(call.row)

    def _begin(self) -> None:
        """Begin the transaction, and see in it that the caller may run the verb.

        Raises Failure where that is not so, Stale where the plan has to be bound anew.
        """
        self._transaction.begin()
        permission = self._permission
        if permission is None:
            return
        try:
            rights = permission.ask()
        except Failure:
            self.unit.caller, self._call = permission.user, self._refused_call()
            raise
        self.unit.caller = rights.user
        self._request = self._request._replace(caller=rights.user)

    def _begin_permitted(self, goes_to_server: bool) -> Result | None:
        """Begin under rules of access. Gives the answer of the plan's function on the server, where that has run it."""
        assert self._permission is not None
        if goes_to_server and self._may_be_alone and (unchanged := self._permission.unchanged()) is not None:
            answer = self._call_server_if(unchanged)
            if answer is not None:
                return answer
        self._begin()
        if goes_to_server:
            if (answer := self._call_server(begun=True)) is not None:
                return answer
            if not self._transaction.is_open:
                self._begin()
        return None

    def _refused_call(self) -> Call:
        """What is recorded of a call that the caller may not make, as far as it can be understood."""
        request, reader = self._request, self._ready.reader
        row: RowRef | None = None
        arguments: Mapping[str, object] = NOTHING
        with contextlib.suppress(ActionLangError):
            row = reader.target(request.on)
        with contextlib.suppress(ActionLangError):
            arguments = reader.arguments(request.arguments)
        return Call(self._id, self._started, row, arguments)

    def _run_steps(self, call: Call) -> Mapping[str, object]:
        """Run the steps and write the records: by the interpreter, or as a set of one row where that is asked for."""
        ready, unit = self._ready, self.unit
        if self._request.engine == "relational" and ready.attached is None:
            from actionlang.runtime.as_set import run_one_as_set

            outputs = run_one_as_set(self._session, ready, unit, self._id, call)
            if outputs is not None:
                return outputs
        outputs_by_name = ready.bound.run(unit, call.arguments, call.row)
        ready.audit.write(call, unit, DONE)
        if unit.events:
            ready.outbox.write(self._id, unit.events)
        if unit.started:
            ready.background.write_started(self._id, unit, self._request.caller)
        return outputs_by_name

    @property
    def _may_be_alone(self) -> bool:
        """Whether the statement that calls the plan's function may be the whole transaction, if the session lets it."""
        return self._attempts is not None and not self._request.dry_run

    @cached_property
    def _has_function(self) -> bool:
        """Whether the plan has its function on the server, made if need be. Asked once a run: see `ServerPlan.make`."""
        request = self._request
        return request.key is None and self._ready.server.make(at_once=request.engine == "server")

    def _call_server_if(self, unchanged: Unchanged) -> Result | None:
        """Run by the plan's function if the caller's rights are still the same. None, with nothing done, where they are not, or
        where the interpreter has to decide, or where what was given is wrong: that is told to those who may call."""
        server, request = self._ready.server, self._request
        if not self._has_function or not server.is_transaction:
            return None
        try:
            asked = server.read(request.on, unchanged.rights.user, request.arguments)
        except ActionLangError:
            return None
        return None if asked is None else self._asked(asked, alone=True, unchanged=unchanged)

    def _call_server(self, *, begun: bool = False) -> Result | None:
        """Run by the plan's function on the server; None, with nothing done, where the interpreter has to decide. `begun` says
        that the transaction has begun already."""
        request, server = self._request, self._ready.server
        asked = server.read(request.on, request.caller, request.arguments) if self._has_function else None
        if asked is None:
            return None
        alone = not begun and self._may_be_alone and server.is_transaction
        if not (alone or begun):
            self._transaction.begin()
        return self._asked(asked, alone=alone)

    def _asked(self, asked: AskedServer, *, alone: bool, unchanged: Unchanged | None = None) -> Result | None:
        """Call the plan's function, in a transaction that is open or `alone`."""
        start = self._start
        self.unit.caller = asked.caller
        self._call = Call(self._id, self._started, asked.row, asked.arguments)
        self._at_end = self._is_called = alone
        answer: Result | None = self._ready.server.call(
            start.run,
            start.started,
            start.ids,
            self.unit,
            asked,
            dry_run=self._request.dry_run,
            unchanged=unchanged,
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
        changes, events, started = tuple(self.unit.changes), tuple(self.unit.events), tuple(self.unit.started)
        return Result(self._id, self._outputs, changes, events=events, version=self._version, started=started)

    def _locks(self) -> list[tuple[int, bool]]:
        """What to queue for, once there was a conflict and a pause after it."""
        if self._attempts is None:
            return []
        trace = self._start.trace
        began = 0 if trace is None else perf_counter_ns()
        self._attempts.wait()
        if trace is not None and self._attempts.made > 1:
            trace.waited("pause before the next attempt", began)
        level = self._attempts.level
        if not level or self._request.dry_run:
            return []
        return locks_of(self._ready.bound.plan, self._rows_named() if self._is_on_one else (), level)

    def _rows_named(self) -> Iterator[RowRef]:
        """The rows that the caller names and that are there."""
        return self._ready.reader.rows_named((self._request.on,), self._request.arguments)

    def _read_given(self) -> None:
        """Read what the caller gives. Raises ActionLangError where something is wrong with it."""
        self._ready.reader.target(self._request.on)
        self._ready.reader.arguments(self._request.arguments)

    def _take_key(self, key: str) -> Result | None:
        """Take the run's key, or give the result of the run that has it. A dry run gives its key back with all else."""
        request = self._request
        asked = Asked(request.on, request.caller, request.at, request.arguments)
        self._is_claiming = True
        answer = self._keys.take(key, asked, self._id, request.key_lifetime)
        self._is_without_key = False
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
            if request.caller is not None and self._permission is None:
                self.unit.caller = read_caller(self._ready, request.caller)
            given = request.arguments
            if (attached := self._ready.attached) is not None and self._permission is not None:
                # No plug-in is called on a row that the caller may not read. A run that one refuses has a record.
                self._call = self._refused_call()
                self._permission.see_rows(() if row is None else (row,), self._ready)
            if attached is not None and attached.door is not None:
                self._call = Call(self._id, self._started, row, NOTHING)
                given = attached.door(self.unit, row, given)
            arguments = reader.arguments(given) if request.known is None else request.known
            self._call = call = Call(self._id, self._started, row, arguments)
        finally:
            reader.ahead = None
        return call

    def _try_out(self, call: Call) -> Result:
        """A dry run: everything but the end, with what the end would have refused; then all of it is undone."""
        end_refuses = self._session.dialect.end_check(self._session.cursor)
        outputs = self._run_steps(call)
        if end_refuses():
            raise Failure(
                run_codes.NO_SUCH_REFERENCE, "At the end of the run a row would refer to a row that is not there."
            )
        self._note_version(call)
        self._transaction.undo()
        changes, events, started = tuple(self.unit.changes), tuple(self.unit.events), tuple(self.unit.started)
        return Result(None, outputs, changes, True, events=events, version=self._version, started=started)

    # ------------------------------------------------------------------------------------ when it does not end well

    def _failed(self, error: Exception) -> Exception:
        """Undo everything, leave a record; gives the coded error, or what says how to go on."""
        self._undo()
        if isinstance(error, ActionLangError | Unguarded | Stale):
            return error
        if isinstance(error, self._session.dialect.error):
            error = self._session.dialect.trouble(error)
        if isinstance(error, StoreError) and (onward := self._onward(error)) is not None:
            return onward
        if isinstance(error, StoreError) and self._request.key is not None and self._is_without_key:
            is_sure = self._is_claiming and self._session.dialect.writes_at_once
            error = UnderWay.instead_of(error, self._request.key, is_sure=is_sure)
        if isinstance(error, StoredValueError):
            error = stored_value(error)
        if isinstance(error, HostFailure):
            error = error.failure
        if isinstance(error, Failure):
            arguments = NOTHING if self._call is None else self._call.arguments
            mask(error, self._ready.bound.plan, arguments, self.unit, self._ready.bound.columns)
            recorded = self._record(Outcome.of_failure(error))
            if isinstance(error, Hidden):
                return self._told(ActionLangError(error.diagnostic()))
            return RunFailed(_noted(error.diagnostic(), recorded), self._id, recorded is True, error)
        diagnostic = self._trouble(error)
        recorded = self._record(Outcome("failed", diagnostic.code.id, diagnostic.message))
        return RunFailed(_noted(diagnostic, recorded), self._id, recorded is True)

    def _told(self, error: ActionLangError) -> ActionLangError:
        """What is told of something that is wrong with what was given (see `Permission.told`)."""
        permission = self._permission
        return (
            error if permission is None else permission.told(error, self._rows_named(), self._read_given, self._ready)
        )

    def _onward(self, error: StoreError) -> Conflict | Lost | None:
        """How a run in a transaction of its own goes on after its database failed it; None when that was all."""
        if self._attempts is None:
            return None
        if self._attempts.another_after(error.code):
            return Conflict(error.message)
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
            self._transaction.undo(failed=True)

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
