"""How far a long run is: a line on the terminal that is written over, nowhere else."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TextIO

OFTEN = 0.1
"""Seconds between two looks of the line."""

BAR = 24


class Line:
    """The line, as it looks after so many rows of so many."""

    def __init__(self, stream: TextIO, clock: Callable[[], float] = time.monotonic) -> None:
        self._stream = stream
        self._clock = clock
        self._begun: float | None = None
        self._first = 0
        self._shown = 0.0
        self._width = 0

    def __call__(self, done: int, total: int) -> None:
        """Write how far it is, unless it was written just now."""
        now = self._clock()
        if self._begun is None:
            self._begun, self._first = now, done
        elif now - self._shown < OFTEN and done < total:
            return
        self._shown = now
        self._put(line_of(done, total, done - self._first, now - self._begun))

    def end(self) -> None:
        """Take the line away."""
        if self._width:
            self._put("")
            self._stream.write("\r")
            self._stream.flush()

    def _put(self, text: str) -> None:
        self._stream.write(f"\r{text:{self._width}}")
        self._stream.flush()
        self._width = len(text)


def line_of(done: int, total: int, lately: int, seconds: float) -> str:
    """How far it is, how fast, and how long it will take: `lately` rows took the seconds."""
    part = done / total if total else 1.0
    filled = round(part * BAR)
    line = f"[{'#' * filled}{'.' * (BAR - filled)}] {done:,} of {total:,} rows"
    if lately > 0 and seconds > 0:
        rate = lately / seconds
        line += f"  {rate:,.0f}/s"
        if done < total:
            line += f"  {_span((total - done) / rate)} left"
    return line


def _span(seconds: float) -> str:
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"


@contextmanager
def progress_line() -> Iterator[Callable[[int, int], None] | None]:
    """What to tell how far a run is; None where nobody looks at a terminal."""
    if not sys.stderr.isatty():
        yield None
        return
    line = Line(sys.stderr)
    try:
        yield line
    finally:
        line.end()
