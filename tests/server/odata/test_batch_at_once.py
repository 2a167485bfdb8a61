"""Change sets of many clients at once, over sockets: none is lost, and whoever reads meanwhile never sees half of one."""

from __future__ import annotations

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Event
from typing import Any
from urllib.request import Request, urlopen

import pytest

from actionlang.runtime.database import Database
from actionlang.server.app import Application, Mounted
from actionlang.server.odata.door import ODataDoor
from actionlang.server.odata.settings import ODataSettings
from tests.server.live import live
from tests.server.world import desk, service, somebody

CLIENTS, EACH = 6, 3


@pytest.fixture(params=["sqlite", "postgres"])
def database(request: pytest.FixtureRequest) -> Iterator[Database]:
    """A desk on each kind of database."""
    with desk(request.param) as database:
        yield database


def asked(url: str, body: object = None) -> Any:
    data = None if body is None else json.dumps(body).encode()
    with urlopen(Request(url, data, {"Content-Type": "application/json"})) as response:
        return json.load(response)


def change_set(*requests: tuple[str, object]) -> dict[str, object]:
    return {
        "requests": [
            {"id": str(number), "atomicityGroup": "g", "method": "post", "url": url, "body": body}
            for number, (url, body) in enumerate(requests)
        ]
    }


def counting(code: str) -> tuple[str, object]:
    return f"samples(code='{code}')/CountUp", {"step": 1}


@pytest.mark.process
def test_change_sets_of_many_at_once(database: Database) -> None:
    door = ODataDoor(service(database), ODataSettings(async_workers=0))
    with live(Application([Mounted("/api/data/", door)], lambda _, __: somebody("ann"))) as base:
        root = f"{base}/api/data/v9.2"
        asked(f"{root}/$batch", change_set(("TakeSample", {"code": "S-1"}), ("TakeSample", {"code": "S-2"})))
        done = Event()

        def client(number: int) -> list[int]:
            codes = ("S-1", "S-2") if number % 2 else ("S-2", "S-1")
            told = [asked(f"{root}/$batch", change_set(*map(counting, codes))) for _ in range(EACH)]
            return [one["status"] for each in told for one in each["responses"]]

        def reader(_: int) -> set[tuple[int, ...]]:
            seen = set()
            while not done.is_set():
                rows = asked(f"{root}/samples?$select=count&$orderby=code")["value"]
                seen.add(tuple(row["count"] for row in rows))
            return seen

        with ThreadPoolExecutor(CLIENTS + 1) as pool:
            reading = pool.submit(reader, 0)
            try:
                statuses = [status for each in pool.map(client, range(CLIENTS)) for status in each]
            finally:
                done.set()
    assert statuses == [200] * CLIENTS * EACH * 2
    assert all(first == second for first, second in reading.result())
    assert reading.result() <= {(number, number) for number in range(1, CLIENTS * EACH + 2)}
    assert len(database.log.runs(verb="verbs.desk.CountUp", outcome="done")) == CLIENTS * EACH * 2
