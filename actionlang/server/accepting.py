"""Accepting connections from sockets that several processes share: one at a time, so that each gets its part of them."""

from __future__ import annotations

import asyncio
import logging
import socket
from collections.abc import Callable, Sequence

LOGGER = logging.getLogger("actionlang.server")

PAUSE = 0.5
"""Seconds for which nothing is accepted after the system had no room for another connection."""


class Accepting:
    """Takes connections from listening sockets until it is closed. Those that wait in a socket's queue then are left to whoever
    else has the socket."""

    def __init__(self, sockets: Sequence[socket.socket], protocol: Callable[[], asyncio.Protocol]) -> None:
        self._sockets = tuple(sockets)
        self._protocol = protocol
        self._loop = asyncio.get_running_loop()
        self._tasks: set[asyncio.Task[object]] = set()
        self._is_open = True
        for each in self._sockets:
            each.setblocking(False)
        self._begin()

    def close(self) -> None:
        """Take no more."""
        self._is_open = False
        for each in self._sockets:
            self._loop.remove_reader(each.fileno())
            each.close()

    def _begin(self) -> None:
        if self._is_open:
            for each in self._sockets:
                self._loop.add_reader(each.fileno(), self._accept, each)

    def _accept(self, listening: socket.socket) -> None:
        try:
            accepted, _ = listening.accept()
        except (BlockingIOError, InterruptedError, ConnectionAbortedError):
            # Another process was quicker, or the other side has gone already.
            return
        except OSError as error:
            LOGGER.error("no connection can be accepted: %s", error)
            for each in self._sockets:
                self._loop.remove_reader(each.fileno())
            self._loop.call_later(PAUSE, self._begin)
            return
        accepted.setblocking(False)
        task = self._loop.create_task(self._connect(accepted))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _connect(self, accepted: socket.socket) -> None:
        try:
            await self._loop.connect_accepted_socket(self._protocol, accepted)
        except OSError:
            accepted.close()
