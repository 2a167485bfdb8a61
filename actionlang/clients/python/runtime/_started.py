"""Background actions that were started: what became of a run, waiting for it, taking it back."""

from __future__ import annotations

import math
import re
import time
from collections.abc import Callable
from typing import Generic, TypeVar

import anyio
import attrs
import httpx2 as httpx

from ._transport import AsyncTransport, Request, Transport, data_of, error_of
from ._values import Data, UnexpectedAnswer

R_co = TypeVar("R_co", covariant=True)
T = TypeVar("T")

SHORTEST_PAUSE = 0.1
LONGEST_PAUSE = 3600.0
"""Seconds between two questions of one who waits, whatever the server says."""


@attrs.frozen
class Pending:
    """The run goes on. It is worth to ask again after so many seconds."""

    retry_after: float


@attrs.frozen
class Started(Generic[R_co]):
    """A run of a background action. It goes on by itself, whatever becomes of this program: `id` is what to keep to ask for it
    later, and the id under which it is in the server's log."""

    id: str
    _transport: Transport = attrs.field(repr=False, eq=False)
    _read: Callable[[Data], R_co] = attrs.field(repr=False, eq=False)

    @property
    def address(self) -> str:
        """Where the server tells the state of the run."""
        return self._transport.target.state(self.id)

    def outcome(self) -> R_co | Pending:
        """What the run has returned, or that it goes on. Raises ActionLangError for what it has failed with; with status 404
        where there is no such run, or no longer."""
        return outcome_of(self._transport.answer(_asking(self.address)), self._read)

    def wait(self, timeout: float | None = None) -> R_co:
        """Wait until the run has come to its end; gives what it has returned. Raises as `outcome`, and TimeoutError when it goes
        on after `timeout` seconds: one can wait for it again."""
        until = _end_of(timeout)
        while isinstance(outcome := self.outcome(), Pending):
            time.sleep(_pause(outcome, until, self.id))
        return outcome

    def cancel(self) -> None:
        """Have the run go no further; what it has done stays done. Of one that has ended, the outcome is forgotten. Raises
        ActionLangError, with status 409 at a moment at which the run is at work."""
        self._transport.answer(_removing(self.address))


@attrs.frozen
class AsyncStarted(Generic[R_co]):
    """The same for programs that do several things at once."""

    id: str
    _transport: AsyncTransport = attrs.field(repr=False, eq=False)
    _read: Callable[[Data], R_co] = attrs.field(repr=False, eq=False)

    @property
    def address(self) -> str:
        """Where the server tells the state of the run."""
        return self._transport.target.state(self.id)

    async def outcome(self) -> R_co | Pending:
        """What the run has returned, or that it goes on. Raises ActionLangError for what it has failed with; with status 404
        where there is no such run, or no longer."""
        return outcome_of(await self._transport.answer(_asking(self.address)), self._read)

    async def wait(self, timeout: float | None = None) -> R_co:
        """Wait until the run has come to its end; gives what it has returned. Raises as `outcome`, and TimeoutError when it goes
        on after `timeout` seconds: one can wait for it again."""
        until = _end_of(timeout)
        while isinstance(outcome := await self.outcome(), Pending):
            await anyio.sleep(_pause(outcome, until, self.id))
        return outcome

    async def cancel(self) -> None:
        """Have the run go no further; what it has done stays done. Of one that has ended, the outcome is forgotten. Raises
        ActionLangError, with status 409 at a moment at which the run is at work."""
        await self._transport.answer(_removing(self.address))


def run_of(response: httpx.Response) -> str:
    """The id of the run that a call has started.

    Only the id counts of where the server says that the state is: it is asked for where the client was told that its server is,
    so that the caller's credentials go nowhere else. Raises UnexpectedAnswer where there is none.
    """
    found = re.search(r"\$calls\(([\w.-]+)\)$", response.headers.get("Location", ""), re.ASCII)
    if response.status_code != httpx.codes.ACCEPTED or found is None:
        raise UnexpectedAnswer(f"{response.url} does not say what it has started.")
    return found[1]


def outcome_of(response: httpx.Response, read: Callable[[Data], T]) -> T | Pending:
    """What an answer about a run tells. Raises ActionLangError for what the run has failed with."""
    if response.status_code == httpx.codes.ACCEPTED:
        asked = response.headers.get("Retry-After", "")
        return Pending(min(max(float(asked) if asked.isdecimal() else 1.0, SHORTEST_PAUSE), LONGEST_PAUSE))
    told = response.headers.get("AsyncResult", "")
    if not told.isdecimal():
        raise UnexpectedAnswer(f"{response.url} does not say what became of the run.")
    status = int(told)
    if status >= httpx.codes.BAD_REQUEST:
        raise error_of(response, status)
    return read({} if status == httpx.codes.NO_CONTENT else data_of(response))


def _asking(address: str) -> Request:
    return Request("GET", address, {}, None, True)


def _removing(address: str) -> Request:
    return Request("DELETE", address, {}, None, True)


def _end_of(timeout: float | None) -> float:
    return math.inf if timeout is None else time.monotonic() + timeout


def _pause(pending: Pending, until: float, run: str) -> float:
    """How many seconds to wait before asking again; the last time at the end. Raises TimeoutError behind it."""
    left = until - time.monotonic()
    if left <= 0:
        raise TimeoutError(f"The run {run} goes on.")
    return min(pending.retry_after, left)
