"""`actionlang deliver`."""

from __future__ import annotations

import sys
from datetime import timedelta
from pathlib import Path

import attrs
import click

from actionlang.cli.databases import open_database
from actionlang.cli.delivery_lines import AttemptLines
from actionlang.cli.help import Told
from actionlang.cli.hosting import plugins_of
from actionlang.cli.options import db_option, json_option
from actionlang.cli.recording import sealing
from actionlang.cli.stopping import until_stopped
from actionlang.compile.project import find_project
from actionlang.delivery.deliverer import Deliverer, Pace
from actionlang.delivery.deliveries import Deliveries
from actionlang.delivery.schedule import USUAL
from actionlang.delivery.subscribers import Subscribers

NUMBER = click.IntRange(1)


@click.command(
    cls=Told,
    examples=("deliver", "deliver --once", "deliver --subscribers desk.chat --workers 8 --json"),
)
@db_option
@click.option("--once", is_flag=True, help="End when nothing is due any more.")
@click.option("--workers", type=NUMBER, default=4, show_default=True, help="How many are sent at the same time.")
@click.option(
    "--subscribers",
    multiple=True,
    metavar="MODULE",
    help="A Python module with functions marked as @subscriber. Those of installed packages are there anyway.",
)
@click.option(
    "--attempts",
    type=NUMBER,
    default=USUAL.attempts,
    show_default=True,
    help="How often an event is tried before it is dead. The pauses grow from 5 seconds to a day.",
)
@click.option("--timeout", type=NUMBER, default=15, show_default=True, help="Seconds that a receiver has to answer.")
@click.option(
    "--lease", type=NUMBER, default=60, show_default=True, help="Seconds after which others take over from one killed."
)
@json_option
def deliver(
    db: str | None,
    once: bool,
    workers: int,
    subscribers: tuple[str, ...],
    attempts: int,
    timeout: int,
    lease: int,
    as_json: bool,
) -> int:
    """Send the events that verbs emitted to those who subscribed to them.

    It goes on until it is stopped (Ctrl-C, SIGTERM), when it finishes what it is sending. Any number of them may run at the
    same time, on any number of machines: they share the work.

    With --json, each attempt is a line of JSON.
    """
    if lease < 2 * timeout:
        raise click.UsageError(f"--lease {lease} is shorter than twice --timeout {timeout}.")
    lines = AttemptLines(as_json=as_json)
    pace = Pace(
        workers,
        timedelta(seconds=lease),
        timedelta(seconds=timeout),
        schedule=attrs.evolve(USUAL, attempts=attempts),
    )
    project = find_project(Path.cwd())
    plugins = plugins_of(project)
    after_commit = plugins.after_commit if plugins is not None and plugins.any_after_commit else None
    with open_database(db, project) as database, sealing(database, all_along=not once):
        deliverer = Deliverer(
            database,
            subscribers=_subscribers(subscribers),
            after_commit=after_commit,
            pace=pace,
            told=lines.attempt,
            troubled=lines.trouble,
        )
        if not once:
            with until_stopped() as stop:
                lines.end(deliverer.run(stop))
            return 0
        tally = deliverer.run_once()
        lines.end(tally, Deliveries(database).waiting_for_nobody())
    return 1 if tally.retried or tally.dead or lines.troubles else 0


def _subscribers(modules: tuple[str, ...]) -> Subscribers:
    if modules:
        # As Python itself finds modules of the folder that it is started in.
        sys.path.insert(0, str(Path.cwd()))
    return Subscribers.installed() | Subscribers.of_modules(*modules)
