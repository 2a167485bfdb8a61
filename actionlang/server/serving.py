"""One process that answers: uvicorn's server, that leaves without losing a call.

A worker that is to end takes no new connections, but goes on to answer on those that it has, each time with `Connection: close`,
so that clients go elsewhere with their next call. A connection on which nothing is sent is closed when it would have been closed
anyway, or after the time to drain; only then, by a client that sends in that very moment, can a call be lost.
"""

from __future__ import annotations

import asyncio
import logging
import signal
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import cast

import attrs
import uvicorn
from starlette.types import ASGIApp

from actionlang.runtime.time_limit import end_all
from actionlang.server.accepting import Accepting
from actionlang.server.protocol import Protocol
from actionlang.server.settings import ServerSettings

LOGGER = logging.getLogger("actionlang.server")

CLOSE = (b"connection", b"close")
SIGNALS = (signal.SIGINT, signal.SIGTERM)
logging.getLogger("uvicorn").setLevel(logging.WARNING)
# That it begins and ends is told in our words.

LOOK = 0.05
"""Seconds between one look at what is left to do and the next, while a worker ends."""

LAST_CHANCE, HURRIED = 5.0, 1.0
"""Seconds that calls have to end once they are stopped, and those that they have where somebody asked twice for the end."""


def _nothing() -> None:
    """Nobody is to be told."""


@attrs.frozen
class Told:
    """Whom a server tells: that it answers now, that it is about to end, and once a second that it lives."""

    started: Callable[[], None] = _nothing
    stopping: Callable[[], None] = _nothing
    alive: Callable[[], None] = _nothing


class Serving(uvicorn.Server):
    """A server of one process, on sockets that are there. `stop` may be called from any thread."""

    def __init__(self, application: ASGIApp, settings: ServerSettings, told: Told) -> None:
        super().__init__(
            uvicorn.Config(
                application,
                http=Protocol,
                ws="none",
                lifespan="on",
                log_config=None,
                access_log=False,
                proxy_headers=False,
                server_header=False,
                timeout_keep_alive=cast("int", settings.keep_alive),
            )
        )
        self._settings = settings
        self._told = told
        self._drain = settings.drain
        self._accepting: Accepting | None = None

    def stop(self, *, at_once: bool = False) -> None:
        """End: finish what is under way. `at_once` keeps no idle connection open for it; asked a second time, nothing is waited
        for."""
        if at_once:
            self._drain = 0.0
        self.force_exit = self.force_exit or (self.should_exit and at_once)
        self.should_exit = True

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """A signal asks to end: Ctrl-C at once, SIGTERM without losing a call."""
        del frame
        self.stop(at_once=sig == signal.SIGINT)

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Hear signals while this lasts. Unlike uvicorn's it does not raise them again: who asked for an end got it."""
        if threading.current_thread() is not threading.main_thread():
            # Python tells signals to the main thread alone.
            yield
            return
        before = {each: signal.signal(each, self.handle_exit) for each in SIGNALS}
        try:
            yield
        finally:
            for each, handler in before.items():
                signal.signal(each, handler)

    # ------------------------------------------------------------------------------------------------------------ begin

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to answer."""
        await super().startup(sockets=[])
        self._accepting = Accepting(sockets or [], self._protocol)
        self._told.started()

    def _protocol(self) -> asyncio.Protocol:
        return Protocol(config=self.config, server_state=self.server_state, app_state=self.lifespan.state)

    async def on_tick(self, counter: int) -> bool:
        """Ten times a second."""
        if counter % 10 == 0:
            self._told.alive()
            self._close_slow_ones()
        return await super().on_tick(counter)

    def _close_slow_ones(self) -> None:
        """Close connections on which the head of a request does not come."""
        latest = asyncio.get_running_loop().time() - self._settings.read_timeout
        for each in self._connections():
            if each.is_begun and each.idle_since < latest:
                each.transport.close()

    def _connections(self) -> list[Protocol]:
        return [cast("Protocol", each) for each in self.server_state.connections]

    # -------------------------------------------------------------------------------------------------------------- end

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Answer what is asked on the connections that there are, and end."""
        self._told.stopping()
        if self._accepting is not None:
            self._accepting.close()
        self.server_state.default_headers = [*self.server_state.default_headers, CLOSE]
        for each in self._connections():
            each.leave()
        loop = asyncio.get_running_loop()
        began = loop.time()
        while self.server_state.connections and not self.force_exit and loop.time() - began < self._drain:
            await asyncio.sleep(LOOK)
        for each in self._connections():
            if each.is_idle:
                each.transport.close()
        await self._finished(began + max(self._settings.stop_timeout, self._drain))
        if self.server_state.tasks:
            LOGGER.error("calls are stopped that did not end in time: %d", len(self.server_state.tasks))
            end_all()
            # Whoever is in a hurry waits for the callers to be told, too.
            until = loop.time() + (HURRIED if self.force_exit else LAST_CHANCE)
            while self.server_state.tasks and loop.time() < until:
                await asyncio.sleep(LOOK)
        for task in self.server_state.tasks:
            task.cancel()
        await self.lifespan.shutdown()

    async def _finished(self, until: float) -> None:
        """Wait until everything is answered, but not longer than until a moment."""
        loop = asyncio.get_running_loop()
        while (
            (self.server_state.tasks or self.server_state.connections) and loop.time() < until and not self.force_exit
        ):
            await asyncio.sleep(LOOK)
