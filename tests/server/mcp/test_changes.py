"""Agents hear of activations; and what a trial tells is no more than its caller may read."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import chdir
from typing import Any

import anyio
import httpx2
import pytest
from click.testing import CliRunner
from mcp.client.session import IncomingMessage
from mcp_types import ToolListChangedNotification
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from actionlang.cli.group import actionlang
from actionlang.runtime.database import Database
from actionlang.server.app import Application, MountedApplication
from actionlang.server.catalog import catalog_of
from actionlang.server.identity.identity import Identity
from actionlang.server.mcp.foreseen import foreseen
from actionlang.server.mcp.http import HttpLimits, McpOverHttp
from actionlang.server.mcp.surface import Surface
from actionlang.server.service import VerbCall
from tests.server.live import live
from tests.server.mcp.agents import NEW, OLD, agent, as_header_says, over_http, run
from tests.server.world import DESK, desk, service, somebody

BEGIN = {
    "jsonrpc": "2.0",
    "id": 1,
    "method": "initialize",
    "params": {
        "protocolVersion": "2025-11-25",
        "capabilities": {},
        "clientInfo": {"name": "test", "version": "1"},
    },
}


@pytest.fixture(params=["sqlite", "postgres"])
def database(request: pytest.FixtureRequest) -> Iterator[Database]:
    """A desk on each kind of database."""
    with desk(request.param) as database:
        yield database


def command(database: Database, *words: str) -> None:
    """Run a command on a desk's database."""
    url = database.engine.url.render_as_string(hide_password=False)
    with chdir(DESK):
        done = CliRunner().invoke(actionlang, [*words, "--db", url], catch_exceptions=False, standalone_mode=False)
    assert not done.return_value, done.output


def test_who_listens_hears_of_an_activation(database: Database) -> None:
    async def work(address: str) -> None:
        async with agent(address, NEW) as client:
            before = {tool.name for tool in (await client.list_tools()).tools}
            async with client.listen(tools_list_changed=True) as events:
                await anyio.to_thread.run_sync(command, database, "deactivate", "verbs.desk.Touch", "--why", "test")
                async for _ in events:
                    break
            after = {tool.name for tool in (await client.list_tools()).tools}
            assert before - after == {"Touch"}

    with over_http(database) as address:
        run(work, address)


def test_older_clients_are_told_unasked(database: Database) -> None:
    async def work(address: str) -> None:
        heard = anyio.Event()

        async def hear(message: IncomingMessage) -> None:
            if isinstance(message, ToolListChangedNotification):
                heard.set()

        async with agent(address, OLD, hear) as client:
            capabilities = client.server_capabilities
            assert capabilities.tools is not None and capabilities.tools.list_changed
            await client.list_tools()
            await anyio.to_thread.run_sync(command, database, "deactivate", "verbs.desk.Touch", "--why", "test")
            await heard.wait()

    with over_http(database) as address:
        run(work, address)


def test_without_sessions_older_clients_are_served_too() -> None:
    async def work(address: str) -> None:
        async with agent(address, OLD) as client:
            told: Any = (await client.call_tool("TakeSample", {"code": "S-1"})).structured_content
            assert told["outputs"]["made"] == {"id": 1}

    with desk("sqlite") as database, over_http(database, keeps_sessions=False) as address:
        run(work, address)


def test_a_session_belongs_to_whoever_began_it() -> None:
    async def work(address: str) -> None:
        accepted = {"accept": "application/json, text/event-stream"}
        async with httpx2.AsyncClient(headers=accepted, timeout=30) as client:
            began = await client.post(address, json=BEGIN)
            session = {"mcp-session-id": began.headers["mcp-session-id"], "mcp-protocol-version": "2025-11-25"}
            listing = {"jsonrpc": "2.0", "id": 2, "method": "tools/list"}
            assert (await client.post(address, json=listing, headers=session)).status_code == 200
            stolen = await client.post(address, json=listing, headers={**session, "x-who": "bob"})
            assert stolen.status_code == 404
            elsewhere = await client.post(address, json=BEGIN, headers={"origin": "https://evil.example"})
            assert elsewhere.status_code == 403
            nowhere = await client.post(address, json=BEGIN, headers={"origin": "http://["})
            assert nowhere.status_code == 403
            large = await client.post(
                address, content=b" " * (5 * 1024 * 1024), headers={"content-type": "application/json"}
            )
            assert large.status_code == 413

    with desk("sqlite") as database, over_http(database) as address:
        run(work, address)


def test_nobody_takes_all_sessions() -> None:
    async def work(address: str) -> None:
        accepted = {"accept": "application/json, text/event-stream"}
        async with httpx2.AsyncClient(headers=accepted, timeout=30) as client:
            began = [await client.post(address, json=BEGIN) for _ in range(3)]
            assert [each.status_code for each in began] == [200, 200, 429]
            assert began[2].headers["retry-after"] == "60"
            assert (await client.post(address, json=BEGIN, headers={"x-who": "bob"})).status_code == 200
            session = {"mcp-session-id": began[0].headers["mcp-session-id"]}
            assert (await client.delete(address, headers=session)).status_code == 200
            assert (await client.post(address, json=BEGIN)).status_code == 200

    with desk("sqlite") as database, over_http(database, HttpLimits(sessions_each=2)) as address:
        run(work, address)


def test_a_stop_ends_streams_of_news() -> None:
    async def work(root: str) -> None:
        async with agent(f"{root}/mcp", NEW) as client, client.listen(tools_list_changed=True) as events:
            async with httpx2.AsyncClient() as other:
                assert (await other.get(f"{root}/stop")).status_code == 204
            async for _ in events:
                raise AssertionError

    with desk("sqlite") as database:
        door = McpOverHttp(service(database))

        async def stop(_: Scope, __: Receive, send: Send) -> None:
            door.stopping()
            await Response(status_code=204)(_, __, send)

        doors = (MountedApplication("/mcp", door, door.lifespan), MountedApplication("/stop", stop))
        with live(Application(doors, as_header_says)) as root:
            run(work, root)


# ------------------------------------------------------------------------------------------------- what a trial tells


def told(database: Database, name: str, verb: str, row: object = None, **arguments: object) -> tuple[list[Any], int]:
    """What somebody is told of a trial."""
    desk_service = service(database)
    answer = desk_service.call(VerbCall(verb, somebody(name), row, arguments, dry_run=True))
    surface = Surface.of(catalog_of(desk_service.snapshot()))
    found = foreseen(answer.result.changes, somebody(name), database, surface)
    return found.changes, found.hidden


def take(database: Database, name: str, code: str) -> None:
    """Take a sample in, which is then somebody's."""
    service(database).call(VerbCall("TakeSample", somebody(name), arguments={"code": code, "note": "mine"}))


def test_of_ones_own_rows_all_is_told(database: Database) -> None:
    take(database, "cara", "C-1")
    changes, hidden = told(database, "cara", "CountUp", "C-1")
    assert hidden == 0
    assert changes == [
        {"row": "actionlang://samples/1", "operation": "update", "before": {"count": 1}, "after": {"count": 2}}
    ]
    (made,), hidden = told(database, "cara", "TakeSample", code="C-2")
    assert (made["operation"], made["after"]["code"], hidden) == ("create", "C-2", 0)


def test_of_rows_of_others_it_is_told_how_many_there_are(database: Database) -> None:
    take(database, "ann", "A-1")
    desk_service = service(database)
    changes = [
        change
        for verb, row, arguments in (
            ("CountUp", "A-1", {}),
            ("TakeSample", None, {"code": "A-2"}),
            ("Discard", "A-1", {}),
        )
        for change in desk_service.call(VerbCall(verb, somebody("ann"), row, arguments, dry_run=True)).result.changes
    ]
    surface = Surface.of(catalog_of(desk_service.snapshot()))
    for name in ("cara", "dan"):
        found = foreseen(changes, somebody(name), database, surface)
        assert (found.changes, found.hidden) == ([], len(changes))
    found = foreseen(changes, somebody("bob"), database, surface)
    assert (len(found.changes), found.hidden) == (3, 0)
    limited = Identity("key", somebody("bob").caller, frozenset({"verb:*"}))
    assert foreseen(changes, limited, database, surface).hidden == len(changes)
