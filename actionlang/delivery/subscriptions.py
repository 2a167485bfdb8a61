"""The subscriptions of a database: added, listed, paused, removed."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import attrs
import sqlalchemy as sa

from actionlang.delivery.events import AFTER_COMMIT, EMAIL
from actionlang.delivery.subscription import InProgram, Smtp, Subscription, read_settings, unfit, write_settings
from actionlang.delivery.tables import DEAD, DELIVERIES, PENDING, SUBSCRIPTIONS, is_in, see_tables
from actionlang.delivery.writing import writing
from actionlang.diagnostics.catalogue import delivery as codes
from actionlang.diagnostics.diagnostic import ActionLangError, Diagnostic
from actionlang.engine.sql.codecs import read_moment, write_moment
from actionlang.runtime.database import Database

EMAIL_NAME = "email"
AFTER_COMMIT_NAME = "after-commit"

RESERVED = {EMAIL: EMAIL_NAME, AFTER_COMMIT: AFTER_COMMIT_NAME}
"""Events that are kept for a subscription of this name even before there is one, so that none is lost."""


@attrs.frozen
class Counted:
    """A subscription and how many deliveries to it are pending and dead."""

    subscription: Subscription
    pending: int
    dead: int


class Subscriptions:
    """All of them raise ActionLangError when the database lacks the tables, or fails."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, subscription: Subscription) -> None:
        """Add one. It gets the events that no deliverer has looked at yet, and all that follow.

        Raises ActionLangError when its name is taken, or kept for another kind.
        """
        _see_that_the_name_fits(subscription)
        with writing(self._database) as connection:
            see_tables(connection)
            _see_that_it_is_free(subscription.name, connection)
            connection.execute(sa.insert(SUBSCRIPTIONS).values(_cells(subscription)))

    def keep(self, name: str, events: Sequence[str]) -> None:
        """Make or change the subscription of a function of this program.

        Raises ActionLangError when the name is taken by one of another kind.
        """
        made = Subscription(name, tuple(events), InProgram(), datetime.now(UTC))
        with writing(self._database) as connection:
            see_tables(connection)
            change = sa.update(SUBSCRIPTIONS).where(SUBSCRIPTIONS.c.name == name, SUBSCRIPTIONS.c.kind == made.kind)
            if connection.execute(change.values(events=json.dumps(made.events))).rowcount:
                return
            _see_that_it_is_free(name, connection)
            connection.execute(sa.insert(SUBSCRIPTIONS).values(_cells(made)))

    def all(self) -> list[Counted]:
        """All subscriptions, by name."""
        with self._database.connection() as connection:
            see_tables(connection)
            found = connection.execute(sa.select(SUBSCRIPTIONS).order_by(SUBSCRIPTIONS.c.name)).all()
            counts = {state: _counts(state, connection) for state in (PENDING, DEAD)}
        return [
            Counted(read_subscription(row), counts[PENDING].get(row.name, 0), counts[DEAD].get(row.name, 0))
            for row in found
        ]

    def remove(self, name: str) -> int:
        """Remove one, with its deliveries that have not arrived; gives how many these were.

        Raises ActionLangError when there is none of that name.
        """
        with writing(self._database) as connection:
            see_tables(connection)
            done = connection.execute(sa.delete(SUBSCRIPTIONS).where(SUBSCRIPTIONS.c.name == name))
            if not done.rowcount:
                raise _unknown(name)
            left = sa.delete(DELIVERIES).where(DELIVERIES.c.subscription == name, sa.or_(is_in(PENDING), is_in(DEAD)))
            return connection.execute(left).rowcount

    def pause(self, name: str, reason: str | None = None, *, at: datetime | None = None) -> None:
        """Send nothing to one until it is resumed; events are kept for it.

        Raises ActionLangError when there is none of that name.
        """
        self._set(name, paused=write_moment(at or datetime.now(UTC)), pause_reason=reason)

    def resume(self, name: str) -> None:
        """Send to one again, first what was kept. Raises ActionLangError when there is none of that name."""
        self._set(name, paused=None, pause_reason=None)

    def _set(self, name: str, **values: str | None) -> None:
        with writing(self._database) as connection:
            see_tables(connection)
            change = sa.update(SUBSCRIPTIONS).where(SUBSCRIPTIONS.c.name == name).values(values)
            if not connection.execute(change).rowcount:
                raise _unknown(name)


def read_subscription(row: Any) -> Subscription:
    """A subscription from its row in the table. Raises ActionLangError when it can not be read."""
    return Subscription(
        row.name,
        tuple(json.loads(row.events)),
        read_settings(row.kind, row.settings),
        read_moment(row.created),
        None if row.paused is None else read_moment(row.paused),
        row.pause_reason,
    )


def _cells(made: Subscription) -> dict[str, str]:
    return {
        "name": made.name,
        "kind": made.kind,
        "events": json.dumps(made.events),
        "settings": write_settings(made.target),
        "created": write_moment(made.created),
    }


def _counts(state: str, connection: sa.Connection) -> dict[str, int]:
    query = sa.select(DELIVERIES.c.subscription, sa.func.count()).where(is_in(state))
    return {row[0]: row[1] for row in connection.execute(query.group_by(DELIVERIES.c.subscription))}


def _see_that_the_name_fits(made: Subscription) -> None:
    if AFTER_COMMIT in made.events or made.name == AFTER_COMMIT_NAME:
        unfit(
            f"{AFTER_COMMIT_NAME} is kept for the plug-ins of a program.",
            "choose another name, and events that verbs emit",
        )
    if isinstance(made.target, Smtp) != (made.name == EMAIL_NAME):
        unfit(
            f"The name {EMAIL_NAME} is kept for the mail server, which has no other.",
            "actionlang subscriptions email --smtp HOST --from ADDRESS, or choose another name",
        )


def _see_that_it_is_free(name: str, connection: sa.Connection) -> None:
    if connection.scalar(sa.select(SUBSCRIPTIONS.c.kind).where(SUBSCRIPTIONS.c.name == name)) is not None:
        message = f"There is a subscription {name} already."
        hint = f"choose another name, or first actionlang subscriptions remove {name}"
        raise ActionLangError(Diagnostic(codes.SUBSCRIPTION_TAKEN, message, hint=hint))


def _unknown(name: str) -> ActionLangError:
    hint = "actionlang subscriptions list shows those there are"
    return ActionLangError(Diagnostic(codes.UNKNOWN_SUBSCRIPTION, f"There is no subscription {name}.", hint=hint))
