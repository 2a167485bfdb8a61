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

from actionlang.audit.undoing import undone_by
from actionlang.cli.databases import open_database
from actionlang.cli.inner_commands import WithCommands
from actionlang.cli.moments import read_moment
from actionlang.cli.options import db_option, json_option
from actionlang.cli.output import wants_color, width_of, write
from actionlang.cli.recorded import Records
from actionlang.compile.project import Project, find_project
from actionlang.diagnostics.catalogue.project import WRONG_ARGUMENT
from actionlang.diagnostics.diagnostic import ActionLangError, Diagnostic
from actionlang.durable.runs import BackgroundRun, Runs, UnitOf
from actionlang.engine.schema import Schema
from actionlang.engine.store import RowRef
from actionlang.engine.times import iso_datetime
from actionlang.metadata.types import USER
from actionlang.plan.codec import decode
from actionlang.runtime.database import Database
from actionlang.runtime.log import RowEvent, RunRecord
from actionlang.runtime.row_names import RowNames

COMMANDS = {
    "verify": "See whether the records are what they were when they were sealed.",
    "seal": "Seal the records of runs, so that verify finds what is changed in them.",
    "undo": "Propose a run that restores what a run changed, and do it with --apply.",
    "prune": "Delete the records of runs that began before a moment.",
}


@click.command(
    cls=WithCommands,
    commands=COMMANDS,
    module="actionlang.cli.log_{}",
    examples=(
        "log",
        "log --verb Escalate --failed --since 2h",
        'log --row "case CAS-0042"',
        "log 01931f3e",
        "log --actor ada --limit 5 --json",
    ),
)
@click.argument("run", required=False)
@db_option
@click.option("--verb", metavar="VERB", help="Only runs of this verb.")
@click.option("--row", metavar="ROW", help='What became of a row, by a key: "case CAS-0042".')
@click.option("--actor", "--caller", metavar="USER", help="Only runs that this user called, by a key.")
@click.option("--since", metavar="WHEN", help="Only runs since then: 2h, 7d, 2026-11-24 or a moment with its offset.")
@click.option("--until", metavar="WHEN", help="Only runs before then.")
@click.option("--outcome", type=click.Choice(("done", "failed", "interrupted")), help="Only runs that ended so.")
@click.option("--failed", is_flag=True, help="Only runs that failed; the same as --outcome failed.")
@click.option("--limit", type=click.IntRange(1), default=20, show_default=True, help="How many, the last ones.")
@json_option
def log(  # noqa: PLR0913, PLR0917 - one parameter an option
    run: str | None,
    db: str | None,
    verb: str | None,
    row: str | None,
    actor: str | None,
    since: str | None,
    until: str | None,
    outcome: str | None,
    failed: bool,
    limit: int,
    as_json: bool,
) -> None:
    """Show which verbs ran, and what a run changed.

    RUN is a run's id, the beginning of it, or "last": then that run is shown as a tree of its steps, with how long each took
    and what it changed. With --row, all that was done to one row is shown, the first thing first. What tables mark as
    sensitive stands in no record.
    """
    color, width = wants_color(sys.stdout), width_of(sys.stdout)
    project = find_project(Path.cwd())
    chosen = {"verb": verb, "row": row, "actor": actor, "since": since, "until": until, "outcome": outcome}
    _see_that_it_fits(run, chosen, failed=failed)
    times = {
        name: None if text is None else read_moment(text, f"--{name}", _zone(project))
        for name, text in (("since", since), ("until", until))
    }
    with open_database(db, project) as database:
        choice: dict[str, Any] = {
            **times,
            "verb": verb,
            "outcome": "failed" if failed else outcome,
            "caller": None if actor is None else _caller(database, actor),
        }
        if row is not None:
            schema = known_schema()
            found = _row(database, schema, row)
            events = database.log.history(found.table, _key(found, schema), limit=limit, **choice)
            if as_json:
                write(json.dumps([_event_object(event) for event in events], indent=2, ensure_ascii=False))
                return
            shown = _named([event.run for event in events], database, schema, events)
            write("\n".join(shown.history(events, width, color=color)))
            return
        records = database.log
        runs = records.runs(limit=limit, **choice) if run is None else [records.run(run)]
        if not as_json:
            shown = _named(runs, database, project_schema())
            lines = shown.table(runs, width) if run is None else shown.lines(runs[0], width, color=color)
            write("\n".join(lines))
            return
        versions = _versions(runs, database)
        parts = parts_of(runs, database)
        objects = [_to_object(each, versions.get(each.plan_hash), parts.get(each.id)) for each in runs]
    write(json.dumps(objects if run is None else objects[0], indent=2, ensure_ascii=False))


def _see_that_it_fits(run: str | None, chosen: dict[str, str | None], *, failed: bool) -> None:
    given = [name for name, value in chosen.items() if value is not None] + (["failed"] if failed else [])
    if run is not None and given:
        raise _wrong(f"--{given[0]} chooses among runs, and {run} is one already.", "leave one of them out")
    if failed and chosen["outcome"] not in (None, "failed"):
        raise _wrong(f"--failed chooses other runs than --outcome {chosen['outcome']}.", "leave one of them out")


def _wrong(message: str, hint: str) -> ActionLangError:
    return ActionLangError(Diagnostic(WRONG_ARGUMENT, message, hint=hint))


def _zone(project: Project) -> Any:
    from zoneinfo import ZoneInfo

    return ZoneInfo(project.time_zone)


# --------------------------------------------------------------------------------------------------------------- rows


def _row(database: Database, schema: Schema, text: str) -> RowRef:
    """The row that was typed: with its table, or of whatever table has such a key."""
    from actionlang.audit.rows import find_row, without_table
    from actionlang.cli.arguments import read_row

    named = [(table.name, rest) for table in schema.tables.values() for rest in without_table(text, table)]
    for tables, key in [*(((table,), rest) for table, rest in named), (tuple(schema.tables), text)]:
        found = find_row(database, schema, tables, read_row(key))
        if found is not None:
            return found
    message = f'There is no row "{text}", and no record of one that was deleted.'
    raise _wrong(message, 'write it with its table and a key of it, as in --row "case CAS-0042"')


def _key(row: RowRef, schema: Schema) -> object:
    from actionlang.audit.rows import key_data

    return key_data(row, schema)


def _caller(database: Database, text: str) -> object:
    """The user's key as records hold it. Where the project does not know users, what was typed is the key."""
    from actionlang.audit.rows import find_row, key_data
    from actionlang.cli.arguments import read_row

    schema = project_schema()
    if USER.tables[0] not in schema.tables:
        return text
    found = find_row(database, schema, USER.tables, read_row(text))
    if found is None:
        raise _wrong(f'There is no user "{text}".', "name one by a key")
    return key_data(found, schema)


# ------------------------------------------------------------------------------------------------------------- records


def _named(runs: Sequence[RunRecord], database: Database, schema: Schema, events: Sequence[RowEvent] = ()) -> Records:
    """Records with the names that the project's tables and the database have for rows. Both may be of another time."""
    from actionlang.audit.rows import read_names

    names = RowNames(schema)
    undone = undone_by(database, runs[0].id) if len(runs) == 1 and runs[0].changes else None
    background = in_background(runs[0], database) if len(runs) == 1 and runs[0].changes is not None else ()
    parts = parts_of(runs, database)
    records = Records(schema, names, _versions(runs, database), undone, background, parts)
    with suppress(ActionLangError):
        changes = [event.change for event in events if event.change is not None]
        rows = [*records.rows(runs), *(row for change in changes for row in records.rows_of(change))]
        read_names(database, schema, names, rows)
    return records


def in_background(run: RunRecord, database: Database) -> tuple[BackgroundRun, ...]:
    """What a run asked for or started in the background, as far as that is kept."""
    runs = Runs(database)
    return runs.of_run(run.id) if runs.are_there else ()


def parts_of(records: Sequence[RunRecord], database: Database) -> dict[str, UnitOf]:
    """Of which background runs some runs were units, as far as that is kept."""
    runs = Runs(database)
    return runs.parts(record.id for record in records) if runs.are_there else {}


def _versions(runs: Sequence[RunRecord], database: Database) -> dict[str, str]:
    """What the registry, where there is one, calls the plans that ran: `v3`."""
    from actionlang.registry.history import versions_of

    found = versions_of(database, sorted({run.plan_hash for run in runs}))
    return {plan_hash: f"v{head.number}" for plan_hash, head in found.items()}


def project_schema() -> Schema:
    """The project's tables; none where there is no project, or it has errors."""
    from actionlang.compile.compiled import compile_scripts
    from actionlang.compile.selection import select

    with suppress(ActionLangError):
        selection = select()
        if selection.scripts:
            return Schema.of_plan(decode(compile_scripts(selection).needed().schema_plan()))
    return Schema({}, {})


def known_schema() -> Schema:
    """The project's tables. Raises ActionLangError where none are known."""
    schema = project_schema()
    if not schema.tables:
        message = "Which tables there are is told by the project's scripts, and there are none here that check."
        raise _wrong(message, "run it in the project's folder")
    return schema


# ---------------------------------------------------------------------------------------------------------------- JSON

WHOLE = ("changes", "steps", "events")


def _to_object(run: RunRecord, version: str | None, part: UnitOf | None) -> dict[str, Any]:
    """A record as JSON data; with changes, events and the tree if it was read whole."""
    from actionlang.audit.tree import tree_of

    found = attrs.asdict(run, value_serializer=_moment)
    del found["steps"]
    found["version"] = None if version is None else int(version[1:])
    found["background"] = None if part is None else {"run": part.background, "unit": part.unit}
    if run.changes is None:
        return {name: value for name, value in found.items() if name not in WHOLE}
    tree = tree_of(run)
    return {**found, "traced": tree.traced, "tree": [_node_object(node) for node in tree.nodes]}


def _node_object(node: Any) -> dict[str, Any]:
    """A step with those inside of it; its changes and events by their numbers."""
    found = attrs.asdict(node, recurse=False)
    return {
        **found,
        "changes": [change.sequence for change in node.changes],
        "events": [event.sequence for event in node.events],
        "inside": [_node_object(each) for each in node.inside],
    }


def _event_object(event: RowEvent) -> dict[str, Any]:
    run = attrs.asdict(event.run, value_serializer=_moment)
    change = None if event.change is None else attrs.asdict(event.change)
    return {"run": {name: value for name, value in run.items() if name not in WHOLE}, "change": change}


def _moment(_: object, __: object, value: Any) -> Any:
    return iso_datetime(value) if isinstance(value, datetime) else value
