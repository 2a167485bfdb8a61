"""The application tells its observer of each request, whichever door it goes to."""

from __future__ import annotations

from typing import Any

import httpx2
import pytest

from actionlang.server.app import Application, Mounted, MountedApplication
from actionlang.server.mcp.http import McpOverHttp
from actionlang.server.messages import Request, Response
from actionlang.server.observing.health import Health
from actionlang.server.observing.metrics_door import MetricsDoor
from actionlang.server.observing.observer import Observer
from actionlang.server.observing.settings import OFF, Observing
from actionlang.server.service import Service, VerbCall
from tests.server.live import live
from tests.server.mcp.agents import GENERATIONS, agent, as_header_says, run
from tests.server.observing.watched import log_lines
from tests.server.world import desk, service

SETTINGS = Observing(traces=OFF)


def test_calls_through_a_door() -> None:
    with desk("sqlite") as database, log_lines(SETTINGS) as lines:
        observer = Observer.of(SETTINGS, usage=lambda: database.usage)
        verbs = Service(service(database).verbs, observer.calls)
        health = Health(database)
        assert observer.metrics is not None

        def door(request: Request) -> Response:
            verbs.call(VerbCall("TakeSample", request.identity, arguments={"code": request.query}))
            return Response(204)

        doors = (
            Mounted("/api", door),
            Mounted("/readyz", health.ready, open=True, apart=True),
            Mounted("/metrics", MetricsDoor(SETTINGS, observer.metrics, verbs.verbs), open=True, apart=True),
        )
        with (
            live(Application(doors, as_header_says, observer=observer)) as root,
            httpx2.Client(base_url=root) as client,
        ):
            first = client.post("/api/cases('X')?S-1", headers={"x-request-id": "r-1"})
            refused = client.post("/api?S-1")
            nothing = client.get("/nothing/here")
            assert client.get("/readyz").json()["ready"]
            metrics = client.get("/metrics").text
            assert client.get("/metrics", headers={"x-forwarded-for": "10.0.0.1"}).status_code == 403
        run_id = database.log.runs()[-1].id
        told = [line for line in lines() if line["logger"] == "actionlang.server.requests"]
    assert (first.status_code, first.headers["x-request-id"], refused.status_code, nothing.status_code) == (
        204,
        "r-1",
        409,
        404,
    )
    shown = [(line["route"], line["verb"], line["code"], line["subject"]) for line in told]
    assert shown == [
        ("/api/cases(*)", "verbs.desk.TakeSample", None, "test ann"),
        ("/api", "verbs.desk.TakeSample", told[1]["code"], "test ann"),
        ("/*", None, "E1100", None),
    ]
    assert told[0]["run"] == run_id and told[1]["request_id"] == refused.headers["x-request-id"]
    assert 'actionlang_requests_total{door="/api",method="POST",status="204"} 1.0' in metrics
    assert "actionlang_requests_running 1.0" in metrics
    assert 'actionlang_calls_total{status="200",verb="verbs.desk.TakeSample"} 1.0' in metrics


@pytest.mark.parametrize("generation", GENERATIONS)
def test_calls_by_agents(generation: str) -> None:
    async def work(address: str) -> Any:
        async with agent(address, generation) as client:
            await client.call_tool("TakeSample", {"code": "S-1"})

    with desk("sqlite") as database, log_lines(SETTINGS) as lines:
        observer = Observer.of(SETTINGS, usage=lambda: database.usage)
        door = McpOverHttp(Service(service(database).verbs, observer.calls))
        doors = (MountedApplication("/mcp", door, door.lifespan),)
        with live(Application(doors, as_header_says, observer=observer)) as root:
            run(work, f"{root}/mcp")
        called = [line for line in lines() if line.get("verb") == "verbs.desk.TakeSample"]
        assert [line["run"] for line in called] == [database.log.runs()[0].id]
        assert called[0]["route"] == "/mcp" and called[0]["subject"] == "test ann"
