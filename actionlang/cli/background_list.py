"""`actionlang background list`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from actionlang.cli import completing
from actionlang.cli.help import Told
from actionlang.cli.options import db_option, json_option
from actionlang.cli.output import width_of, write

if TYPE_CHECKING:
    from actionlang.cli.background_told import ToldRun
    from actionlang.durable.background import Background

STATES = ("waiting", "running", "done", "failed", "cancelled")
HEADINGS = ("run", "verb", "on", "for", "state", "when (UTC)", "why")
FOR = HEADINGS.index("for")
WHOLE = (HEADINGS.index("run"), HEADINGS.index("when (UTC)"))
UNLIMITED = 10_000
"""Cells of a line that nobody has to see whole."""


@click.command(
    "list",
    cls=Told,
    examples=("background list", "background list --state failed --verb Chase", "background list --json"),
)
@click.option(
    "--state", "states", type=click.Choice(STATES), multiple=True, help="Only those; may be given several times."
)
@click.option("--verb", metavar="VERB", shell_complete=completing.verbs_of_registry, help="Only runs of this verb.")
@click.option("--limit", type=click.IntRange(1), default=20, show_default=True, help="How many, the newest first.")
@db_option
@json_option
def list_(states: tuple[str, ...], verb: str | None, limit: int, db: str | None, as_json: bool) -> None:
    """Show the runs in the background, the newest first.

    A run that waits goes on when its moment has come and somebody works. One that is done can be
    looked at for 30 days, one that has failed for as long as nobody tries it again.
    """
    import sys

    from actionlang.cli.background_opening import opened
    from actionlang.cli.background_told import told_runs
    from actionlang.compile.project import find_project
    from actionlang.repl.grid import Heading, grid

    with opened(db, find_project(Path.cwd())) as background:
        runs = told_runs(background, background.list(states=states, verb=_full(background, verb), limit=limit))
    if as_json:
        from actionlang.cli.background_show import run_object

        write(json.dumps([run_object(each) for each in runs], indent=2, ensure_ascii=False))
        return
    if not runs:
        write("No such background runs." if states or verb else "No background runs.")
        return
    from actionlang.cli.recorded import telling_apart

    length = telling_apart([each.run.id for each in runs])
    rows = [_cells(each, length) for each in runs]
    shown = [at for at in range(len(HEADINGS)) if at != FOR or any(row[FOR] for row in rows)]
    cells = [[row[at] for at in shown] for row in rows]
    write(
        "\n".join(
            grid([Heading(HEADINGS[at], whole=at in WHOLE) for at in shown], cells, width_of(sys.stdout) or UNLIMITED)
        )
    )


def _cells(each: ToldRun, length: int) -> tuple[str, ...]:
    return (
        each.run.id[:length],
        each.verb.rpartition(".")[2],
        each.on,
        each.by,
        each.run.state,
        _when(each),
        why(each),
    )


def _when(each: ToldRun) -> str:
    """When it goes on, or since when it is what it is."""
    run = each.run
    moment = None if run.is_taken else run.ended or run.due
    return "" if moment is None else f"{moment:%Y-%m-%d %H:%M}"


def why(each: ToldRun) -> str:
    """Why it is what it is."""
    run = each.run
    if run.code is not None:
        return f"{run.code} {run.message}"
    return f"tried {run.attempts} times" if run.state == "waiting" and run.attempts > 1 else ""


def _full(background: Background, verb: str | None) -> str | None:
    """The verb's full name. One that was started may be none that was ever active: then it has to be given whole."""
    from actionlang.diagnostics.diagnostic import ActionLangError
    from actionlang.registry.history import known_verb

    if verb is None:
        return None
    try:
        with background.verbs.database.connection() as connection:
            return known_verb(connection, verb)
    except ActionLangError:
        if "." not in verb:
            raise
        return verb
