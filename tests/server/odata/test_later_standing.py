"""Calls that are answered later are made only while whoever made them still may: rights, users and keys are looked at anew."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from threading import Event, Thread

import attrs
import pytest
import sqlalchemy as sa
from click.testing import CliRunner
from starlette.datastructures import Headers

from actionlang.cli.group import actionlang
from actionlang.registry.kept_calls import KeptCalls
from actionlang.runtime.database import Database
from actionlang.server.identity.acting import acting
from actionlang.server.identity.authenticator import Authenticator
from actionlang.server.identity.identity import Identity
from actionlang.server.identity.settings import IdentitySettings
from actionlang.server.messages import Request
from actionlang.server.mounting import assembled
from actionlang.server.odata.door import ODataDoor
from actionlang.server.odata.standing import Standing
from actionlang.server.odata.workers import Workers
from tests.server.identity.whole import SETTINGS, key_of
from tests.server.odata.asking import asked
from tests.server.world import desk_url, service

LATER = {"Prefer": "respond-async"}
ROUND = "/samples(1)/CountUp"
BOB = "00000000-0000-4000-8000-000100000001"


@attrs.frozen
class Waiting:
    """A call that somebody made and that waits to be made."""

    door: ODataDoor
    database: Database
    identity: Identity
    address: str

    def told(self) -> tuple[str, str]:
        """The status of its answer, and the code of the error."""
        state = self.door(as_(self.identity, "GET", self.address))
        assert state.status == 200
        return state.headers["AsyncResult"], json.loads(state.body).get("error", {}).get("code", "")

    @property
    def count(self) -> int:
        """How far the sample is counted: from 1, to 5 by the call."""
        with self.database.connection() as connection:
            return int(connection.scalar(sa.text("SELECT count FROM sample")) or 0)


def as_(identity: Identity, method: str, address: str, body: object = None, **headers: str) -> Request:
    return attrs.evolve(asked(method, address, body, **headers), identity=identity)


def execute(database: Database, statement: str) -> None:
    with database.connection() as connection, connection.begin():
        connection.execute(sa.text(statement))


def command(database: Database, *words: str) -> None:
    url = database.engine.url.render_as_string(hide_password=False)
    done = CliRunner().invoke(actionlang, [*words, "--db", url], catch_exceptions=False, standalone_mode=False)
    assert not done.return_value, done.output


def identified(database: Database, *scopes: str) -> Identity:
    """Ann, by a key of hers."""
    settings = IdentitySettings(api_keys=True, access="off" if database.hosting.policy is None else "rules")
    return Authenticator(database, settings)(Headers({"X-Api-Key": key_of("ann", database, *scopes)}))


def made(database: Database, identity: Identity, standing: bool = True) -> Waiting:
    """A call of somebody's. The workers have it seen that these still may, unless that is left to the run."""
    door = ODataDoor(service(database))
    if standing:
        door.workers.hold_to(Standing(database))
    assert door(as_(identity, "POST", "/TakeSample", {"code": "S-1"})).status == 200
    accepted = door(as_(identity, "POST", ROUND, {"step": 4}, **LATER))
    assert accepted.status == 202
    return Waiting(door, database, identity, accepted.headers["Location"].partition("/v9.2")[2])


def revoke(database: Database, identity: Identity) -> None:
    command(database, "key", "revoke", str(identity.key))


@pytest.fixture(params=["sqlite", "postgres"])
def lawless(request: pytest.FixtureRequest) -> Iterator[Database]:
    """A desk that holds nobody to roles."""
    with desk_url(request.param) as url, Database.connect(url) as database:
        yield database


def test_a_key_that_holds(database: Database) -> None:
    call = made(database, identified(database))
    assert call.door.workers.make_one()
    assert (call.told(), call.count) == (("200", ""), 5)


def test_a_key_that_was_revoked(database: Database) -> None:
    call = made(database, identified(database))
    revoke(database, call.identity)
    assert call.door.workers.make_one()
    assert (call.told(), call.count) == (("401", "E1112"), 1)
    assert not call.door.workers.make_one()


def test_a_key_that_is_gone(database: Database) -> None:
    call = made(database, identified(database))
    execute(database, "DELETE FROM actionlang_api_key")
    assert call.door.workers.make_one()
    assert (call.told(), call.count) == (("401", "E1112"), 1)


def test_a_key_that_held_when_the_call_was_made_may_expire(database: Database) -> None:
    """As a token that was verified may."""
    call = made(database, identified(database))
    execute(database, "UPDATE actionlang_api_key SET expires = created")
    assert call.door.workers.make_one()
    assert (call.told(), call.count) == (("200", ""), 5)


def test_whoever_calls_for_others(database: Database) -> None:
    origin = identified(database, "verb:*", "act-for")
    call = made(database, acting(origin, Headers({"MSCRMCallerID": BOB}), database))
    revoke(database, origin)
    assert call.door.workers.make_one()
    assert (call.told(), call.count) == (("401", "E1112"), 1)


def test_a_user_who_calls_for_others_and_is_not_active_any_more(database: Database) -> None:
    origin = Identity("https://issuer ann", {"email": "ann@example.com"})
    call = made(database, acting(origin, Headers({"MSCRMCallerID": BOB}), database))
    execute(database, "UPDATE \"user\" SET active = false WHERE name = 'Ann'")
    assert call.door.workers.make_one()
    assert (call.told(), call.count) == (("403", "E0733"), 1)


def test_the_run_sees_that_the_user_is_active(database: Database) -> None:
    call = made(database, identified(database), standing=False)
    execute(database, "UPDATE \"user\" SET active = false WHERE name = 'Ann'")
    assert call.door.workers.make_one()
    assert (call.told(), call.count) == (("403", "E0730"), 1)


def test_the_run_sees_to_the_rights(database: Database) -> None:
    call = made(database, identified(database), standing=False)
    command(database, "access", "take", "ann@example.com", "agent")
    assert call.door.workers.make_one()
    assert (call.told(), call.count) == (("403", "E0730"), 1)


def test_users_are_looked_at_where_nobody_is_held_to_roles(lawless: Database) -> None:
    call = made(lawless, identified(lawless))
    execute(lawless, "UPDATE \"user\" SET active = false WHERE name = 'Ann'")
    assert call.door.workers.make_one()
    assert (call.told(), call.count) == (("403", "E0733"), 1)


def test_what_was_done_before_is_told(database: Database) -> None:
    """A server was killed after the run and before it could keep the answer, and then the key was revoked."""
    call = made(database, identified(database))

    def killed(request: Request) -> object:
        assert call.door.answer(request, service(database)).status == 200
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        workers(database, killed).make_one()
    revoke(database, call.identity)
    late = workers(database, lambda request: call.door.answer(request, service(database)), minutes=2)
    late.hold_to(Standing(database))
    assert late.make_one()
    assert (call.told(), call.count) == (("200", ""), 5)


def workers(database: Database, answer: object, minutes: int = 0) -> Workers:
    """Workers of another process, at a moment."""
    moment = datetime.now(UTC) + timedelta(minutes=minutes, seconds=1)
    return Workers(KeptCalls(database), answer, timedelta(days=1), threads=1, now=lambda: moment)  # type: ignore[arg-type]


def test_where_it_can_not_be_seen_nothing_is_done(database: Database) -> None:
    call = made(database, identified(database))
    execute(database, "ALTER TABLE actionlang_api_key RENAME TO elsewhere")
    assert call.door.workers.make_one()
    assert (call.told(), call.count) == (("500", "E0806"), 1)


def test_the_server_looks(database: Database) -> None:
    call = made(database, identified(database))
    revoke(database, call.identity)
    done = Event()

    def look() -> None:
        while call.door(as_(call.identity, "GET", call.address)).status == 202:
            pass
        done.set()

    with assembled(database, service(database).verbs, SETTINGS):
        Thread(target=look).start()
        assert done.wait(20)
    assert (call.told(), call.count) == (("401", "E1112"), 1)
