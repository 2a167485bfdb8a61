"""The threads that doors are called in: so many at once, so many more waiting for their turn, and no others."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from contextvars import copy_context
from queue import SimpleQueue
from threading import Thread
from time import monotonic
from typing import Any, TypeVar

from actionlang.diagnostics.catalogue.server import BUSY
from actionlang.server.refusal import Refusal
from actionlang.server.statuses import UNAVAILABLE

Made = TypeVar("Made")


class Threads:
    """Calls functions in threads, for one event loop. What waits longer than `patience` seconds for its turn is refused, and what
    finds `waiting` others waiting at once.

    A queue and the loop's own futures, instead of an executor, whose futures are made for threads that wait and take longer than
    all else that the server does with a request.
    """

    def __init__(self, name: str, most: int, waiting: int, patience: float) -> None:
        self._name = f"actionlang-{name}"
        self._most = most
        self._room = most + waiting
        self._patience = patience
        self._inside = 0
        self._threads = 0
        self._turns: SimpleQueue[Callable[[], None] | None] = SimpleQueue()

    async def call(self, function: Callable[[], Made]) -> Made:
        """What a function gives. Raises what it raises, and Refusal (503) when it does not come to its turn."""
        if self._inside >= self._room:
            raise busy()
        came = monotonic()
        loop = asyncio.get_running_loop()
        future: asyncio.Future[Made] = loop.create_future()
        context = copy_context()

        def in_turn() -> None:
            try:
                if monotonic() - came > self._patience:
                    raise busy()
                made = context.run(function)
            except BaseException as error:  # noqa: BLE001 - whoever waits for it is told
                _tell(loop, future, future.set_exception, error)
            else:
                _tell(loop, future, future.set_result, made)

        self._inside += 1
        try:
            if self._threads < min(self._inside, self._most):
                self._threads += 1
                Thread(target=self._work, name=f"{self._name}-{self._threads}", daemon=True).start()
            self._turns.put(in_turn)
            return await future
        finally:
            self._inside -= 1

    def close(self) -> None:
        """Begin nothing any more. What has begun goes on to its end."""
        for _ in range(self._threads):
            self._turns.put(None)

    def _work(self) -> None:
        while (turn := self._turns.get()) is not None:
            turn()
            # What it held is not kept until the next one comes.
            del turn


def _tell(
    loop: asyncio.AbstractEventLoop, future: asyncio.Future[Any], tell: Callable[[Any], None], what: object
) -> None:
    """Give a future what it waits for, in its loop's thread, if anybody still waits."""

    def told() -> None:
        if not future.done():
            tell(what)

    # The loop may have ended meanwhile: then nobody waits.
    with suppress(RuntimeError):
        loop.call_soon_threadsafe(told)


def busy() -> Refusal:
    """What is said where there is no room for a call."""
    message = "The server has too much to do at the moment. Nothing was changed; try again."
    return Refusal(UNAVAILABLE, BUSY.id, message, headers={"Retry-After": "1"})
