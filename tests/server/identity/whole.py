"""The whole server on a socket, with API keys of the desk's people."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

from actionlang.access import api_keys
from actionlang.runtime.database import Database
from actionlang.server.identity.settings import IdentitySettings
from actionlang.server.mounting import assembled
from actionlang.server.observing.settings import Observing
from actionlang.server.settings import ServerSettings
from tests.server.identity.asking import Asking
from tests.server.live import live
from tests.server.world import PEOPLE, service

SETTINGS = ServerSettings(
    identity=IdentitySettings(api_keys=True, calls_per_second=0, failures_per_minute=0),
    observing=Observing(requests=False),
)


@contextmanager
def whole_server(database: Database, settings: ServerSettings = SETTINGS) -> Iterator[Asking]:
    """The server of a desk."""
    with assembled(database, service(database).verbs, settings) as made, live(made.application) as base:
        yield Asking(base)


def key_of(name: str, database: Database, *scopes: str) -> str:
    """A key of one of the people; for all verbs and rows, where no scopes are given."""
    user = f"00000000-0000-4000-8000-0001{list(PEOPLE).index(name):08d}"
    id_, text = api_keys.new_key()
    key = api_keys.ApiKey(id_, "tests", user, frozenset(scopes or ("read", "verb:*")), datetime.now(UTC), "tests")
    with database.connection() as connection, connection.begin():
        api_keys.add(connection, text, key)
    return text
