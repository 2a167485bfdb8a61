"""The scripts of a project that nobody asked for, and that may hang something on those that were: a plan is the same, whichever
scripts it is made with."""

from __future__ import annotations

import re
from pathlib import Path

from actionlang.compile.project import FILE_NAME
from actionlang.compile.selection import Selection

HANGING = re.compile(rb"\b(before|after|override)\b")
"""Words without which there is no hook and no override."""


def other_scripts(selection: Selection) -> tuple[Path, ...]:
    """The project's scripts that were not asked for, sorted; none where there is no project file, or no script was asked for.

    Raises ActionLangError when a source of the project is not there.
    """
    is_whole = selection.asked == selection.project.sources
    if is_whole or not selection.scripts or not (selection.project.root / FILE_NAME).is_file():
        return ()
    asked = set(selection.scripts)
    return tuple(path for path in selection.project.scripts() if path not in asked)


def may_hang_something(path: Path) -> bool:
    """Whether a script may have a hook or an override in it."""
    try:
        return HANGING.search(path.read_bytes()) is not None
    except OSError:
        return False


def scripts_to_load(selection: Selection) -> tuple[Path, ...]:
    """The scripts that were asked for, then those that may hang something on them."""
    return (*selection.scripts, *filter(may_hang_something, other_scripts(selection)))
