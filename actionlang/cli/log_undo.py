"""`actionlang log undo`."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

import attrs
import click

from actionlang.audit.rows import read_names
from actionlang.audit.undo_script import undo_script
from actionlang.audit.undoing import VERB, Undoing, plan_undo
from actionlang.cli.databases import open_database
from actionlang.cli.help import Told
from actionlang.cli.log import in_background, known_schema
from actionlang.cli.options import RUNNING, db_option, json_option
from actionlang.cli.output import write
from actionlang.cli.recorded import Records
from actionlang.cli.recording import recording
from actionlang.compile.project import find_project
from actionlang.diagnostics.diagnostic import ActionLangError
from actionlang.diagnostics.source import Source
from actionlang.durable.runs import BackgroundRun
from actionlang.engine.schema import Schema
from actionlang.formatting.formatter import format_source
from actionlang.runtime.database import Database
from actionlang.runtime.log import RunRecord
from actionlang.runtime.row_names import RowNames

ENDED_BY_CANCEL = ("waiting", "failed")
"""States of background runs that can be given up."""


@click.command(cls=Told, examples=("log undo 01931f3e", "log undo 01931f3e --apply --caller ada"))
@click.argument("run")
@db_option
@click.option("--apply", is_flag=True, help="Do it, as one run with a record of its own.")
@click.option("--caller", metavar="USER", help="The user who has it undone, by a key.")
@json_option
@click.pass_context
def undo(ctx: click.Context, run: str, db: str | None, apply: bool, caller: str | None, as_json: bool) -> None:
    """Propose a run that restores what a run changed, and do it with --apply.

    RUN is a run's id, the beginning of it, or "last". The proposal is a script: values are set back to what they were, rows
    that were created are deleted, rows that were deleted are made again, a status moves back where that is declared. It is
    refused where a later run or someone else changed these rows. Hooks on tables are not set off. An undo can be undone like
    any other run.

    Exit codes: 0 proposed or done, 2 there is no such run, 3 it can not be undone, and nothing was changed.
    """
    ctx.meta[RUNNING] = True
    project = find_project(Path.cwd())
    with open_database(db, project) as database:
        record = database.log.run(run)
        schema = known_schema()
        names = _names(database, schema, record)
        related = in_background(record, database)
        with _with_what_it_started(record, related):
            undoing = plan_undo(database, schema, record, names.name)
        script = format_source(Source("undo.act", undo_script(undoing, schema, names.name)))
        done = _apply(database, schema, script, undoing, caller) if apply else None
        started = [each for each in related if each.started_by == record.id]
    if as_json:
        write(json.dumps({"run": record.id, "script": script, "undone_by": done}, indent=2, ensure_ascii=False))
        return
    write(script)
    for each in started:
        write(f"# What it started in the background stays: {each.verb}, run {each.id}, which is {each.state}.")
        if each.state in ENDED_BY_CANCEL:
            write(f"# To end it: actionlang background cancel {each.id}")
    if done is None:
        write(f"# Nothing was done. To do it: actionlang log undo {record.id} --apply")
    else:
        write(f"# Done: run {record.id} is undone. Run {done}")


@contextmanager
def _with_what_it_started(record: RunRecord, related: Sequence[BackgroundRun]) -> Iterator[None]:
    """Say what can be done instead where a run changed nothing, but asked for or started others in the background."""
    try:
        yield
    except ActionLangError as error:
        if record.changes or not related:
            raise
        hint = "; ".join(map(_instead, related))
        raise ActionLangError(*(attrs.evolve(each, hint=hint) for each in error.diagnostics)) from error


def _instead(started: BackgroundRun) -> str:
    verb = started.verb.rpartition(".")[2]
    if started.state in ENDED_BY_CANCEL:
        return f"it started {verb}; to end that: actionlang background cancel {started.id}"
    return f"it started {verb}, see: actionlang background show {started.id}"


def _names(database: Database, schema: Schema, record: RunRecord) -> RowNames:
    """What people call the rows that a run changed; of those that are gone, by the keys that they had."""
    names = RowNames(schema)
    with suppress(ActionLangError):
        read_names(database, schema, names, Records(schema, names).rows([record]))
    return names


def _apply(database: Database, schema: Schema, script: str, undoing: Undoing, caller: str | None) -> str | None:
    from actionlang.cli.arguments import read_row
    from actionlang.compile.loose_action import compile_action
    from actionlang.runtime.plans import Plan

    plan = Plan.of(compile_action(script, VERB, schema.tables, schema.choices))
    with recording(database, trace=None):
        result = plan.run(
            database,
            caller=None if caller is None else read_row(caller),
            arguments={"run": undoing.run.id},
        )
    return result.run
