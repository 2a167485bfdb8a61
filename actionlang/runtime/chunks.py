"""A run on many rows in chunks: each a unit with an audit record of its own, all under one clock.

The rows are fixed before the first chunk, in `actionlang_series_target`; which of them are done is noted in the transaction
that does them. So a series that was interrupted goes on where it was, and no row is done twice.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime, tzinfo
from typing import Any, NamedTuple, NoReturn
from zoneinfo import ZoneInfo

import attrs
import sqlalchemy as sa

from actionlang.diagnostics.catalogue import database as codes
from actionlang.diagnostics.catalogue.project import WRONG_ARGUMENT
from actionlang.diagnostics.diagnostic import ActionLangError, Diagnostic
from actionlang.engine.failure import Failure
from actionlang.engine.relational.choosing import CHOSEN, Choosing
from actionlang.engine.relational.refused import NotRelational
from actionlang.engine.relational.setplan import Selection
from actionlang.engine.sql.codecs import read_moment, write_moment
from actionlang.engine.store import RowRef, StoreError
from actionlang.engine.unit import Unit
from actionlang.metadata import types as t
from actionlang.plan.plan import StepPlan
from actionlang.runtime.audit import TEXT, Call, Outcome
from actionlang.runtime.database import Database
from actionlang.runtime.many import (
    Chunk,
    Condition,
    ManyRequest,
    ManyResult,
    Progress,
    run_many,
    see_that_it_is_on_rows,
)
from actionlang.runtime.request import Request
from actionlang.runtime.result import RunFailed, RunInterrupted
from actionlang.runtime.session import ReadyPlan, Session
from actionlang.runtime.stale import Stale
from actionlang.runtime.troubles import diagnostic_of, told_as_codes
from actionlang.runtime.turns import turn

METADATA = sa.MetaData()

SERIES = sa.Table(
    "actionlang_series",
    METADATA,
    sa.Column("id", TEXT, primary_key=True),
    sa.Column("verb", TEXT, nullable=False),
    sa.Column("plan_hash", TEXT, nullable=False),
    sa.Column("condition", TEXT),
    sa.Column("arguments", TEXT, nullable=False),
    sa.Column("caller", TEXT),
    sa.Column("clock", TEXT, nullable=False),
    sa.Column("zone", TEXT, nullable=False),
    sa.Column("chunk", sa.Integer, nullable=False),
    sa.Column("total", sa.BigInteger, nullable=False),
    sa.Column("done", sa.BigInteger, nullable=False),
)
"""Runs in chunks: what was asked for, how many rows there are, and how many of them are done. Arguments that are sensitive are
not in it."""

TARGETS = sa.Table(
    "actionlang_series_target",
    METADATA,
    sa.Column("series", TEXT, primary_key=True),
    sa.Column("place", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), primary_key=True, autoincrement=False),
    sa.Column("key", TEXT, nullable=False),
    sqlite_with_rowid=False,
)
"""The rows of series that have not come to their end, as JSON arrays of their keys' cells."""

MOST_AT_ONCE = 1_000_000_000
PERMANENT = "actionlang_series"
EVERYTHING = "(true)"


@attrs.frozen
class _Series:
    """A run in chunks, as far as it has come."""

    id: str
    clock: datetime
    zone: tzinfo
    caller: RowRef | None
    arguments: Mapping[str, object]
    chunk: int
    total: int
    done: int


def run_chunks(
    plan: StepPlan, plan_hash: str, database: Database, request: ManyRequest, chunk: int | None, resume: str | None
) -> ManyResult:
    """Run a plan on many rows in chunks, or go on with a series. Raises what `Plan.run_many` raises."""
    see_that_it_is_on_rows(plan)
    _see_that_it_fits(request, chunk, resume)
    with database.connection() as connection, connection.begin():
        METADATA.create_all(connection)
    if resume is None:
        assert chunk is not None
        series = _begin(plan, plan_hash, database, request, chunk)
    else:
        series = _found(plan, plan_hash, database, request, resume, chunk)
    return _go_on(plan, plan_hash, database, request, series)


def _see_that_it_fits(request: ManyRequest, chunk: int | None, resume: str | None) -> None:
    if chunk is not None and not 1 <= chunk <= MOST_AT_ONCE:
        _refuse(f"A chunk is a number of rows from 1 up, not {chunk}.", "for example 10000")
    if request.key is not None:
        _refuse(
            "A key is for one unit, and each chunk is one of its own.",
            "to go on with chunks, name their series instead",
        )
    if request.dry_run:
        _refuse("A dry run keeps nothing, so it is not made in chunks.", "leave the chunks out")
    if resume is not None and (request.where is not None or request.rows is not None):
        _refuse("A series that goes on has its rows already.", "leave the condition out")
    try:
        ZoneInfo(str(request.zone))
    except (KeyError, ValueError, OSError):
        _refuse(f"A run in chunks needs a time zone with a name, not {request.zone}.", 'such as "Europe/Berlin"')


def _refuse(message: str, hint: str) -> NoReturn:
    raise ActionLangError(Diagnostic(WRONG_ARGUMENT, message, hint=hint))


def _go_on(plan: StepPlan, plan_hash: str, database: Database, request: ManyRequest, series: _Series) -> ManyResult:
    """Do one chunk after another."""
    found = ManyResult((), 0, 0, series=series.id, outputs=() if request.outputs else None)
    while series.done < series.total:
        upto = min(series.done + series.chunk, series.total)
        asked = request._replace(
            where=None,
            rows=None,
            arguments=series.arguments,
            at=series.clock,
            zone=series.zone,
            progress=_behind(request.progress, series),
        )
        part = _Part(series, upto)
        unit = series.clock, series.zone, series.caller
        try:
            result = run_many(plan, plan_hash, database, asked, Chunk(part.choose, part.note_done, unit))
        except RunFailed as failed:
            raise _noted(failed, series) from failed
        except KeyboardInterrupt as stopped:
            raise _stopped(plan, stopped, series) from stopped
        found = _together(found, result)
        series = attrs.evolve(series, done=upto)
    _end(database, series)
    return found


def _behind(progress: Progress | None, series: _Series) -> Progress | None:
    """What a chunk tells its progress to: of the whole series."""
    if progress is None:
        return None
    before, total = series.done, series.total
    return lambda done, _: progress(before + done, total)


def _together(one: ManyResult, other: ManyResult) -> ManyResult:
    return attrs.evolve(
        one,
        runs=one.runs + other.runs,
        rows=one.rows + other.rows,
        changes=one.changes + other.changes,
        failures=one.failures + other.failures,
        engine=other.engine if not one.runs else one.engine if one.engine == other.engine else other.engine,
        reason=other.reason or one.reason,
        place=other.place or one.place,
        outputs=None if one.outputs is None else one.outputs + (other.outputs or ()),
        events=one.events + other.events,
    )


def _noted(failed: RunFailed, series: _Series) -> RunFailed:
    """The failure of a chunk, saying how to go on behind it."""
    first = failed.diagnostics[0]
    told = attrs.evolve(first, notes=(*first.notes, *_onward(series)))
    return RunFailed(told, failed.run, failed.recorded, failed.failure)


def _stopped(plan: StepPlan, stopped: KeyboardInterrupt, series: _Series) -> RunInterrupted:
    """Ctrl-C, saying how to go on."""
    if not isinstance(stopped, RunInterrupted):
        stopped = RunInterrupted(plan.verb.short_name, series.id, committed=False)
    done, onward = _onward(series)
    name = plan.verb.short_name
    if stopped.committed:
        done = "its last chunk had come to its end and stays done, too"
    message = f"{name} was interrupted in the middle: {done}."
    stopped.diagnostic = attrs.evolve(stopped.diagnostic, message=message, notes=(onward,))
    return stopped


def _onward(series: _Series) -> tuple[str, str]:
    done = f"{series.done:,} of {series.total:,} rows were done before this chunk and stay done"
    return done, f"go on with --resume {series.id}"


class _Part(NamedTuple):
    """One chunk of a series."""

    series: _Series
    upto: int

    def choose(self, session: Session, ready: ReadyPlan) -> None:
        """Put the chunk's rows aside. Raises the driver's errors."""
        binding = ready.bound.verb.binding
        assert binding is not None
        cells = ready.storage.table(binding.table).key_cells
        read = ", ".join(f"{_cell(session, at, cell.type)} AS k{at + 1}" for at, cell in enumerate(cells))
        place = "" if session.dialect.name == "sqlite" else "row_number() OVER (ORDER BY place) AS place, "
        schema = "temp" if session.dialect.name == "sqlite" else "pg_temp"
        session.cursor.execute(f"DROP TABLE IF EXISTS {schema}.{CHOSEN}")
        session.cursor.execute(
            f"CREATE TEMPORARY TABLE {CHOSEN} AS SELECT {place}{read} FROM {TARGETS.name} "
            f"WHERE series = '{self.series.id}' AND place > {self.series.done} AND place <= {self.upto} ORDER BY place"
        )

    def note_done(self, session: Session, run: str) -> None:
        """Note that the chunk is done. Raises ActionLangError when someone else has done it."""
        del run
        session.cursor.execute(
            f"UPDATE {SERIES.name} SET done = {self.upto} WHERE id = '{self.series.id}' AND done = {self.series.done}"
        )
        if session.cursor.rowcount != 1:
            message = f"The series {self.series.id} is being done by another program too."
            raise ActionLangError(Diagnostic(codes.LOCKED, message, hint="let one of them do it"))


def _cell(session: Session, at: int, type_: t.Type) -> str:
    """A key's cell out of the JSON array that it is kept in."""
    if session.dialect.name == "sqlite":
        return f"json_extract(key, '$[{at}]')"
    from actionlang.engine.relational.postgres import sql_type_of

    return f"(key::json->>{at})::{sql_type_of(type_)}"


def _begin(plan: StepPlan, plan_hash: str, database: Database, request: ManyRequest, chunk: int) -> _Series:
    """Fix the rows, and write down what is to be done."""
    while True:
        with suppress(Stale):
            return _begun(plan, plan_hash, database, request, chunk)


def _begun(plan: StepPlan, plan_hash: str, database: Database, request: ManyRequest, chunk: int) -> _Series:
    """See `_begin`. Raises Stale where the plan was bound for other rights than the caller has."""
    single = Request(None, request.caller, request.at, request.zone, False, request.arguments)
    with turn(database, plan, plan_hash, single) as (session, ready), told_as_codes(session.dialect):
        cursor, reader = session.cursor, ready.reader
        cursor.execute(session.dialect.begin)
        try:
            request = _permitted(session, ready, request)
            clock = request.at or datetime.now(UTC)
            caller = None if request.caller is None else reader.row(t.USER.tables, request.caller)
            try:
                arguments = reader.arguments(request.arguments)
                total = _choose(session, ready, request, Unit(clock, request.zone, caller))
            except ActionLangError as error:
                raise _told(session, ready, request, error) from None
            series = _Series(session.new_id(), clock, request.zone, caller, request.arguments, chunk, total, 0)
            names = ", ".join(f"{CHOSEN}.k{at + 1}" for at, _ in enumerate(_key_cells(ready)))
            as_json = f"json_array({names})" if session.dialect.name == "sqlite" else f"json_build_array({names})::text"
            place = "rowid" if session.dialect.name == "sqlite" else "place"
            cursor.execute(
                f"INSERT INTO {TARGETS.name} (series, place, key) "
                f"SELECT '{series.id}', {place}, {as_json} FROM {CHOSEN} ORDER BY {place}"
            )
            _insert(session, plan, plan_hash, request, series, arguments)
            Choosing(plan, cursor, session.dialect, ready.storage).clean()
            cursor.execute("COMMIT")
        except BaseException:
            if session.in_transaction:
                cursor.execute("ROLLBACK")
            raise
    return series


def _permitted(session: Session, ready: ReadyPlan, request: ManyRequest) -> ManyRequest:
    """What is asked for, held to the caller's rights. Raises ActionLangError where they are not enough."""
    permission = session.permission
    if permission is None:
        return request
    try:
        rights = permission.ask()
    except Failure as refused:
        run = _recorded(session, ready, request, refused)
        raise RunFailed(refused.diagnostic(), run, True, refused) from None
    request = request._replace(caller=rights.user)
    try:
        permission.see_rows(ready.reader.rows_named(request.rows or (), request.arguments), ready)
    except Failure as hidden:
        _recorded(session, ready, request, hidden)
        raise _told(session, ready, request, ActionLangError(hidden.diagnostic())) from None
    if request.rows is not None:
        return request
    where = permission.where(None if request.where is None else request.where.expression)
    text = EVERYTHING if request.where is None else request.where.text
    return request._replace(where=None if where is None else Condition(where, text))


def _recorded(session: Session, ready: ReadyPlan, request: ManyRequest, refused: Failure) -> str:
    """Record that a series was refused. Gives the id of the record."""
    session.cursor.execute("ROLLBACK")
    session.cursor.execute(session.dialect.begin)
    run, now = session.new_id(), datetime.now(UTC)
    assert session.permission is not None
    unit = Unit(now, request.zone, session.permission.user)
    ready.audit.write(Call(run, now, None, {}), unit, Outcome.of_failure(refused))
    session.cursor.execute("COMMIT")
    return run


def _told(session: Session, ready: ReadyPlan, request: ManyRequest, error: ActionLangError) -> ActionLangError:
    """What is told of something that is wrong with what was given (see `Permission.told`)."""
    reader = ready.reader

    def read() -> None:
        reader.arguments(request.arguments)
        for given in request.rows or ():
            reader.target(given)

    if session.permission is None:
        return error
    return session.permission.told(error, reader.rows_named(request.rows or (), request.arguments), read, ready)


def _key_cells(ready: ReadyPlan) -> tuple[Any, ...]:
    binding = ready.bound.verb.binding
    assert binding is not None
    return ready.storage.table(binding.table).key_cells


def _choose(session: Session, ready: ReadyPlan, request: ManyRequest, unit: Unit) -> int:
    """Put the rows aside."""
    choosing = Choosing(ready.bound.plan, session.cursor, session.dialect, ready.storage)
    given = None
    if request.rows is not None:
        rows = (ready.reader.target(each) for each in request.rows)
        given = [row for row in rows if row is not None]
    where = None if request.where is None else request.where.expression
    try:
        return choosing.choose(Selection(where=where) if given is None else choosing.give(given), unit)
    except NotRelational:
        if where is None:
            _refuse(
                "These rows can not be done in chunks: their keys are stored in a form that SQL does not compare.",
                "leave the chunks out",
            )
    from actionlang.runtime.asking import rows_asked_for

    try:
        asked = rows_asked_for(ready, unit, where, None)
    except Failure as failure:
        raise ActionLangError(failure.diagnostic()) from failure
    return choosing.choose(choosing.give(asked), unit)


def _insert(
    session: Session,
    plan: StepPlan,
    plan_hash: str,
    request: ManyRequest,
    series: _Series,
    arguments: Mapping[str, object],
) -> None:
    from actionlang.engine.json_form import to_json

    kept = {
        each.name: to_json(arguments[each.name], each.type)
        for each in plan.verb.inputs
        if each.name in arguments and not each.sensitive
    }
    values = (
        series.id,
        plan.verb.name,
        plan_hash,
        None if request.where is None else request.where.text,
        json.dumps(kept, ensure_ascii=False),
        None if series.caller is None else json.dumps(series.caller.key),
        write_moment(series.clock),
        str(series.zone),
        series.chunk,
        series.total,
        series.done,
    )
    names = ", ".join(session.dialect.quoted(column.name) for column in SERIES.columns)
    parameters = ", ".join([session.dialect.parameter] * len(values))
    session.cursor.execute(f"INSERT INTO {SERIES.name} ({names}) VALUES ({parameters})", values)


def _found(
    plan: StepPlan, plan_hash: str, database: Database, request: ManyRequest, resume: str, chunk: int | None
) -> _Series:
    """The series that has this id, or the only one whose id begins so."""
    with database.connection() as connection:
        query = sa.select(SERIES).where(SERIES.c.id.startswith(resume, autoescape=True)).limit(2)
        rows = connection.execute(query).all()
    if len(rows) != 1:
        told = (
            f"Several series begin with {resume}." if rows else f"There is no series {resume}, or it came to its end."
        )
        raise ActionLangError(Diagnostic(codes.UNKNOWN_RUN, told, hint="its id is in the error that it ended with"))
    row = rows[0]
    if row.verb != plan.verb.name or row.plan_hash != plan_hash:
        changed = row.verb == plan.verb.name
        told = f"{plan.verb.short_name} is another verb now than when the series began." if changed else (
            f"The series {resume} is one of {row.verb.rpartition('.')[2]}, not of {plan.verb.short_name}."
        )  # fmt: skip
        _refuse(told, "go on with the same plan, or begin a new series with the rows that are left")
    arguments = {**json.loads(row.arguments), **request.arguments}
    caller = None if row.caller is None else RowRef(t.USER.tables[0], json.loads(row.caller))
    return _Series(
        row.id,
        read_moment(row.clock),
        ZoneInfo(row.zone) if row.zone != "UTC" else UTC,
        caller,
        arguments,
        chunk or row.chunk,
        row.total,
        row.done,
    )


def _end(database: Database, series: _Series) -> None:
    """A series has come to its end: nothing of it is kept but the records of its runs."""
    try:
        with database.connection() as connection, connection.begin():
            connection.execute(TARGETS.delete().where(TARGETS.c.series == series.id))
            connection.execute(SERIES.delete().where(SERIES.c.id == series.id))
    except StoreError as error:
        raise ActionLangError(diagnostic_of(error)) from error
