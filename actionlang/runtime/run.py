"""A run: one verb, from its beginning to its audit record, as one unit. All of it happens or none does."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from datetime import UTC, datetime, tzinfo
from typing import NamedTuple
from uuid import UUID

import sqlalchemy as sa

from actionlang.diagnostics.catalogue import database as codes
from actionlang.diagnostics.catalogue import run as run_codes
from actionlang.diagnostics.catalogue.project import WRONG_ARGUMENT
from actionlang.diagnostics.diagnostic import ActionLangError, Diagnostic
from actionlang.engine.failure import Failure
from actionlang.engine.interpreter.rows import stored_value
from actionlang.engine.store import RowRef, StoredValueError, StoreError
from actionlang.engine.unit import Unit
from actionlang.metadata.types import USER
from actionlang.plan.plan import StepPlan
from actionlang.runtime.audit import DONE, Call, Outcome
from actionlang.runtime.database import Database
from actionlang.runtime.masking import mask
from actionlang.runtime.result import Result, RunFailed, RunInterrupted
from actionlang.runtime.session import ReadyPlan, Session
from actionlang.runtime.transactions import CallersTransaction, OwnTransaction, Transaction
from actionlang.runtime.troubles import diagnostic_of

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


def run_on_database(plan: StepPlan, plan_hash: str, database: Database, request: Request) -> Result:
    """Run a plan in a transaction of its own. Raises what `Plan.run` raises."""
    try:
        connection, session = database.take_turn()
    except StoreError as error:
        raise ActionLangError(diagnostic_of(error)) from error
    try:
        ready = session.ready(plan, plan_hash, connection)
        return _Run(session, ready, OwnTransaction(session), request).perform()
    finally:
        database.end_turn(connection)


def run_within(plan: StepPlan, plan_hash: str, connection: sa.Connection, request: Request) -> Result:
    """Run a plan inside the transaction of its caller's connection. Raises what `Plan.run` raises."""
    session = Session.on(connection)
    ready = session.ready(plan, plan_hash, connection)
    if not connection.in_transaction():
        connection.begin()
    return _Run(session, ready, CallersTransaction(session), request).perform()


class _Run:
    """A run while it lasts."""

    def __init__(self, session: Session, ready: ReadyPlan, transaction: Transaction, request: Request) -> None:
        self._session = session
        self._ready = ready
        self._transaction = transaction
        self._request = request
        self._started = datetime.now(UTC)
        self._id = session.new_id()
        self._unit = Unit(request.at or self._started, request.zone, None, session.new_id)
        self._call: Call | None = None
        self._at_end = False

    def perform(self) -> Result:
        """Do all of it."""
        ready, unit, request = self._ready, self._unit, self._request
        ready.store.forget_savepoints()
        try:
            self._transaction.begin()
            call = self._read_request()
            if request.dry_run:
                return self._try_out(call)
            outputs = ready.bound.run(unit, call.arguments, call.row)
            ready.audit.write(call, unit, DONE)
            self._at_end = True
            self._transaction.keep()
        except Exception as error:
            raise self._failed(error) from error
        except BaseException as error:
            raise self._stopped(error) from error
        return Result(self._id, outputs, tuple(unit.changes))

    def _read_request(self) -> Call:
        """Find the row, the caller and the arguments. What is refused here is no run yet and leaves no record."""
        request, reader = self._request, self._ready.reader
        row = reader.target(request.on)
        if request.caller is not None:
            self._unit.caller = self._caller(request.caller)
        self._call = call = Call(self._id, self._started, row, reader.arguments(request.arguments))
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
        ready, cursor, dangling = self._ready, self._session.cursor, self._session.dialect.dangling
        before = dangling(cursor)
        outputs = ready.bound.run(self._unit, call.arguments, call.row)
        ready.audit.write(call, self._unit, DONE)
        if dangling(cursor) - before:
            raise Failure(
                run_codes.NO_SUCH_REFERENCE, "At the end of the run a row would refer to a row that is not there."
            )
        self._transaction.undo()
        return Result(None, outputs, tuple(self._unit.changes), dry_run=True)

    # ------------------------------------------------------------------------------------ when it does not end well

    def _failed(self, error: Exception) -> ActionLangError:
        """Undo everything, leave a record; gives the coded error."""
        self._undo()
        if isinstance(error, ActionLangError):
            return error
        if isinstance(error, StoredValueError):
            error = stored_value(error)
        if isinstance(error, Failure):
            mask(error, self._ready.bound.plan, NOTHING if self._call is None else self._call.arguments, self._unit)
            recorded = self._record(Outcome.of_failure(error))
            return RunFailed(_noted(error.diagnostic(), recorded), self._id, recorded is True, error)
        diagnostic = self._trouble(error)
        recorded = self._record(Outcome("failed", diagnostic.code.id, diagnostic.message))
        return RunFailed(_noted(diagnostic, recorded), self._id, recorded is True)

    def _trouble(self, error: Exception) -> Diagnostic:
        """What to say of an error that is no failure of the verb."""
        if isinstance(error, StoreError):
            return diagnostic_of(error)
        if isinstance(error, self._session.dialect.error):
            return diagnostic_of(self._session.dialect.trouble(error))
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
            self._ready.audit.write(self._call, self._unit, outcome)
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
