"""Telling agents that the list of tools has changed, because something was activated.

Clients of protocol 2026-07-28 ask to be told (`subscriptions/listen`); to older ones that keep a connection it is sent unasked.
"""

from __future__ import annotations

import logging
from collections import OrderedDict
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import anyio
from mcp.server.context import CallNext, HandlerResult, ServerRequestContext
from mcp.server.session import ServerSession
from mcp.server.subscriptions import InMemorySubscriptionBus, ListenHandler, ResourcesListChanged, ToolsListChanged
from mcp_types.version import HANDSHAKE_PROTOCOL_VERSIONS

from actionlang.server.refusal import Refusal

LOGGER = logging.getLogger("actionlang.server.mcp")

SESSION_HEADER = "mcp-session-id"
MOST_SESSIONS = 10_000
EVERY = 1.0
"""Seconds between one look and the next."""


class Changed:
    """Looks for activations, and tells of them. `generation` is asked in a thread."""

    def __init__(
        self,
        generation: Callable[[], int],
        in_thread: Callable[[Callable[[], Any]], Awaitable[Any]],
        every: float = EVERY,
    ) -> None:
        self._generation = generation
        self._in_thread = in_thread
        self.every = every
        self._bus = InMemorySubscriptionBus()
        self.listen = ListenHandler(self._bus)
        self._sessions: OrderedDict[str, ServerSession] = OrderedDict()
        self._known: int | None = None

    async def remember(self, ctx: ServerRequestContext[Any, Any], call_next: CallNext) -> HandlerResult:
        """Note a connection that can be told, once there is one that is initialized."""
        if ctx.protocol_version in HANDSHAKE_PROTOCOL_VERSIONS and ctx.method == "tools/list":
            key = "" if ctx.request is None else ctx.request.headers.get(SESSION_HEADER)
            if key is not None:
                self._sessions[key] = ctx.session
                self._sessions.move_to_end(key)
                if len(self._sessions) > MOST_SESSIONS:
                    self._sessions.popitem(last=False)
        return await call_next(ctx)

    @asynccontextmanager
    async def watching(self) -> AsyncIterator[None]:
        """Look for activations while this lasts."""
        async with anyio.create_task_group() as group:
            group.start_soon(self._look)
            try:
                yield
            finally:
                self.listen.close()
                group.cancel_scope.cancel()

    async def _look(self) -> None:
        while True:
            try:
                # The database is not closed under a thread that asks it.
                with anyio.CancelScope(shield=True):
                    now = await self._in_thread(self._generation)
            except Refusal:
                # The database is away; what was activated meanwhile is told when it is there again.
                now = self._known
            if self._known is not None and now != self._known:
                await self._tell()
            self._known = now
            await anyio.sleep(self.every)

    async def _tell(self) -> None:
        for event in (ToolsListChanged(), ResourcesListChanged()):
            await self._bus.publish(event)
        for key, session in list(self._sessions.items()):
            try:
                await session.send_tool_list_changed()
                await session.send_resource_list_changed()
            except Exception:
                LOGGER.debug("a client that is gone was to be told of changes", exc_info=True)
                self._sessions.pop(key, None)
