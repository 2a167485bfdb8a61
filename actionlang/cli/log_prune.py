"""`actionlang log prune`."""

from __future__ import annotations

import getpass
import json
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import attrs
import click

from actionlang.audit.retention import Pruned
from actionlang.audit.retention import prune as prune_records
from actionlang.cli.databases import open_database
from actionlang.cli.help import Told
from actionlang.cli.moments import read_moment
from actionlang.cli.options import db_option, json_option
from actionlang.cli.output import write
from actionlang.cli.progress import progress_line
from actionlang.compile.project import find_project
from actionlang.engine.times import iso_datetime


@click.command(
    cls=Told,
    examples=(
        "log prune --before 90d --dry-run",
        'log prune --before 2026-01-01 --why "kept for a year, rule 7"',
    ),
)
@db_option
@click.option("--before", metavar="WHEN", required=True, help="Records of runs begun before then: 90d, 2026-01-01.")
@click.option("--why", metavar="TEXT", help="The reason, which stays in the chain.")
@click.option("--who", metavar="NAME", help="Who has it done. The default is the user of this computer.")
@click.option("--dry-run", is_flag=True, help="Only count what would be deleted.")
@json_option
def prune(db: str | None, before: str, why: str | None, who: str | None, dry_run: bool, as_json: bool) -> None:
    """Delete the records of runs that began before a moment.

    Their changes, steps and delivered events go with them; runs of which an event is not delivered yet stay. The chain keeps
    its hashes and says who deleted what, when and why, so that verify still finds all else that is changed. Rows of your
    tables are not touched.
    """
    project = find_project(Path.cwd())
    moment = read_moment(before, "--before", ZoneInfo(project.time_zone))
    with open_database(db, project) as database, progress_line() as progress:
        found = prune_records(
            database,
            moment,
            who=who or getpass.getuser(),
            why=(why or "") if not dry_run else (why or "a trial"),
            dry_run=dry_run,
            progress=progress,
        )
    write(json.dumps(_to_object(found, dry_run=dry_run)) if as_json else _line(found, dry_run=dry_run))


def _line(found: Pruned, *, dry_run: bool) -> str:
    counts = ", ".join(
        f"{count:,} {word}{'' if count == 1 else 's'}"
        for count, word in ((found.changes, "change"), (found.steps, "step"), (found.events, "event"))
    )
    runs = f"{found.runs:,} run{'' if found.runs == 1 else 's'}"
    kept = f" {found.kept:,} with events on their way stay." if found.kept else ""
    before = f"begun before {found.before:%Y-%m-%d %H:%M} UTC"
    if not found.runs:
        return f"There are no records of runs {before} to delete.{kept}"
    if dry_run:
        return f"Dry run, nothing was deleted: {runs} {before}, with {counts}.{kept}"
    return f"Deleted: {runs} {before}, with {counts}.{kept} Link {found.link:,} of the chain says so."


def _to_object(found: Pruned, *, dry_run: bool) -> dict[str, Any]:
    return {**attrs.asdict(found), "before": iso_datetime(found.before), "dry_run": dry_run}
