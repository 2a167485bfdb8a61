"""MCP over standard input and output: for a host that starts this program, and for one user."""

from __future__ import annotations

import asyncio
import math
import os
from collections.abc import Callable
from contextlib import suppress
from threading import Thread
from typing import TypeVar, cast

import anyio
from mcp.server.stdio import stdio_server

from actionlang.server.identity.identity import Identity
from actionlang.server.mcp.door import AgentsDoor
from actionlang.server.service import Service
from actionlang.server.threads import Threads

AT_ONCE, WAITING, PATIENCE = 4, 1000, 600.0
INPUT = 0
BLOCK = 65536

Made = TypeVar("Made")


def serve_pipe(service: Service, who: Callable[[], Identity]) -> None:
    """Serve until the input ends. `who` says for each message who calls, and raises Refusal when that is nobody any more."""
    anyio.run(_serve, service, who)


async def _serve(service: Service, who: Callable[[], Identity]) -> None:
    threads = Threads("mcp", AT_ONCE, WAITING, PATIENCE)

    async def in_thread(function: Callable[[], Made]) -> Made:
        return await threads.call(function)

    door = AgentsDoor(service, lambda _: who(), in_thread)
    lines = cast("anyio.AsyncFile[str]", _Lines(INPUT))
    try:
        async with stdio_server(lines) as (reading, writing), door.changed.watching():
            await door.server.run(reading, writing, door.server.create_initialization_options())
    finally:
        threads.close()


class _Lines:
    """The lines of a file that is waited for in a thread which nobody waits for: Ctrl-C ends the program at once, and not with
    the next line."""

    def __init__(self, file: int) -> None:
        self._file = file
        self._loop = asyncio.get_running_loop()
        self._send, self._receive = anyio.create_memory_object_stream[str](math.inf)
        Thread(target=self._read, name="actionlang-mcp-input", daemon=True).start()

    def __aiter__(self) -> _Lines:
        return self

    async def __anext__(self) -> str:
        try:
            return await self._receive.receive()
        except anyio.EndOfStream:
            raise StopAsyncIteration from None

    def _read(self) -> None:
        """Without the buffers of `sys.stdin`, whose lock the end of the program would wait for."""
        rest = b""
        # The loop may be gone meanwhile.
        with suppress(RuntimeError):
            while block := os.read(self._file, BLOCK):
                *lines, rest = (rest + block).split(b"\n")
                for line in lines:
                    self._tell(line)
            if rest:
                self._tell(rest)
            self._loop.call_soon_threadsafe(self._send.close)

    def _tell(self, line: bytes) -> None:
        self._loop.call_soon_threadsafe(self._send.send_nowait, line.decode("utf-8", "replace"))
