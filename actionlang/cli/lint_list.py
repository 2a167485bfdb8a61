"""The lints there are, as `actionlang check --lints` lists them."""

from __future__ import annotations

import sys
from pathlib import Path

from actionlang.cli.output import wants_color, write
from actionlang.compile.project import find_project
from actionlang.diagnostics.paint import BOLD, Painter
from actionlang.lint.levels import level_of
from actionlang.lint.lints import LINTS


def write_lints() -> None:
    """Write name, level in the project around and purpose of each lint."""
    levels = find_project(Path.cwd()).lints
    painter = Painter(wants_color(sys.stdout))
    width = max(len(lint.name) for lint in LINTS)
    for lint in LINTS:
        name = painter.paint(lint.name, BOLD) + " " * (width - len(lint.name))
        write(f"{name}  {level_of(lint.name, levels):<4}  {lint.purpose}")
    write("\nactionlang explain NAME tells more of one.")
