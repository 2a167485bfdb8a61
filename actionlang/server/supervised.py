"""A worker as its supervisor sees it: a process, and the pipe to it."""

from __future__ import annotations

import logging
import math
import signal
import subprocess
import sys
from contextlib import suppress
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from time import monotonic

from actionlang.diagnostics.catalogue import by_id
from actionlang.diagnostics.catalogue.database import HOST_FAILED
from actionlang.diagnostics.diagnostic import Diagnostic
from actionlang.server.worker import DELIVERING, STARTED, STOP, STOP_AT_ONCE, Task

BEGIN = "import sys; from actionlang.server.worker import run; run(sys.argv[1:])"
"""Not as a module of its own: what goes over the pipe is to be the same here and there."""

LOGGER = logging.getLogger("actionlang.server")

GRACE = 10.0
"""Seconds that a worker has to end beyond the time that it has to finish what it is doing."""


class Worker:
    """A process that was begun. `is_ready` once it answers. It has ended by `until` if it was told to end."""

    def __init__(self, task: Task) -> None:
        self.task = task
        own, its = Pipe()
        self.pipe: Connection[object, object] = own
        self.process = subprocess.Popen(  # noqa: S603 - this very program
            [sys.executable, "-P", "-c", BEGIN, str(its.fileno())],
            pass_fds=(its.fileno(), task.listening),
            stdin=subprocess.DEVNULL,
        )
        its.close()
        self.began = self.heard = monotonic()
        self.until = math.inf
        self.is_ready = False
        self.problems: tuple[Diagnostic, ...] = ()
        self.pipe.send(task)

    @property
    def pid(self) -> int:
        """The id of its process."""
        return self.process.pid

    def hear(self) -> bool:
        """Hear what it says; False once it says nothing any more, for it has ended."""
        try:
            said = self.pipe.recv()
        except (EOFError, OSError):
            return False
        self.heard = monotonic()
        if said == STARTED:
            self.is_ready = True
            LOGGER.info("worker %d %s", self.pid, "delivers" if self.task.kind == DELIVERING else "answers")
        elif isinstance(said, list):
            self.problems = tuple(
                Diagnostic(by_id(code) or HOST_FAILED, message, hint=hint) for code, message, hint in said
            )
        return True

    @property
    def is_leaving(self) -> bool:
        """Whether it was told to end."""
        return self.until < math.inf

    def leave(self, *, at_once: bool = False) -> None:
        """Have it end."""
        settings = self.task.launch.settings
        self.until = monotonic() + max(settings.stop_timeout, settings.drain) + GRACE
        with suppress(OSError):
            self.pipe.send(STOP_AT_ONCE if at_once else STOP)

    def kill(self) -> None:
        """End it, whatever it is doing: its runs are rolled back by the database."""
        self.process.kill()

    def bury(self) -> str:
        """Give back what is left of it when it has ended; tells how it ended."""
        self.pipe.close()
        status = self.process.wait()
        return f"exit code {status}" if status >= 0 else f"signal {-status}, {signal.strsignal(-status)}"
