"""Agents start background actions, and read what became of them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import attrs
import jsonschema
import pytest
from mcp import Client
from mcp.shared.exceptions import MCPError

from actionlang.durable.background import Background
from actionlang.runtime.database import Database
from tests.server.mcp.agents import GENERATIONS, agent, over_http, run
from tests.server.world import desk, service


@attrs.frozen
class Served:
    """A desk, and the address at which agents find it."""

    database: Database
    address: str

    def work(self) -> int:
        """Go on with what is due."""
        return Background(service(self.database).verbs).work_once()


@pytest.fixture(params=["sqlite", "postgres"])
def served(request: pytest.FixtureRequest) -> Iterator[Served]:
    """A desk on each kind of database."""
    with desk(request.param) as database, over_http(database) as address:
        yield Served(database, address)


async def told(client: Client, tool: str, **arguments: Any) -> Any:
    """What a tool gives, which has to be no error."""
    found = await client.call_tool(tool, arguments)
    assert not found.is_error, found.content
    return found


async def state(client: Client, address: str) -> Any:
    """What a run's resource says."""
    return json.loads((await client.read_resource(address)).contents[0].text)  # type: ignore[union-attr]


@pytest.mark.parametrize("generation", GENERATIONS)
def test_it_is_started_and_told_of(served: Served, generation: str) -> None:
    async def work() -> None:
        async with agent(served.address, generation) as client:
            (tool,) = [each for each in (await client.list_tools()).tools if each.name == "CountSlowly"]
            assert tool.description is not None
            assert "It is started, and goes on by itself" in tool.description
            await told(client, "TakeSample", code="S-1")
            made = await told(client, "CountSlowly", on="S-1", step=4)
            started: Any = made.structured_content
            jsonschema.validate(started, tool.output_schema)
            assert (started["dry_run"], started["replayed"]) == (False, False)
            assert started["started"] == f"actionlang://background-runs/{started['run']}"
            assert str(made.content[1].uri) == started["started"]
            assert (await state(client, started["started"]))["state"] == "waiting"
            assert served.work() == 1
            found = await state(client, started["started"])
            assert (found["verb"], found["state"], found["outputs"]) == ("CountSlowly", "done", {"count": 9})
            failing: Any = (await told(client, "CountSlowly", on="S-1", step=0)).structured_content
            assert served.work() == 1
            found = await state(client, failing["started"])
            assert (found["state"], found["error"]) == (
                "failed",
                {"code": "E0701", "message": "Count by one at least."},
            )

    run(work)


def test_it_is_tried_out_and_repeated_safely(served: Served) -> None:
    async def work() -> None:
        async with agent(served.address) as client:
            await told(client, "TakeSample", code="S-1")
            tried: Any = (await told(client, "CountSlowly", on="S-1", dry_run=True)).structured_content
            assert (tried["started"], tried["run"], tried["dry_run"]) == (None, None, True)
            first: Any = (await told(client, "CountSlowly", on="S-1", idempotency_key="k")).structured_content
            again: Any = (await told(client, "CountSlowly", on="S-1", idempotency_key="k")).structured_content
            assert (first["replayed"], again["replayed"], again["started"]) == (False, True, first["started"])

    run(work)
    assert served.work() == 1


def test_a_run_is_for_whoever_started_it(served: Served) -> None:
    async def work() -> None:
        async with agent(served.address) as ann, agent(served.address, x_who="bob") as bob:
            templates = (await ann.list_resource_templates()).resource_templates
            assert "actionlang://background-runs/{run}" in [each.uri_template for each in templates]
            await told(ann, "TakeSample", code="S-1")
            started: Any = (await told(ann, "CountSlowly", on="S-1")).structured_content
            with pytest.raises(MCPError, match="E1120"):
                await bob.read_resource(started["started"])
            with pytest.raises(MCPError, match="E1120"):
                await ann.read_resource("actionlang://background-runs/none")
        async with agent(served.address, x_who="cara") as cara:
            # A clerk starts nothing, and is not told how to look at what was started.
            templates = (await cara.list_resource_templates()).resource_templates
            assert "actionlang://background-runs/{run}" not in [each.uri_template for each in templates]

    run(work)
