"""Calls that are answered later: kept, made once whatever becomes of the server, and told to whoever made them."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from threading import Event, Thread

import pytest
import sqlalchemy as sa

from actionlang.metadata import types as t
from actionlang.plan.plan import Parameter, Verb
from actionlang.registry.kept_calls import KeptCalls
from actionlang.runtime.database import Database
from actionlang.server.messages import Request, Response
from actionlang.server.odata.door import ODataDoor
from actionlang.server.odata.later import is_sensitive
from actionlang.server.odata.settings import ODataSettings
from actionlang.server.odata.workers import LEASE, MOST_ATTEMPTS, POLL, POLL_AFTER_FAILURE, Workers
from tests.engine.building import CASE, PARTY, TABLES, verb
from tests.server.odata.asking import BASE, ROOT, Ask, asked
from tests.server.world import service

ASYNC = {"Prefer": "respond-async"}
ON_SQLITE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
"""Of tests in which the database has no part: they need not be run on both."""

NOW = datetime(2026, 11, 26, 9, 0, tzinfo=UTC)


@pytest.fixture
def ask(door: ODataDoor) -> Ask:
    """Asks the door. There is a sample that calls count up from 1."""
    assert door(asked("POST", "/TakeSample", {"code": "S-1"})).status == 200
    return lambda *parts, **more: door(asked(*parts, **more))


@pytest.fixture
def later(ask: Ask) -> str:
    """The address of the state of a call that is yet to be made: it counts the sample up by 4."""
    return accepted(ask)


def accepted(ask: Ask, body: object = None, **headers: str) -> str:
    response = ask("POST", "/samples(1)/CountUp", {"step": 4} if body is None else body, **{**ASYNC, **headers})
    assert (response.status, response.body) == (202, b"")
    assert response.headers["Preference-Applied"] == "respond-async"
    assert response.headers["Retry-After"] == "1"
    found = re.fullmatch(re.escape(BASE + ROOT) + r"(/\$calls\([0-9a-f-]{36}\))", response.headers["Location"])
    assert found is not None
    return found[1]


def count(database: Database) -> int:
    with database.connection() as connection:
        return int(connection.scalar(sa.text("SELECT count FROM sample")) or 0)


def workers(database: Database, door: ODataDoor, now: datetime = NOW, answer: object = None) -> Workers:
    """Workers of another process, at a moment."""
    real = answer or (lambda request: door.answer(request, service(database)))
    return Workers(KeptCalls(database), real, timedelta(days=1), threads=1, now=lambda: now)  # type: ignore[arg-type]


def far(minutes: int = 0) -> datetime:
    """A moment at which calls that were made now are due."""
    return datetime.now(UTC) + timedelta(minutes=minutes, seconds=1)


def test_a_call_is_made_and_its_answer_told(ask: Ask, door: ODataDoor, database: Database, later: str) -> None:
    waiting = ask("GET", later)
    assert (waiting.status, waiting.headers["Retry-After"], waiting.headers["Location"]) == (
        202,
        "1",
        BASE + ROOT + later,
    )
    assert count(database) == 1
    assert door.workers.make_one()
    assert not door.workers.make_one()
    told = ask("GET", later)
    assert (told.status, told.headers["AsyncResult"], count(database)) == (200, "200", 5)
    assert json.loads(told.body)["count"] == 5
    assert told.headers["Content-Type"] == "application/json; odata.metadata=minimal"
    assert "Idempotency-Replayed" not in told.headers
    whole = ask("GET", later, Accept="application/http").body.decode()
    assert whole.startswith("HTTP/1.1 200 OK\r\nContent-Type: application/json")
    assert whole.endswith("\r\n\r\n" + told.body.decode())


@ON_SQLITE
def test_a_failure_is_an_answer(ask: Ask, door: ODataDoor) -> None:
    refused = accepted(ask, {"step": 0})
    assert door.workers.make_one()
    told = ask("GET", refused)
    assert (told.status, told.headers["AsyncResult"], json.loads(told.body)["error"]["code"]) == (200, "422", "E0701")


@ON_SQLITE
def test_what_is_wrong_with_a_call_is_told_at_once(ask: Ask, database: Database) -> None:
    assert ask("POST", "/samples(1)/CountUp", {"step": "x"}, **ASYNC).status == 400
    assert ask("POST", "/cases(number='CAS-1')/Escalate", {"reason": "x"}, **ASYNC, who="dan").status == 202
    assert count(database) == 1


@ON_SQLITE
@pytest.mark.parametrize("who", ["bob", "cara"])
def test_only_whoever_made_it_sees_a_call(ask: Ask, door: ODataDoor, later: str, who: str) -> None:
    for _ in range(2):
        for method in ("GET", "DELETE"):
            response = ask(method, later, who=who)
            assert (response.status, json.loads(response.body)["error"]["code"]) == (404, "E1127")
        door.workers.make_one()
    assert ask("GET", later).headers["AsyncResult"] == "200"


@ON_SQLITE
def test_a_call_is_taken_back(ask: Ask, door: ODataDoor, database: Database, later: str) -> None:
    assert ask("DELETE", later).status == 204
    assert ask("GET", later).status == 404
    assert not door.workers.make_one()
    assert count(database) == 1


@ON_SQLITE
def test_a_call_that_is_being_made_is_not_taken_back(ask: Ask, database: Database, later: str) -> None:
    assert KeptCalls(database).take(far(), LEASE) is not None
    assert ask("DELETE", later).status == 409
    assert ask("PATCH", later).status == 405


def test_a_killed_servers_call_is_made_once(ask: Ask, door: ODataDoor, database: Database, later: str) -> None:
    def killed(request: Request) -> Response:
        assert door.answer(request, service(database)).status == 200
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        workers(database, door, far(), killed).make_one()
    assert count(database) == 5
    # It is that server's until its lease ends.
    assert not workers(database, door, far()).make_one()
    assert ask("GET", later).status == 202
    assert workers(database, door, far(minutes=2)).make_one()
    told = ask("GET", later)
    assert (told.headers["AsyncResult"], json.loads(told.body)["count"], count(database)) == ("200", 5, 5)
    assert "Idempotency-Replayed" not in told.headers


def test_a_servers_call_that_was_killed_before_it_began_is_made(
    door: ODataDoor, database: Database, later: str
) -> None:
    assert KeptCalls(database).take(far(), LEASE) is not None
    assert workers(database, door, far(minutes=2)).make_one()
    assert count(database) == 5


def test_the_clients_key_holds(ask: Ask, door: ODataDoor, database: Database) -> None:
    first, second = accepted(ask, Idempotency_Key="k1"), accepted(ask, Idempotency_Key="k1")
    assert door.workers.make_one() and door.workers.make_one()
    assert count(database) == 5
    told = [ask("GET", each) for each in (first, second)]
    assert sorted(each.headers.get("Idempotency-Replayed", "") for each in told) == ["", "true"]
    assert told[0].body == told[1].body


@ON_SQLITE
def test_what_passes_is_tried_again(ask: Ask, database: Database, door: ODataDoor, later: str) -> None:
    def unavailable(_: Request) -> Response:
        return Response(503, code="E0802")

    moment = far()
    for _ in range(MOST_ATTEMPTS - 1):
        assert workers(database, door, moment, unavailable).make_one()
        assert not workers(database, door, moment, unavailable).make_one()
        assert ask("GET", later).status == 202
        moment += timedelta(minutes=2)
    assert workers(database, door, moment, unavailable).make_one()
    assert ask("GET", later).headers["AsyncResult"] == "503"


@ON_SQLITE
def test_whatever_goes_wrong_a_call_gets_an_answer(ask: Ask, database: Database, door: ODataDoor, later: str) -> None:
    def broken(_: Request) -> Response:
        raise ZeroDivisionError

    assert workers(database, door, far(), broken).make_one()
    told = ask("GET", later)
    assert (told.headers["AsyncResult"], json.loads(told.body)["error"]["code"]) == ("500", "E0809")


def test_answers_are_forgotten(ask: Ask, door: ODataDoor, database: Database, later: str) -> None:
    assert workers(database, door, far()).make_one()
    workers(database, door, far()).forget()
    assert ask("GET", later).status == 200
    workers(database, door, far(minutes=24 * 60 + 1)).forget()
    assert ask("GET", later).status == 404


@ON_SQLITE
def test_calls_that_can_not_wait_are_answered_at_once(ask: Ask, database: Database) -> None:
    tried = ask("POST", "/samples(1)/CountUp", {}, Prefer="respond-async, dry-run")
    assert (tried.status, tried.headers["Preference-Applied"]) == (200, "dry-run")
    assert ask("GET", "/samples_of(grade=3)", **ASYNC).status == 200
    assert ask("POST", "/samples/CountAll", {"Targets": [1]}, **ASYNC).status == 200
    assert count(database) == 2


@ON_SQLITE
def test_only_so_many_calls_wait(ask: Ask, database: Database) -> None:
    door = ODataDoor(service(database), ODataSettings(waiting=2))
    call = asked("POST", "/samples(1)/CountUp", {}, **ASYNC)
    assert [door(call).status for _ in range(3)] == [202, 202, 429]
    refused = door(call)
    assert (json.loads(refused.body)["error"]["code"], refused.headers["Retry-After"]) == ("E1129", "1")
    assert door(asked("POST", "/samples(1)/CountUp", {}, who="bob", **ASYNC)).status == 202
    assert door.workers.make_one()
    assert door(call).status == 202


@ON_SQLITE
@pytest.mark.usefixtures("ask")
def test_without_the_table_calls_are_answered_at_once(database: Database) -> None:
    with database.connection() as connection, connection.begin():
        connection.execute(sa.text("DROP TABLE actionlang_call"))
    door = ODataDoor(service(database))
    assert door(asked("POST", "/samples(1)/CountUp", {}, **ASYNC)).status == 200
    settled = ODataDoor(service(database), ODataSettings(async_workers=0))
    assert settled(asked("POST", "/samples(1)/CountUp", {}, **ASYNC)).status == 200


@pytest.mark.parametrize(
    ("call", "kept"),
    [
        (verb(inputs={"reason": t.Text()}, on=CASE), True),
        (verb(inputs=(Parameter("pin", t.Text(), sensitive=True),)), False),
        # A contact may be named by a key that is sensitive.
        (verb(on=t.Row(("desk.contact",))), False),
        (verb(inputs={"to": t.ListOf(PARTY)}), False),
        (verb(outputs={"found": PARTY}), False),
    ],
    ids=["plain", "parameter", "row", "rows", "output"],
)
def test_what_is_sensitive_is_not_kept(call: Verb, kept: bool) -> None:
    assert is_sensitive(call, {table.name: table for table in TABLES}) is not kept


@pytest.fixture
def working(door: ODataDoor) -> Iterator[None]:
    with door.workers:
        yield


@pytest.mark.usefixtures("working")
def test_workers_make_calls(ask: Ask, database: Database) -> None:
    calls = [accepted(ask) for _ in range(4)]
    done = Event()

    def look() -> None:
        while any(ask("GET", each).status == 202 for each in calls):
            pass
        done.set()

    Thread(target=look).start()
    assert done.wait(20)
    assert count(database) == 17
    assert {ask("GET", each).headers["AsyncResult"] for each in calls} == {"200"}


def test_a_database_that_fails_is_told_of_once(
    ask: Ask, door: ODataDoor, database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    assert door.workers.look() == POLL
    accepted(ask)
    with database.connection() as connection, connection.begin():
        connection.exec_driver_sql("ALTER TABLE actionlang_call RENAME TO gone")
    with caplog.at_level(logging.WARNING, "actionlang.server"):
        assert [door.workers.look() for _ in range(3)] == [POLL_AFTER_FAILURE] * 3
        (told,) = caplog.messages
        assert told.startswith("calls that are answered later have to wait: E0")
        with database.connection() as connection, connection.begin():
            connection.exec_driver_sql("ALTER TABLE gone RENAME TO actionlang_call")
        assert [door.workers.look() for _ in range(3)] == [0.0, POLL, POLL]
        assert caplog.messages[1:] == ["calls that are answered later are made again"]
    assert count(database) == 5
