"""Whether a run can be undone, and what is to be done to undo it.

A run is undone by another run, which sets what it changed back to what it was: that is in the records. It is proposed only
where the result is sure: nobody else has touched the rows since, they are as the run left them, the records hold all values,
and what is to be done is what a verb may do (a status moves only as declared, a row that others refer to is not deleted).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NoReturn

import attrs
import sqlalchemy as sa

from actionlang.audit.net_changes import CREATED, DELETED, MASKED, NetChange, UnknownTable, net_changes
from actionlang.audit.rows import store_on
from actionlang.diagnostics.catalogue import audit as codes
from actionlang.diagnostics.diagnostic import ActionLangError, Code, Diagnostic
from actionlang.engine.display import display_of
from actionlang.engine.schema import Schema
from actionlang.engine.sql.store import SqlStore
from actionlang.engine.store import RowRef, StoredValueError
from actionlang.metadata import types as t
from actionlang.metadata.tables import Column
from actionlang.runtime.audit import CHANGES, RUNS
from actionlang.runtime.database import Database
from actionlang.runtime.log import RunRecord
from actionlang.runtime.masking import MASK

VERB = "undo.Undo"
"""The verb of runs that undo others; its argument `run` says which."""

MOST_CHANGES = 200
"""Changes of a run that can be undone."""

MOST_TOLD = 10

UNWRITABLE = (t.Json, t.Float, t.File)
"""Types whose values a script can not write down."""

RowName = Callable[[RowRef], str]


@attrs.frozen
class Undoing:
    """What undoes a run: what to do to each row, in this order."""

    run: RunRecord
    rows: tuple[NetChange, ...]


def plan_undo(database: Database, schema: Schema, run: RunRecord, row_name: RowName) -> Undoing:
    """What would undo a run that was read with its changes. `row_name` tells what people call a row.

    Raises ActionLangError, with a diagnostic for each reason why it can not be undone, or when the database fails.
    """
    _see_that_there_is_something(run)
    for name in dict.fromkeys(change.table for change in run.changes or ()):
        if name in schema.tables and any(column.sensitive for column in schema.tables[name].primary):
            message = (
                f"Which {schema.tables[name].short_name} run {run.id} changed is in no record: its key is sensitive."
            )
            _refuse(codes.VALUES_MASKED, message, "set it right by hand, in a verb of your own")
    try:
        rows = net_changes(run.changes or (), schema)
    except UnknownTable as unknown:
        _refuse(
            codes.VALUES_MASKED,
            f"The project's tables are others than when run {run.id} was made: {unknown}.",
            "undo it with the tables of then, or set the values by hand",
        )
    if not rows:
        _refuse(codes.NOTHING_TO_UNDO, f"Run {run.id} left every row as it was.", "there is nothing to undo")
    problems = [*_touched_since(database, run, rows, row_name)]
    if not problems:
        with store_on(database, schema) as store:
            looking = _Looking(store, schema, rows, row_name)
            problems = [problem for row in rows for problem in looking.problems(row)]
    if problems:
        raise ActionLangError(*problems[:MOST_TOLD])
    return Undoing(run, tuple(rows))


def _refuse(code: Code, message: str, hint: str) -> NoReturn:
    raise ActionLangError(Diagnostic(code, message, hint=hint))


def _see_that_there_is_something(run: RunRecord) -> None:
    if run.outcome != "done":
        message = f"Run {run.id} ended as {run.outcome}, so nothing of it was kept."
        _refuse(codes.NOTHING_TO_UNDO, message, "there is nothing to undo")
    if not run.changes:
        _refuse(codes.NOTHING_TO_UNDO, f"Run {run.id} changed nothing.", "there is nothing to undo")
    if run.targets is not None or len(run.changes) > MOST_CHANGES:
        many = f"{len(run.changes):,} changes" if run.targets is None else f"{run.targets:,} rows"
        _refuse(
            codes.TOO_MANY_CHANGES,
            f"Run {run.id} was one of {many}; only runs on one row, with at most {MOST_CHANGES} changes, are undone.",
            "write a verb that sets the rows right, and run it with --where",
        )


def undone_by(database: Database, run: str) -> str | None:
    """The last run that undid a run, if one did. Raises ActionLangError when the database fails."""
    is_it = RUNS.c.arguments == f'{{"run":"{run}"}}'
    query = sa.select(RUNS.c.id).where(RUNS.c.id > run, RUNS.c.verb == VERB, is_it, RUNS.c.outcome == "done")
    with database.connection() as connection:
        return connection.scalar(query.order_by(RUNS.c.id.desc()).limit(1))


# ----------------------------------------------------------------------------------------------------- what came since


def _touched_since(
    database: Database, run: RunRecord, rows: list[NetChange], row_name: RowName
) -> Iterator[Diagnostic]:
    """Later runs that changed these rows."""
    with database.connection() as connection:
        for row in rows:
            later = (
                sa.select(RUNS.c.id, RUNS.c.verb, RUNS.c.finished, RUNS.c.arguments)
                .join(CHANGES, CHANGES.c.run == RUNS.c.id)
                .where(CHANGES.c.row_table == row.table.name, CHANGES.c.row_key == row.key_text, RUNS.c.id > run.id)
                .order_by(RUNS.c.id.desc())
                .limit(1)
            )
            found = connection.execute(later).one_or_none()
            if found is None:
                continue
            if found.verb == VERB and run.id in found.arguments:
                message = f"Run {run.id} was undone already, by run {found.id}."
                hint = f"to do it again, undo that one: actionlang log undo {found.id}"
                yield Diagnostic(codes.NOTHING_TO_UNDO, message, hint=hint)
                return
            short = found.verb.rpartition(".")[2]
            message = f"{_capital(row_name(row.row))} was changed by a later run: {short}, {found.finished[:19]}Z."
            yield Diagnostic(
                codes.TOUCHED_SINCE,
                message,
                hint=f"undo that one first: actionlang log undo {found.id}",
                notes=(f"it was run {found.id}",),
            )


# ------------------------------------------------------------------------------------------------------- what is there


class _Looking:
    """Looks at rows as they are now."""

    def __init__(self, store: SqlStore, schema: Schema, rows: list[NetChange], row_name: RowName) -> None:
        self._store = store
        self._schema = schema
        self._name = row_name
        self._deleted = {row.row for row in rows if row.what == CREATED}
        self._made = {row.row for row in rows if row.what == DELETED}

    def problems(self, row: NetChange) -> Iterator[Diagnostic]:
        """Why what the run did to a row can not be undone."""
        yield from self._differences(row)
        yield from self._values(row)
        yield from self._status(row)
        if row.what == CREATED:
            yield from self._references(row)

    def _differences(self, row: NetChange) -> Iterator[Diagnostic]:
        """Whether the row is as the run left it."""
        name = _capital(self._name(row.row))
        columns = tuple(each for each in row.after if not row.table.by_name[each].primary)
        try:
            present = self._store.prepare_read(row.table, columns)(row.key)
        except StoredValueError as error:
            message = f"{name} holds what is no value: {error.found} in {error.column}."
            yield Diagnostic(codes.CHANGED_OTHERWISE, message, hint="set the row right first")
            return
        if row.what == DELETED:
            if present is not None:
                message = f"{name} was deleted by the run, and is there again."
                yield Diagnostic(codes.CHANGED_OTHERWISE, message, hint="see who made it: actionlang log --row")
            return
        if present is None:
            message = f"{name} is gone, though no run deleted it."
            yield Diagnostic(codes.CHANGED_OTHERWISE, message, hint="someone deleted it without a verb")
            return
        for column, value in zip(columns, present, strict=True):
            if row.after[column] is not MASKED and value != row.after[column]:
                found = row.table.by_name[column]
                left, now = (self._text(found, each) for each in (row.after[column], value))
                message = f"{name} is not as the run left it: {column} was {left} and is {now}."
                yield Diagnostic(codes.CHANGED_OTHERWISE, message, hint="someone changed it without a verb")

    def _values(self, row: NetChange) -> Iterator[Diagnostic]:
        """Whether the values to be restored are known, can be written down, and name rows that are there."""
        for name, value in row.before.items():
            column = row.table.by_name[name]
            whole = f"{column.name} of {self._name(row.row)}"
            if value is MASKED:
                message = f"What {whole} was is in no record: the column is sensitive."
                yield Diagnostic(codes.VALUES_MASKED, message, hint="set it by hand, in a verb of your own")
            elif value is not None and isinstance(column.type, UNWRITABLE):
                message = f"What {whole} was can not be written in a script: it is of type {column.type}."
                yield Diagnostic(codes.VALUES_MASKED, message, hint="set it by hand")
            elif isinstance(value, RowRef) and not self._will_be_there(value):
                message = f"What {whole} was is not there any more: {self._name(value)}."
                yield Diagnostic(codes.CHANGED_OTHERWISE, message, hint="make that row again first")

    def _will_be_there(self, row: RowRef) -> bool:
        if row in self._made:
            return True
        table = self._schema.tables.get(row.table)
        return table is not None and self._store.prepare_read(table, ())(row.key) is not None

    def _status(self, row: NetChange) -> Iterator[Diagnostic]:
        """Whether the status may move back."""
        status = row.table.status
        if status is None or status.name not in row.before or row.before[status.name] is MASKED:
            return
        assert status.moves is not None
        to = str(row.before[status.name])
        now = str(row.after.get(status.name, status.moves[0].state))
        ways = next((moves.targets for moves in status.moves if moves.state == now), ())
        if to != now and to not in ways:
            onward = f"from {now} it can move to {', '.join(ways)}" if ways else f"{now} is where it ends"
            message = f"{_capital(self._name(row.row))} can not move from {now} back to {to}."
            yield Diagnostic(codes.NO_WAY_BACK, message, hint=onward)

    def _references(self, row: NetChange) -> Iterator[Diagnostic]:
        """Rows that refer to one that is to be deleted."""
        for table in self._schema.tables.values():
            for column in table.columns:
                if not isinstance(column.type, t.Row) or row.table.name not in column.type.tables:
                    continue
                for key, *_ in self._store.prepare_scan(table, (), (column.name,))([row.row]):
                    other = RowRef(table.name, key)
                    if other not in self._deleted:
                        message = (
                            f"{_capital(self._name(row.row))} would be deleted, and {self._name(other)} refers to it."
                        )
                        yield Diagnostic(codes.REFERRED_TO, message, hint=f"set its {column.name} to another row first")
                        break

    def _text(self, column: Column, value: object) -> str:
        if value is None:
            return "empty"
        if column.sensitive:
            return MASK
        if isinstance(value, RowRef):
            return self._name(value)
        return str(display_of(column.type)(value))


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
