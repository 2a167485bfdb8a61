"""Calls that end in time: in a thread of their own, while the run's thread waits for them, and no longer than it wants to.

Python can not stop a function from outside. So a call that is late is left alone: nobody waits for it any more, and whatever it
asks of its run is refused. Only the run's thread ever touches the run's connection: what a plug-in asks for (to perform a verb,
say) is done by that thread, which is waiting anyway, and handed over.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from contextvars import copy_context
from queue import Empty, SimpleQueue
from threading import Lock, Thread
from time import monotonic
from typing import Any, NamedTuple

MOST_HANGING = 8
"""Calls of one plug-in that may hang at the same time; as long as they do, no other of it is begun."""


class Late(Exception):
    """A call did not end in time. `hanging` says how many calls do not, where none was begun for that reason."""

    def __init__(self, hanging: int = 0) -> None:
        super().__init__()
        self.hanging = hanging


class Ended(Exception):
    """A call asks something of a run that does not wait for it any more."""

    def __init__(self) -> None:
        super().__init__("the plug-in's time is over, or it has returned: its run goes on without it")


class _Asked(NamedTuple):
    """Something for the run's thread to do, and where it puts what comes of it."""

    do: Callable[[], Any]
    answer: SimpleQueue[tuple[bool, Any]]


class _Answer(NamedTuple):
    """The call has ended: whether well, and what it gave or raised."""

    well: bool
    value: Any


class Desk:
    """Where a run's thread waits for one call, and does what the call asks for."""

    def __init__(self) -> None:
        self._inbox: SimpleQueue[_Asked | _Answer] = SimpleQueue()
        self._lock = Lock()
        self._is_closed = False
        self.is_answered = False

    def ask(self, do: Callable[[], Any]) -> Any:
        """Have something done by the run's thread; for the call's thread. Raises what it raises; Ended when nobody waits."""
        answer: SimpleQueue[tuple[bool, Any]] = SimpleQueue()
        with self._lock:
            if self._is_closed:
                raise Ended
            self._inbox.put(_Asked(do, answer))
        well, value = answer.get()
        if not well:
            raise value
        return value

    def answer(self, well: bool, value: Any) -> bool:
        """Hand over what came of the call. Says whether anybody waited for it."""
        with self._lock:
            if self._is_closed:
                return False
            self._inbox.put(_Answer(well, value))
            return True

    def wait(self, timeout: float) -> Any:
        """What the call gives; for the run's thread. Raises what it raises; Late."""
        deadline = monotonic() + timeout
        try:
            while True:
                try:
                    item = self._inbox.get(timeout=max(0.0, deadline - monotonic()))
                except Empty:
                    raise Late from None
                if isinstance(item, _Answer):
                    self.is_answered = True
                    if item.well:
                        return item.value
                    raise item.value
                _do(item)
        finally:
            self._close()

    def _close(self) -> None:
        with self._lock:
            self._is_closed = True
        while True:
            try:
                item = self._inbox.get_nowait()
            except Empty:
                return
            if isinstance(item, _Asked):
                item.answer.put((False, Ended()))
            else:
                self.is_answered = True


def _do(asked: _Asked) -> None:
    try:
        value = asked.do()
    except Exception as error:  # noqa: BLE001 - it is raised where it was asked for
        asked.answer.put((False, error))
    except BaseException:
        # Ctrl-C is for the run.
        asked.answer.put((False, Ended()))
        raise
    else:
        asked.answer.put((True, value))


class _Worker:
    """A thread that makes one call after another."""

    def __init__(self, idle: list[_Worker]) -> None:
        self._idle = idle
        self._jobs: SimpleQueue[Callable[[], None]] = SimpleQueue()
        Thread(target=self._work, name="actionlang plug-in", daemon=True).start()

    def give(self, job: Callable[[], None]) -> None:
        """Have something done."""
        self._jobs.put(job)

    def _work(self) -> None:
        while True:
            self._jobs.get()()
            self._idle.append(self)


class Workers:
    """Threads for calls, as many as are needed at once; they are kept. They do not keep the program from ending."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._begin_anew()
        if hasattr(os, "register_at_fork"):
            os.register_at_fork(after_in_child=self._begin_anew)

    def _begin_anew(self) -> None:
        """A process that was forked off has none of its parent's threads."""
        self._idle: list[_Worker] = []
        self._hanging: dict[object, int] = {}
        self._lock = Lock()

    def call(self, key: object, timeout: float, call: Callable[[Desk], Any]) -> Any:
        """Make a call, and give what it gives. `key` is whose it is.

        Raises what it raises; Late when it is not done in time, or when too many of the same are not.
        """
        hanging = self._hanging.get(key, 0)
        if hanging >= MOST_HANGING:
            raise Late(hanging)
        desk, context = Desk(), copy_context()

        def job() -> None:
            try:
                well, value = True, context.run(call, desk)
            except BaseException as error:  # noqa: BLE001 - it is raised in the run's thread
                well, value = False, error
            if not desk.answer(well, value):
                self._count(key, -1)

        self._worker().give(job)
        try:
            return desk.wait(timeout)
        except BaseException:
            if not desk.is_answered:
                self._count(key, +1)
            raise

    def _worker(self) -> _Worker:
        try:
            return self._idle.pop()
        except IndexError:
            return _Worker(self._idle)

    def _count(self, key: object, change: int) -> None:
        with self._lock:
            self._hanging[key] = self._hanging.get(key, 0) + change


WORKERS = Workers()
"""Those of this program."""
