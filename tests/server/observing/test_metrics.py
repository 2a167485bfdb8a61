"""What is counted, what is asked of the database, and who may read it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from prometheus_client.parser import text_string_to_metric_families
from starlette.datastructures import Headers

from actionlang.access.policy import Policy
from actionlang.delivery.tables import DELIVERIES
from actionlang.engine.sql.codecs import write_moment
from actionlang.registry.verbs import Verbs
from actionlang.runtime.background import BACKGROUND
from actionlang.runtime.database import Database
from actionlang.runtime.hosting import Hosting
from actionlang.runtime.outbox import EVENTS
from actionlang.server.identity.identity import Identity
from actionlang.server.messages import Request, Response
from actionlang.server.observing.metrics import FOLDER_VARIABLE
from actionlang.server.observing.metrics_door import MetricsDoor
from actionlang.server.observing.observer import Observer
from actionlang.server.observing.settings import OFF, OPEN, Observing
from actionlang.server.refusal import Refusal
from actionlang.server.service import Service, VerbCall
from tests.concurrency.steering import steered
from tests.server.observing.watched import answer
from tests.server.world import desk, desk_url, somebody

COUNTING = Observing(traces=OFF, requests=False)


class Samples:
    """What was told, by name and labels."""

    def __init__(self, response: Response) -> None:
        families = text_string_to_metric_families(response.body.decode())
        self._found = {
            (each.name, frozenset(each.labels.items())): each.value for family in families for each in family.samples
        }
        self.names = {name for name, _ in self._found}

    def __call__(self, name: str, **labels: str) -> float:
        return self._found[f"actionlang_{name}", frozenset(labels.items())]


@pytest.fixture(params=["sqlite", "postgres"])
def database(request: pytest.FixtureRequest) -> Iterator[Database]:
    """A desk on each kind of database."""
    with desk(request.param) as database:
        yield database


def reading(path: str = "/metrics", *, peer: str | None = "127.0.0.1", method: str = "GET", **headers: str) -> Request:
    """A request for the metrics."""
    raw = [(name.replace("_", "-").lower().encode(), value.encode()) for name, value in headers.items()]
    sent = Headers(raw=[(b"host", b"127.0.0.1:8000"), *raw] if "Host" not in headers else raw)
    return Request(method, path, "", sent, b"", Identity("anonymous", anonymous=True), "http://127.0.0.1", peer)


class Watched:
    """A service, the observer that counts its calls, and the door that tells of them."""

    def __init__(self, database: Database, settings: Observing = COUNTING) -> None:
        verbs = Verbs.open(database, max_age=0.0)
        self.observer = Observer.of(settings, usage=lambda: database.usage)
        self.service = Service(verbs, self.observer.calls)
        assert self.observer.metrics is not None
        self.door = MetricsDoor(settings, self.observer.metrics, verbs)

    def call(
        self, verb: str, name: str = "ann", row: object = None, key: str | None = None, **arguments: object
    ) -> str:
        """Call a verb; gives the code of the refusal, or nothing."""
        try:
            self.service.call(VerbCall(verb, somebody(name), row, arguments, key))
        except Refusal as refusal:
            return refusal.code
        return ""

    def samples(self) -> Samples:
        """What the door tells."""
        return Samples(self.door(reading()))


def test_calls_are_counted(database: Database) -> None:
    watched = Watched(database)
    assert watched.call("TakeSample", code="S-1", key="once") == ""
    assert watched.call("verbs.desk.TakeSample", code="S-1", key="once") == ""
    assert watched.call("TakeSample", "dan", code="S-2") == "E0730"
    for made_up in ("x", "y", "Hidden"):
        assert watched.call(made_up) in ("E0921", "E0922")
    found = watched.samples()
    verb = "verbs.desk.TakeSample"
    assert found("calls_total", verb=verb, status="200") == 2
    assert found("calls_total", verb=verb, status="403") == 1
    assert found("calls_total", verb="other", status="404") == 3
    assert found("call_failures_total", verb=verb, code="E0730") == 1
    assert found("call_seconds_count", verb=verb) == 3
    assert found("replays_total", verb=verb) == 1
    assert found("connections", state="used") == 0
    assert found("connections", state="idle") == 1
    assert found("connections", state="most") == (1 if database.dialect.name == "sqlite" else 10)
    assert found("active_version", verb="helpdesk.Escalate") == 1
    assert found("registry_generation") >= 1
    assert found("database_up") == 1


def test_background_runs_are_asked_for(database: Database) -> None:
    watched = Watched(database)
    assert watched.call("TakeSample", code="S-1") == ""
    for _ in range(3):
        watched.service.start(VerbCall("CountSlowly", somebody("ann"), "S-1"))
    first, second, third = watched.service.background.list()
    ago = datetime.now(UTC) - timedelta(hours=1)
    with database.connection() as connection, connection.begin():
        for run, values in (
            (first, {"due": write_moment(ago)}),
            (second, {"lease": "somebody's"}),
            (third, {"outcome": "failed", "ended": write_moment(ago)}),
        ):
            connection.execute(sa.update(BACKGROUND).where(BACKGROUND.c.id == run.id).values(values))
    found = watched.samples()
    assert [found("background_runs", state=state) for state in ("waiting", "running", "failed")] == [1, 1, 1]
    assert 3600 <= found("background_lag_seconds") < 3700


def test_the_outbox_is_asked(database: Database) -> None:
    ago = datetime.now(UTC) - timedelta(hours=1)
    with database.connection() as connection, connection.begin():
        for number in range(3):
            event = {"id": f"e-{number}", "run": "r", "sequence": number, "name": "n", "verb": "v", "payload": "{}"}
            moment = write_moment(ago + timedelta(minutes=number))
            dispatched = moment if number else None
            connection.execute(sa.insert(EVENTS).values({**event, "emitted": moment, "dispatched": dispatched}))
        for number, state in ((1, "pending"), (2, "dead")):
            row = {"event": f"e-{number}", "subscription": "s", "state": state, "attempts": 0, "due": "x"}
            connection.execute(sa.insert(DELIVERIES).values(row))
    found = Watched(database).samples()
    assert 3600 <= found("outbox_lag_seconds") < 3700
    assert found("outbox_events") == 1
    assert found("outbox_deliveries", state="dead") == 1
    assert found("outbox_deliveries", state="pending") == 1


def test_attempts_made_again_are_counted() -> None:
    with desk_url("postgres") as url:
        engine = sa.create_engine(url)
        met: list[str] = []

        def before(statement: str) -> None:
            if statement.startswith("UPDATE") and not met:
                met.append(statement)
                with engine.begin() as connection:
                    connection.execute(sa.text('UPDATE "sample" SET "count" = 5'))

        with steered(url, before, hosting=Hosting(policy=Policy(), trace=True)) as database:
            watched = Watched(database)
            assert watched.call("TakeSample", code="S-1") == ""
            assert watched.call("CountUp", row="S-1") == ""
            found = watched.samples()
        engine.dispose()
    assert found("conflict_retries_total", verb="verbs.desk.CountUp") == 1
    assert found("calls_total", verb="verbs.desk.CountUp", status="200") == 1


def test_requests_are_counted_and_nothing_that_callers_make_up() -> None:
    with desk("sqlite") as database:
        watched = Watched(database)
        answer(watched.observer, "/api/x", lambda _: Response(401, code="E1111"))
        answer(watched.observer, "/secret/path", lambda _: Response(404, code="E1100"))
        answer(watched.observer, "/api/x", lambda _: Response(400, code="made up"))
        strange = watched.observer.begin({"type": "http", "method": "BREW", "path": "/api", "headers": []})
        strange.gone()
        watched.observer.begin({"type": "http", "method": "GET", "path": "/api", "headers": []})
        body = watched.door(reading()).body.decode()
        found = watched.samples()
    assert found("requests_total", door="/api", method="POST", status="401") == 1
    assert found("requests_total", door="other", method="POST", status="404") == 1
    assert found("requests_total", door="other", method="other", status="499") == 1
    assert found("request_failures_total", door="/api", code="other") == 1
    assert found("requests_running") == 1
    assert "secret" not in body and "BREW" not in body


@pytest.mark.parametrize(
    ("sent", "is_told"),
    [
        ({}, True),
        ({"peer": "::1"}, True),
        ({"Host": "localhost:8000"}, True),
        ({"Host": "[::1]:8000"}, True),
        ({"peer": "10.0.0.7"}, False),
        ({"peer": None}, False),
        ({"Host": "evil.example"}, False),
        ({"Host": ""}, False),
        ({"X_Forwarded_For": "10.0.0.7"}, False),
        ({"Forwarded": "for=10.0.0.7"}, False),
        ({"Via": "1.1 proxy"}, False),
    ],
)
def test_who_may_read(sent: dict[str, Any], is_told: bool) -> None:
    with desk("sqlite") as database:
        watched = Watched(database)
        if is_told:
            assert watched.door(reading(**sent)).status == 200
        else:
            with pytest.raises(Refusal) as raised:
                watched.door(reading(**sent))
            assert (raised.value.status, raised.value.code) == (403, "E1156")
        assert Watched(database, Observing(metrics=OPEN, traces=OFF)).door(reading(**sent)).status == 200


def test_the_address_is_just_this_one_and_is_only_read() -> None:
    with desk("sqlite") as database:
        door = Watched(database).door
        for request, status in ((reading("/metrics/x"), 404), (reading(method="POST"), 405)):
            with pytest.raises(Refusal) as raised:
                door(request)
            assert raised.value.status == status


def test_openmetrics_for_those_who_ask_for_it() -> None:
    with desk("sqlite") as database:
        told = Watched(database).door(reading(Accept="application/openmetrics-text; version=1.0.0"))
    assert told.headers["Content-Type"].startswith("application/openmetrics-text; version=1.0.0")
    assert told.body.endswith(b"# EOF\n") and told.body.count(b"# EOF") == 1


def test_a_database_that_is_gone_is_told(tmp_path: Path) -> None:
    with desk_url("sqlite") as url, Database.connect(url) as database:
        watched = Watched(database)
        Path(str(sa.make_url(url).database)).write_bytes(b"this is no database at all")
        found = watched.samples()
    assert found("database_up") == 0
    assert not any(name.startswith("actionlang_outbox") for name in found.names)


def test_off_means_off() -> None:
    assert Observer.of(Observing(metrics=OFF, traces=OFF)).metrics is None


COUNT_ONE = """
from actionlang.server.observing.metrics import Metrics, forget_process
metrics = Metrics()
metrics.call_ended("desk.Open", 200, None, 0.01)
metrics.request_began()
metrics.levels_noted()
import os, sys
if sys.argv[1] == "ends":
    forget_process(os.getpid())
"""
TELL_ALL = """
from prometheus_client import generate_latest
from actionlang.server.observing.metrics import Metrics
print(generate_latest(Metrics().of_all_processes).decode())
"""


@pytest.mark.process
def test_all_processes_of_a_server_are_told_by_each(tmp_path: Path) -> None:
    environment = {**os.environ, FOLDER_VARIABLE: str(tmp_path)}
    for script, word in ((COUNT_ONE, "ends"), (COUNT_ONE, "goes on"), (TELL_ALL, "")):
        command = [sys.executable, "-c", script, word]
        told = subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout
    assert 'actionlang_calls_total{status="200",verb="desk.Open"} 2.0' in told
    assert "actionlang_requests_running 1.0" in told
