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
from actionlang.server.messages import Request, Response
from actionlang.server.observing.health import Health
from actionlang.server.refusal import Refusal
from tests.postgres import fresh_database
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
