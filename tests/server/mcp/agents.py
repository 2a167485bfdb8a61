"""Agents: the SDK's own client, over both transports, in both generations of the protocol."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any

import anyio
from mcp import Client, StdioServerParameters
from mcp.client.session import IncomingMessage
from starlette.datastructures import Headers

from actionlang.runtime.database import Database
from actionlang.server.app import Application, MountedApplication
from actionlang.server.identity.identity import Identity
from actionlang.server.mcp.http import HttpLimits, McpOverHttp
from tests.cli.running import PROGRAM
from tests.server.live import live
from tests.server.world import service, somebody

OLD, NEW = "legacy", "auto"
GENERATIONS = (OLD, NEW)

Heard = Callable[[IncomingMessage], Awaitable[None]]


def as_header_says(headers: Headers, _: str) -> Identity:
    """Who calls: the header names one of the people, and perhaps scopes."""
    identity = somebody(headers.get("x-who", "ann"))
    scopes = headers.get("x-scopes")
    if scopes is None:
        return identity
    return Identity(identity.subject, identity.caller, frozenset(scopes.split()))


@contextmanager
def over_http(database: Database, limits: HttpLimits | None = None, *, keeps_sessions: bool = True) -> Iterator[str]:
    """The address of a server of a desk."""
    door = McpOverHttp(service(database), limits, keeps_sessions=keeps_sessions)
    door.door.changed.every = 0.01
    with live(Application((MountedApplication("/mcp", door, door.lifespan),), as_header_says)) as root:
        yield f"{root}/mcp"


@asynccontextmanager
async def agent(
    address: str, generation: str = NEW, heard: Heard | None = None, **headers: str
) -> AsyncIterator[Client]:
    """A client of a server over HTTP."""
    import httpx2
    from mcp.client.streamable_http import streamable_http_client

    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    async with httpx2.AsyncClient(headers=sent, timeout=30) as http:
        transport = streamable_http_client(address, http_client=http)
        async with Client(transport, mode=generation, message_handler=heard) as client:
            yield client


def over_pipe(url: str, user: str, environment: dict[str, str] | None = None) -> StdioServerParameters:
    """How a host starts the server of a desk for one of the people."""
    words = ["-c", PROGRAM, "mcp", "--db", url]
    if user:
        words += ["--as", f"{user}@example.com"]
    return StdioServerParameters(command=sys.executable, args=words, env=environment)


def run(work: Callable[..., Awaitable[Any]], *arguments: Any) -> None:
    """Run it to its end, which is within a minute."""

    async def limited() -> None:
        with anyio.fail_after(60):
            await work(*arguments)

    anyio.run(limited)
