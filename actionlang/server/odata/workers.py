"""Threads of the server that make the calls which are answered later, and go on with background runs."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from random import uniform
from threading import Event, Thread
from typing import Self

from actionlang.diagnostics.diagnostic import ActionLangError
from actionlang.durable.background import KEPT as BACKGROUND_KEPT
from actionlang.durable.working import Working
from actionlang.registry.kept_calls import KeptCalls, TakenCall
from actionlang.server.messages import Request, Response
from actionlang.server.odata.errors import error_response
from actionlang.server.odata.kept_requests import names_key, read_request, write_response
from actionlang.server.refusal import Refusal
from actionlang.server.service import refusal_of
from actionlang.server.statuses import UNAVAILABLE

LOGGER = logging.getLogger("actionlang.server")

LEASE = timedelta(seconds=60)
"""After this another process takes a call over. One that takes longer is not made twice: the second waits for the first's key."""

POLL = 0.5
"""Seconds between two looks of a process for calls and runs that others took in, or left behind."""

POLL_AFTER_FAILURE = 5.0
"""Seconds until the next look where the database has failed."""

MOST_ATTEMPTS = 12
SLOWEST = 60
FORGET_EVERY = timedelta(minutes=10)
UNDER_WAY = "E0819"


class Workers:
    """Makes calls by a door, and goes on with background runs, in so many threads, from `start` to `stop`.

    Any number of processes share the work.
    """

    def __init__(
        self,
        calls: KeptCalls,
        answer: Callable[[Request], Response],
        kept: timedelta,
        working: Working | None = None,
        *,
        threads: int,
        lease: timedelta = LEASE,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._calls = calls
        self._answer = answer
        self._kept = kept
        self._working = working
        self._lease = lease
        self._now = now
        self._forgotten: datetime | None = None
        self._ended = Event()
        self._wake = Event()
        self._standing: Callable[[Request], None] = _let_pass
        self._has_failed = False
        self._threads = [Thread(target=self._work, name=f"calls-{number}", daemon=True) for number in range(threads)]

    def hold_to(self, standing: Callable[[Request], None]) -> None:
        """Before each call have it seen that whoever made it still may: `standing` raises Refusal where that is not so."""
        self._standing = standing

    def start(self) -> None:
        """Begin to make calls."""
        for thread in self._threads:
            thread.start()

    def leave(self) -> None:
        """Take no more calls and no more runs; what is under way goes on to its end, a background run to that of its unit."""
        self._ended.set()
        self._wake.set()

    def stop(self) -> None:
        """Take no more calls, and wait for those that are under way."""
        self.leave()
        for thread in self._threads:
            if thread.is_alive():
                thread.join()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def wake(self) -> None:
        """Look at once: a call has come in."""
        self._wake.set()

    def make_one(self) -> bool:
        """Make the call that is due longest; whether there was one. Raises ActionLangError when the database fails."""
        taken = self._calls.take(self._now(), self._lease)
        if taken is None:
            return False
        response = self._made(taken)
        if _may_pass(response) and taken.call.attempts < MOST_ATTEMPTS:
            pause = min(2.0 ** (taken.call.attempts - 1), SLOWEST)
            self._calls.later(taken, self._now() + timedelta(seconds=pause))
        else:
            text = write_response(response, own_key=not names_key(taken.call.request))
            self._calls.answered(taken, text, self._now() + self._kept)
        return True

    def forget(self) -> None:
        """Delete answers that have been kept long enough, now and then. Raises ActionLangError when the database fails."""
        now = self._now()
        if self._forgotten is None or now - self._forgotten >= FORGET_EVERY:
            self._forgotten = now
            self._calls.forget(now)
            if self._working is not None and self._working.runs.are_there:
                self._working.runs.forget(now - BACKGROUND_KEPT)

    def _made(self, taken: TakenCall) -> Response:
        """Make a call: by its own key where the client gave none, so that it is made once."""
        try:
            request = read_request(taken.call.request, f"call {taken.call.id}")
            self._standing(request)
            return self._answer(request)
        except Refusal as refusal:
            return error_response(refusal)
        except Exception as error:  # noqa: BLE001 - whatever goes wrong, the call gets an answer
            return error_response(refusal_of(error))

    def look(self) -> float:
        """Make a call, if one is due, else go on with a background run that is; gives how many seconds later to look again. That
        the database fails is logged once, so is that it does not any more."""
        try:
            pause = 0.0 if self._make_any() else POLL
        except ActionLangError as error:
            if not self._has_failed:
                self._has_failed = True
                LOGGER.warning("calls that are answered later have to wait: %s", error)
            return POLL_AFTER_FAILURE
        if self._has_failed:
            self._has_failed = False
            LOGGER.warning("calls that are answered later are made again")
        return pause

    def _make_any(self) -> bool:
        """Make a call, if one is due, else go on with a background run that is; whether there was either."""
        if self._calls.are_there:
            if self.make_one():
                return True
            self.forget()
        working = self._working
        return working is not None and working.runs.are_there and working.make_one(self._ended) is not None

    def _work(self) -> None:
        while not self._ended.is_set():
            pause = self.look()
            if pause:
                # Together the threads look as often as one alone would, and not all at the same time.
                self._wake.wait(pause * len(self._threads) * uniform(0.5, 1.5))  # noqa: S311 - no secret
                self._wake.clear()


def _let_pass(request: Request) -> None:
    """Calls are made whatever became of whoever made them."""


def _may_pass(response: Response) -> bool:
    """Whether a call failed for a reason that passes: the database was not there, or an earlier attempt is still at it."""
    return response.status == UNAVAILABLE or response.code == UNDER_WAY
