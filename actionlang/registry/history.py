"""What was activated when, by whom and why; and which version a plan is."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import datetime
from typing import Any

import attrs
import sqlalchemy as sa

from actionlang.engine.sql.codecs import read_moment
from actionlang.registry.names import full_name
from actionlang.registry.refusals import not_active
from actionlang.registry.store import Entry, Move, VersionHead, every_verb, heads_of_hashes, see_registry
from actionlang.registry.tables import ACTIVATIONS, MOVES, VERSIONS
from actionlang.runtime.database import Database


@attrs.frozen
class Event:
    """What an activation did to one verb. `is_new` says that it brought the version in; otherwise that was there before."""

    entry: Entry
    move: Move
    is_new: bool


def history(database: Database, verb: str | None = None, *, limit: int | None = None) -> tuple[Event, ...]:
    """What was done to a verb, by its full or short name, or to all of them, the last first.

    Raises ActionLangError when the database has no registry or fails, or the registry has no such verb.
    """
    with database.connection() as connection:
        see_registry(connection)
        name = None if verb is None else known_verb(connection, verb)
        return _events(connection, name, limit)


def known_verb(connection: sa.Connection, word: str) -> str:
    """The full name of a verb that is or was active. Raises ActionLangError when there is none."""
    known = every_verb(connection)
    name = full_name(word, known)
    if name is None:
        raise not_active(word, known, f"The registry has no verb {word}.")
    return name


def last_of(connection: sa.Connection, verb: str) -> Event | None:
    """What was done last to a verb by its full name."""
    return next(iter(_events(connection, verb, 1)), None)


def what_became_of(connection: sa.Connection, verb: str) -> str | None:
    """Why a verb, by its full name, is not active, as a sentence; None where it never was."""
    last = last_of(connection, verb)
    if last is None:
        return None
    entry = last.entry
    why = f": {entry.why.rstrip('.')}" if entry.why else ""
    return f"{verb} is not active: {entry.who} deactivated it on {entry.moment:%Y-%m-%d at %H:%M} UTC{why}."


def why_not_active(connection: sa.Connection, word: str) -> str | None:
    """Why a verb, by its full or short name, is not active; None where it never was. Raises ActionLangError when there are
    several of that name."""
    name = full_name(word, every_verb(connection))
    return None if name is None else what_became_of(connection, name)


def moment_of(database: Database, activation: int) -> datetime | None:
    """When an activation was made, by its number. Raises ActionLangError when the database fails."""
    with database.connection() as connection:
        found = connection.scalar(sa.select(ACTIVATIONS.c.moment).where(ACTIVATIONS.c.number == activation))
    return None if found is None else read_moment(found)


def versions_of(database: Database, hashes: Iterable[str]) -> dict[str, VersionHead]:
    """The versions that plans are, by their hashes, as audit records have them. A plan that was never activated is left out, and
    so is everything where the database has no registry.

    Raises ActionLangError when the database fails.
    """
    with database.connection() as connection:
        if not sa.inspect(connection).has_table(VERSIONS.name):
            return {}
        return heads_of_hashes(connection, hashes)


def version_of_hash(database: Database, plan_hash: str) -> VersionHead | None:
    """The version that a plan is. Raises ActionLangError when the database fails."""
    return versions_of(database, [plan_hash]).get(plan_hash)


def entry_of(row: Any) -> Entry:
    """An activation, out of its row."""
    return Entry(row.number, row.kind, row.who, read_moment(row.moment), row.why, tuple(json.loads(row.allowed)))


def _events(connection: sa.Connection, name: str | None, limit: int | None) -> tuple[Event, ...]:
    came = sa.join(MOVES, ACTIVATIONS, MOVES.c.activation == ACTIVATIONS.c.number).outerjoin(
        VERSIONS, (VERSIONS.c.verb == MOVES.c.verb) & (VERSIONS.c.number == MOVES.c.after)
    )
    columns = (*ACTIVATIONS.columns, MOVES.c.verb, MOVES.c.before, MOVES.c.after, MOVES.c.because)
    statement = sa.select(*columns, VERSIONS.c.activation.label("brought")).select_from(came)
    if name is not None:
        statement = statement.where(MOVES.c.verb == name)
    statement = statement.order_by(ACTIVATIONS.c.number.desc(), MOVES.c.verb).limit(limit)
    return tuple(
        Event(entry_of(row), Move(row.verb, row.before, row.after, row.because), row.brought == row.number)
        for row in connection.execute(statement)
    )
