"""Several processes that share a socket: begun, begun anew when they crash, replaced one by one without losing a call, ended.

Each worker is a new Python, so that replacing them also brings a new version of the program or of plug-ins into use.
"""

from __future__ import annotations

import logging
import selectors
import signal
import socket
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from time import monotonic

import attrs

from actionlang.diagnostics.diagnostic import ActionLangError
from actionlang.server.notifying import READY, STOPPING, notify, reloading
from actionlang.server.observing.structured_log import configure_logging
from actionlang.server.opening import Launch
from actionlang.server.supervised import Worker
from actionlang.server.terminal import Terminal
from actionlang.server.worker import ANSWERING, DELIVERING, Task

LOGGER = logging.getLogger("actionlang.server")

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
LOOK = 0.5
"""Seconds between one look at the workers and the next, where none of them says anything."""

SILENT = 30.0
"""Seconds after which a worker is taken for hung that gives no sign of life."""

PAUSES = (0.0, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0)
"""Seconds before a worker is begun anew, by how many have crashed in a row."""

STEADY = 60.0
"""Seconds after which a worker that crashes is not one of those in a row."""


@attrs.frozen
class Step:
    """What is done at once of replacing workers: one of a `kind` begins, if any, then the `old` one ends, if any."""

    old: Worker | None
    kind: str | None


class Supervisor:
    """Keeps the workers of a server. `reload` gives what is to be served from now on, when the workers are replaced."""

    def __init__(
        self,
        launch: Launch,
        listening: socket.socket,
        *,
        reload: Callable[[], Launch] | None = None,
        started: Callable[[], None] = lambda: None,
    ) -> None:
        self._launch = launch
        self._listening = listening
        self._reload = reload or (lambda: launch)
        self._started = started
        self._terminal = Terminal()
        self._selector = selectors.DefaultSelector()
        self._workers: list[Worker] = []
        self._asked: list[int] = []
        self._steps: list[Step] = []
        self._replacement: Worker | None = None
        self._replaced: Worker | None = None
        self._is_replacing = self._is_asked_again = False
        self._crashes = 0
        self._due: list[tuple[float, str]] = []
        self._has_started = self._is_ending = False

    def run(self) -> None:
        """Serve until a signal says to end.

        Raises ActionLangError when the first workers can not begin.
        """
        with self._hearing_signals():
            try:
                for kind in self._kinds():
                    self._begin(kind)
                while self._workers or not self._is_ending:
                    self._turn()
            finally:
                for each in self._workers:
                    each.kill()
                    each.bury()
                self._selector.close()

    def _kinds(self) -> Iterator[str]:
        yield from [ANSWERING] * self._launch.settings.workers
        if self._launch.settings.deliver:
            yield DELIVERING

    @contextmanager
    def _hearing_signals(self) -> Iterator[None]:
        """Signals wake the loop up, and are acted upon there."""
        hears, wakes = socket.socketpair()
        hears.setblocking(False)
        wakes.setblocking(False)
        before = {each: signal.signal(each, lambda number, _: self._asked.append(number)) for each in SIGNALS}
        woken_before = signal.set_wakeup_fd(wakes.fileno(), warn_on_full_buffer=False)
        self._selector.register(hears, selectors.EVENT_READ)
        try:
            yield
        finally:
            signal.set_wakeup_fd(woken_before)
            for each, handler in before.items():
                signal.signal(each, handler)
            hears.close()
            wakes.close()

    # ------------------------------------------------------------------------------------------------------------ a turn

    def _turn(self) -> None:
        """Hear what there is to hear, and do what is to be done."""
        for key, _ in self._selector.select(LOOK):
            worker = key.data
            if worker is None:
                with suppress(BlockingIOError):
                    key.fileobj.recv(4096)  # type: ignore[union-attr]
            elif not worker.hear():
                self._lose(worker)
        while self._asked:
            self._act(self._asked.pop(0))
        self._see_to_replacing()
        self._see_to_the_silent()
        self._see_to_what_is_due()
        if not self._has_started and not self._is_ending and all(each.is_ready for each in self._workers):
            self._has_started = True
            self._started()
            notify(READY)

    def _act(self, number: int) -> None:
        if number == signal.SIGHUP and not self._terminal.is_gone:
            self._replace_all()
            return
        at_once = number == signal.SIGINT
        if self._is_ending and at_once:
            for each in self._workers:
                each.leave(at_once=True)
            return
        self._is_ending = True
        notify(STOPPING)
        self._listening.close()
        for each in self._workers:
            each.leave(at_once=at_once)
            if not each.is_ready:
                # It does nothing yet that anybody waits for.
                each.kill()

    # ----------------------------------------------------------------------------------------------------------- workers

    def _begin(self, kind: str) -> Worker:
        worker = Worker(Task(self._launch, kind, self._listening.fileno()))
        self._workers.append(worker)
        self._selector.register(worker.pipe, selectors.EVENT_READ, worker)
        return worker

    def _lose(self, worker: Worker) -> None:
        """A worker has ended."""
        self._selector.unregister(worker.pipe)
        self._workers.remove(worker)
        end = worker.bury()
        _forget(worker.pid)
        if worker.is_leaving or self._is_ending:
            return
        if not self._has_started:
            self._give_up(worker, end)
        self._tell_problems(worker)
        if worker is self._replacement:
            LOGGER.error("the new worker %d did not begin (%s): those that there are go on", worker.pid, end)
            self._replace_no_more(worker.task.kind)
            return
        LOGGER.error("worker %d crashed (%s)", worker.pid, end)
        self._crashes = 0 if monotonic() - worker.began > STEADY else self._crashes + 1
        if worker is self._replaced:
            # The one that begins is in its place already, and is now as any other.
            self._replacement = self._replaced = None
            return
        expected = [each for each in self._steps if each.old is worker]
        self._steps = [each for each in self._steps if each.old is not worker]
        if not expected or expected[0].kind is not None:
            self._begin_later(worker.task.kind)

    def _begin_later(self, kind: str) -> None:
        pause = PAUSES[min(self._crashes, len(PAUSES)) - 1] if self._crashes else 0.0
        self._due.append((monotonic() + pause, kind))

    def _give_up(self, worker: Worker, end: str) -> None:
        from actionlang.diagnostics.catalogue.database import HOST_FAILED
        from actionlang.diagnostics.diagnostic import Diagnostic

        told = Diagnostic(HOST_FAILED, f"The worker {worker.pid} ended ({end}) before it answered anything.")
        raise ActionLangError(*(worker.problems or (told,)))

    @staticmethod
    def _tell_problems(worker: Worker) -> None:
        for each in worker.problems:
            LOGGER.error("%s", each.message, extra={"code": each.code.id})

    def _see_to_what_is_due(self) -> None:
        """Begin workers anew, in the place of those that crashed."""
        if self._is_ending:
            self._due.clear()
        for moment, kind in [each for each in self._due if each[0] <= monotonic()]:
            self._due.remove((moment, kind))
            self._begin(kind)

    def _see_to_the_silent(self) -> None:
        """End workers that hang, or do not end."""
        for each in self._workers:
            if monotonic() > each.until:
                LOGGER.error("worker %d did not end in time", each.pid)
                each.kill()
            elif not each.is_leaving and monotonic() - each.heard > SILENT:
                LOGGER.error("worker %d gives no sign of life", each.pid)
                each.heard = monotonic()
                each.kill()

    # --------------------------------------------------------------------------------------------------------- replacing

    def _replace_all(self) -> None:
        """Replace the workers that there are, one by one, and have as many as the settings say from now on."""
        if self._is_ending:
            return
        if self._replacement is not None:
            # It begins with what held before. When it has begun all is done anew.
            self._is_asked_again = True
            self._steps.clear()
            return
        notify(reloading())
        self._load_anew()
        self._steps = list(self._steps_to(Counter(self._kinds())))
        self._due.clear()
        self._crashes = 0
        self._is_replacing = True
        LOGGER.info("workers are replaced, one by one: %d", sum(each.old is not None for each in self._steps))

    def _load_anew(self) -> None:
        before = self._launch.settings
        try:
            self._launch = self._reload()
        except ActionLangError as error:
            LOGGER.error("the settings stay as they are: %s", error.diagnostics[0].message)
        except OSError as error:
            LOGGER.error("the settings stay as they are: %s", error)
        settings = self._launch.settings
        if before.observing != settings.observing:
            configure_logging(settings.observing)
        if (before.host, before.port) != (settings.host, settings.port):
            LOGGER.warning("host and port stay as they are until the server is restarted")

    def _steps_to(self, wanted: Counter[str]) -> Iterator[Step]:
        """What is to be done to have so many new workers of each kind; the ones too many end last."""
        there = {
            kind: [each for each in self._workers if each.task.kind == kind and not each.is_leaving]
            for kind in (ANSWERING, DELIVERING)
        }
        for kind, workers in there.items():
            replaced = workers[: wanted[kind]]
            yield from (Step(each, kind) for each in replaced)
            yield from [Step(None, kind)] * (wanted[kind] - len(replaced))
        for kind, workers in there.items():
            yield from (Step(each, None) for each in workers[wanted[kind] :])

    def _replace_no_more(self, kind: str) -> None:
        """A new worker did not begin. Where nobody was in its place it is tried again, as after a crash."""
        lacking = [kind] if self._replaced is None else []
        lacking += [each.kind for each in self._steps if each.old is None and each.kind is not None]
        self._replacement = self._replaced = None
        self._steps.clear()
        self._crashes += 1
        for each in lacking:
            self._begin_later(each)
        self._end_replacing()

    def _see_to_replacing(self) -> None:
        """The next worker is replaced when the one before it is: first the new one begins, then the old one ends."""
        if self._is_ending:
            return
        if self._replacement is not None and self._replacement.is_ready:
            if self._replaced is not None:
                self._replaced.leave()
            self._replacement = self._replaced = None
        while self._replacement is None and self._steps and self._has_started:
            step = self._steps.pop(0)
            if step.kind is not None:
                self._replaced, self._replacement = step.old, self._begin(step.kind)
            elif step.old is not None:
                step.old.leave()
        if self._is_replacing and self._replacement is None and not self._steps:
            if not self._is_asked_again:
                LOGGER.info("all workers are replaced")
            self._end_replacing()

    def _end_replacing(self) -> None:
        self._is_replacing = False
        notify(READY)
        if self._is_asked_again:
            self._is_asked_again = False
            self._replace_all()


def _forget(pid: int) -> None:
    """Nobody is doing any more what a process that has ended was doing, whatever it has counted."""
    from actionlang.server.observing.metrics import forget_process

    forget_process(pid)
