"""How long what is done on a database may take. What is over its time is stopped by the database itself, statement by statement,
so that it fails as any run fails: all of it is undone, and its record says so.

A thread beside asks for the stop again and again: what is between two statements is stopped at the next one.
"""

from __future__ import annotations

from collections.abc import Callable
from contextvars import ContextVar
from threading import Event, Lock, Thread
from time import monotonic, sleep

from actionlang.diagnostics.catalogue.database import INTERRUPTED
from actionlang.engine.store import StoreError

TICK = 0.05
"""Seconds between one look at what is under way and the next."""

_current: ContextVar[TimeLimit | None] = ContextVar("actionlang_time_limit", default=None)


class TimeLimit:
    """The time that something has, on whatever connections it uses. For any number of threads."""

    def __init__(self, seconds: float) -> None:
        self._until = monotonic() + seconds
        self._lock = Lock()
        self._stops: list[Callable[[], None]] = []
        self._has_stopped = False
        self._is_let_be = False

    @property
    def is_over(self) -> bool:
        """Whether there is no time left."""
        return monotonic() >= self._until

    def end(self) -> None:
        """Leave no time."""
        self._until = monotonic()

    def let_be(self) -> None:
        """What was stopped, if anything was, has noticed: it is not to be disturbed while it undoes what it did and writes that
        down."""
        with self._lock:
            self._is_let_be = self._has_stopped

    def see_that_it_may_be_kept(self) -> None:
        """Raises StoreError for what comes to its end too late."""
        with self._lock:
            if self.is_over and not self._is_let_be:
                self._has_stopped = True
                raise _out_of_time()

    def hold(self, stop: Callable[[], None]) -> None:
        """From now on `stop` is called once the time is over: it stops the statement that a connection executes, if any."""
        with self._lock:
            self._stops.append(stop)

    def let_go(self, stop: Callable[[], None]) -> None:
        """Whoever has the connection next must not be stopped in place of this."""
        with self._lock:
            self._stops.remove(stop)

    def see(self) -> None:
        """Stop what is executed, if the time is over."""
        if not self.is_over:
            return
        with self._lock:
            if not self._is_let_be:
                self._has_stopped = True
                for stop in self._stops:
                    stop()


class _Watch:
    """A thread that looks at all limits there are. It begins with the first one, and sleeps while there is none."""

    def __init__(self) -> None:
        self._limits: set[TimeLimit] = set()
        self._is_needed = Event()
        self._lock = Lock()
        self._thread: Thread | None = None

    def add(self, limit: TimeLimit) -> None:
        self._limits.add(limit)
        if self._thread is None or not self._thread.is_alive():
            self._begin()
        # To set what is set would still wake the thread.
        if not self._is_needed.is_set():
            self._is_needed.set()

    def remove(self, limit: TimeLimit) -> None:
        self._limits.discard(limit)

    def end_all(self) -> None:
        for limit in self._limits.copy():
            limit.end()

    def _begin(self) -> None:
        with self._lock:
            if self._thread is None or not self._thread.is_alive():
                self._thread = Thread(target=self._look, name="actionlang-time-limit", daemon=True)
                self._thread.start()

    def _look(self) -> None:
        while True:
            if not self._limits:
                self._is_needed.clear()
                # One may have come between the two.
                if not self._limits:
                    self._is_needed.wait()
            for limit in self._limits.copy():
                limit.see()
            sleep(TICK)


_watch = _Watch()


class limited:  # noqa: N801 - read as a statement: with limited(30)
    """While this lasts, what this thread does on databases has so many seconds; then its statements fail with E0807. Inside of
    another limit, or without seconds, nothing changes."""

    def __init__(self, seconds: float | None) -> None:
        self._seconds = seconds
        self._limit: TimeLimit | None = None

    def __enter__(self) -> None:
        """It begins."""
        if self._seconds is None or _current.get() is not None:
            return
        self._limit = TimeLimit(self._seconds)
        self._token = _current.set(self._limit)
        _watch.add(self._limit)

    def __exit__(self, *_: object) -> None:
        """It is over."""
        if self._limit is not None:
            _watch.remove(self._limit)
            _current.reset(self._token)


class held_to_time:  # noqa: N801
    """While this lasts `stop` is called if the time is over that is set here, if any."""

    def __init__(self, stop: Callable[[], None]) -> None:
        self._stop = stop
        self._limit = _current.get()

    def __enter__(self) -> None:
        """It begins."""
        if self._limit is not None:
            self._limit.hold(self._stop)

    def __exit__(self, *_: object) -> None:
        """It is over."""
        if self._limit is not None:
            self._limit.let_go(self._stop)


def is_out_of_time() -> bool:
    """Whether no time is left here."""
    limit = _current.get()
    return limit is not None and limit.is_over


def see_that_there_is_time() -> None:
    """Raises StoreError if no time is left here to begin something."""
    if is_out_of_time():
        raise _out_of_time()


def see_that_it_may_be_kept() -> None:
    """Raises StoreError if what is done here comes to its end too late; not for writing down that something was stopped."""
    limit = _current.get()
    if limit is not None:
        limit.see_that_it_may_be_kept()


def _out_of_time() -> StoreError:
    return StoreError(INTERRUPTED.id, "There is no time left for it.")


def undoing() -> None:
    """What was done is undone now, perhaps for want of time: that is not to be stopped, too."""
    limit = _current.get()
    if limit is not None:
        limit.let_be()


def end_all() -> None:
    """Leave nobody any time: the program is about to end."""
    _watch.end_all()
