"""A page's project on a socket, as `actionlang serve` in the page's folder would have it; in the test's own process, to be quick."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import chdir, contextmanager
from pathlib import Path

from actionlang.cli.serve import launch_of, resolved_settings
from actionlang.compile.project import FILE_NAME, find_project
from actionlang.server.mounting import assembled
from actionlang.server.opening import opened
from tests.server.live import live
from tests.server.world import desk_file

ON_PAGES = "http://127.0.0.1:8000"
"""Where a page says that its server is."""

DESK_PROJECT = """\
database = "sqlite:///desk.db"

[server.identity]
anonymous = "ann@example.com"
"""


def furnish(folder: Path) -> None:
    """Give a page the desk of tests/server (`desk.db`), where calls without credentials are Ann's, unless it has a project file."""
    if not (folder / "desk.db").exists():
        shutil.copy(desk_file(), folder / "desk.db")
    if not (folder / FILE_NAME).exists():
        (folder / FILE_NAME).write_text(DESK_PROJECT, "utf-8")


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """The root of the server."""
    with chdir(folder):
        project = find_project(Path.cwd())
        launch = launch_of(project, resolved_settings(project, None, {}))
    with (
        opened(launch) as (database, verbs),
        assembled(database, verbs, launch.settings) as made,
        live(made.application) as root,
    ):
        yield root
