"""Watching calls of verbs: what `Service` tells of each, whatever door it came through."""

from __future__ import annotations

from contextvars import Token
from time import perf_counter, time_ns
from typing import Protocol, Self

from actionlang.diagnostics.catalogue.database import CONFLICT
from actionlang.registry.active import Active
from actionlang.runtime.result import Result
from actionlang.runtime.retry import Conflict
from actionlang.runtime.trace import Trace
from actionlang.runtime.watching import RunWatcher, watcher
from actionlang.server.statuses import status_of


class CallEnded(Protocol):
    """Told of a call that has ended."""

    def call_ended(self, call: WatchedCall) -> None:
        """It has ended; all that is known of it is in `call`."""

    def call_began(self, call: WatchedCall) -> None:
        """It begins; nothing is known of it yet."""


class WatchedCall:
    """A call while it lasts, and what came of it: a context manager around it. `active` is None for a verb that is not in use, or
    that these credentials are not for. `status` and `code` are those of the refusal."""

    def __init__(self, told: CallEnded | None) -> None:
        self._told = told
        self._reset: Token[RunWatcher | None] | None = None
        self.active: Active | None = None
        self.result: Result | None = None
        self.run: str | None = None
        self.status = 200
        self.code: str | None = None
        self.retries = 0
        self.traces: list[tuple[str, Trace, int]] = []
        self.seconds = 0.0
        self.held: object = None

    @property
    def verb(self) -> str | None:
        """The full name of the verb in use."""
        return None if self.active is None else self.active.name

    def __enter__(self) -> Self:
        self._began = perf_counter()
        if self._told is not None:
            self._reset = watcher.set(self)
            self._told.call_began(self)
        return self

    def __exit__(self, _: object, error: BaseException | None, __: object) -> None:
        if self._told is None or self._reset is None:
            return
        watcher.reset(self._reset)
        self.seconds = perf_counter() - self._began
        if isinstance(error, Conflict):
            # An attempt in a change set, of which there is to be another.
            self.status, self.code = status_of(CONFLICT.id), CONFLICT.id
        elif error is not None:
            # A Refusal; others do not come so far.
            self.status, self.code = getattr(error, "status", 500), getattr(error, "code", "E0809")
            self.run = getattr(error, "run", None)
        self._told.call_ended(self)

    def found(self, active: Active) -> Active:
        """This is the verb."""
        self.active = active
        return active

    def ended(self, result: Result) -> Result:
        """This came of it."""
        self.result, self.run = result, result.run
        return result

    # ------------------------------------------------------------------------------------------------------- RunWatcher

    def tried_again(self) -> None:
        """See `RunWatcher`."""
        self.retries += 1

    def traced(self, run: str, trace: Trace) -> None:
        """See `RunWatcher`."""
        self.traces.append((run, trace, time_ns()))


class Calls:
    """What `Service` asks for a watch of each call. Without anybody to tell it costs next to nothing."""

    def __init__(self, told: CallEnded | None = None) -> None:
        self._told = told

    def watched(self) -> WatchedCall:
        """A watch of a call that is about to begin."""
        return WatchedCall(self._told)


UNWATCHED = Calls()
