"""The audit record: one row for each run, one for each row that it changed. What is sensitive is masked before it is
written."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from functools import cache
from typing import NamedTuple

import sqlalchemy as sa

from actionlang.engine.changes import Change
from actionlang.engine.failure import Failure
from actionlang.engine.sql.codecs import write_moment
from actionlang.engine.sql.dialect import Cursor, Dialect
from actionlang.engine.store import RowRef
from actionlang.engine.unit import Unit
from actionlang.metadata.tables import Column, Table
from actionlang.metadata.types import USER
from actionlang.plan.plan import Parameter, StepPlan
from actionlang.runtime.json_text import JsonText, Member, json_key, json_member, json_object, json_text, object_text
from actionlang.runtime.masking import names_sensitive_rows
from actionlang.runtime.trace import Trace

METADATA = sa.MetaData()

TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
"""Text that compares by code point on every database."""

RUNS = sa.Table(
    "actionlang_run",
    METADATA,
    sa.Column("id", TEXT, primary_key=True),
    sa.Column("verb", TEXT, nullable=False),
    sa.Column("plan_hash", TEXT, nullable=False),
    sa.Column("caller", TEXT),
    sa.Column("row_table", TEXT),
    sa.Column("row_key", TEXT),
    sa.Column("arguments", TEXT, nullable=False),
    sa.Column("requires", TEXT, nullable=False),
    sa.Column("clock", TEXT, nullable=False),
    sa.Column("zone", TEXT, nullable=False),
    sa.Column("started", TEXT, nullable=False),
    sa.Column("finished", TEXT, nullable=False),
    sa.Column("outcome", TEXT, nullable=False),
    sa.Column("error_code", TEXT),
    sa.Column("message", TEXT),
    sa.Column("failed_verb", TEXT),
    sa.Column("place", TEXT),
    sa.Column("targets", sa.BigInteger),
    sa.Column("plugin", TEXT),
    sa.Column("called_by", TEXT),
    sa.CheckConstraint("outcome IN ('done', 'failed', 'interrupted')", name="actionlang_run.outcome"),
)
"""Runs by id, which rises with the time they began. Keys, caller, arguments and requires are JSON; `clock` is what now() gave.
A run on many rows has no `row_key`; when it was done, `targets` is how many they were. `plugin` names the plug-in that made a
run fail, if one did; `called_by` the user who called for the caller, if another one did."""

CHANGES = sa.Table(
    "actionlang_change",
    METADATA,
    sa.Column("run", TEXT, primary_key=True),
    sa.Column("sequence", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("row_table", TEXT, nullable=False),
    sa.Column("row_key", TEXT, nullable=False),
    sa.Column("operation", TEXT, nullable=False),
    sa.Column("verb", TEXT, nullable=False),
    sa.Column("line", sa.Integer, nullable=False),
    sa.Column("stage", TEXT),
    sa.Column("before", TEXT),
    sa.Column("after", TEXT),
    sqlite_with_rowid=False,
)
"""Changed rows by run and order; `before` and `after` are JSON objects of the columns that became another value."""


STEPS = sa.Table(
    "actionlang_step",
    METADATA,
    sa.Column("run", TEXT, primary_key=True),
    sa.Column("sequence", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("parent", sa.Integer),
    sa.Column("kind", TEXT, nullable=False),
    sa.Column("verb", TEXT),
    sa.Column("line", sa.Integer),
    sa.Column("label", TEXT, nullable=False),
    sa.Column("times", sa.Integer, nullable=False),
    sa.Column("started_us", sa.BigInteger, nullable=False),
    sa.Column("duration_us", sa.BigInteger, nullable=False),
    sa.Column("outcome", TEXT, nullable=False),
    sa.Column("first_change", sa.Integer),
    sa.Column("last_change", sa.Integer),
    sqlite_with_rowid=False,
)
"""Steps of traced runs by run and order. `parent` is the sequence of the step that this one is inside of. `started_us` counts
from the run's start; where `times` is more than one, the step stands for so many that are alike, and `duration_us` is what
they took together. `first_change` to `last_change` are the changes that it made, itself or by what is inside of it."""

RUN_COLUMNS = tuple(column.name for column in RUNS.columns if column.name not in ("targets", "plugin", "called_by"))
"""The columns that each run has; the others are for runs on many rows, those that a plug-in made fail, and those that somebody
called for somebody else."""


class Outcome(NamedTuple):
    """How a run ended: `done`, `failed` or `interrupted`, and why: the last columns of its record, and then the plug-in that made
    it fail."""

    outcome: str
    error_code: str | None = None
    message: str | None = None
    failed_verb: str | None = None
    place: str | None = None
    plugin: str | None = None

    @staticmethod
    def of_failure(failure: Failure) -> Outcome:
        """A verb's own failure, with the place of the step."""
        place = failure.place
        where = f"{failure.source}:{place.line}:{place.column}" if place else None
        return Outcome("failed", failure.code.id, failure.message, failure.verb, where, failure.plugin)


DONE = Outcome("done")

MOST_AT_ONCE = 50
"""Changes that one statement writes, on a server."""


class Call(NamedTuple):
    """What of a run is known before its first step. `row` and `arguments` are language values. `targets` is the number of rows
    of a run on many."""

    run: str
    started: datetime
    row: RowRef | None
    arguments: Mapping[str, object]
    targets: int | None = None


class AuditWriter:
    """Writes the audit records of one plan's runs, in whatever transaction is open on the cursor."""

    def __init__(self, cursor: Cursor, dialect: Dialect, plan: StepPlan, plan_hash: str) -> None:
        verb = plan.verb
        self._cursor = cursor
        self._insert_steps = cache(lambda rows: _insert(STEPS, dialect, rows))
        self._insert_run = _insert(RUNS, dialect, names=RUN_COLUMNS)
        self._insert_many = _insert(RUNS, dialect, names=(*RUN_COLUMNS, "targets"))
        self._insert_by_plugin = _insert(RUNS, dialect, names=(*RUN_COLUMNS, "plugin"))
        self._insert_for_another = _insert(RUNS, dialect, names=(*RUN_COLUMNS, "targets", "plugin", "called_by"))
        self._insert_done = _insert_done(dialect)
        self._insert_change = _insert(CHANGES, dialect)
        # Where a driver sends many statements at once, it complains on its own account when one of them fails.
        self._several = dialect.writes_at_once
        self._insert_several = cache(lambda rows: _insert(CHANGES, dialect, rows))
        self._select_run = f"SELECT 1 FROM {dialect.quoted(RUNS.name)} WHERE id = {dialect.parameter}"
        self._fixed = (verb.name, plan_hash)
        self._requires = json.dumps(verb.requires)
        self._tables = tables = {table.name: table for table in plan.tables}
        self._arguments = {each.name: _member(each, tables) for each in verb.inputs}
        self._row_key = _key(tables[verb.binding.table], tables) if verb.binding else None
        self._row_table = verb.binding.table if verb.binding else None
        self._caller = json_text(USER)
        self._changed: dict[tuple[str, tuple[str, ...]], tuple[JsonText, JsonText]] = {}

    def know(self, tables: Iterable[Table]) -> None:
        """There may be rows of these tables, too: a plug-in may perform verbs of other plans."""
        self._tables |= {table.name: table for table in tables}

    def write(self, call: Call, unit: Unit, outcome: Outcome) -> None:
        """Write a run and, when it is done, its changes; its steps, if it was traced. Raises the driver's errors."""
        run, started, row, arguments, targets = call
        started_text = write_moment(started)
        members = self._arguments
        cells = (
            run,
            *self._fixed,
            None if unit.caller is None else self._caller(unit.caller),
            self._row_table,
            None if row is None or self._row_key is None else self._row_key(row.key),
            json_object([members[name] for name in arguments], arguments.values()),
            self._requires,
            started_text if unit.now is started else write_moment(unit.now),
            str(unit.zone),
            started_text,
            write_moment(datetime.now(UTC)),
        )
        self._write_run(cells, unit, outcome, targets)
        if outcome is DONE and unit.changes:
            self.write_changes(run, 1, unit.changes)
        if isinstance(unit.recorder, Trace):
            self._write_steps(unit.recorder.rows(run, kept=outcome is DONE))

    def _write_run(self, cells: tuple[object, ...], unit: Unit, outcome: Outcome, targets: int | None) -> None:
        """Write the run itself, with as few columns as it needs: a database of an earlier version may lack the others."""
        if unit.called_by is not None:
            more = None if outcome is not DONE else targets, outcome.plugin, self._caller(unit.called_by)
            self._cursor.execute(self._insert_for_another, (*cells, *outcome[:-1], *more))
        elif outcome.plugin is not None:
            self._cursor.execute(self._insert_by_plugin, (*cells, *outcome))
        elif outcome is not DONE:
            self._cursor.execute(self._insert_run, (*cells, *outcome[:-1]))
        elif targets is None:
            self._cursor.execute(self._insert_done, cells)
        else:
            self._cursor.execute(self._insert_many, (*cells, *outcome[:-1], targets))

    def _write_steps(self, steps: Iterable[tuple[object, ...]]) -> None:
        rows = list(steps)
        if not self._several:
            self._cursor.executemany(self._insert_steps(1), rows)
            return
        for start in range(0, len(rows), MOST_AT_ONCE):
            some = rows[start : start + MOST_AT_ONCE]
            self._cursor.execute(self._insert_steps(len(some)), [cell for row in some for cell in row])

    def write_changes(self, run: str, first: int, changes: Sequence[Change]) -> None:
        """Write changes of a run, counted from `first`. Raises the driver's errors."""
        rows = [self._change(run, number, change) for number, change in enumerate(changes, first)]
        if not self._several:
            self._cursor.executemany(self._insert_change, rows)
            return
        for start in range(0, len(rows), MOST_AT_ONCE):
            some = rows[start : start + MOST_AT_ONCE]
            self._cursor.execute(self._insert_several(len(some)), [cell for row in some for cell in row])

    def has(self, run: str) -> bool:
        """Whether a run's record is there. Raises the driver's errors."""
        self._cursor.execute(self._select_run, (run,))
        return self._cursor.fetchone() is not None

    def _change(self, run: str, number: int, change: Change) -> tuple[object, ...]:
        """A changed row as the cells of its record."""
        table, key, operation, verb, line, stage, columns, before, after = change
        known = self._changed.get((table.name, columns))
        if known is None:
            known = self._changed[table.name, columns] = self._writers(table, columns)
        key_text, values_text = known
        return (
            run,
            number,
            table.name,
            key_text(key),
            operation,
            verb,
            line,
            stage,
            None if before is None else values_text(before),
            None if after is None else values_text(after),
        )

    def _writers(self, table: Table, columns: tuple[str, ...]) -> tuple[JsonText, JsonText]:
        """What writes the key, and the values of these columns."""
        members = [_member(table.by_name[name], self._tables) for name in columns]
        return _key(table, self._tables), object_text(members)


def _member(each: Column | Parameter, tables: Mapping[str, Table]) -> Member:
    return json_member(each.name, each.type, each.sensitive or names_sensitive_rows(each.type, tables))


def _key(table: Table, tables: Mapping[str, Table]) -> JsonText:
    parts = table.primary
    return json_key([(part.type, part.sensitive or names_sensitive_rows(part.type, tables)) for part in parts])


def _insert(table: sa.Table, dialect: Dialect, rows: int = 1, *, names: Sequence[str] = ()) -> str:
    columns = names or [column.name for column in table.columns]
    values = ", ".join([dialect.parameter] * len(columns))
    names = ", ".join(map(dialect.quoted, columns))
    return f"INSERT INTO {dialect.quoted(table.name)} ({names}) VALUES {', '.join([f'({values})'] * rows)}"


def _insert_done(dialect: Dialect) -> str:
    """The record of a run that did what it was to do: what is said of failures stays empty."""
    columns = [dialect.quoted(name) for name in RUN_COLUMNS if name not in Outcome._fields]
    values = ", ".join([dialect.parameter] * len(columns))
    names = ", ".join((*columns, dialect.quoted("outcome")))
    return f"INSERT INTO {dialect.quoted(RUNS.name)} ({names}) VALUES ({values}, '{DONE.outcome}')"
