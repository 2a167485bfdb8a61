"""Agents call verbs, over both transports and in both generations of the protocol, with the rights of whoever they act for."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from typing import Any

import attrs
import pytest
from click.testing import CliRunner
from mcp import Client
from mcp.shared.exceptions import MCPError

from actionlang.cli.group import actionlang
from actionlang.runtime.database import Database
from tests.server.mcp.agents import GENERATIONS, NEW, OLD, agent, over_http, over_pipe, run
from tests.server.world import desk


@attrs.frozen
class Served:
    """A desk, and the address at which agents find it."""

    database: Database
    address: str


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def served(request: pytest.FixtureRequest) -> Iterator[Served]:
    """A desk on each kind of database."""
    with desk(request.param) as database, over_http(database) as address:
        yield Served(database, address)


async def call(client: Client, tool: str, **arguments: Any) -> Any:
    """What a tool gives, which has to be no error."""
    told = await client.call_tool(tool, arguments)
    assert not told.is_error, told.content
    return told.structured_content


async def refusal(client: Client, tool: str, **arguments: Any) -> Any:
    """The error that a tool gives."""
    told = await client.call_tool(tool, arguments)
    assert told.is_error
    return told.structured_content["error"]


async def names(client: Client) -> set[str]:
    """The tools that somebody is offered."""
    return {tool.name for tool in (await client.list_tools()).tools}


@pytest.mark.parametrize("generation", GENERATIONS)
def test_a_verb_is_called(served: Served, generation: str) -> None:
    async def work() -> None:
        async with agent(served.address, generation) as client:
            case = f"CAS-{2 + GENERATIONS.index(generation)}"
            made = await client.call_tool("Escalate", {"on": case, "reason": "smoke"})
            text, link = made.content
            told: Any = made.structured_content
            record = served.database.log.run(told["run"])
            assert (record.verb, record.outcome) == ("helpdesk.Escalate", "done")
            task = await client.read_resource(link.uri)  # type: ignore[union-attr]
            assert f'"id": "{told["outputs"]["ticket"]["id"]}"' in task.contents[0].text  # type: ignore[union-attr]
            assert f'"{told["run"]}"' in text.text  # type: ignore[union-attr]

    run(work)


def test_values_of_every_kind(served: Served) -> None:
    given = {
        "code": "KINDS", "note": "ü\n", "count": 3, "weight": "12345678.1234", "price": 0.1, "ready": True, "made_on": "2026-02-28",
        "made_at": "2026-02-28T10:00:00Z", "wait": "PT90S", "grade": "high",
    }  # fmt: skip

    async def work() -> None:
        async with agent(served.address) as client:
            told = await client.call_tool("TakeSample", given)
            assert '"price":0.1,' in told.content[0].text  # type: ignore[union-attr]
            made: Any = told.structured_content
            assert made["outputs"]["price"] == 0.1 and made["outputs"]["grade"] == 3
            key = made["outputs"]["made"]["id"]
            row = (await client.read_resource("actionlang://samples/KINDS")).contents[0].text  # type: ignore[union-attr]
            assert '"weight": 12345678.1234, "price": 0.1, "ready": true, "made_on": "2026-02-28"' in row
            assert row == (await client.read_resource(f"actionlang://samples/{key}")).contents[0].text  # type: ignore[union-attr]
            assert await call(client, "price_of", on=key) == {"outputs": {"price": 0.1}}
            weighed = await call(client, "weight_of", first="KINDS", others=[f"actionlang://samples/{key}"])
            assert weighed["outputs"]["all"] == [{"id": key}]
            counted = await call(client, "CountUp", on=f"actionlang://samples/{key}", step=2)
            assert counted["outputs"] == {"count": 5}

    run(work)


def test_a_trial_tells_what_would_change_and_keeps_nothing(served: Served) -> None:
    async def work() -> None:
        async with agent(served.address) as client:
            told = await call(client, "Escalate", on="CAS-9", reason="smoke", dry_run=True)
            assert told["run"] is None and told["dry_run"] is True and told["hidden_changes"] == 0
            case = "actionlang://cases/00000000-0000-4000-8000-000200000009"
            update, assign, create = told["changes"]
            assert (update["row"], update["operation"], update["before"]["priority"]) == (case, "update", 2)
            assert (update["after"]["priority"], update["after"]["escalation_reason"]) == (3, "smoke")
            assert assign["after"] == {"owner": "actionlang://teams/00000000-0000-4000-8000-000000000001"}
            assert "before" not in create and create["after"]["regarding"] == case
            row = (await client.read_resource("actionlang://cases/CAS-9")).contents[0].text  # type: ignore[union-attr]
            assert '"priority": 2' in row

    run(work)


def test_a_repeated_call_with_a_key_does_nothing(served: Served) -> None:
    async def work() -> None:
        async with agent(served.address) as client:
            await call(client, "TakeSample", code="ONCE")
            first = await call(client, "CountUp", on="ONCE", idempotency_key="k-1")
            again = await call(client, "CountUp", on="ONCE", idempotency_key="k-1")
            assert (first["replayed"], again["replayed"]) == (False, True)
            assert again["run"] == first["run"] and again["outputs"] == first["outputs"] == {"count": 2}
        async with agent(served.address, x_who="bob") as client:
            other = await call(client, "CountUp", on="ONCE", idempotency_key="k-1")
            assert other["outputs"] == {"count": 3}

    run(work)


def test_a_verb_on_each_row_takes_many_as_one_unit(served: Served) -> None:
    async def work() -> None:
        async with agent(served.address) as client:
            keys = [(await call(client, "TakeSample", code=code))["outputs"]["made"]["id"] for code in ("M-1", "M-2")]
            rows = [f"actionlang://samples/{key}" for key in keys]
            given = ["M-1", rows[1]]
            tried = await call(client, "CountAll", on=given, step=4, dry_run=True)
            assert (tried["run"], tried["dry_run"], tried["rows"], tried["changed"]) == (None, True, 2, 2)
            done = await client.call_tool("CountAll", {"on": given, "step": 4})
            text, *links = done.content
            told = json.loads(text.text)  # type: ignore[union-attr]
            assert told == done.structured_content
            assert told["each"] == [{"row": row, "outputs": {"count": 5}} for row in rows]
            assert {each.uri for each in links} == set(rows)  # type: ignore[union-attr]
            assert served.database.log.run(told["run"]).verb == "verbs.desk.CountAll"
            # What is kept by a key has no outputs of rows.
            first, again = [await call(client, "CountAll", on=given, idempotency_key="m-1") for _ in range(2)]
            assert (first["replayed"], again) == (False, first | {"replayed": True})
            assert (first["rows"], first["changed"], "each" in first) == (2, 2, False)
            one = await call(client, "CountAll", on="M-1", step=1)
            assert one["outputs"] == {"count": 7} and "each" not in one

    run(work)


def test_what_is_wrong_with_many_rows_is_told(served: Served) -> None:
    async def work() -> None:
        async with agent(served.address) as client:
            await call(client, "TakeSample", code="W-1")
            wrong = await refusal(client, "CountAll", on=["W-1", {"nothing": 1}])
            assert (wrong["code"], wrong["target"]) == ("E1125", "on")
            assert (await refusal(client, "CountAll", on=["W-1", "NONE"], step=5))["code"] == "E1120"
            assert (await call(client, "CountAll", on=[]))["rows"] == 0
            # A verb that is on one row takes no list.
            assert (await refusal(client, "CountUp", on=["W-1"]))["target"] == "on"
            assert (await call(client, "CountUp", on="W-1"))["outputs"] == {"count": 2}

    run(work)


def test_what_goes_wrong_is_told_so_that_an_agent_can_mend_it(served: Served) -> None:
    async def work() -> None:
        async with agent(served.address) as client:
            wrong = await refusal(client, "Escalate", on="CAS-4", reason=" ")
            assert wrong["code"] == "E0701" and wrong["message"] and wrong["run"]
            several = await refusal(client, "TakeSample", code=5, grade="odd")
            assert several["code"] == "E1125" and [each["target"] for each in several["details"]] == ["code", "grade"]
            assert (await refusal(client, "Touch"))["target"] == "on"
            assert (await refusal(client, "Touch", on="NONE"))["code"] == "E1120"
            assert (await refusal(client, "Touch", on="S", dry_run="yes"))["target"] == "dry_run"
            assert (await refusal(client, "Touch", on="S", idempotency_key=""))["target"] == "idempotency_key"
            for unknown in ("Hidden", "Nothing", "helpdesk.Escalate"):
                with pytest.raises(MCPError, match="There is no tool"):
                    await client.call_tool(unknown, {})

    run(work)


@pytest.mark.parametrize("generation", GENERATIONS)
def test_everybody_is_offered_what_they_may_do(served: Served, generation: str) -> None:
    async def work() -> None:
        async with agent(served.address, generation) as ann:
            offered = await names(ann)
            assert {"Escalate", "TakeSample", "samples_of"} <= offered and "Hidden" not in offered
        async with agent(served.address, generation, x_who="cara") as cara:
            assert await names(cara) == {"TakeSample", "CountUp", "price_of"}
            assert (await refusal(cara, "Escalate", on="CAS-1", reason="x"))["code"] == "E0730"
            templates = (await cara.list_resource_templates()).resource_templates
            assert "actionlang://samples/{key}" in {each.uri_template for each in templates}
            assert "actionlang://cases/{key}" not in {each.uri_template for each in templates}
        async with agent(served.address, generation, x_who="dan") as dan:
            assert await names(dan) == set()
        async with agent(served.address, generation, x_scopes="verb:helpdesk.*") as limited:
            assert await names(limited) == {"Escalate", "Resolve", "Reopen"} & offered
            assert (await limited.list_resource_templates()).resource_templates == []
            with pytest.raises(MCPError, match="There is no tool"):
                await limited.call_tool("TakeSample", {"code": "X"})
            with pytest.raises(MCPError, match="E1110"):
                await limited.read_resource("actionlang://cases/CAS-1")
        async with agent(served.address, generation, x_who="nobody") as nobody:
            with pytest.raises(MCPError, match="E0733"):
                await nobody.list_tools()

    run(work)


def test_rows_are_read_with_the_readers_rights(served: Served) -> None:
    async def work() -> None:
        async with agent(served.address) as ann, agent(served.address, x_who="cara") as cara:
            await call(ann, "TakeSample", code="ANNS")
            await call(cara, "TakeSample", code="CARAS")
            assert '"code": "CARAS"' in (await cara.read_resource("actionlang://samples/CARAS")).contents[0].text  # type: ignore[union-attr]
            for address in ("samples/ANNS", "samples/NONE", "samples/", "nothing/1", "samples"):
                with pytest.raises(MCPError, match="E1120"):
                    await cara.read_resource(f"actionlang://{address}")
            with pytest.raises(MCPError, match="E0730"):
                await cara.read_resource("actionlang://cases/CAS-1")

    run(work)


@pytest.mark.process
def test_over_a_pipe() -> None:
    with desk("postgres") as database:
        run(_over_a_pipe, database)


async def _over_a_pipe(database: Database) -> None:
    url = database.engine.url.render_as_string(hide_password=False)
    async with Client(over_pipe(url, "cara"), mode=NEW) as client:
        assert await names(client) == {"TakeSample", "CountUp", "price_of"}
        made = await call(client, "TakeSample", code="PIPE", idempotency_key="p-1")
        assert database.log.run(made["run"]).verb == "verbs.desk.TakeSample"
        assert (await refusal(client, "CountUp", on="NONE", step=0))["code"]
        assert '"code": "PIPE"' in (await client.read_resource("actionlang://samples/PIPE")).contents[0].text  # type: ignore[union-attr]


@pytest.mark.process
def test_over_a_pipe_with_a_key_and_the_older_protocol() -> None:
    with desk("sqlite") as database:
        url = database.engine.url.render_as_string(hide_password=False)
        words = [
            "key",
            "create",
            "agent",
            "--as",
            "ann@example.com",
            "--scope",
            "verb:verbs.desk.*",
            "--json",
            "--db",
            url,
        ]
        made = CliRunner().invoke(actionlang, words, catch_exceptions=False, standalone_mode=False)
        key = next(value for value in json.loads(made.stdout).values() if str(value).startswith("al_live_"))

        async def work() -> None:
            environment = {**os.environ, "ACTIONLANG_API_KEY": key}
            async with Client(over_pipe(url, "", environment), mode=OLD) as client:
                offered = await names(client)
                assert "TakeSample" in offered and "Escalate" not in offered
                await call(client, "TakeSample", code="KEYED")

        run(work)
