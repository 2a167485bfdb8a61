"""Whether the process lives is another question than whether it can serve."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from starlette.datastructures import Headers

from actionlang.runtime.database import Database
from actionlang.server.identity.identity import Identity
from actionlang.server.identity.settings import IdentitySettings
from actionlang.server.messages import Request, Response
from actionlang.server.observing.health import Health
from actionlang.server.observing.settings import Observing
from actionlang.server.refusal import Refusal
from actionlang.server.settings import ServerSettings
from tests.postgres import fresh_database
from tests.server.identity.whole import whole_server
from tests.server.world import desk, desk_url


def asked(path: str, method: str = "GET") -> Request:
    """A probe."""
    return Request(method, path, "", Headers(), b"", Identity("anonymous", anonymous=True), "http://localhost")


def told(response: Response) -> tuple[int, dict[str, object]]:
    """Status and body."""
    return response.status, json.loads(response.body)


@pytest.fixture(params=["sqlite", "postgres"])
def database(request: pytest.FixtureRequest) -> Iterator[Database]:
    """A desk on each kind of database."""
    with desk(request.param) as database:
        yield database


def test_a_server_that_can_serve(database: Database) -> None:
    health = Health(database)
    assert told(health.live(asked("/healthz"))) == (200, {"status": "alive"})
    assert told(health.ready(asked("/readyz"))) == (
        200,
        {"ready": True, "database": "ok", "registry": "ok", "stopping": False},
    )


def test_one_that_stops_lives_and_is_not_ready(database: Database) -> None:
    health = Health(database)
    health.stopping()
    assert health.live(asked("/healthz")).status == 200
    assert told(health.ready(asked("/readyz"))) == (
        503,
        {"ready": False, "database": "ok", "registry": "ok", "stopping": True},
    )


@pytest.mark.parametrize("kind", ["sqlite", "postgres"])
def test_no_registry(kind: str, tmp_path: Path) -> None:
    if kind == "sqlite":
        found = _readiness(f"sqlite:///{tmp_path / 'empty.db'}")
    else:
        with fresh_database() as url:
            found = _readiness(url)
    assert found == (503, {"ready": False, "database": "ok", "registry": "missing", "stopping": False})


@pytest.mark.parametrize(
    "table",
    [
        "actionlang_run",
        "actionlang_change",
        "actionlang_key",
        "actionlang_version",
        "actionlang_active",
        "actionlang_grant",
        "actionlang_api_key",
    ],
)
def test_a_table_of_ours_that_is_gone(database: Database, table: str, caplog: pytest.LogCaptureFixture) -> None:
    """Callers are not told which: whoever runs the server reads it in the log, once."""
    incomplete = {"ready": False, "database": "ok", "registry": "incomplete", "stopping": False}
    clock = Clock()
    health = Health(database, takes_keys=True, now=clock)
    assert health.ready(asked("/readyz")).status == 200
    renamed(database, table, "elsewhere")
    assert health.ready(asked("/readyz")).status == 200
    for _ in range(3):
        clock.now += 0.5
        assert told(health.ready(asked("/readyz"))) == (503, incomplete)
    (message,) = caplog.messages
    assert f"not ready: the database has no table {table}: make it with actionlang registry init" in message
    renamed(database, "elsewhere", table)
    clock.now += 0.5
    assert health.ready(asked("/readyz")).status == 200
    assert "ready again" in caplog.messages[-1]


def test_tables_that_are_not_needed(database: Database) -> None:
    for table in ("actionlang_api_key", "actionlang_step", "actionlang_call", "actionlang_delivery"):
        renamed(database, table, f"{table}_elsewhere")
    assert Health(database).ready(asked("/readyz")).status == 200
    with Database.connect(database.engine.url) as lawless:
        renamed(database, "actionlang_grant", "elsewhere")
        assert Health(lawless).ready(asked("/readyz")).status == 200


def test_what_the_server_needs_is_what_it_is_set_to(database: Database) -> None:
    renamed(database, "actionlang_api_key", "elsewhere")
    for identity, status in (
        (IdentitySettings(), 503),
        (IdentitySettings(api_keys=True), 503),
        (IdentitySettings(api_keys=False), 200),
        (IdentitySettings(anonymous="ann@example.com"), 200),
    ):
        settings = ServerSettings(identity=identity, observing=Observing(requests=False))
        with whole_server(database, settings) as ask:
            assert ask("/readyz").status == status


class Clock:
    """A clock that is set."""

    now = 1000.0

    def __call__(self) -> float:
        return self.now


def renamed(database: Database, table: str, name: str) -> None:
    with database.connection() as connection, connection.begin():
        connection.execute(sa.text(f"ALTER TABLE {table} RENAME TO {name}"))


def _readiness(url: str) -> tuple[int, dict[str, object]]:
    with Database.connect(url, create=True) as database:
        return told(Health(database).ready(asked("/readyz")))


def test_a_database_that_is_gone() -> None:
    unreachable = {"ready": False, "database": "unreachable", "registry": "unknown", "stopping": False}
    with desk_url("sqlite") as url, Database.connect(url) as database:
        Path(str(sa.make_url(url).database)).write_bytes(b"no database any more")
        assert told(Health(database).ready(asked("/readyz"))) == (503, unreachable)
    with fresh_database() as url:
        there = Database.connect(url)
    with there as database:
        assert told(Health(database).ready(asked("/readyz"))) == (503, unreachable)


def test_just_these_addresses_and_only_to_be_read(database: Database) -> None:
    health = Health(database)
    assert health.live(asked("/healthz", "HEAD")).status == 200
    for door, path in ((health.live, "/healthz"), (health.ready, "/readyz")):
        with pytest.raises(Refusal) as raised:
            door(asked(f"{path}z"))
        assert raised.value.status == 404
        with pytest.raises(Refusal) as raised:
            door(asked(path, "POST"))
        assert (raised.value.status, raised.value.headers) == (405, {"Allow": "GET, HEAD"})
