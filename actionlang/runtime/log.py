"""Reading the audit records: which runs there were, and what one of them changed."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Any, NoReturn

import attrs
import sqlalchemy as sa

from actionlang.diagnostics.catalogue import database as codes
from actionlang.diagnostics.diagnostic import ActionLangError, Diagnostic
from actionlang.engine.sql.codecs import read_moment, write_moment
from actionlang.runtime.audit import CHANGES, RUNS

Connect = Callable[[], AbstractContextManager[sa.Connection]]


@attrs.frozen
class ChangeRecord:
    """A changed row. `table` is a full name, `key` and the values in `before` and `after` are JSON data (see `engine.json_form`);
    `before` is None for a create, `after` for a delete."""

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
class RunRecord:
    """A run. `outcome` is done, failed or interrupted. `caller`, `key` and `arguments` are JSON data; `clock` is what now() gave.
    `changes` is None where they were not asked for."""

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
    ) -> list[RunRecord]:
        """The latest runs, the last one first: of a verb (by full or short name), with an outcome, begun at or after a moment.

        Raises ActionLangError when the database has no records or fails.
        """
        query = sa.select(RUNS).order_by(RUNS.c.id.desc()).limit(limit)
        if verb is not None:
            escaped = verb.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
            query = query.where(sa.or_(RUNS.c.verb == verb, RUNS.c.verb.like(f"%.{escaped}", escape="\\")))
        if outcome is not None:
            query = query.where(RUNS.c.outcome == outcome)
        if since is not None:
            query = query.where(RUNS.c.started >= write_moment(since))
        with self._connect() as connection:
            _see_that_there_are_records(connection)
            return [_run_record(row) for row in connection.execute(query)]

    def run(self, id_: str) -> RunRecord:
        """One run with its changes, by its id or the beginning of it.

        Raises ActionLangError when there is no such run, or several, or the database has no records or fails.
        """
        with self._connect() as connection:
            _see_that_there_are_records(connection)
            begins = RUNS.c.id.startswith(id_, autoescape=True)
            found = connection.execute(sa.select(RUNS).where(begins).order_by(RUNS.c.id).limit(2)).all()
            if len(found) != 1:
                _unknown(f"Several runs begin with {id_}." if found else f"There is no run {id_} in the log.")
            query = sa.select(CHANGES).where(CHANGES.c.run == found[0].id).order_by(CHANGES.c.sequence)
            changes = tuple(_change_record(row) for row in connection.execute(query))
        return attrs.evolve(_run_record(found[0]), changes=changes)


def _see_that_there_are_records(connection: sa.Connection) -> None:
    if not sa.inspect(connection).has_table(RUNS.name):
        _unknown("The database has no audit records: no verb ever ran on it.")


def _unknown(message: str) -> NoReturn:
    raise ActionLangError(Diagnostic(codes.UNKNOWN_RUN, message, hint="actionlang log lists the runs there are"))


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


def _data(text: str | None) -> Any:
    return None if text is None else json.loads(text)
