"""The outbox: events that a run emits, written in its own transaction. Who delivers them reads them after the commit."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from functools import cache

import sqlalchemy as sa

from actionlang.engine.events import Event, event_id
from actionlang.engine.sql.codecs import write_moment
from actionlang.engine.sql.dialect import Cursor, Dialect
from actionlang.metadata.tables import Table
from actionlang.metadata.types import Type
from actionlang.plan.plan import StepPlan
from actionlang.runtime.audit import METADATA, TEXT
from actionlang.runtime.json_text import JsonText, Member, json_key, json_member, json_object
from actionlang.runtime.masking import names_sensitive_rows
from actionlang.runtime.own_tables import see_table

EVENTS = sa.Table(
    "actionlang_event",
    METADATA,
    sa.Column("position", sa.BigInteger().with_variant(sa.Integer, "sqlite"), sa.Identity(), primary_key=True),
    sa.Column("id", TEXT, nullable=False, unique=True),
    sa.Column("run", TEXT, nullable=False),
    sa.Column("sequence", sa.Integer, nullable=False),
    sa.Column("name", TEXT, nullable=False),
    sa.Column("verb", TEXT, nullable=False),
    sa.Column("row_table", TEXT),
    sa.Column("row_key", TEXT),
    sa.Column("payload", TEXT, nullable=False),
    sa.Column("emitted", TEXT, nullable=False),
    sa.Column("dispatched", TEXT),
    sqlite_autoincrement=True,
)
"""Events by id, which stays the same however often one is delivered; `sequence` counts those of a run from 1. `row_table` and
`row_key` (JSON) name the row that the verb was on, `payload` is a JSON object of what the event carries, `emitted` the moment.

A run writes neither the first column nor the last. The database gives out `position`: a run that has changed its row holds the
lock of it when it emits, so that of two such events the earlier has the lower position, however the clocks of two hosts differ.
`dispatched` is the moment at which the deliverer wrote down for whom the event is; until then it is empty."""

NEW_EVENTS = sa.Index(
    "actionlang_event_new",
    EVENTS.c.position,
    sqlite_where=EVENTS.c.dispatched.is_(None),
    postgresql_where=EVENTS.c.dispatched.is_(None),
)
"""Finds events that are not dispatched yet, however many there are that are."""

MOST_AT_ONCE = 50
"""Events that one statement writes."""

WRITTEN = ("id", "run", "sequence", "name", "verb", "row_table", "row_key", "payload", "emitted")
"""The columns that a run writes."""


def check_event_table(plan: StepPlan, connection: sa.Connection) -> None:
    """See that the database has the table of events if a plan's verb may emit some.

    Raises ActionLangError when it has not.
    """
    if plan.verb.effects.emits:
        see_table(connection, EVENTS, f"the events that {plan.verb.short_name} emits")


class OutboxWriter:
    """Writes the events of one plan's runs, in whatever transaction is open on the cursor."""

    def __init__(self, cursor: Cursor, dialect: Dialect, plan: StepPlan) -> None:
        self._cursor = cursor
        self._tables = {table.name: table for table in plan.tables}
        self._keys: dict[str, JsonText] = {}
        names = ", ".join(map(dialect.quoted, WRITTEN))
        self._insert = f"INSERT INTO {dialect.quoted(EVENTS.name)} ({names}) VALUES"
        self._cells = f"({', '.join([dialect.parameter] * len(WRITTEN))})"

    def know(self, tables: Iterable[Table]) -> None:
        """There may be rows of these tables, too: a plug-in may perform verbs of other plans."""
        self._tables |= {table.name: table for table in tables}

    def write(self, run: str, events: Sequence[Event], first: int = 1) -> None:
        """Write events of a run, counted from `first`. Raises the driver's errors."""
        moment = write_moment(datetime.now(UTC))
        rows = [self._row(run, number, event, moment) for number, event in enumerate(events, first)]
        for start in range(0, len(rows), MOST_AT_ONCE):
            some = rows[start : start + MOST_AT_ONCE]
            statement = f"{self._insert} {', '.join([self._cells] * len(some))}"
            self._cursor.execute(statement, [cell for row in some for cell in row])

    def _row(self, run: str, number: int, event: Event, moment: str) -> tuple[object, ...]:
        """An event as the cells of its row."""
        row = event.row
        return (
            event_id(run, number),
            run,
            number,
            event.name,
            event.verb,
            None if row is None else row.table,
            None if row is None else self._key(row.table)(row.key),
            payload(event),
            moment,
        )

    def _key(self, table: str) -> JsonText:
        """What writes the keys of a table's rows."""
        known = self._keys.get(table)
        if known is None:
            parts = self._tables[table].primary
            hidden = [part.sensitive or names_sensitive_rows(part.type, self._tables) for part in parts]
            known = self._keys[table] = json_key(
                [(part.type, is_so) for part, is_so in zip(parts, hidden, strict=True)]
            )
        return known


@cache
def _member(name: str, type_: Type, sensitive: bool) -> Member:
    return json_member(name, type_, sensitive)


def payload(event: Event) -> str:
    """What an event carries, as a JSON object; what is sensitive is masked."""
    members = [_member(name, type_, sensitive) for name, type_, _, sensitive in event.members]
    return json_object(members, [member.value for member in event.members])
