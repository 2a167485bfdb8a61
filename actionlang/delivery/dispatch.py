"""Writing down for whom new events are: each event once, whatever happens meanwhile.

An event and its deliveries are written in one transaction: the deliveries are there exactly when the event is marked. What was
emitted earlier may be kept later, so new events are those without the mark, not those behind a position. One deliverer at a time
does this, so that deliveries about one row are written in the order in which its events were emitted.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from actionlang.delivery.events import AFTER_COMMIT
from actionlang.delivery.matching import wants
from actionlang.delivery.subscriptions import RESERVED
from actionlang.delivery.tables import DELIVERIES, PENDING, SUBSCRIPTIONS
from actionlang.delivery.writing import writing
from actionlang.engine.sql.codecs import write_moment
from actionlang.runtime.database import Database
from actionlang.runtime.outbox import EVENTS

LOCK_OF_DISPATCH = 4714_1121
"""The number of PostgreSQL's advisory lock that whoever dispatches holds."""

AT_ONCE = 500
"""Events of one transaction."""

_NEW = sa.select(EVENTS.c.position).where(EVENTS.c.dispatched.is_(None)).order_by(EVENTS.c.position)

_ANY = _NEW.limit(1)

_MARK = (
    sa.update(EVENTS)
    .where(EVENTS.c.position.in_(_NEW.limit(AT_ONCE)))
    .values(dispatched=sa.bindparam("moment"))
    .returning(
        EVENTS.c.position,
        EVENTS.c.id,
        EVENTS.c.name,
        EVENTS.c.row_table,
        EVENTS.c.row_key,
        sa.case((EVENTS.c.name == AFTER_COMMIT, EVENTS.c.payload)).label("call"),
    )
)


def dispatch(database: Database, now: datetime) -> bool:
    """Write the deliveries of new events, as many as are looked at once. Gives whether there may be more of them.

    Another deliverer that is at it is not waited for. Raises ActionLangError when the database fails.
    """
    with database.connection() as connection:
        if connection.scalar(_ANY) is None:
            return False
    with writing(database) as connection:
        if database.dialect.name == "postgresql" and not connection.scalar(
            sa.select(sa.func.pg_try_advisory_xact_lock(LOCK_OF_DISPATCH))
        ):
            return True
        moment = write_moment(now)
        events = sorted(connection.execute(_MARK, {"moment": moment}).all(), key=lambda event: event.position)
        wanted = _wanted(connection)
        rows = [
            {
                "event": event.id,
                "subscription": name,
                "lane": lane_of(event),
                "state": PENDING,
                "attempts": 0,
                "due": moment,
            }
            for event in events
            for name in receivers(event.name, wanted)
        ]
        if rows:
            connection.execute(sa.insert(DELIVERIES), rows)
        return len(events) == AT_ONCE


def receivers(event: str, subscriptions: Sequence[tuple[str, Sequence[str]]]) -> list[str]:
    """The names of the subscriptions that want an event, given the names and patterns of each."""
    kept_for = RESERVED.get(event)
    found = [name for name, patterns in subscriptions if name != kept_for and wants(patterns, event)]
    return found if kept_for is None else [kept_for, *found]


def lane_of(event: Any) -> str | None:
    """What the deliveries have in common that are sent one after another, given an event's row in its table; None for those that
    wait for no other. Plug-ins do not wait for each other."""
    if event.row_table is None:
        return None
    row = f"{event.row_table} {event.row_key}"
    return row if event.call is None else f"{row} {json.loads(event.call).get('plugin')}"


def _wanted(connection: sa.Connection) -> list[tuple[str, Any]]:
    query = sa.select(SUBSCRIPTIONS.c.name, SUBSCRIPTIONS.c.events).order_by(SUBSCRIPTIONS.c.name)
    return [(row.name, json.loads(row.events)) for row in connection.execute(query)]
