"""Waiting for scripts to change."""

from __future__ import annotations

import os
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

from actionlang.cli.failures import missing
from actionlang.compile.project import FILE_NAME, SKIPPED
from actionlang.compile.selection import select
from actionlang.diagnostics.diagnostic import ActionLangError


def changes_of(paths: tuple[Path, ...]) -> Iterator[None]:
    """Gives at once, and again each time that a script below the paths, or the project file, has changed; never ends by itself.

    Raises ActionLangError when watchfiles is not installed, or there is nothing at a path.
    """
    if find_spec("watchfiles") is None:
        raise ActionLangError(missing("watch", "watchfiles"))
    from watchfiles import watch

    selection = select(paths)
    places = {path for path in (*selection.asked, selection.project.root) if path.exists()}
    yield
    for _ in watch(*places, watch_filter=_matters, raise_interrupt=True):
        yield


def _matters(_: object, path: str) -> bool:
    """Whether a changed file can change what is found."""
    name = os.path.basename(path)  # noqa: PTH119 - called for every file that changes
    inside = Path(path).parts[:-1]
    skipped = any(part in SKIPPED or part.startswith(".") for part in inside)
    return not skipped and (name.endswith(".act") or name == FILE_NAME)
