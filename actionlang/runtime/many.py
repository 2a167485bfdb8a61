"""A verb run on many rows: as if it ran on one after another in key order, in a few statements where that is proved to be the
same, else indeed one after another."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta, tzinfo
from typing import NamedTuple

import attrs

from actionlang.access.caller import called_by
from actionlang.diagnostics.catalogue import run as run_codes
from actionlang.diagnostics.catalogue.project import WRONG_ARGUMENT
from actionlang.diagnostics.diagnostic import ActionLangError, Diagnostic
from actionlang.engine.failure import Failure
from actionlang.engine.ids import BlockIds
from actionlang.engine.interpreter.rows import stored_value
from actionlang.engine.interpreter.savepoints import Savepoint
from actionlang.engine.relational.choosing import CHOSEN, Choosing
from actionlang.engine.relational.refused import NotRelational
from actionlang.engine.relational.running import LEFT_OUT
from actionlang.engine.relational.setplan import Selection
from actionlang.engine.store import RowRef, StoredValueError
from actionlang.engine.unit import Unit
from actionlang.plan import expressions as e
from actionlang.plan.plan import StepPlan
from actionlang.plan.steps import Place
from actionlang.runtime.as_set import AsSet, clean, run_as_set
from actionlang.runtime.audit import DONE, RUNS, Call
from actionlang.runtime.calling_user import read_caller
from actionlang.runtime.database import Database
from actionlang.runtime.idempotency import LIFETIME, Asked
from actionlang.runtime.masking import mask
from actionlang.runtime.own_tables import see_table
from actionlang.runtime.request import Request, Start
from actionlang.runtime.retry import Attempts, Conflict
from actionlang.runtime.run import OneRun
from actionlang.runtime.session import ReadyPlan, Session
from actionlang.runtime.settling import Lost, was_kept
from actionlang.runtime.stale import Stale
from actionlang.runtime.transactions import OwnTransaction, Transaction
from actionlang.runtime.turns import prepared, turn

Progress = Callable[[int, int], None]
"""Told now and then how many rows are done, of how many."""

FLUSHED = 1000
"""Changes kept until they are written to the records."""

RELATIONAL, INTERPRETER = "relational", "interpreter"


@attrs.frozen
class Condition:
    """Which rows a verb is to run on: a condition on its row, which goes by the name the verb has for it. `text` is how it was
    written. `compile.condition` makes one."""

    expression: e.Expression
    text: str


@attrs.frozen
class RowFailure:
    """A row on which the verb failed, nothing of which was kept, and why."""

    row: RowRef
    diagnostic: Diagnostic
    failure: Failure


@attrs.frozen
class ManyResult:
    """A verb that ran on many rows.

    `runs` are the ids of the audit records: one, or one for each chunk; none after a dry run. `rows` is the number of rows it
    ran on, `failures` those that were left out (`per_row` only), `changes` the number of changes recorded, `events` that of
    events emitted. `engine` is who did it, `relational` or `interpreter`; `reason` says why it was not done as a set, `place` at
    which step. `outputs` are the verb's outputs for each row in key order, where they were asked for. `series` names the series
    of a run in chunks.
    `replayed` says that an earlier run with the same key acted, and not this one: all but `reason` and `place` is that run's.
    """

    runs: tuple[str, ...]
    rows: int
    changes: int
    failures: tuple[RowFailure, ...] = ()
    engine: str = RELATIONAL
    reason: str | None = None
    place: Place | None = None
    outputs: tuple[tuple[RowRef, Mapping[str, object]], ...] | None = None
    dry_run: bool = False
    series: str | None = None
    replayed: bool = False
    events: int = 0


class ManyRequest(NamedTuple):
    """What a caller asks for: see `Plan.run_many`."""

    where: Condition | None
    rows: Iterable[object] | None
    caller: object
    at: datetime | None
    zone: tzinfo
    arguments: Mapping[str, object]
    dry_run: bool = False
    per_row: bool = False
    outputs: bool = False
    engine: str = "auto"
    progress: Progress | None = None
    key: str | None = None
    key_lifetime: timedelta | None = LIFETIME


class Chunk(NamedTuple):
    """A part of a run: what puts its rows aside, and what notes in the same transaction that they are done."""

    choose: Callable[[Session, ReadyPlan], None]
    done: Callable[[Session, str], None]
    unit: tuple[datetime, tzinfo, RowRef | None]


def run_many(
    plan: StepPlan, plan_hash: str, database: Database, request: ManyRequest, chunk: Chunk | None = None
) -> ManyResult:
    """Run a plan on many rows as one unit, again where other runs were in its way. Raises what `Plan.run_many` raises."""
    see_that_it_is_on_rows(plan)
    _see_that_it_may_have_a_key(request)
    if request.rows is not None:
        # They are gone through again by each attempt.
        request = request._replace(rows=tuple(request.rows))
    single = Request(
        None,
        request.caller,
        request.at,
        request.zone,
        request.dry_run,
        request.arguments,
        request.key,
        key_lifetime=request.key_lifetime,
    )
    attempts = database.attempts(plan_hash)
    with database.connection() as connection:
        see_table(connection, RUNS, "runs on many rows")
    try:
        with turn(database, plan, plan_hash, single) as (session, first):
            ready = first
            start = Start.now(session)
            while True:
                try:
                    transaction = OwnTransaction(session, hasty=attempts.hasty)
                    return ManyRun(session, ready, transaction, single, start, attempts, request, chunk).perform_many()
                except Stale:
                    ready = prepared(session)
                except Conflict:
                    attempts.again()
    except Lost as lost:
        kept = was_kept(lambda: turn(database, plan, plan_hash, single), lost.call, lost.run.unit, lost.outcome)
        lost.run.settled(kept, lost.diagnostic)
        return lost.run.result if isinstance(lost.run, ManyRun) else ManyResult((), 0, 0)


def see_that_it_is_on_rows(plan: StepPlan) -> None:
    """See that a verb can run on many rows.

    Raises ActionLangError when it is on none.
    """
    if plan.verb.binding is None:
        message = f"{plan.verb.short_name} is not on a row, so it can not run on many."
        raise ActionLangError(Diagnostic(WRONG_ARGUMENT, message, hint="run it once, without a condition"))


def _see_that_it_may_have_a_key(request: ManyRequest) -> None:
    """See that a run has no key, or that a repeated call can have its answer.

    Raises ActionLangError.
    """
    if request.key is not None and (request.per_row or request.outputs):
        message = "With a key only the number of rows and changes is kept, not what the verb gives for each row."
        raise ActionLangError(
            Diagnostic(WRONG_ARGUMENT, message, hint="leave the key out, or what is told of each row")
        )


class ManyRun(OneRun):
    """A run on many rows while it lasts: one attempt of it."""

    _is_on_one = False

    def __init__(
        self,
        session: Session,
        ready: ReadyPlan,
        transaction: Transaction,
        single: Request,
        start: Start,
        attempts: Attempts | None,
        request: ManyRequest,
        chunk: Chunk | None,
    ) -> None:
        super().__init__(session, ready, transaction, single, start, attempts)
        self._many = request
        self._chunk = chunk
        self._choosing = Choosing(ready.bound.plan, session.cursor, session.dialect, ready.storage)
        self._given: list[RowRef] | None = None
        self._written = 0
        self._emitted = 0
        self._failures: list[RowFailure] = []
        self._given_back: list[tuple[RowRef, Mapping[str, object]]] = []
        self.result = ManyResult((), 0, 0)

    def perform_many(self) -> ManyResult:
        """Do all of it."""
        self.perform()
        return self.result

    def _act(self) -> None:  # type: ignore[override]
        """See `OneRun`: from the first statement to the last."""
        request, ready = self._many, self._ready
        self._begin()
        if request.key is not None and (answered := self._claim(request.key)) is not None:
            self.result = answered
            return
        try:
            call = self._read_many()
            end_refuses = self._session.dialect.end_check(self._session.cursor) if request.dry_run else None
            selection = self._selection()
        except ActionLangError as error:
            raise self._told(error) from None
        done = self._as_set(call, selection)
        if done is None or isinstance(done, NotRelational):
            self._one_by_one(call, selection, done)
        ready.audit.write(call._replace(targets=self.result.rows), self.unit, DONE)
        if self._chunk is not None:
            self._chunk.done(self._session, self._id)
        if request.key is not None:
            told = {"rows": self.result.rows, "changes": self.result.changes, "engine": self.result.engine}
            self._keys.keep(request.key, json.dumps(told))
        if end_refuses is not None:
            if end_refuses():
                raise Failure(
                    run_codes.NO_SUCH_REFERENCE, "At the end of the run a row would refer to a row that is not there."
                )
            self._transaction.undo()
            self.result = attrs.evolve(self.result, runs=(), dry_run=True)
            return
        self._choosing.clean()
        self._at_end = True
        self._transaction.keep()

    def _claim(self, key: str) -> ManyResult | None:
        """Take the run's key, or give the result of the run that has it. A dry run gives its key back with all else."""
        request = self._many
        where = None if request.where is None else request.where.text
        on = {"rows": request.rows, "where": where}
        asked = Asked([on], request.caller, request.at, request.arguments)
        self._is_claiming = True
        earlier = self._keys.claim(key, asked, self._id, request.key_lifetime)
        self._is_without_key = False
        if earlier is None:
            return None
        self._transaction.undo()
        told = json.loads(earlier.kept)
        return ManyResult(
            (earlier.run,), told["rows"], told["changes"], engine=told["engine"], dry_run=request.dry_run, replayed=True
        )

    def _read_many(self) -> Call:
        """The caller and the arguments."""
        request, reader = self._request, self._ready.reader
        if self._chunk is not None:
            now, zone, caller = self._chunk.unit
            if self._permission is not None:
                self._permission.see_that_it_is(caller)
            self.unit = Unit(now, zone, caller, self.unit.new_id)
            self.unit.called_by = called_by(request.caller)
        elif request.caller is not None:
            self.unit.caller = read_caller(self._ready, request.caller)
        self._call = call = Call(self._id, self._started, None, reader.arguments(request.arguments))
        if self._permission is not None:
            self._permission.see_rows(reader.rows_named((), request.arguments), self._ready)
        return call

    def _rows_named(self) -> Iterator[RowRef]:
        return self._ready.reader.rows_named(self._many.rows or (), self._request.arguments)

    def _read_given(self) -> None:
        self._ready.reader.arguments(self._request.arguments)
        for given in self._many.rows or ():
            self._ready.reader.target(given)

    def _selection(self) -> Selection:
        """Which rows to run on."""
        request = self._many
        if self._chunk is not None:
            self._chunk.choose(self._session, self._ready)
            return Selection(keys=CHOSEN)
        if request.rows is not None:
            reader = self._ready.reader
            rows = (reader.target(given) for given in request.rows)
            self._given = [row for row in rows if row is not None]
            if self._permission is not None:
                self._permission.see_rows(self._given, self._ready)
            return self._choosing.give(self._given)
        where = None if request.where is None else request.where.expression
        return Selection(where=where if self._permission is None else self._permission.where(where))

    # ------------------------------------------------------------------------------------------------------- as a set

    def _as_set(self, call: Call, selection: Selection) -> AsSet | NotRelational | None:
        """Try the set form; None where it was not wanted, or the reason why there is none."""
        if self._many.engine == INTERPRETER:
            return None
        if self._ready.attached is not None:
            return NotRelational(self._ready.attached.reason)
        taken = self.unit.new_id.taken if isinstance(self.unit.new_id, BlockIds) else 0
        mark = self._ready.store.savepoint() if self._many.per_row else None
        done = run_as_set(
            self._session,
            self._ready,
            self.unit,
            self._id,
            call.arguments,
            selection,
            self._many.progress,
            leaves_out=self._many.per_row,
        )
        if isinstance(done, AsSet) and done.outcome.left_out and not self._all_fail(call):
            self._ready.store.undo(mark)
            self._failures.clear()
            assert isinstance(self.unit.new_id, BlockIds)
            self.unit.new_id.taken = taken
            return NotRelational("a row that seemed to fail does not")
        if mark is not None:
            self._ready.store.keep(mark)
        if not isinstance(done, AsSet):
            return done.reason
        outputs = None
        if self._many.outputs:
            names = [each.name for each in self._ready.bound.verb.outputs]
            outputs = tuple(_by_name(names, found) for found in done.set_run.outputs(with_target=True))
        clean(self._session, done.set_run)
        found = done.outcome
        failures = tuple(self._failures)
        self.result = ManyResult(
            (self._id,), found.targets, found.changes, failures, outputs=outputs, events=found.events
        )
        self._tell(found.targets, found.targets)
        return done

    def _all_fail(self, call: Call) -> bool:
        """Whether all rows that a set run left out fail indeed, and why each does."""
        return all(self._one(call, row) is None for row in self._choosing.rows(LEFT_OUT))

    # ------------------------------------------------------------------------------------------------ one after another

    def _one_by_one(self, call: Call, selection: Selection, why: NotRelational | None) -> None:
        """Let the interpreter run the verb on one target after another."""
        total, rows = self._targets(selection)
        names = [each.name for each in self._ready.bound.verb.outputs]
        for done, row in enumerate(rows, 1):
            outputs = self._one(call, row)
            if outputs is not None and self._many.outputs:
                self._given_back.append((row, {name: outputs[name] for name in names}))
            if len(self.unit.changes) + len(self.unit.events) + len(self.unit.started) >= FLUSHED:
                self._flush(call)
                self._tell(done, total)
        self._flush(call)
        self._tell(total, total)
        failed = len(self._failures)
        self.result = ManyResult(
            (self._id,),
            total - failed,
            self._written,
            tuple(self._failures),
            INTERPRETER,
            None if why is None else why.reason,
            None if why is None else why.place,
            tuple(self._given_back) if self._many.outputs else None,
            events=self._emitted,
        )

    def _targets(self, selection: Selection) -> tuple[int, Iterable[RowRef]]:
        """How many rows there are, and the rows, in key order."""
        try:
            return self._choosing.choose(selection, self.unit), self._choosing.rows()
        except NotRelational:
            from actionlang.runtime.asking import rows_asked_for

            rows = rows_asked_for(self._ready, self.unit, selection.where, self._given)
            return len(rows), rows

    def _one(self, call: Call, row: RowRef) -> Mapping[str, object] | None:
        """Run the verb on one target; None where it failed and is left out."""
        if not self._many.per_row:
            return self._run_on(row, call)
        unit = self.unit
        assert isinstance(unit.new_id, BlockIds)
        taken = unit.new_id.taken
        savepoint = Savepoint(self._ready.store, unit)
        try:
            outputs = self._run_on(row, call)
        except (Failure, StoredValueError) as error:
            failure = stored_value(error) if isinstance(error, StoredValueError) else error
            mask(failure, self._ready.bound.plan, call.arguments, unit, self._ready.bound.columns)
            savepoint.undo()
            unit.new_id.taken = taken
            self._failures.append(RowFailure(row, failure.diagnostic(), failure))
            return None
        savepoint.keep()
        return outputs

    def _run_on(self, row: RowRef, call: Call) -> Mapping[str, object]:
        """Run the verb on one target; its arguments are held against the contract anew where plug-ins may change them before."""
        attached, arguments = self._ready.attached, call.arguments
        if attached is not None and attached.door is not None:
            arguments = self._ready.reader.arguments(attached.door(self.unit, row, self._request.arguments))
        return self._ready.bound.run(self.unit, arguments, row)

    def _flush(self, call: Call) -> None:
        """Write the changes so far to the records, and the events to the outbox."""
        if self.unit.changes:
            self._ready.audit.write_changes(call.run, self._written + 1, self.unit.changes)
            self._written += len(self.unit.changes)
            self.unit.changes.clear()
        if self.unit.events:
            self._ready.outbox.write(call.run, self.unit.events, self._emitted + 1)
            self._emitted += len(self.unit.events)
            self.unit.events.clear()
        if self.unit.started:
            self._ready.background.write_started(call.run, self.unit, self._request.caller)
            self.unit.started.clear()

    def _tell(self, done: int, total: int) -> None:
        if self._many.progress is not None:
            self._many.progress(done, total)


def _by_name(names: Sequence[str], found: Sequence[object]) -> tuple[RowRef, Mapping[str, object]]:
    """A target and its outputs by name."""
    row, *values = found
    assert isinstance(row, RowRef)
    return row, dict(zip(names, values, strict=True))
