"""Runs that go on after whoever started them has been answered: their table, and what runs write in it.

A row stands for one run of a verb in the background, from its start until it is forgotten. What a run starts is written in its
own transaction, and so is how far a background run has come: what is committed is never done again, and what is not never
happened.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from uuid import uuid4

import attrs
import sqlalchemy as sa

from actionlang.access.caller import Caller, called_by, roles_of
from actionlang.access.kept_caller import write_caller
from actionlang.engine.json_form import to_json
from actionlang.engine.sql.codecs import write_moment
from actionlang.engine.sql.dialect import Cursor, Dialect
from actionlang.engine.unit import Unit
from actionlang.metadata.types import Row
from actionlang.plan.plan import StepPlan
from actionlang.runtime.audit import METADATA, TEXT
from actionlang.runtime.hosting import Hosting
from actionlang.runtime.own_tables import see_table

BACKGROUND = sa.Table(
    "actionlang_background",
    METADATA,
    sa.Column("id", TEXT, primary_key=True),
    sa.Column("verb", TEXT, nullable=False),
    sa.Column("plan_hash", TEXT),
    sa.Column("row_key", TEXT),
    sa.Column("arguments", TEXT, nullable=False),
    sa.Column("caller", TEXT),
    sa.Column("subject", TEXT),
    sa.Column("api_key", TEXT),
    sa.Column("ruled", sa.Boolean, nullable=False),
    sa.Column("started_by", TEXT),
    sa.Column("position", sa.Integer, nullable=False),
    sa.Column("kept", TEXT),
    sa.Column("attempts", sa.Integer, nullable=False),
    sa.Column("due", TEXT),
    sa.Column("lease", TEXT),
    sa.Column("made", TEXT, nullable=False),
    sa.Column("ended", TEXT),
    sa.Column("outcome", TEXT),
    sa.Column("code", TEXT),
    sa.Column("message", TEXT),
)
"""Runs by id: that of the run by which one was asked for, or its own where a verb has started it (`started_by` is the run).
`plan_hash` is the version that it keeps from its beginning to its end, `position` how many of that one's units are done, -1
before it has begun; `arguments` is what was asked for, `kept` what its units have found so far, each a JSON object. It goes on
when `due` has come; while somebody is at it, `lease` is that one's token and `due` the moment at which others may take it over.
`caller` is for whom it runs, `subject` whose credentials asked for it over the wire, and alone may ask after it, `api_key` the
key among them, and `ruled` whether rules of access held whoever started it, which hold the run, then. One that has `ended` has
an `outcome`: done, failed (with `code` and `message`), or cancelled."""

NOT_BEGUN = -1

_open: sa.ColumnElement[bool] = sa.literal_column("ended IS NULL")
DUE = sa.Index("actionlang_background_due", BACKGROUND.c.due, sqlite_where=_open, postgresql_where=_open)

UNITS = sa.Table(
    "actionlang_background_unit",
    METADATA,
    sa.Column("run", TEXT, primary_key=True),
    sa.Column("background", TEXT, nullable=False, index=True),
    sa.Column("number", sa.Integer, nullable=False),
)
"""Which runs were the units of background runs, from 1; 0 is the one that saw that what a verb had started is right."""

TABLES: tuple[sa.Table, ...] = (BACKGROUND, UNITS)

WRITTEN = (
    "id", "verb", "plan_hash", "row_key", "arguments", "caller", "subject", "api_key", "ruled", "started_by", "position", "kept",
    "attempts", "due", "made",
)  # fmt: skip
"""The columns of a new row."""


@attrs.frozen
class NewRun:
    """A run that is to be kept; all of it as its row has it."""

    id: str
    verb: str
    plan_hash: str | None
    row_key: str | None
    arguments: str
    caller: str | None
    subject: str | None
    api_key: str | None
    ruled: bool
    started_by: str | None
    position: int
    kept: str | None
    due: datetime


def check_background_table(plan: StepPlan, connection: sa.Connection) -> None:
    """See that the database has the table of background runs if a plan's verb may start some.

    Raises ActionLangError when it has not.
    """
    if plan.verb.effects.starts:
        see_table(connection, BACKGROUND, f"the verbs that {plan.verb.short_name} starts")


class BackgroundWriter:
    """Writes new background runs, in whatever transaction is open on the cursor. Everything raises the driver's errors."""

    def __init__(self, cursor: Cursor, dialect: Dialect, hosting: Hosting) -> None:
        self._cursor = cursor
        self.ruled = hosting.policy is not None
        names = ", ".join(map(dialect.quoted, WRITTEN))
        cells = ", ".join([dialect.parameter] * len(WRITTEN))
        self._insert = f"INSERT INTO {dialect.quoted(BACKGROUND.name)} ({names}) VALUES ({cells})"

    def write(self, run: NewRun) -> None:
        """Keep a run."""
        values = attrs.asdict(run) | {
            "attempts": 0,
            "due": write_moment(run.due),
            "made": write_moment(datetime.now(UTC)),
        }
        self._cursor.execute(self._insert, [values[name] for name in WRITTEN])

    def write_started(self, run: str, unit: Unit, caller: object) -> None:
        """Keep what a run has started. It runs for the same user: `caller` is whoever calls, as the run was told."""
        data = kept_caller(unit, caller)
        for each in unit.started:
            arguments = {one.name: to_json(one.value, one.type) for one in each.arguments}
            key = None if each.on is None else to_json(each.on, Row((each.on.table,)))
            self.write(
                NewRun(
                    id=str(uuid4()),
                    verb=each.verb,
                    plan_hash=None,
                    row_key=None if key is None else json.dumps(key),
                    arguments=json.dumps(arguments, ensure_ascii=False),
                    caller=data,
                    subject=None,
                    api_key=None,
                    ruled=self.ruled,
                    started_by=run,
                    position=NOT_BEGUN,
                    kept=None,
                    due=each.due,
                )
            )


def kept_caller(unit: Unit, caller: object) -> str | None:
    """For whom a unit runs, as it is kept; `caller` is whoever calls, as the run was told."""
    if unit.caller is None:
        return None
    roles, by = roles_of(caller), called_by(caller)
    return json.dumps(write_caller(Caller(unit.caller, roles, by) if roles or by else unit.caller))


def whole(plan_hash: str) -> str:
    """The hash of the plan that a unit belongs to, which its runs' records have: see `durable.parts`."""
    return plan_hash.partition("#")[0]
