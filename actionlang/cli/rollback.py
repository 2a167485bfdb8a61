"""`actionlang rollback`."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from actionlang.cli import completing
from actionlang.cli.changing import allow_option, author, by_option, dry_run_option, required_reason
from actionlang.cli.help import Told
from actionlang.cli.options import db_option, json_option
from actionlang.cli.output import wants_color


@click.command(
    cls=Told,
    examples=('rollback Escalate 3 --why "version 4 forgets the owner"', "rollback Escalate 3 --why trial --dry-run"),
)
@click.argument("verb", shell_complete=completing.verbs_of_registry)
@click.argument("version", type=click.IntRange(1))
@click.option("--why", metavar="TEXT", required=True, callback=required_reason, help="Why it is done; it is kept.")
@by_option
@allow_option
@dry_run_option
@db_option
@json_option
def rollback(
    verb: str,
    version: int,
    why: str,
    who: str | None,
    allowed: tuple[str, ...],
    dry_run: bool,
    db: str | None,
    as_json: bool,
) -> None:
    """Put an earlier version of a verb back into use, exactly as it was.

    Active verbs that perform it change with it. What it performs itself is as that version has it. It is refused for the same
    reasons as an activation, but no tests are run: the scripts may be of another time.
    """
    from actionlang.cli.databases import open_database
    from actionlang.cli.published import published_object, show_published, write_object
    from actionlang.compile.project import find_project
    from actionlang.contracts.rules import chosen_rules
    from actionlang.registry.publishing import Order, roll_back

    project = find_project(Path.cwd())
    order = Order(author(who), why, allowed, chosen_rules(project.breaking))
    with open_database(db, project) as database:
        done = roll_back(database, verb, version, order, dry_run=dry_run)
    if as_json:
        write_object(published_object(done))
    else:
        show_published(done, color=wants_color(sys.stdout))
