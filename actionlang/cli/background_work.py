"""`actionlang background work`."""

from __future__ import annotations

from pathlib import Path

import click

from actionlang.cli.help import Told
from actionlang.cli.options import db_option, json_option


@click.command(cls=Told, examples=("background work", "background work --once", "background work --quiet"))
@db_option
@click.option("--once", is_flag=True, help="End when nothing is due any more.")
@click.option("--quiet", is_flag=True, help="Tell nothing but what keeps runs from going on.")
@json_option
def work(db: str | None, once: bool, quiet: bool, as_json: bool) -> int:
    """Go on with the runs in the background, as they come due.

    It goes on until it is stopped (Ctrl-C, SIGTERM), when it finishes the unit that is under way.
    Any number of them may work at the same time, on any number of machines, beside servers: they
    share the work. One that is killed is taken over from after a minute.

    A run that was started under rules of access (by a server, or with --as) may do what its user
    may do at that time; one that was started without is not held to any.

    With --json, each run is a line of JSON. Exit codes: 0 stopped, or with --once nothing failed,
    1 with --once something failed.
    """
    import logging

    from actionlang.cli.background_lines import WorkLines
    from actionlang.cli.background_opening import opened
    from actionlang.cli.hosting import plugins_of
    from actionlang.cli.recording import sealing
    from actionlang.cli.stopping import until_stopped
    from actionlang.compile.project import find_project
    from actionlang.runtime.hosting import Hosting

    project = find_project(Path.cwd())
    hosting = Hosting(plugins_of(project))
    # What fails is told by the lines.
    logging.getLogger("actionlang.background").addHandler(logging.NullHandler())
    with opened(db, project, hosting) as background, sealing(background.verbs.database, all_along=not once):
        lines = WorkLines(background, as_json=as_json, quiet=quiet)
        with until_stopped() as stop:
            if once:
                background.work_once(lines.run, stop)
            else:
                background.work(stop, lines.run, lines.trouble)
        lines.end()
    return 1 if once and lines.failed else 0
