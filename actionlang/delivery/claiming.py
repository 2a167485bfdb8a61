"""Taking deliveries that are due, so that nobody else sends them, and writing down what became of them.

Who takes one has it until the moment that is written in its row. No transaction stays open while something is sent: a deliverer
that was killed leaves nothing behind but rows whose moment passes, after which others take them over.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import attrs
import sqlalchemy as sa

from actionlang.delivery.events import Delivered
from actionlang.delivery.reading import event_of
from actionlang.delivery.tables import DEAD, DELIVERED, DELIVERIES, PENDING, SUBSCRIPTIONS, is_in
from actionlang.delivery.writing import writing
from actionlang.engine.sql.codecs import read_moment, write_moment
from actionlang.runtime.database import Database
from actionlang.runtime.outbox import EVENTS

LONGEST_ERROR = 500


@attrs.frozen
class Claim:
    """A delivery that this deliverer has until a moment. `lane` is the row that its event is about."""

    id: int
    subscription: str
    lane: str | None
    lease: str
    until: datetime
    event: Delivered


@attrs.frozen
class Waiting:
    """A subscription that is not paused, as its row in the table, and when the first of its deliveries is due, if any is."""

    row: Any
    due: datetime | None


def waiting(database: Database) -> list[Waiting]:
    """All subscriptions that are not paused, by name. Raises ActionLangError when the database fails."""
    with database.connection() as connection:
        return [
            Waiting(row, None if row.first_due is None else read_moment(row.first_due))
            for row in connection.execute(_WAITING)
        ]


def claim(database: Database, subscription: str, most: int, now: datetime, lease: timedelta) -> list[Claim]:
    """Take at most so many deliveries to a subscription that are due, those due longest first; none while it is paused.

    Of deliveries about one row only the first is ever taken, and the next one not before that has arrived or is dead. Raises
    ActionLangError when the database fails.
    """
    token, until = str(uuid4()), now + lease
    values = {"wanted": subscription, "moment": write_moment(now), "most": most}
    with writing(database) as connection:
        taken = connection.execute(_CLAIM, {**values, "token": token, "until": write_moment(until)}).scalars().all()
        rows = connection.execute(_TAKEN, {"taken": taken}).all() if taken else ()
    return [Claim(row.delivery, subscription, row.lane, token, until, event_of(row, row.attempts + 1)) for row in rows]


def arrived(database: Database, claimed: Claim, now: datetime, note: str | None = None) -> bool:
    """Write down that a delivery has arrived, and a note of what the receiver said.

    False when it was another's by then, who may deliver it again.

    This and all below raise ActionLangError when the database fails.
    """
    return _settle(
        database,
        claimed,
        {"state": DELIVERED, "last_error": note and note[:LONGEST_ERROR], "settled": write_moment(now)},
    )


def failed(database: Database, claimed: Claim, error: str, due: datetime) -> bool:
    """Write down that an attempt failed and when the next one is due; later events about the same row wait as long."""
    moment = write_moment(due)
    return _settle(database, claimed, {"last_error": error[:LONGEST_ERROR], "due": moment}, lane_due=moment)


def died(database: Database, claimed: Claim, error: str, now: datetime) -> bool:
    """Write down that a delivery is given up: it is dead, until somebody replays it."""
    return _settle(
        database, claimed, {"state": DEAD, "last_error": error[:LONGEST_ERROR], "settled": write_moment(now)}
    )


def give_back(database: Database, claims: Iterable[Claim], now: datetime) -> None:
    """Let others take deliveries that nobody has tried to send."""
    by_lease: dict[str, list[int]] = {}
    for each in claims:
        by_lease.setdefault(each.lease, []).append(each.id)
    if not by_lease:
        return
    with writing(database) as connection:
        for lease, ids in by_lease.items():
            ours = sa.update(DELIVERIES).where(DELIVERIES.c.id.in_(ids), DELIVERIES.c.lease == lease, is_in(PENDING))
            connection.execute(ours.values(lease=None, due=write_moment(now)))


def _settle(database: Database, claimed: Claim, values: dict[str, str | None], lane_due: str | None = None) -> bool:
    mine = sa.update(DELIVERIES).where(
        DELIVERIES.c.id == claimed.id, DELIVERIES.c.lease == claimed.lease, is_in(PENDING)
    )
    with writing(database) as connection:
        done = connection.execute(mine.values(**values, lease=None, attempts=claimed.event.attempt)).rowcount == 1
        if done and lane_due is not None and claimed.lane is not None:
            # Otherwise each look for something to send would find them due, and then see that they must wait.
            connection.execute(
                _LANE_WAITS, {"wanted": claimed.subscription, "wanted_lane": claimed.lane, "lane_due": lane_due}
            )
    return done


def _waiting_query() -> sa.Select[Any]:
    of_it = sa.and_(DELIVERIES.c.subscription == SUBSCRIPTIONS.c.name, is_in(PENDING))
    first = sa.select(sa.func.min(DELIVERIES.c.due)).where(of_it).scalar_subquery()
    return (
        sa.select(SUBSCRIPTIONS, first.label("first_due"))
        .where(SUBSCRIPTIONS.c.paused.is_(None))
        .order_by(SUBSCRIPTIONS.c.name)
    )


def _claim_statement() -> sa.UpdateBase:
    ahead = DELIVERIES.alias("ahead")
    is_pending = sa.literal_column("ahead.state") == sa.literal_column(f"'{PENDING}'")
    same_lane = sa.and_(ahead.c.subscription == DELIVERIES.c.subscription, ahead.c.lane == DELIVERIES.c.lane)
    # Looked up by the lane for each one that is due, which a join is not where statistics are of a time when nothing was pending.
    first_of_lane = (
        sa.select(sa.func.min(ahead.c.id)).where(same_lane, is_pending).correlate(DELIVERIES).scalar_subquery()
    )
    is_first = sa.or_(DELIVERIES.c.lane.is_(None), DELIVERIES.c.id == first_of_lane)
    is_active = sa.exists().where(SUBSCRIPTIONS.c.name == sa.bindparam("wanted"), SUBSCRIPTIONS.c.paused.is_(None))
    due = (
        sa.select(DELIVERIES.c.id)
        .where(
            DELIVERIES.c.subscription == sa.bindparam("wanted"),
            is_in(PENDING),
            DELIVERIES.c.due <= sa.bindparam("moment"),
            is_first,
            is_active,
        )
        .order_by(DELIVERIES.c.due, DELIVERIES.c.id)
        .limit(sa.bindparam("most"))
        # Rows that another deliverer is taking right now are none of ours.
        .with_for_update(skip_locked=True, of=DELIVERIES)
        # By name, so that it is worked out once: what locks rows is never inlined.
        .cte("due")
    )
    return (
        sa.update(DELIVERIES)
        .where(DELIVERIES.c.id.in_(sa.select(due.c.id)))
        .values(lease=sa.bindparam("token"), due=sa.bindparam("until"))
        .returning(DELIVERIES.c.id)
    )


_WAITING = _waiting_query()
_CLAIM = _claim_statement()

_TAKEN = (
    sa.select(DELIVERIES.c.id.label("delivery"), DELIVERIES.c.lane, DELIVERIES.c.attempts, EVENTS)
    .join(EVENTS, EVENTS.c.id == DELIVERIES.c.event)
    .where(DELIVERIES.c.id.in_(sa.bindparam("taken", expanding=True)))
    .order_by(DELIVERIES.c.id)
)

_LANE_WAITS = (
    sa.update(DELIVERIES)
    .where(
        DELIVERIES.c.subscription == sa.bindparam("wanted"),
        DELIVERIES.c.lane == sa.bindparam("wanted_lane"),
        is_in(PENDING),
        DELIVERIES.c.due < sa.bindparam("lane_due"),
    )
    .values(due=sa.bindparam("lane_due"))
)
