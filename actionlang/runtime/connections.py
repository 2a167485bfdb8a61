"""The connections that runs take turns on: kept open and prepared between runs, the one used last first."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from queue import Empty, SimpleQueue
from typing import NamedTuple

import sqlalchemy as sa

from actionlang.diagnostics.catalogue import database as codes
from actionlang.engine.store import StoreError
from actionlang.runtime.session import Session


class Opened(NamedTuple):
    """A connection and what is prepared on it."""

    connection: sa.Connection
    session: Session


class Usage(NamedTuple):
    """How many connections runs use, how many are kept open for the next ones, and how many there may be in use at once."""

    used: int
    idle: int
    most: int


class Connections:
    """At most so many connections, each used by one run at a time. For any number of threads."""

    def __init__(self, connect: Callable[[], Opened], most: int, timeout: float, *, kept: bool) -> None:
        """`kept` ones stay open between runs; else each is closed after its run, which gives it back to its pool."""
        self._connect = connect
        self._kept = kept
        self._most = most
        self._timeout = timeout
        # A queue of turns, one a connection: quicker than Python's semaphores, and it can wait as they do.
        self._turns: SimpleQueue[None] = SimpleQueue()
        for _ in range(most):
            self._turns.put(None)
        self._idle: list[Opened] = []
        self._used: dict[sa.Connection, Opened] = {}

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Keep runs from using one of the connections.

        Raises StoreError when it is not this thread's turn in time.
        """
        self._wait()
        try:
            yield
        finally:
            self._turns.put(None)

    def _wait(self) -> None:
        try:
            self._turns.get(timeout=self._timeout)
        except Empty:
            others = "another thread" if self._most == 1 else f"{self._most} other threads"
            told = f"{others} of this program {'is' if self._most == 1 else 'are'} writing to it"
            raise StoreError(codes.LOCKED.id, f"The database is locked: {told}.") from None

    def take(self) -> Opened:
        """A connection, for `give_back`.

        Raises StoreError when none becomes free in time, and what opening one raises.
        """
        self._wait()
        try:
            opened = self._idle_one() or self._connect()
        except BaseException:
            self._turns.put(None)
            raise
        self._used[opened.connection] = opened
        return opened

    def _idle_one(self) -> Opened | None:
        while self._idle:
            opened = self._idle.pop()
            if opened.session.usable:
                return opened
            _discard(opened)
        return None

    def give_back(self, connection: sa.Connection) -> None:
        """Let the next run have it."""
        opened = self._used.pop(connection)
        try:
            if not opened.session.usable:
                _discard(opened)
            elif self._kept:
                self._idle.append(opened)
            else:
                connection.close()
        finally:
            self._turns.put(None)

    @property
    def usage(self) -> Usage:
        """How many there are at this moment."""
        return Usage(len(self._used), len(self._idle), self._most)

    def close(self) -> None:
        """Close those that no run is using."""
        while self._idle:
            self._idle.pop().connection.close()


def _discard(opened: Opened) -> None:
    """Close a connection that is of no more use."""
    opened.connection.invalidate()
    opened.connection.close()
