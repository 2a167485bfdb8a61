"""MCP over HTTP (streamable HTTP), below the server's `/mcp`: an ASGI application behind the server's own authentication.

Clients of protocol 2026-07-28 have no sessions. Older ones have, in the memory of one process: where several serve, each of their
requests stands for itself, and they are not told when the list of tools changes.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Collection
from contextlib import asynccontextmanager
from typing import Any, TypeVar
from urllib.parse import urlsplit

import anyio
import attrs
from mcp.server.auth.middleware.bearer_auth import AuthenticatedUser
from mcp.server.auth.provider import AccessToken
from mcp.server.streamable_http_manager import StreamableHTTPSessionManager
from starlette.datastructures import Headers
from starlette.responses import JSONResponse
from starlette.types import Receive, Scope, Send

from actionlang.runtime.time_limit import limited
from actionlang.server.identity.identity import Identity
from actionlang.server.mcp.door import AgentsDoor, Context
from actionlang.server.service import Service
from actionlang.server.threads import Threads

IDENTITY = "actionlang.identity"
"""Where the server puts who calls, in the scope's `state`."""

SESSION = "mcp-session-id"

Made = TypeVar("Made")


@attrs.frozen
class HttpLimits:
    """Calls at once and calls waiting, bytes of a message, seconds that a call may take, sessions of older clients: of all
    callers, and of one."""

    calls: int = 40
    waiting: int = 200
    body: int = 4 * 1024 * 1024
    seconds: float = 30.0
    sessions: int = 1000
    sessions_each: int = 100


class McpOverHttp:
    """The application at `/mcp`, and what has to be entered before it answers. `keeps_sessions` is for the only process that
    serves; `origins` are those of other sites whose pages may call."""

    def __init__(
        self,
        service: Service,
        limits: HttpLimits | None = None,
        *,
        keeps_sessions: bool = True,
        origins: Collection[str] = (),
    ) -> None:
        self._origins = origins
        self._limits = limits = limits or HttpLimits()
        self._threads = Threads("mcp", limits.calls, limits.waiting, limits.seconds)
        self.door = AgentsDoor(service, _who, self._call)
        self._manager = StreamableHTTPSessionManager(
            self.door.server,
            stateless=not keeps_sessions,
            max_request_body_size=limits.body,
            max_sessions=limits.sessions,
        )
        self._streams: set[anyio.CancelScope] = set()
        self._is_stopping = False

    async def _call(self, function: Callable[[], Made]) -> Made:
        """Call what waits for the database in a thread. Raises Refusal when it does not come to its turn."""

        def held_to_time() -> Made:
            with limited(self._limits.seconds):
                return function()

        return await self._threads.call(held_to_time)

    @asynccontextmanager
    async def lifespan(self) -> AsyncIterator[None]:
        """As long as the application answers."""
        async with self._manager.run(), self.door.changed.watching():
            yield
        self._threads.close()

    def stopping(self) -> None:
        """A stop has begun: streams on which nothing but news comes are ended, calls are not."""
        self._is_stopping = True
        self.door.changed.listen.close()
        for stream in list(self._streams):
            stream.cancel()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request of somebody whom the server knows."""
        if is_of_another_site(Headers(scope=scope), self._origins):
            # Browsers name the page that a request comes from: MCP wants that to be looked at (2025-11-25, Transports).
            await JSONResponse({"error": "This is not for pages of other sites."}, 403)(scope, receive, send)
            return
        identity: Identity = scope["state"][IDENTITY]
        if SESSION not in Headers(scope=scope) and self._sessions_of(identity.subject) >= self._limits.sessions_each:
            told = {"error": "There are too many sessions of yours: end some, by DELETE."}
            await JSONResponse(told, 429, {"Retry-After": "60"})(scope, receive, send)
            return
        # Sessions belong to whoever began them.
        scope["user"] = AuthenticatedUser(AccessToken(token="", client_id=identity.subject, scopes=[]))
        if scope["method"] != "GET":
            await self._manager.handle_request(scope, receive, send)
            return
        with anyio.CancelScope() as stream:
            if self._is_stopping:
                return
            self._streams.add(stream)
            try:
                await self._manager.handle_request(scope, receive, send)
            finally:
                self._streams.discard(stream)

    def _sessions_of(self, subject: str) -> int:
        """How many sessions somebody has. The SDK limits those of all callers alone: one could take every one of them."""
        owners = self._manager._session_owners.values()  # noqa: SLF001 - it tells them nowhere else
        return sum(owner["client_id"] == subject for owner in owners)


def is_of_another_site(headers: Headers, origins: Collection[str] = ()) -> bool:
    """Whether a browser sends a request for a page of another host than the one that it is sent to."""
    origin = headers.get("origin")
    if origin is None or origin in origins:
        return False
    try:
        return urlsplit(origin).netloc != headers.get("host")
    except ValueError:
        return True


def _who(context: Context) -> Identity:
    """Who sent a message: whom the server knows the request to be of that carried it."""
    assert context.request is not None
    identity: Any = context.request.scope["state"][IDENTITY]
    assert isinstance(identity, Identity)
    return identity
