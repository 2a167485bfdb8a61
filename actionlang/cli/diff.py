"""`actionlang diff`."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from actionlang.cli import completing
from actionlang.cli.help import Told
from actionlang.cli.options import db_option, json_option
from actionlang.cli.output import wants_color, write
from actionlang.cli.published import finding_words
from actionlang.diagnostics.display import safe
from actionlang.diagnostics.paint import BOLD, Painter

if TYPE_CHECKING:
    from actionlang.registry.differences import Differences
    from actionlang.registry.versions import Version

COLORS = {"+": "\x1b[32m", "-": "\x1b[31m", " ": ""}


@click.command(cls=Told, examples=("diff Escalate 3 4", "diff Escalate 3", "diff Escalate 3 4 --json"))
@click.argument("verb", shell_complete=completing.verbs_of_registry)
@click.argument("old", type=click.IntRange(1), metavar="OLD")
@click.argument("new", type=click.IntRange(1), metavar="[NEW]", required=False)
@db_option
@json_option
def diff(verb: str, old: int, new: int | None, db: str | None, as_json: bool) -> None:
    """Tell how two versions of a verb differ.

    What callers give and get is compared, what the verb may do and needs, and its steps, also those of verbs it performs.

    OLD and NEW are numbers of versions, which "actionlang history" shows; NEW is by default the active one.
    """
    from actionlang.cli.databases import open_database
    from actionlang.compile.project import find_project
    from actionlang.registry.differences import differences
    from actionlang.registry.versions import version

    with open_database(db, find_project(Path.cwd())) as database:
        before, after = version(database, verb, old), version(database, verb, new)
    found = differences(before.plan.steps, after.plan.steps)
    if as_json:
        from actionlang.cli.published import write_object

        write_object(_to_object(before, after, found))
    else:
        write("\n".join(_lines(before, after, found, Painter(wants_color(sys.stdout)))))


def _lines(before: Version, after: Version, found: Differences, painter: Painter) -> Iterator[str]:
    yield painter.paint(f"{after.verb}, version {before.number} to version {after.number}", BOLD)
    if before.number == after.number:
        yield "\nThis is the same version."
    elif not found.sections:
        yield "\nThey do the same: only the places of their steps in the scripts differ."
    for section in found.sections:
        yield f"\n{safe(section.title)}"
        for sign, depth, text in section.lines:
            yield painter.paint(f"  {sign} {'  ' * depth}{safe(text)}", COLORS[sign])
    if found.noticed:
        yield "\nCallers would notice:"
        yield from (f"  {finding_words(each)}" for each in found.noticed)


def _to_object(before: Version, after: Version, found: Differences) -> dict[str, Any]:
    return {
        "verb": after.verb,
        "old": {"version": before.number, "hash": before.plan.hash},
        "new": {"version": after.number, "hash": after.plan.hash},
        "sections": [
            {
                "title": section.title,
                "lines": [{"sign": sign.strip(), "depth": depth, "text": text} for sign, depth, text in section.lines],
            }
            for section in found.sections
        ],
        "noticed": [{"rule": each.code.id, "message": each.message} for each in found.noticed],
    }
