"""`actionlang background show`."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import attrs
import click

from actionlang.cli import completing
from actionlang.cli.help import Told
from actionlang.cli.options import db_option, json_option
from actionlang.cli.output import wants_color, width_of, write

if TYPE_CHECKING:
    from actionlang.cli.background_told import ToldRun

WORKERS = "actionlang background work, or a server, goes on with it"


@click.command(cls=Told, examples=("background show 01a2186c", "background show 01a2186c --json"))
@click.argument("run", shell_complete=completing.background_runs)
@db_option
@json_option
def show(run: str, db: str | None, as_json: bool) -> None:
    """Show a run in the background: what it runs, how far it is, what is next, how it ended.

    RUN is its id, or the beginning of it. What tables and verbs mark as sensitive is masked.
    """
    from actionlang.cli.background_opening import opened
    from actionlang.cli.background_told import told_runs
    from actionlang.compile.project import find_project

    with opened(db, find_project(Path.cwd())) as background:
        (told,) = told_runs(background, [background.find_by_beginning(run)])
        told = attrs.evolve(told, runs=background.runs.units(told.run.id))
    if as_json:
        write(json.dumps(run_object(told, whole=True), indent=2, ensure_ascii=False))
    else:
        import sys

        write("\n".join(_lines(told, width_of(sys.stdout), color=wants_color(sys.stdout))))


def _lines(told: ToldRun, width: int | None, *, color: bool) -> list[str]:
    from actionlang.diagnostics.paint import BOLD, Painter
    from actionlang.runtime.shown_changes import CHANGED, CREATED, DELETED, STYLES, pair_lines

    run, painter = told.run, Painter(color)
    styles = {"done": STYLES[CREATED], "failed": STYLES[DELETED]}
    state = painter.paint(run.state, styles.get(run.state, STYLES[CHANGED]))
    lines = [f"{painter.paint(told.verb, BOLD)} {state}", *pair_lines([*_facts(told)], width, color=color)]
    if run.outputs and told.version is not None:
        returned = told.values(run.outputs, told.version.plan.verb.outputs)
        lines += ["", "returned", *pair_lines(returned, width, color=color)]
    if run.state == "failed":
        stays = (
            "What its earlier units did stays. To go on" if told.done else "Nothing of it was done. To begin it again"
        )
        lines += ["", f"{stays}: actionlang background retry {run.id}"]
    return lines


def _facts(told: ToldRun) -> Iterator[tuple[str, str]]:
    from actionlang.engine.times import iso_datetime

    run = told.run
    yield "run", run.id
    if told.on:
        yield "on", told.on
    yield from told.values(told.arguments, () if told.version is None else told.version.plan.verb.inputs)
    if told.by:
        yield "for", told.by
    if told.called_by:
        yield "called by", told.called_by
    if run.subject is not None:
        yield "asked for by", run.subject
    if run.started_by is not None:
        yield "started by", f"run {run.started_by}"
    yield "started", iso_datetime(run.made)
    yield "units", _units(told)
    for number, each in enumerate(told.runs):
        yield "" if number else "runs", each
    yield from _next(told)
    yield from _when(told)
    if run.code is not None:
        yield "failed with", f"{run.code} {run.message}"


def _units(told: ToldRun) -> str:
    """How many of how many are done."""
    total = len(told.units)
    if told.run.position < 0:
        return "not begun: the version that is active then is run"
    return f"{told.done} of {total} done" if total else f"{told.done} done"


def _next(told: ToldRun) -> Iterator[tuple[str, str]]:
    """The statements of the unit that is next, a line each."""
    word = "failed in" if told.run.state == "failed" else "next"
    for line, text in _statements(told):
        yield word, f"line {line}: {text}"
        word = ""


def _statements(told: ToldRun) -> list[tuple[int, str]]:
    from actionlang.plan.describe import step_text

    if told.version is None or told.version.plan.verb.kind != "background":
        return []
    return [(each.step.place.line, step_text(each.step)) for each in told.next]


def _when(told: ToldRun) -> Iterator[tuple[str, str]]:
    """When it goes on, or ended."""
    from actionlang.engine.times import iso_datetime

    run = told.run
    if run.ended is not None:
        yield "ended", iso_datetime(run.ended)
    elif run.due is not None and run.is_taken:
        yield "worked on", f"by somebody who has it until {iso_datetime(run.due)}; others take it over then"
    elif run.due is not None:
        word = "goes on" if told.done else "begins"
        is_due = run.due <= datetime.now(UTC)
        yield word, f"as soon as somebody works: {WORKERS}" if is_due else iso_datetime(run.due)
        if run.attempts > 1:
            yield "tried", f"{run.attempts} times; what failed passes by itself"


# ---------------------------------------------------------------------------------------------------------------- JSON


def run_object(told: ToldRun, *, whole: bool = False) -> dict[str, Any]:
    """A run as JSON data; `whole` with what it was given and gave, and what is next."""
    from actionlang.engine.times import iso_datetime

    def moment(value: datetime | None) -> str | None:
        return None if value is None else iso_datetime(value)

    run, row = told.run, told.row
    found: dict[str, Any] = {
        "run": run.id,
        "verb": run.verb,
        "version": None if told.version is None else told.version.number,
        "row": None if row is None else {"table": row.table, "key": json.loads(run.row_key or "null")},
        "state": run.state,
        "for": told.by or None,
        "called_by": told.called_by or None,
        "subject": run.subject,
        "started_by": run.started_by,
        "started": moment(run.made),
        "begun": run.position >= 0,
        "units": len(told.units) or None,
        "done": told.done,
        "due": None if run.is_taken else moment(run.due),
        "held_until": moment(run.due) if run.is_taken else None,
        "attempts": run.attempts,
        "ended": moment(run.ended),
        "code": run.code,
        "message": run.message,
    }
    if whole:
        found["arguments"] = told.arguments
        found["runs"] = list(told.runs)
        found["next"] = [{"line": line, "text": text} for line, text in _statements(told)]
        found["outputs"] = run.outputs if run.outcome == "done" else None
    return found
