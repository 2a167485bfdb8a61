"""`actionlang tables diff`."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable
from pathlib import Path

import attrs
import click

from actionlang.cli.databases import open_database
from actionlang.cli.described import described_by
from actionlang.cli.help import Told
from actionlang.cli.options import db_option, json_option, paths_argument
from actionlang.cli.output import wants_color, write
from actionlang.diagnostics.paint import BOLD, Painter
from actionlang.plan.plan import StepPlan
from actionlang.runtime.comparison import Consequence, consequences
from actionlang.runtime.differences import ONLY_HERE, ONLY_THERE, Difference


@attrs.frozen
class Finding:
    """A difference and what it means."""

    difference: Difference
    consequences: tuple[Consequence, ...]


@click.command(cls=Told, examples=("tables diff", "tables diff --db postgresql:///desk --json"))
@paths_argument
@db_option
@json_option
def diff(paths: tuple[Path, ...], db: str | None, as_json: bool) -> int:
    """Show where the database and the scripts disagree, and what that means for each verb.

    Marked with - is what the database lacks, with + what only the database has, with ~ what both say in
    different ways. "actionlang tables migrate" writes a revision that adds what is missing.

    Exit codes: 0 they agree, 1 they do not, 2 wrong usage.
    """
    described = described_by(paths)
    with open_database(db, described.project) as database:
        differences = database.tables.compare(described.schema)
    found = _with_consequences(differences, described.plans() if differences else [])
    if as_json:
        write(json.dumps([_to_object(each) for each in found], indent=2, ensure_ascii=False))
    else:
        _show(found)
    return 1 if found else 0


def _with_consequences(differences: Iterable[Difference], plans: list[StepPlan]) -> list[Finding]:
    return [Finding(difference, consequences(difference, plans)) for difference in differences]


def _to_object(each: Finding) -> dict[str, object]:
    difference = each.difference
    return {
        "kind": difference.kind.value,
        "table": difference.stored,
        "column": difference.cell,
        "text": difference.text,
        "stops": difference.stops,
        "consequences": [{"verb": one.verb, "text": one.text} for one in each.consequences],
    }


def _mark(difference: Difference) -> str:
    if difference.kind in ONLY_THERE:
        return "+"
    return "-" if difference.kind in ONLY_HERE else "~"


def _show(found: list[Finding]) -> None:
    painter = Painter(wants_color(sys.stdout))
    for each in found:
        text = each.difference.text
        write(f"{_mark(each.difference)} {painter.paint(text[0].upper() + text[1:], BOLD)}.")
        for one in each.consequences:
            write(f"    {one.verb.rpartition('.')[2]} {one.text}.")
        if not each.consequences:
            write("    No verb is concerned.")
    if not found:
        write("The database and the scripts agree.")
        return
    stopped = {one.verb for each in found if each.difference.stops for one in each.consequences}
    many = f"{len(found)} difference{'' if len(found) == 1 else 's'}"
    verbs = f"{len(stopped)} verb{'' if len(stopped) == 1 else 's'} can not run"
    write(f"\n{many}; {verbs if stopped else 'every verb can run'}.")
