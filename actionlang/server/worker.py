"""One process of the server that answers or delivers, begun by a supervisor.

Over a pipe the supervisor says what is to be served and when to end, and the worker that it has begun and that it lives. When the
supervisor is gone the worker ends, too.
"""

from __future__ import annotations

import logging
import os
import signal
import socket
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from multiprocessing.connection import Connection
from types import FrameType

import attrs

from actionlang.diagnostics.diagnostic import ActionLangError
from actionlang.server.opening import Launch, opened
from actionlang.server.settled import settle

ANSWERING, DELIVERING = "answering", "delivering"
STOP, STOP_AT_ONCE = "stop", "stop at once"
STARTED, ALIVE = "started", "alive"

LOGGER = logging.getLogger("actionlang.server")

FAILED = 1
BEAT = 1.0
"""Seconds between two signs of life."""


@attrs.frozen
class Task:
    """What a worker is to do: what is served, whether to answer or to deliver, and the number of the file that it listens on."""

    launch: Launch
    kind: str
    listening: int


def main(arguments: list[str]) -> int:
    """Work until it is said to end; gives the exit code."""
    supervisor: Connection[object, object] = Connection(int(arguments[0]))
    # Ctrl-C, and the end of a terminal, reach all its processes; the supervisor says what they mean.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    with suppress(EOFError, OSError):
        task = supervisor.recv()
        assert isinstance(task, Task)
        try:
            _work(task, supervisor)
        except ActionLangError as error:
            supervisor.send([(each.code.id, each.message, each.hint) for each in error.diagnostics])
            return FAILED
        except Exception:
            LOGGER.exception("the worker failed")
            return FAILED
    return 0


def _work(task: Task, supervisor: Connection[object, object]) -> None:
    from actionlang.server.observing.structured_log import configure_logging

    configure_logging(task.launch.settings.observing)
    if task.kind == DELIVERING:
        _deliver(task, supervisor)
    else:
        _answer(task, supervisor)


def _answer(task: Task, supervisor: Connection[object, object]) -> None:
    from actionlang.server.mounting import assembled
    from actionlang.server.serving import Serving, Told

    launch = task.launch
    with opened(launch) as (database, verbs), assembled(database, verbs, launch.settings) as made:

        def alive() -> None:
            _tell(supervisor, ALIVE)
            made.alive()

        def started() -> None:
            settle()
            _tell(supervisor, STARTED)

        told = Told(started=started, stopping=made.stopping, alive=alive)
        serving = Serving(made.application, launch.settings, told)
        _listen(supervisor, serving.stop)
        serving.run(sockets=[socket.socket(fileno=task.listening)])


def _deliver(task: Task, supervisor: Connection[object, object]) -> None:
    from actionlang.server.delivering import delivering

    ended = threading.Event()

    def stop(*, at_once: bool = False) -> None:
        del at_once
        ended.set()

    def asked(number: int, frame: FrameType | None) -> None:
        del number, frame
        ended.set()

    signal.signal(signal.SIGTERM, asked)
    _listen(supervisor, stop)
    with opened(task.launch) as (database, _), delivering(database):
        _tell(supervisor, STARTED)
        while not ended.wait(BEAT):
            _tell(supervisor, ALIVE)


def _tell(supervisor: Connection[object, object], what: str) -> None:
    # Whoever is gone is not told; that it is gone is heard elsewhere.
    with suppress(OSError):
        supervisor.send(what)


def _listen(supervisor: Connection[object, object], stop: Callable[..., None]) -> None:
    """Do what the supervisor says, in a thread beside."""

    def listen() -> None:
        try:
            while True:
                stop(at_once=supervisor.recv() == STOP_AT_ONCE)
        except (EOFError, OSError):
            stop()

    threading.Thread(target=listen, name="actionlang-supervised", daemon=True).start()


def run(arguments: list[str]) -> None:
    """Work, and end the process even where a thread does not end (a plug-in that hangs)."""
    status = main(arguments)
    with suppress(OSError, ValueError):
        sys.stdout.flush()
        sys.stderr.flush()
    os._exit(status)
