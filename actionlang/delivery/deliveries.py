"""What is on its way, has arrived, or is dead: shown, sent again, dropped."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import attrs
import sqlalchemy as sa

from actionlang.delivery.events import AboutRow
from actionlang.delivery.reading import about_row
from actionlang.delivery.tables import DEAD, DELIVERED, DELIVERIES, PENDING, SUBSCRIPTIONS, is_in, see_tables
from actionlang.delivery.writing import writing
from actionlang.diagnostics.catalogue import delivery as codes
from actionlang.diagnostics.diagnostic import ActionLangError, Diagnostic
from actionlang.engine.decimals import LARGEST_INTEGER
from actionlang.engine.sql.codecs import read_moment, write_moment
from actionlang.runtime.database import Database
from actionlang.runtime.outbox import EVENTS

AT_ONCE = 1000
"""Events and deliveries that one statement prunes, so that nobody waits for long."""


@attrs.frozen
class Delivery:
    """One event on its way to one subscription. `due` is when it is sent next, if it is pending; `settled` when it was delivered
    or became dead. `error` is what the last attempt said."""

    id: int
    subscription: str
    state: str
    attempts: int
    event: str
    name: str
    row: AboutRow | None
    emitted: datetime
    due: datetime | None
    settled: datetime | None
    error: str | None


@attrs.frozen
class Pruned:
    """How many deliveries that had arrived were deleted, and how many events that nobody needs any more."""

    deliveries: int
    events: int


class Deliveries:
    """All of them raise ActionLangError when the database lacks the tables, or fails."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def latest(self, *, state: str | None = None, subscription: str | None = None, limit: int = 20) -> list[Delivery]:
        """The latest deliveries, the last one first: in a state, to a subscription."""
        query = _QUERY.order_by(DELIVERIES.c.id.desc()).limit(min(limit, LARGEST_INTEGER))
        if state is not None:
            query = query.where(is_in(state))
        if subscription is not None:
            query = query.where(DELIVERIES.c.subscription == subscription)
        with self._database.connection() as connection:
            see_tables(connection)
            return [_delivery(row) for row in connection.execute(query)]

    def waiting_for_nobody(self) -> dict[str, int]:
        """How many events wait for a subscription that there is not (yet), by its name."""
        there = sa.exists().where(SUBSCRIPTIONS.c.name == DELIVERIES.c.subscription)
        query = sa.select(DELIVERIES.c.subscription, sa.func.count()).where(is_in(PENDING), ~there)
        with self._database.connection() as connection:
            see_tables(connection)
            return {row[0]: row[1] for row in connection.execute(query.group_by(DELIVERIES.c.subscription))}

    def replay(self, ids: Sequence[int], *, at: datetime | None = None) -> int:
        """Send dead deliveries again, as if they had never been tried; gives how many.

        Raises ActionLangError when one of them is not there or not dead; then none is changed.
        """
        return self._change_dead(ids, _again(at))

    def replay_all(self, subscription: str | None = None, *, at: datetime | None = None) -> int:
        """The same with all dead deliveries, or those to a subscription."""
        return self._change_all_dead(subscription, _again(at))

    def drop(self, ids: Sequence[int]) -> int:
        """Delete dead deliveries; gives how many.

        Raises ActionLangError when one of them is not there or not dead; then none is deleted.
        """
        return self._change_dead(ids, sa.delete(DELIVERIES))

    def drop_all(self, subscription: str | None = None) -> int:
        """The same with all dead deliveries, or those to a subscription."""
        return self._change_all_dead(subscription, sa.delete(DELIVERIES))

    def prune(self, before: datetime) -> Pruned:
        """Delete deliveries that arrived before a moment, and events emitted before it that are on no way to anybody any more.

        Dead deliveries and their events stay.
        """
        moment = write_moment(before)
        arrived = sa.select(DELIVERIES.c.id).where(is_in(DELIVERED), DELIVERIES.c.settled < moment).limit(AT_ONCE)
        needed = sa.exists().where(DELIVERIES.c.event == EVENTS.c.id)
        old = sa.select(EVENTS.c.position).where(EVENTS.c.dispatched.is_not(None), EVENTS.c.emitted < moment, ~needed)
        return Pruned(
            self._delete(sa.delete(DELIVERIES).where(DELIVERIES.c.id.in_(arrived))),
            self._delete(sa.delete(EVENTS).where(EVENTS.c.position.in_(old.limit(AT_ONCE)))),
        )

    def _delete(self, some: sa.Delete) -> int:
        """Delete in portions, until nothing is left to delete."""
        total, last = 0, 1
        while last:
            with writing(self._database) as connection:
                see_tables(connection)
                last = connection.execute(some).rowcount
            total += last
        return total

    def _change_dead(self, ids: Sequence[int], change: sa.Update | sa.Delete) -> int:
        wanted = list(dict.fromkeys(ids))
        with writing(self._database) as connection:
            see_tables(connection)
            # No database could compare larger ones.
            some = [each for each in wanted if abs(each) <= LARGEST_INTEGER]
            query = sa.select(DELIVERIES.c.id, DELIVERIES.c.state).where(DELIVERIES.c.id.in_(some))
            states = {row.id: row.state for row in connection.execute(query)}
            for id_ in wanted:
                _see_that_it_is_dead(id_, states.get(id_))
            return connection.execute(change.where(DELIVERIES.c.id.in_(wanted), is_in(DEAD))).rowcount

    def _change_all_dead(self, subscription: str | None, change: sa.Update | sa.Delete) -> int:
        some = change.where(is_in(DEAD))
        if subscription is not None:
            some = some.where(DELIVERIES.c.subscription == subscription)
        with writing(self._database) as connection:
            see_tables(connection)
            return connection.execute(some).rowcount


_QUERY = sa.select(
    DELIVERIES.c.id.label("delivery"),
    DELIVERIES.c.subscription,
    DELIVERIES.c.state,
    DELIVERIES.c.attempts,
    DELIVERIES.c.due,
    DELIVERIES.c.settled,
    DELIVERIES.c.last_error,
    EVENTS,
).join(EVENTS, EVENTS.c.id == DELIVERIES.c.event)


def _again(at: datetime | None) -> sa.Update:
    moment = write_moment(at or datetime.now(UTC))
    return sa.update(DELIVERIES).values(state=PENDING, attempts=0, due=moment, settled=None)


def _delivery(row: Any) -> Delivery:
    return Delivery(
        row.delivery,
        row.subscription,
        row.state,
        row.attempts,
        row.id,
        row.name,
        about_row(row),
        read_moment(row.emitted),
        read_moment(row.due) if row.state == PENDING else None,
        None if row.settled is None else read_moment(row.settled),
        row.last_error,
    )


def _see_that_it_is_dead(id_: int, state: str | None) -> None:
    if state == DEAD:
        return
    told = f"There is no delivery {id_}." if state is None else f"Delivery {id_} is {state}, not dead."
    raise ActionLangError(
        Diagnostic(codes.UNKNOWN_DELIVERY, told, hint="actionlang deliveries --dead shows those that are")
    )
