"""Verifying API keys."""

from __future__ import annotations

from datetime import UTC, datetime

from actionlang.access import api_keys
from actionlang.runtime.database import Database
from actionlang.runtime.own_tables import see_table
from actionlang.server.identity.challenges import not_accepted
from actionlang.server.identity.identity import Identity
from actionlang.server.identity.key_uses import KeyUses
from actionlang.server.identity.people import People


def identity_by_key(text: str, database: Database, people: People, uses: KeyUses) -> Identity:
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
    uses.note(key, now)
    return Identity(f"key {key.id}", None if user is None else {"id": user}, key.scopes, key=key.id)
