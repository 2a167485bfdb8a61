"""Running tests in several processes, when it pays; their outcomes come in the order of the tests all the same."""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from multiprocessing.connection import Connection, wait
from multiprocessing.context import BaseContext
from multiprocessing.process import BaseProcess
from time import perf_counter
from typing import NamedTuple

from actionlang.testing.cases import Case
from actionlang.testing.running import Outcome, Runner, host_failed

TRIED_FOR = 0.2
"""Seconds for which tests are run in this process before the rest is estimated."""

PAYS_FROM = 0.5
"""Seconds of work that must be left for more processes to be worth their start."""


def run_all(
    cases: Sequence[Case], *, jobs: int | None = None, measuring: bool = False, recording: bool = False
) -> Generator[Outcome]:
    """Run tests; gives their outcomes in the same order, each as soon as those before it are there.

    `jobs` is how many processes may run them; by default as many as there are processors, once it shows that this is faster.
    A process that dies takes only the test it was running with it. Closing the iterator stops them all.
    """
    new_runner = partial(Runner, measuring=measuring, recording=recording)
    runner = new_runner()
    began = perf_counter()
    done = 0
    while done < len(cases) and (
        jobs == 1 or (jobs is None and not _pays(perf_counter() - began, done, len(cases) - done))
    ):
        yield runner.run(cases[done])
        done += 1
    if done < len(cases):
        yield from _Shared(cases[done:], jobs or processors(), new_runner).outcomes()


def processors() -> int:
    """How many processors this process may use."""
    return len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count() or 1


def _pays(seconds: float, done: int, left: int) -> bool:
    return seconds > TRIED_FOR and seconds / done * left > PAYS_FROM and processors() > 1


class _Worker(NamedTuple):
    """A process that runs the tests whose numbers it is sent, one at a time."""

    process: BaseProcess
    connection: Connection

    @classmethod
    def start(cls, context: BaseContext, cases: Sequence[Case], new_runner: Callable[[], Runner]) -> _Worker:
        ours, theirs = context.Pipe()
        process = context.Process(target=_serve, args=(theirs, cases, new_runner), daemon=True)  # type: ignore[attr-defined]
        process.start()
        theirs.close()
        return cls(process, ours)

    def stop(self) -> None:
        self.connection.close()
        self.process.terminate()
        self.process.join()
        self.process.close()


class _Shared:
    """Tests that several processes share. Each of them is sent the next test when it has done its last one."""

    def __init__(self, cases: Sequence[Case], jobs: int, new_runner: Callable[[], Runner]) -> None:
        self._cases = cases
        self._jobs = min(jobs, len(cases))
        self._new_runner = new_runner
        self._context = _context()
        self._next = 0
        self._workers: dict[Connection, _Worker] = {}
        self._running: dict[Connection, int] = {}
        self._done: dict[int, Outcome] = {}

    def outcomes(self) -> Iterator[Outcome]:
        """Run them all."""
        try:
            for _ in range(self._jobs):
                self._give(self._start())
            for number in range(len(self._cases)):
                while number not in self._done:
                    self._collect()
                yield self._done.pop(number)
        finally:
            for worker in self._workers.values():
                worker.stop()

    def _start(self) -> Connection:
        """Start a worker; gives the connection to it."""
        with _undisturbed():
            worker = _Worker.start(self._context, self._cases, self._new_runner)
            self._workers[worker.connection] = worker
        return worker.connection

    def _give(self, connection: Connection) -> None:
        """Send a worker the next test, or home when there is none."""
        if self._next == len(self._cases):
            self._workers.pop(connection).stop()
            return
        self._running[connection] = self._next
        connection.send(self._next)
        self._next += 1

    def _collect(self) -> None:
        """Wait until a worker has done its test, or has died over it."""
        for connection in wait(list(self._running)):
            assert isinstance(connection, Connection)
            number = self._running.pop(connection)
            try:
                self._done[number] = connection.recv()
            except (EOFError, OSError):
                self._done[number] = self._lost(self._workers.pop(connection), number)
                connection = self._start()  # noqa: PLW2901
            self._give(connection)

    def _lost(self, worker: _Worker, number: int) -> Outcome:
        """The outcome of a test whose process died."""
        worker.process.join()
        status = worker.process.exitcode or 0
        worker.stop()
        told = f"its process was ended by signal {-status}" if status < 0 else f"its process ended with status {status}"
        return Outcome(0.0, host_failed(self._cases[number], told))


@contextmanager
def _undisturbed() -> Iterator[None]:
    """Ctrl-C waits while this lasts, where there is a way to say so; a process made meanwhile never hears of it."""
    if sys.platform == "win32":
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _context() -> BaseContext:
    """How processes are made: by fork where that is safe and the tests need not be sent to them."""
    return multiprocessing.get_context("fork" if sys.platform == "linux" else None)


def _serve(connection: Connection, cases: Sequence[Case], new_runner: Callable[[], Runner]) -> None:
    """What a worker does until it is stopped, or the process that started it is gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = multiprocessing.parent_process()
    assert parent is not None
    runner = new_runner()
    while connection in wait([connection, parent.sentinel]):
        try:
            number = connection.recv()
        except EOFError:
            return
        connection.send(runner.run(cases[number]))
