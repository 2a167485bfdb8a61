"""`actionlang background cancel` and `retry`."""

from __future__ import annotations

import json
from pathlib import Path

import click

from actionlang.cli import completing
from actionlang.cli.help import Told
from actionlang.cli.options import db_option, json_option
from actionlang.cli.output import write

run_argument = click.argument("run", shell_complete=completing.background_runs)


@click.command(cls=Told, examples=("background cancel 01a2186c",))
@run_argument
@db_option
@json_option
def cancel(run: str, db: str | None, as_json: bool) -> None:
    """End a run that waits, or give up one that has failed: what it has done stays.

    RUN is its id, or the beginning of it.
    """
    from actionlang.cli.background_opening import opened
    from actionlang.compile.project import find_project

    with opened(db, find_project(Path.cwd())) as background:
        found = background.find_by_beginning(run)
        background.cancel(found.id)
    if as_json:
        write(json.dumps({"run": found.id, "state": "cancelled"}))
        return
    stays = "It had done nothing." if found.position <= 0 else "What its units did stays."
    write(f"Cancelled {found.verb}, run {found.id}. {stays}")


@click.command(cls=Told, examples=("background retry 01a2186c",))
@run_argument
@db_option
@json_option
def retry(run: str, db: str | None, as_json: bool) -> None:
    """Have a run that has failed go on with the unit that failed.

    RUN is its id, or the beginning of it. Earlier units are not done again. It runs the version
    that it began with.
    """
    from actionlang.cli.background_opening import opened
    from actionlang.cli.background_show import WORKERS
    from actionlang.compile.project import find_project

    with opened(db, find_project(Path.cwd())) as background:
        found = background.find_by_beginning(run)
        background.retry(found.id)
    if as_json:
        write(json.dumps({"run": found.id, "state": "waiting"}))
        return
    write(f"{found.verb}, run {found.id}, waits again: {WORKERS}.")
