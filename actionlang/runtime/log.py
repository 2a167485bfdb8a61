"""Reading the audit records: which runs there were, what one of them did and changed, what became of a row."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import datetime, timedelta
from typing import Any, NoReturn, TypeVar

import attrs
import sqlalchemy as sa

from actionlang.diagnostics.catalogue import database as codes
from actionlang.diagnostics.catalogue.audit import CHAIN_BROKEN
from actionlang.diagnostics.diagnostic import ActionLangError, Diagnostic
from actionlang.engine.ids import uuid7
from actionlang.engine.sql.codecs import NotConforming, read_moment, write_moment
from actionlang.runtime.audit import CHANGES, RUNS, STEPS
from actionlang.runtime.outbox import EVENTS

Connect = Callable[[], AbstractContextManager[sa.Connection]]

NOT_DONE = sa.text("actionlang_run.outcome <> 'done'")
"""Said in these words, an index over runs that were not done serves."""

Record = TypeVar("Record")

LAST = "last"
"""Stands for the id of the last run."""

ID_BEHIND_START = timedelta(minutes=1)
"""A run has its id when it begins; so much later at most, if at all, is the moment that its record calls its start."""


@attrs.frozen
class ChangeRecord:
    """A changed row. `table` is a full name, `key` and the values in `before` and `after` are JSON data (see
    `engine.json_form`); `before` is None for a create, `after` for a delete."""

    sequence: int
    table: str
    key: object
    operation: str
    verb: str
    line: int
    stage: str | None
    before: Mapping[str, object] | None
    after: Mapping[str, object] | None


@attrs.frozen
class StepRecord:
    """A step of a run that was traced, or so many (`times`) that are alike. `parent` is the sequence of the step that it is
    inside of, `outcome` done, failed or undone. The changes that it made have the numbers `first_change` to `last_change`; of
    steps that are many these are None."""

    sequence: int
    parent: int | None
    kind: str
    verb: str | None
    line: int | None
    label: str
    times: int
    started_us: int
    duration_us: int
    outcome: str
    first_change: int | None
    last_change: int | None


@attrs.frozen
class EventRecord:
    """An event that a run emitted. `payload` is a JSON object, `key` JSON data; `dispatched` is None while nobody has taken it
    to be delivered."""

    sequence: int
    id: str
    name: str
    verb: str
    table: str | None
    key: object
    payload: Mapping[str, object]
    emitted: datetime
    dispatched: datetime | None


@attrs.frozen
class RunRecord:
    """A run. `outcome` is done, failed or interrupted. `caller`, `key` and `arguments` are JSON data; `clock` is what now() gave.
    A run on many rows has a table and no key; `targets` is how many rows, when it was done. `plugin` names the plug-in that
    made it fail, if one did, `called_by` (JSON data) the user who called for the caller, if another one did. `changes`, `steps`
    and `events` are None where they were not asked for; `steps` is empty for a run that was not traced."""

    id: str
    verb: str
    plan_hash: str
    caller: object
    table: str | None
    key: object
    arguments: Mapping[str, object]
    requires: tuple[str, ...]
    clock: datetime
    zone: str
    started: datetime
    finished: datetime
    outcome: str
    error_code: str | None
    message: str | None
    failed_verb: str | None
    place: str | None
    changes: tuple[ChangeRecord, ...] | None = None
    targets: int | None = None
    steps: tuple[StepRecord, ...] | None = None
    events: tuple[EventRecord, ...] | None = None
    plugin: str | None = None
    called_by: object = None


@attrs.frozen
class RowEvent:
    """Something that a run did to a row, or, without `change`, failed to do when it was run on it."""

    run: RunRecord
    change: ChangeRecord | None


class Log:
    """The audit records of a database."""

    def __init__(self, connect: Connect) -> None:
        self._connect = connect

    def runs(
        self,
        *,
        limit: int = 50,
        verb: str | None = None,
        outcome: str | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
        caller: object = None,
    ) -> list[RunRecord]:
        """The latest runs, the last one first: of a verb (by full or short name), with an outcome, begun at or after a moment
        and before another, called by a user (the key, as JSON data).

        Raises ActionLangError when the database has no records or fails.
        """
        query = sa.select(RUNS).order_by(RUNS.c.id.desc()).limit(limit)
        query = query.where(*_between(since, until), *_chosen(outcome, caller))
        if verb is not None:
            query = query.where(_named(RUNS.c.verb, verb))
        with self._connect() as connection:
            columns = _see_that_there_are_records(connection)
            return [_readable(_run_record, row) for row in connection.execute(_known(query, columns))]

    def run(self, id_: str) -> RunRecord:
        """One run with its changes, steps and events, by its id, the beginning of it, or `last`.

        Raises ActionLangError when there is no such run, or several, or the database has no records or fails.
        """
        with self._connect() as connection:
            columns = _see_that_there_are_records(connection)
            # Ids are made of hexadecimal digits and hyphens, which all come before a tilde.
            begins = sa.and_(RUNS.c.id >= id_, RUNS.c.id < f"{id_}~")
            query = sa.select(RUNS).where(begins).order_by(RUNS.c.id).limit(2)
            if id_ == LAST:
                query = sa.select(RUNS).order_by(RUNS.c.id.desc()).limit(1)
            found = connection.execute(_known(query, columns)).all()
            if not found and id_ == LAST:
                _unknown("There is no run in the log yet.")
            if len(found) != 1:
                _unknown(f"Several runs begin with {id_}." if found else f"There is no run {id_} in the log.")
            run = found[0].id
            changes = tuple(_readable(_change_record, row) for row in _of_run(connection, CHANGES, run))
            steps = tuple(_step_record(row) for row in _of_run(connection, STEPS, run))
            events = tuple(_readable(_event_record, row) for row in _of_run(connection, EVENTS, run))
        return attrs.evolve(_readable(_run_record, found[0]), changes=changes, steps=steps, events=events)

    def history(
        self,
        table: str,
        key: object,
        *,
        limit: int = 50,
        since: datetime | None = None,
        until: datetime | None = None,
        verb: str | None = None,
        outcome: str | None = None,
        caller: object = None,
    ) -> list[RowEvent]:
        """What runs did to a row (the table's full name, the key as JSON data), the first thing first, and runs on it that
        failed; of more than `limit` the latest. They are chosen as `runs` chooses; a verb is the run's own or the one, among
        those that it performed, that changed the row.

        Raises ActionLangError when the database has no records or fails.
        """
        text = written(key)
        changed = sa.select(CHANGES).where(CHANGES.c.row_table == table, CHANGES.c.row_key == text)
        changed = changed.where(*_between(since, until, CHANGES.c.run))
        if verb is not None or outcome is not None or caller is not None:
            changed = changed.join(RUNS, RUNS.c.id == CHANGES.c.run).where(*_chosen(outcome, caller))
        changed = changed.order_by(CHANGES.c.run.desc(), CHANGES.c.sequence.desc()).limit(limit)
        failed = sa.select(RUNS).where(RUNS.c.row_table == table, RUNS.c.row_key == text, NOT_DONE)
        failed = failed.where(*_between(since, until), *_chosen(outcome, caller))
        failed = failed.order_by(RUNS.c.id.desc()).limit(limit)
        if verb is not None:
            changed = changed.where(sa.or_(_named(RUNS.c.verb, verb), _named(CHANGES.c.verb, verb)))
            failed = failed.where(_named(RUNS.c.verb, verb))
        with self._connect() as connection:
            columns = _see_that_there_are_records(connection)
            changes = connection.execute(changed).all()
            ids = sorted({change.run for change in changes})
            query = _known(sa.select(RUNS).where(RUNS.c.id.in_(ids)), columns)
            runs = {row.id: _readable(_run_record, row) for row in connection.execute(query)}
            events = [
                RowEvent(_readable(_run_record, row), None) for row in connection.execute(_known(failed, columns))
            ]
        events += (
            RowEvent(runs[change.run], _readable(_change_record, change)) for change in changes if change.run in runs
        )
        events.sort(key=lambda event: (event.run.id, 0 if event.change is None else event.change.sequence))
        return events[-limit:]


def written(data: object) -> str:
    """JSON data as the records hold it."""
    return json.dumps(data, ensure_ascii=False, separators=(",", ":"))


def _between(since: datetime | None, until: datetime | None, run: Any = RUNS.c.id) -> list[sa.ColumnElement[bool]]:
    """That runs began in a time. Their ids, which rise with the time they began, let the database find them quickly."""
    conditions = []
    is_run = run is RUNS.c.id
    if since is not None:
        conditions.append(run >= uuid7(_milliseconds(since - ID_BEHIND_START if is_run else since), 0))
        conditions += [RUNS.c.started >= write_moment(since)] if is_run else []
    if until is not None:
        conditions.append(run < uuid7(_milliseconds(until + ID_BEHIND_START if is_run else until), 0))
        conditions += [RUNS.c.started < write_moment(until)] if is_run else []
    return conditions


def _chosen(outcome: str | None, caller: object) -> Iterator[sa.ColumnElement[bool] | sa.TextClause]:
    """That runs ended in a way, and were called by a user."""
    if outcome is not None:
        yield RUNS.c.outcome == outcome
        if outcome != "done":
            yield NOT_DONE
    if caller is not None:
        yield RUNS.c.caller == written(caller)


def _named(column: sa.Column[str], verb: str) -> sa.ColumnElement[bool]:
    """That a verb has a full or a short name. LIKE takes small letters for great ones on SQLite."""
    short = sa.func.substr(column, sa.func.length(column) - len(verb))
    return sa.or_(column == verb, short == f".{verb}")


def _milliseconds(moment: datetime) -> int:
    return max(0, int(moment.timestamp() * 1000))


def _see_that_there_are_records(connection: sa.Connection) -> set[str]:
    """The columns of the table of runs, of which databases of earlier versions lack some."""
    inspector = sa.inspect(connection)
    if not inspector.has_table(RUNS.name):
        _unknown("The database has no audit records: no verb ever ran on it.")
    return {column["name"] for column in inspector.get_columns(RUNS.name)}


def _known(query: sa.Select[Any], columns: set[str]) -> sa.Select[Any]:
    return query.with_only_columns(*(column for column in RUNS.columns if column.name in columns))


def _of_run(connection: sa.Connection, table: sa.Table, run: str) -> Sequence[sa.Row[Any]]:
    """What a table holds of a run, in order; nothing where the database does not have the table yet."""
    if table is not CHANGES and not sa.inspect(connection).has_table(table.name):
        return ()
    return connection.execute(sa.select(table).where(table.c.run == run).order_by(table.c.sequence)).all()


def _unknown(message: str) -> NoReturn:
    raise ActionLangError(Diagnostic(codes.UNKNOWN_RUN, message, hint="actionlang log lists the runs there are"))


def _readable(record: Callable[[Any], Record], row: Any) -> Record:
    """A stored row as a record. Raises ActionLangError where it holds what no run writes."""
    try:
        # SQLite lets somebody put bytes where a text stood.
        if any(isinstance(cell, bytes) for cell in row):
            raise TypeError
        return record(row)
    except (ValueError, TypeError, NotConforming):
        run = row.id if record is _run_record else row.run
        message = f"The record of run {run} can not be read: someone has changed it."
        hint = "actionlang log verify names all records that were changed"
        raise ActionLangError(Diagnostic(CHAIN_BROKEN, message, hint=hint)) from None


def _run_record(row: Any) -> RunRecord:
    return RunRecord(
        row.id,
        row.verb,
        row.plan_hash,
        _data(row.caller),
        row.row_table,
        _data(row.row_key),
        json.loads(row.arguments),
        tuple(json.loads(row.requires)),
        read_moment(row.clock),
        row.zone,
        read_moment(row.started),
        read_moment(row.finished),
        row.outcome,
        row.error_code,
        row.message,
        row.failed_verb,
        row.place,
        targets=getattr(row, "targets", None),
        plugin=getattr(row, "plugin", None),
        called_by=_data(getattr(row, "called_by", None)),
    )


def _change_record(row: Any) -> ChangeRecord:
    return ChangeRecord(
        row.sequence,
        row.row_table,
        _data(row.row_key),
        row.operation,
        row.verb,
        row.line,
        row.stage,
        _data(row.before),
        _data(row.after),
    )


def _step_record(row: Any) -> StepRecord:
    return StepRecord(**{name: getattr(row, name) for name in attrs.fields_dict(StepRecord)})


def _event_record(row: Any) -> EventRecord:
    return EventRecord(
        row.sequence,
        row.id,
        row.name,
        row.verb,
        row.row_table,
        _data(row.row_key),
        json.loads(row.payload),
        read_moment(row.emitted),
        None if row.dispatched is None else read_moment(row.dispatched),
    )


def _data(text: str | None) -> Any:
    return None if text is None else json.loads(text)
