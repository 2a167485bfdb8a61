"""Events put into the outbox as runs do it, without runs."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from itertools import count

import sqlalchemy as sa

from actionlang.delivery.tables import DELIVERIES, SUBSCRIPTIONS
from actionlang.engine.sql.codecs import write_moment
from actionlang.runtime.database import Database
from actionlang.runtime.outbox import EVENTS

START = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)

_numbers = count(1)


def make_tables(database: Database) -> None:
    """What `actionlang registry init` makes, as far as events need it."""
    with database.connection() as connection, connection.begin():
        EVENTS.metadata.create_all(connection, tables=[EVENTS, SUBSCRIPTIONS, DELIVERIES])


def event_id(number: int) -> str:
    """An id like those of runs."""
    return f"01931f3e-0000-7000-8000-{number:012x}"


def event_row(name: str, row: str | None = None, **payload: object) -> dict[str, object]:
    """An event about a case, or about none, as the cells of its row."""
    number = next(_numbers)
    return {
        "id": event_id(number),
        "run": f"01931f3e-0000-7000-9000-{number:012x}",
        "sequence": 1,
        "name": name,
        "verb": "helpdesk.Escalate",
        "row_table": None if row is None else "helpdesk.case",
        "row_key": None if row is None else json.dumps(row),
        "payload": json.dumps(payload),
        "emitted": write_moment(START),
    }


def emit(database: Database, name: str = "helpdesk.Escalated", row: str | None = None, **payload: object) -> str:
    """Put an event into the outbox; gives its id."""
    cells = event_row(name, row, **payload)
    with database.connection() as connection, connection.begin():
        connection.execute(sa.insert(EVENTS).values(cells))
    return str(cells["id"])


def emit_many(database: Database, rows: list[dict[str, object]]) -> list[str]:
    """Put many events into the outbox, in this order; gives their ids."""
    with database.connection() as connection, connection.begin():
        connection.execute(sa.insert(EVENTS), rows)
    return [str(row["id"]) for row in rows]


class Clock:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.moment = START

    def __call__(self) -> datetime:
        return self.moment

    def forward(self, **lengths: float) -> None:
        """Move it on."""
        self.moment += timedelta(**lengths)


def states(database: Database) -> dict[str, str]:
    """The state of the delivery of each event."""
    with database.connection() as connection:
        return {row.event: row.state for row in connection.execute(sa.select(DELIVERIES))}
