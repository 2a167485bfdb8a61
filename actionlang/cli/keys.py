"""`actionlang keys`."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import click

from actionlang.cli.help import Told, ToldGroup
from actionlang.cli.options import db_option, json_option
from actionlang.cli.output import width_of, write


@click.group(cls=ToldGroup, examples=("keys list", "keys prune", "keys prune --taken-before 2026-01-01T00:00:00Z"))
def keys() -> None:
    """Show the keys that runs have taken, or delete those that have expired.

    A call that is repeated with its key gets the answer of the first one and does nothing. A key
    stands for a time, usually 30 days, and is free again then.
    """


@keys.command("list", cls=Told, examples=("keys list", "keys list --limit 10 --json"))
@click.option("--limit", type=click.IntRange(1), default=50, show_default=True, help="At most so many, the last ones.")
@db_option
@json_option
def list_(limit: int, db: str | None, as_json: bool) -> None:
    """Show the keys that runs have taken, the last ones first."""
    import sys

    from actionlang.cli.databases import open_database
    from actionlang.compile.project import find_project
    from actionlang.engine.decimals import LARGEST_INTEGER
    from actionlang.engine.times import iso_datetime
    from actionlang.repl.grid import Heading, grid

    with open_database(db, find_project(Path.cwd())) as database:
        found = database.keys.taken(limit=min(limit, LARGEST_INTEGER))
    if as_json:
        told = [
            {
                "key": each.key,
                "verb": each.verb,
                "run": each.run,
                "taken": iso_datetime(each.taken),
                "expires": None if each.expires is None else iso_datetime(each.expires),
            }
            for each in found
        ]
        write(json.dumps({"keys": told}, indent=2, ensure_ascii=False))
        return
    if not found:
        write("No keys are taken.")
        return
    now = datetime.now(UTC)
    rows = [
        (
            each.key,
            each.verb.rpartition(".")[2],
            each.run,
            f"{each.taken:%Y-%m-%d %H:%M}",
            "never"
            if each.expires is None
            else f"{each.expires:%Y-%m-%d %H:%M}{' (over)' if each.is_expired(now) else ''}",
        )
        for each in found
    ]
    headings = [Heading(name) for name in ("key", "verb", "run", "taken", "expires")]
    write("\n".join(grid(headings, rows, width_of(sys.stdout) or 10_000)))


@keys.command(cls=Told, examples=("keys prune", "keys prune --taken-before 2026-01-01T00:00:00Z"))
@click.option("--taken-before", metavar="MOMENT", help="Also those taken before that moment, expired or not.")
@db_option
@json_option
def prune(taken_before: str | None, db: str | None, as_json: bool) -> None:
    """Delete the keys that have expired.

    They are free again anyway; this makes room. With --taken-before keys go that still stand: a
    call that is repeated with one of them acts again.
    """
    from actionlang.cli.databases import open_database
    from actionlang.cli.moments import read_moment
    from actionlang.compile.project import find_project

    project = find_project(Path.cwd())
    moment = None if taken_before is None else read_moment(taken_before, "--taken-before", ZoneInfo(project.time_zone))
    with open_database(db, project) as database:
        count = database.keys.prune(taken_before=moment)
    write(json.dumps({"deleted": count}) if as_json else f"{count:,} key{'' if count == 1 else 's'} deleted.")
