"""`actionlang deactivate`."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from actionlang.cli import completing
from actionlang.cli.changing import author, by_option, dry_run_option, required_reason
from actionlang.cli.help import Told
from actionlang.cli.options import db_option, json_option
from actionlang.cli.output import wants_color


@click.command(cls=Told, examples=('deactivate Escalate --why "replaced by Route"',))
@click.argument("verb", shell_complete=completing.verbs_of_registry)
@click.option("--why", metavar="TEXT", required=True, callback=required_reason, help="Why it is done; it is kept.")
@by_option
@dry_run_option
@db_option
@json_option
def deactivate(verb: str, why: str, who: str | None, dry_run: bool, db: str | None, as_json: bool) -> None:
    """Take a verb out of use: calls of it are refused from then on.

    Runs that are under way come to their end. Verbs that perform it have its steps in their plans, and go on. Its versions
    stay: "actionlang rollback" brings one back.
    """
    from actionlang.cli.databases import open_database
    from actionlang.cli.published import published_object, show_published, write_object
    from actionlang.compile.project import find_project
    from actionlang.registry.publishing import Order
    from actionlang.registry.publishing import deactivate as take_out

    with open_database(db, find_project(Path.cwd())) as database:
        done = take_out(database, verb, Order(author(who), why), dry_run=dry_run)
    if as_json:
        write_object(published_object(done))
    else:
        show_published(done, color=wants_color(sys.stdout))
