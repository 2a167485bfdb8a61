"""Background actions over HTTP: started, gone on with, and told of to whoever started them."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from threading import enumerate as threads

import attrs
import pytest
import sqlalchemy as sa

from actionlang.durable.background import Background
from actionlang.durable.runs import BackgroundRun
from actionlang.registry.kept_calls import KeptCalls
from actionlang.runtime.background import BACKGROUND
from actionlang.runtime.database import Database
from actionlang.server.messages import Request, Response
from actionlang.server.mounting import assembled
from actionlang.server.odata.door import ODataDoor
from actionlang.server.odata.settings import ODataSettings
from actionlang.server.odata.workers import POLL
from tests.server.identity.whole import SETTINGS
from tests.server.odata.asking import BASE, ROOT, Ask, asked
from tests.server.world import service

STARTED = {"Prefer": "respond-async"}
SLOWLY = "/samples(1)/CountSlowly"
LATER = timedelta(hours=2)


@pytest.fixture
def ask(door: ODataDoor) -> Ask:
    """Asks the door. There is a sample, counted to 1."""
    assert door(asked("POST", "/TakeSample", {"code": "S-1"})).status == 200
    return lambda *parts, **more: door(asked(*parts, **more))


def started(ask: Ask, body: object = None, **headers: str) -> str:
    """The address of the state of a run that counts the sample up twice."""
    response = ask("POST", SLOWLY, {"step": 4} if body is None else body, **{**STARTED, **headers})
    assert (response.status, response.body) == (202, b"")
    assert response.headers["Preference-Applied"] == "respond-async"
    found = re.fullmatch(re.escape(BASE + ROOT) + r"(/\$calls\([0-9a-f-]{36}\))", response.headers["Location"])
    assert found is not None
    return found[1]


def runs(database: Database) -> Background:
    return Background(service(database).verbs)


def run_at(database: Database, address: str) -> BackgroundRun:
    return runs(database).find(address.partition("(")[2].rstrip(")"))


def count(database: Database) -> int:
    with database.connection() as connection:
        return int(connection.scalar(sa.text("SELECT count FROM sample")) or 0)


def told(response: Response) -> tuple[str, object]:
    """The status of the answer in a state, and the answer."""
    assert response.status == 200
    return response.headers["AsyncResult"], json.loads(response.body) if response.body else None


def come_due(database: Database, address: str) -> None:
    """Time passes: what a run waits for is over."""
    with database.connection() as connection, connection.begin():
        mine = BACKGROUND.c.id == run_at(database, address).id
        connection.execute(sa.update(BACKGROUND).where(mine).values(due="2026-01-01T00:00:00.000000Z"))


def test_it_is_started_gone_on_with_and_told(ask: Ask, door: ODataDoor, database: Database) -> None:
    address = started(ask)
    waiting = ask("GET", address)
    assert (waiting.status, waiting.headers["Location"]) == (202, BASE + ROOT + address)
    assert count(database) == 1
    assert door.workers.look() == 0.0
    assert count(database) == 9
    context = f"{BASE}{ROOT}/$metadata#Microsoft.Dynamics.CRM.CountSlowlyResponse"
    assert told(ask("GET", address)) == ("200", {"@odata.context": context, "count": 9})
    assert door.workers.look() == POLL


def test_what_it_returned_is_told_as_whoever_asks_wants_it(ask: Ask, door: ODataDoor) -> None:
    address = started(ask)
    exact = "application/json;IEEE754Compatible=true;odata.metadata=none"
    # While it goes on, there is nothing to be told in any form.
    assert ask("GET", address, Accept=exact).status == 202
    assert door.workers.look() == 0.0
    for response in (ask("GET", address, Accept=exact), ask("GET", f"{address}?$format={exact}", Accept="text/plain")):
        assert told(response) == ("200", {"count": "9"})
        assert response.headers["Content-Type"] == "application/json; odata.metadata=none; IEEE754Compatible=true"
    whole = ask("GET", address, Accept=f"application/http, {exact}")
    assert (whole.status, whole.headers["Content-Type"]) == (200, "application/http")
    assert whole.body.endswith(b'\r\n\r\n{"count":"9"}')
    assert b'"count":9}' in ask("GET", address, Accept="application/http").body
    refused = ask("GET", address, Accept="text/plain")
    assert (refused.status, json.loads(refused.body)["error"]["target"]) == (406, "Accept")


def test_each_unit_is_kept_as_it_is_done(ask: Ask, door: ODataDoor, database: Database) -> None:
    address = started(ask, {"step": 4, "pause": "PT2H"})
    assert door.workers.look() == 0.0
    assert count(database) == 5
    waiting = ask("GET", address)
    assert waiting.status == 202
    # So long nothing more comes of it; whoever asks is told not to ask at once.
    assert waiting.headers["Retry-After"] == "3600"
    assert door.workers.look() == POLL
    come_due(database, address)
    assert door.workers.look() == 0.0
    assert count(database) == 9


def test_it_is_not_run_while_its_caller_waits(ask: Ask, database: Database) -> None:
    response = ask("POST", SLOWLY, {"step": 4})
    error = json.loads(response.body)["error"]
    assert (response.status, error["code"]) == (400, "E0726")
    assert error["message"] == "CountSlowly is a background action: it is started, and goes on by itself."
    assert "Prefer: respond-async" in error["innererror"]["hint"]
    assert runs(database).list() == ()


def test_what_is_wrong_with_a_call_is_told_at_once(ask: Ask, database: Database) -> None:
    for body, where, who, status, code in (
        ({"step": "x"}, SLOWLY, "ann", 400, "E1125"),
        ({"stp": 1}, SLOWLY, "ann", 400, "E1125"),
        ({}, "/samples(7)/CountSlowly", "ann", 404, "E1120"),
        ({}, SLOWLY, "dan", 403, "E0730"),
    ):
        response = ask("POST", where, body, who=who, **STARTED)
        assert (response.status, json.loads(response.body)["error"]["code"]) == (status, code)
    assert runs(database).list() == ()


def test_a_failure_is_told_with_its_status_and_what_was_done_stays(
    ask: Ask, door: ODataDoor, database: Database
) -> None:
    address = started(ask, {"step": 0})
    assert door.workers.look() == 0.0
    status, body = told(ask("GET", address))
    assert (status, body) == (
        "422",
        {
            "error": {
                "code": "E0701",
                "message": "Count by one at least.",
                "innererror": {"run": run_at(database, address).id},
            }
        },
    )
    address = started(ask, {"step": 2, "pause": "PT2H"})
    assert door.workers.look() == 0.0
    with database.connection() as connection, connection.begin():
        connection.execute(sa.text("UPDATE sample SET code = ''"))
    come_due(database, address)
    assert door.workers.look() == 0.0
    assert told(ask("GET", address))[0] == "422"
    assert count(database) == 3
    # Whoever runs the server mends what was wrong, and has it go on.
    with database.connection() as connection, connection.begin():
        connection.execute(sa.text("UPDATE sample SET code = 'S-1'"))
    runs(database).retry(run_at(database, address).id)
    assert ask("GET", address).status == 202
    assert door.workers.look() == 0.0
    assert (told(ask("GET", address))[0], count(database)) == ("200", 5)


def test_what_fails_inside_the_server_is_an_incident(ask: Ask, door: ODataDoor, database: Database) -> None:
    address = started(ask)
    with database.connection() as connection, connection.begin():
        connection.execute(sa.text("ALTER TABLE sample RENAME COLUMN count TO counted"))
    assert door.workers.look() == 0.0
    status, body = told(ask("GET", address))
    assert status == "500"
    assert isinstance(body, dict)
    run = run_at(database, address)
    assert body["error"]["message"] == f"The server failed. Tell whoever runs it: incident {run.id}."
    # Who runs it is told more.
    assert run.message is not None
    assert "count" in run.message


def test_only_whoever_started_it_may_ask(ask: Ask, door: ODataDoor, database: Database) -> None:
    address = started(ask)
    for method in ("GET", "DELETE"):
        response = ask(method, address, who="bob")
        assert (response.status, json.loads(response.body)["error"]["code"]) == (404, "E1127")
    assert ask("GET", "/$calls(00000000-0000-4000-8000-000000000000)").status == 404
    assert ask("POST", address).status == 405
    assert ask("GET", address).status == 202


def test_rights_are_asked_for_again_at_each_unit(ask: Ask, door: ODataDoor, database: Database) -> None:
    address = started(ask, {"step": 4, "pause": "PT2H"})
    assert door.workers.look() == 0.0
    with database.connection() as connection, connection.begin():
        connection.execute(sa.text("""UPDATE "user" SET active = :no WHERE email = 'ann@example.com'"""), {"no": False})
    come_due(database, address)
    assert door.workers.look() == 0.0
    status, body = told(ask("GET", address))
    assert isinstance(body, dict)
    assert (status, body["error"]["code"]) == ("403", "E0730")
    assert count(database) == 5


def test_a_key_starts_one_run(ask: Ask, door: ODataDoor, database: Database) -> None:
    first = started(ask, Idempotency_Key='"k-1"')
    again = ask("POST", SLOWLY, {"step": 4}, Idempotency_Key='"k-1"', **STARTED)
    assert (again.status, again.headers["Idempotency-Replayed"]) == (202, "true")
    assert again.headers["Location"] == BASE + ROOT + first
    other = ask("POST", SLOWLY, {"step": 5}, Idempotency_Key='"k-1"', **STARTED)
    assert (other.status, json.loads(other.body)["error"]["code"]) == (422, "E0813")
    assert len(runs(database).list()) == 1


def test_it_is_tried_out(ask: Ask, database: Database) -> None:
    for prefer in ("dry-run", "respond-async, dry-run"):
        response = ask("POST", SLOWLY, {"step": 4}, Prefer=prefer)
        assert (response.status, response.headers["Preference-Applied"]) == (204, "dry-run")
    assert runs(database).list() == ()


def test_it_is_taken_back_or_forgotten(ask: Ask, door: ODataDoor, database: Database) -> None:
    address = started(ask)
    assert ask("DELETE", address).status == 204
    assert (ask("GET", address).status, door.workers.look(), count(database)) == (404, POLL, 1)
    assert run_at(database, address).outcome == "cancelled"
    address = started(ask)
    assert door.workers.look() == 0.0
    assert ask("DELETE", address).status == 204
    assert (ask("GET", address).status, count(database)) == (404, 9)
    # Whoever runs the server still sees what was done.
    assert run_at(database, address).outcome == "done"


def test_it_is_not_taken_back_while_somebody_is_at_it(ask: Ask, database: Database) -> None:
    address = started(ask)
    with database.connection() as connection, connection.begin():
        connection.execute(sa.update(BACKGROUND).values(lease="somebody's"))
    response = ask("DELETE", address)
    assert (response.status, json.loads(response.body)["error"]["code"]) == (409, "E1127")


def test_one_caller_may_not_fill_the_server(database: Database, ask: Ask) -> None:
    door = ODataDoor(service(database), ODataSettings(waiting=2))
    statuses = [door(asked("POST", SLOWLY, {}, **STARTED)).status for _ in range(3)]
    assert statuses == [202, 202, 429]
    assert door(asked("POST", SLOWLY, {}, who="bob", **STARTED)).status == 202


def test_what_was_started_already_needs_no_room(database: Database, ask: Ask) -> None:
    door = ODataDoor(service(database), ODataSettings(waiting=1))
    first = door(asked("POST", SLOWLY, {}, Idempotency_Key="k-1", **STARTED))
    again = door(asked("POST", SLOWLY, {}, Idempotency_Key="k-1", **STARTED))
    assert (first.status, again.status, again.headers["Location"]) == (202, 202, first.headers["Location"])
    full = door(asked("POST", SLOWLY, {}, Idempotency_Key="k-2", **STARTED))
    error = json.loads(full.body)["error"]
    assert (full.status, error["code"], full.headers["Retry-After"]) == (429, "E1129", "60")
    assert error["message"] == "1 background actions of these credentials go on already."
    assert door(asked("POST", SLOWLY, {}, Prefer="dry-run")).status == 204


def test_a_server_without_workers_leaves_the_work_to_others(database: Database, ask: Ask) -> None:
    door = ODataDoor(service(database), ODataSettings(async_workers=0))
    response = door(asked("POST", SLOWLY, {"step": 4}, **STARTED))
    assert response.status == 202
    assert runs(database).work_once() == 1
    address = response.headers["Location"].removeprefix(BASE + ROOT)
    assert told(door(asked("GET", address)))[0] == "200"
    assert door(asked("GET", "/$calls(00000000-0000-4000-8000-000000000000)")).status == 404


def test_a_server_that_is_about_to_end_begins_with_nothing_more(database: Database) -> None:
    with assembled(database, service(database).verbs, SETTINGS) as made:
        workers = [each for each in threads() if each.name.startswith("calls-")]
        assert len(workers) == SETTINGS.odata.async_workers
        made.stopping()
        for each in workers:
            each.join(20)
        assert not any(each.is_alive() for each in workers)


def test_it_is_started_together_with_other_calls_or_not_at_all(ask: Ask, door: ODataDoor, database: Database) -> None:
    def batch(*calls: tuple[str, object]) -> list[int]:
        requests = [
            {
                "id": str(number),
                "atomicityGroup": "g",
                "method": "POST",
                "url": url,
                "headers": {"content-type": "application/json", "prefer": "respond-async"},
                "body": body,
            }
            for number, (url, body) in enumerate(calls)
        ]
        response = ask("POST", "/$batch", {"requests": requests})
        return [each["status"] for each in json.loads(response.body)["responses"]]

    assert batch(("samples(1)/CountSlowly", {"step": 4}), ("samples(1)/CountUp", {"step": 0})) == [424, 422]
    assert runs(database).list() == ()
    assert batch(("samples(1)/CountSlowly", {"step": 4}), ("samples(1)/CountUp", {"step": 1})) == [202, 200]
    assert (len(runs(database).list()), count(database)) == (1, 2)
    assert door.workers.look() == 0.0
    assert count(database) == 10


def test_other_verbs_start_it(ask: Ask, door: ODataDoor, database: Database) -> None:
    assert ask("POST", "/samples(1)/CountLater", {"step": 3}).status == 204
    (run,) = runs(database).list()
    assert (run.verb, run.subject, run.position, json.loads(run.arguments)) == (
        "verbs.desk.CountSlowly",
        None,
        -1,
        {"step": 3},
    )
    assert door.workers.look() == POLL
    with database.connection() as connection, connection.begin():
        connection.execute(sa.update(BACKGROUND).values(due="2026-01-01T00:00:00.000000Z"))
    assert (door.workers.look(), count(database)) == (0.0, 7)


def test_a_verb_that_is_not_in_use_any_more_is_still_told_of(ask: Ask, door: ODataDoor, database: Database) -> None:
    address = started(ask)
    with database.connection() as connection, connection.begin():
        connection.execute(
            sa.text("DELETE FROM actionlang_active WHERE verb IN ('verbs.desk.CountSlowly', 'verbs.desk.CountLater')")
        )
        connection.execute(sa.text("UPDATE actionlang_registry SET generation = generation + 1"))
    assert ask("POST", SLOWLY, {}, **STARTED).status == 404
    # What was begun is gone on with in its own version.
    assert door.workers.look() == 0.0
    status, body = told(ask("GET", address))
    assert isinstance(body, dict)
    assert (status, body["count"]) == ("200", 9)


def test_a_database_of_an_earlier_version_says_what_is_missing(ask: Ask, door: ODataDoor, database: Database) -> None:
    with database.connection() as connection, connection.begin():
        BACKGROUND.drop(connection)
    response = ask("POST", SLOWLY, {}, **STARTED)
    assert response.status == 500
    assert ask("POST", "/samples(1)/CountUp", {}).status == 200
    assert door.workers.look() == POLL


def test_calls_that_are_kept_are_made_besides(ask: Ask, door: ODataDoor, database: Database) -> None:
    assert ask("POST", "/samples(1)/CountUp", {"step": 1}, **STARTED).status == 202
    started(ask)
    assert [door.workers.look(), door.workers.look(), door.workers.look()] == [0.0, 0.0, POLL]
    assert count(database) == 10
    assert KeptCalls(database).are_there


def test_a_key_that_is_revoked_ends_what_was_started_with_it(ask: Ask, door: ODataDoor, database: Database) -> None:
    request: Request = asked("POST", SLOWLY, {"step": 4}, **STARTED)
    request = attrs.evolve(request, identity=attrs.evolve(request.identity, key="no such key"))
    address = door(request).headers["Location"].removeprefix(BASE + ROOT)
    assert door.workers.look() == 0.0
    run = run_at(database, address)
    assert (run.outcome, run.code, run.message) == ("failed", "E1112", "The API key is revoked.")
    assert count(database) == 1
    # Whoever has the database may have it go on all the same.
    runs(database).retry(run.id)
    assert (door.workers.look(), count(database)) == (0.0, 9)
