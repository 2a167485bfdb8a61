"""Where answers and complaints go."""

from __future__ import annotations

import os
import shutil
import sys
from typing import TextIO

import attrs

from actionlang.diagnostics.diagnostic import Diagnostic
from actionlang.diagnostics.display import safe
from actionlang.diagnostics.render import render

WIDTH_WITHOUT_TERMINAL = 120


@attrs.frozen
class Screen:
    """Two streams, for answers and for complaints. `color` says whether complaints have colours; `width` is how many cells a line
    has, None for as many as the terminal has at the time."""

    out: TextIO
    err: TextIO
    color: bool = False
    fixed_width: int | None = None

    @staticmethod
    def of_process() -> Screen:
        """The program's own streams: colours only on a terminal, and only where NO_COLOR is not set."""
        color = sys.stderr.isatty() and not os.environ.get("NO_COLOR")
        return Screen(sys.stdout, sys.stderr, color, None if sys.stdout.isatty() else WIDTH_WITHOUT_TERMINAL)

    @property
    def width(self) -> int:
        """How many cells a line has."""
        return self.fixed_width or shutil.get_terminal_size().columns

    def say(self, *lines: str) -> None:
        """Write lines of an answer; what a terminal would obey is shown instead."""
        self.out.write("".join(f"{safe(line)}\n" for line in lines))
        self.out.flush()

    def show(self, text: str) -> None:
        """Write text that has its colours already."""
        self.out.write(f"{text.rstrip()}\n")
        self.out.flush()

    def complain(self, *diagnostics: Diagnostic) -> None:
        """Write diagnostics."""
        self.err.write("".join(f"{render(diagnostic, self.color)}\n" for diagnostic in diagnostics))
        self.err.flush()
