"""`actionlang log`."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any

import attrs
import click

from actionlang.cli.databases import open_database
from actionlang.cli.help import Told
from actionlang.cli.options import db_option, json_option
from actionlang.cli.output import wants_color, width_of, write
from actionlang.cli.recorded import Records
from actionlang.compile.project import find_project
from actionlang.diagnostics.diagnostic import ActionLangError
from actionlang.engine.schema import Schema
from actionlang.engine.times import iso_datetime
from actionlang.plan.codec import decode
from actionlang.runtime.database import Database
from actionlang.runtime.log import RunRecord
from actionlang.runtime.row_names import RowNames


@click.command(
    cls=Told, examples=("log", "log --verb Escalate --outcome failed", "log 01931f3e", "log --limit 5 --json")
)
@click.argument("run", required=False)
@db_option
@click.option("--verb", metavar="VERB", help="Only runs of this verb.")
@click.option("--outcome", type=click.Choice(("done", "failed", "interrupted")), help="Only runs that ended so.")
@click.option(
    "--limit", type=click.IntRange(1), default=20, show_default=True, help="How many runs, the last one first."
)
@json_option
def log(run: str | None, db: str | None, verb: str | None, outcome: str | None, limit: int, as_json: bool) -> None:
    """Show which verbs ran, and what a run changed.

    RUN is a run's id, or the beginning of it: then that run is shown with each row that it changed. What tables mark as
    sensitive stands in no record.
    """
    color, width = wants_color(sys.stdout), width_of(sys.stdout)
    with open_database(db, find_project(Path.cwd())) as database:
        records = database.log
        found = records.runs(limit=limit, verb=verb, outcome=outcome) if run is None else [records.run(run)]
        if not as_json:
            shown = _named(found, database)
            lines = shown.table(found, width) if run is None else shown.lines(found[0], width, color=color)
            write("\n".join(lines))
            return
    objects = [_to_object(each, whole=run is not None) for each in found]
    write(json.dumps(objects if run is None else objects[0], indent=2, ensure_ascii=False))


def _named(runs: Sequence[RunRecord], database: Database) -> Records:
    """Records with the names that the project's tables and the database have for rows. Both may be of another time."""
    schema = _schema()
    names = RowNames(schema)
    records = Records(schema, names)
    with suppress(ActionLangError):
        names.read(database, records.rows(runs))
    return records


def _schema() -> Schema:
    """The project's tables; none where there is no project, or it has errors."""
    from actionlang.compile.compiled import compile_scripts
    from actionlang.compile.selection import select

    with suppress(ActionLangError):
        selection = select()
        if selection.scripts:
            return Schema.of_plan(decode(compile_scripts(selection).needed().schema_plan()))
    return Schema({}, {})


def _to_object(run: RunRecord, *, whole: bool) -> dict[str, Any]:
    """A record as JSON data; with its changes if it is wanted whole."""
    wanted = None if whole else attrs.filters.exclude("changes")
    return attrs.asdict(run, filter=wanted, value_serializer=_moment)


def _moment(_: object, __: object, value: Any) -> Any:
    return iso_datetime(value) if isinstance(value, datetime) else value
