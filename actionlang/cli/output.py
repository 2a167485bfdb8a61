"""Where output goes: colour on a terminal only, as wide as the terminal, diagnostics in the form asked for."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from actionlang.diagnostics.diagnostic import Diagnostic

FORMATS = ("human", "json", "sarif", "github")


def wants_color(stream: TextIO) -> bool:
    """Whether what is written to a stream may have colours: it is a terminal, and NO_COLOR (no-color.org) is not set."""
    return stream.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def width_of(stream: TextIO) -> int | None:
    """How many cells a line has on a terminal; None elsewhere, where nothing is shortened."""
    if not stream.isatty():
        return None
    import shutil

    return shutil.get_terminal_size().columns


def write(text: str) -> None:
    """Write text and a line end to standard output."""
    sys.stdout.write(f"{text}\n")


def diagnostics_text(diagnostics: Sequence[Diagnostic], form: str, *, color: bool = False) -> str:
    """Diagnostics in one of FORMATS; as people read them without the summary at the end."""
    if form == "human":
        from actionlang.diagnostics.render import render

        return "\n\n".join(render(diagnostic, color) for diagnostic in diagnostics)
    from actionlang.diagnostics import formats

    if form == "json":
        return formats.to_json(diagnostics)
    if form == "github":
        return formats.to_github(diagnostics)
    from importlib.metadata import version

    return formats.to_sarif(diagnostics, version("actionlang"))
