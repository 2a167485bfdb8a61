"""The tables of delivery: who wants which events, and how far each event has come on its way to each of them."""

from __future__ import annotations

import sqlalchemy as sa

from actionlang.runtime.audit import METADATA, TEXT
from actionlang.runtime.own_tables import see_table

SUBSCRIPTIONS = sa.Table(
    "actionlang_subscription",
    METADATA,
    sa.Column("name", TEXT, primary_key=True),
    sa.Column("kind", TEXT, nullable=False),
    sa.Column("events", TEXT, nullable=False),
    sa.Column("settings", TEXT, nullable=False),
    sa.Column("created", TEXT, nullable=False),
    sa.Column("paused", TEXT),
    sa.Column("pause_reason", TEXT),
    sa.CheckConstraint("kind IN ('webhook', 'email', 'python')", name="actionlang_subscription.kind"),
)
"""Subscriptions by name. `events` is a JSON array of names and patterns, `settings` a JSON object that depends on the kind and
holds no secret, only where one is read from. `paused` is the moment since when nothing is sent."""

DELIVERIES = sa.Table(
    "actionlang_delivery",
    METADATA,
    sa.Column("id", sa.BigInteger().with_variant(sa.Integer, "sqlite"), sa.Identity(), primary_key=True),
    sa.Column("event", TEXT, nullable=False),
    sa.Column("subscription", TEXT, nullable=False),
    sa.Column("lane", TEXT),
    sa.Column("state", TEXT, nullable=False),
    sa.Column("attempts", sa.Integer, nullable=False),
    sa.Column("due", TEXT, nullable=False),
    sa.Column("lease", TEXT),
    sa.Column("last_error", TEXT),
    sa.Column("settled", TEXT),
    sa.UniqueConstraint("event", "subscription", name="actionlang_delivery.once"),
    sa.CheckConstraint("state IN ('pending', 'delivered', 'dead')", name="actionlang_delivery.state"),
    sqlite_autoincrement=True,
)
"""One event on its way to one subscription. `id` rises in the order in which events are sent; `lane` is the row that the event is
about: of a lane's pending deliveries only the one with the lowest id is sent. A pending one is sent when `due` has come; while a
deliverer has it, `lease` is that one's token and `due` the moment at which others may take it over. `settled` is the moment at
which it became delivered or dead."""

PENDING, DELIVERED, DEAD = "pending", "delivered", "dead"
STATES = (PENDING, DELIVERED, DEAD)


def is_in(state: str) -> sa.ColumnElement[bool]:
    """That a delivery is in a state: written into the statement, so that databases see that a partial index serves."""
    return DELIVERIES.c.state == sa.literal_column(f"'{state}'")


def _partial(name: str, condition: sa.ColumnElement[bool], *columns: sa.Column[object]) -> sa.Index:
    return sa.Index(name, *columns, sqlite_where=condition, postgresql_where=condition)


DUE = _partial("actionlang_delivery_due", is_in(PENDING), DELIVERIES.c.subscription, DELIVERIES.c.due, DELIVERIES.c.id)
LANES = _partial(
    "actionlang_delivery_lane", is_in(PENDING), DELIVERIES.c.subscription, DELIVERIES.c.lane, DELIVERIES.c.id
)
DEAD_ONES = _partial("actionlang_delivery_dead", is_in(DEAD), DELIVERIES.c.subscription, DELIVERIES.c.id)
"""What is looked for is found among any number of delivered ones."""

TABLES: tuple[sa.Table, ...] = (SUBSCRIPTIONS, DELIVERIES)


def see_tables(connection: sa.Connection) -> None:
    """See that the database has the tables of delivery. Raises ActionLangError when it has not."""
    for table in TABLES:
        see_table(connection, table, "deliveries")
