"""The terminal that the server was begun from, of which SIGHUP says that it was closed, or, sent by somebody, something else."""

from __future__ import annotations

import logging
import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

LOGGER = logging.getLogger("actionlang.server")

STANDARD_INPUT = 0


class Terminal:
    """The terminal that the server was begun from, if that was one."""

    def __init__(self) -> None:
        self._was_there = os.isatty(STANDARD_INPUT)

    @property
    def is_gone(self) -> bool:
        """Whether it was closed: then nobody is there any more who would end the server."""
        return self._was_there and not os.isatty(STANDARD_INPUT)


@contextmanager
def hung_up(stop: Callable[[], None]) -> Iterator[None]:
    """While this lasts SIGHUP ends a server of one process only when its terminal is closed. Sent by somebody it is to replace
    workers, of which there are none."""
    terminal = Terminal()

    def heard(number: int, frame: FrameType | None) -> None:
        del number, frame
        if terminal.is_gone:
            stop()
        else:
            LOGGER.warning("SIGHUP replaces workers, and this server is one process: restart it")

    before = signal.signal(signal.SIGHUP, heard)
    try:
        yield
    finally:
        signal.signal(signal.SIGHUP, before)
