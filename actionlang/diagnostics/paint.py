"""Colours of diagnostics on a terminal, or none."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby

import attrs

from actionlang.diagnostics.diagnostic import Severity

RESET = "\x1b[0m"
BOLD = "\x1b[1m"
BLUE = "\x1b[1;34m"
OF_SEVERITY = {Severity.ERROR: "\x1b[1;31m", Severity.WARNING: "\x1b[1;33m"}


@attrs.frozen
class Painter:
    """Puts colours on what is written, if it was asked for colours."""

    color: bool

    def paint(self, text: str, style: str) -> str:
        """The text in a style, an escape sequence or "" for none."""
        return f"{style}{text}{RESET}" if self.color and style and text else text

    def cells(self, cells: Iterable[tuple[str, str]]) -> str:
        """Characters, each with its style, as one text; blanks at the end are dropped."""
        row = list(cells)
        while row and row[-1][0] == " ":
            row.pop()
        runs = groupby(row, key=lambda cell: cell[1])
        return "".join(self.paint("".join(cell[0] for cell in run), style) for style, run in runs)
