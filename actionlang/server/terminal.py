"""Where the server was begun from: its standard files, and the terminal, of which SIGHUP says that it was closed, or, sent by
somebody, something else."""

from __future__ import annotations

import logging
import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

LOGGER = logging.getLogger("actionlang.server")

STANDARD_INPUT = 0


def see_to_standard_files() -> None:
    """Have standard input, output and error be there, though the program was begun without them (`>&- 2>&-`). Else the numbers of
    the missing ones would be given to sockets, and these to workers, who would write their log to them."""
    for number in (0, 1, 2):
        try:
            os.fstat(number)
        except OSError:
            # It gets the lowest number that is free.
            os.open(os.devnull, os.O_RDWR)
    for name in ("stdin", "stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, Path(os.devnull).open("r" if name == "stdin" else "w", encoding="utf-8"))  # noqa: SIM115


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
