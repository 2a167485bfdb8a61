"""Verifying API keys."""

from __future__ import annotations

import logging
from datetime import UTC, datetime, timedelta

from actionlang.access import api_keys
from actionlang.diagnostics.diagnostic import ActionLangError
from actionlang.runtime.database import Database
from actionlang.runtime.own_tables import see_table
from actionlang.server.identity.challenges import not_accepted
from actionlang.server.identity.identity import Identity
from actionlang.server.identity.people import People

LOGGER = logging.getLogger("actionlang.server.identity")

COARSE = timedelta(minutes=15)
"""How closely it is written down when a key was last used: not at each call, which would cost a write."""


def identity_by_key(text: str, database: Database, people: People) -> Identity:
    """Who calls with a key. Raises Refusal: 401 where it does not hold, 403 where its user is none any more."""
    if api_keys.name_of(text) is None:
        raise not_accepted("The API key is none.")
    now = datetime.now(UTC)
    with database.connection() as connection:
        see_table(connection, api_keys.KEYS, "API keys")
        key = api_keys.find(connection, text)
    if key is None:
        raise not_accepted("The API key is none.")
    if (why := key.why_not(now)) is not None:
        raise not_accepted(f"The API key is {why}.")
    user = None if key.user is None else people.find("id", key.user)
    if key.used is None or now - key.used > COARSE:
        _note(key, database, now)
    return Identity(f"key {key.id}", None if user is None else {"id": user}, key.scopes)


def _note(key: api_keys.ApiKey, database: Database, now: datetime) -> None:
    """Note that a key was used. A database that can not be written to at the moment is no reason to refuse it."""
    try:
        with database.connection() as connection, connection.begin():
            api_keys.note_use(connection, key.id, now)
    except ActionLangError as error:
        LOGGER.warning("it could not be noted that the key %s was used: %s", key.id, error)
