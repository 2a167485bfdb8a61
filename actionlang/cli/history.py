"""`actionlang history`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from actionlang.cli import completing
from actionlang.cli.help import Told
from actionlang.cli.options import db_option, json_option
from actionlang.cli.output import width_of, write

if TYPE_CHECKING:
    from actionlang.registry.history import Event

UNLIMITED = 10_000
"""Cells of a line that nobody has to see whole."""


@click.command(cls=Told, examples=("history Escalate", "history --limit 5 --json"))
@click.argument("verb", required=False, shell_complete=completing.verbs_of_registry)
@click.option("--limit", type=click.IntRange(1), default=20, show_default=True, help="How much, the last first.")
@db_option
@json_option
def history(verb: str | None, limit: int, db: str | None, as_json: bool) -> None:
    """Show which versions of a verb were in use when, and why.

    Each with who put it into use. Without VERB, what was done to all verbs.
    """
    from actionlang.cli.databases import open_database
    from actionlang.cli.published import entry_object, move_object, write_object
    from actionlang.compile.project import find_project
    from actionlang.registry.history import history as find_history

    with open_database(db, find_project(Path.cwd())) as database:
        found = find_history(database, verb, limit=limit)
    if as_json:
        write_object([entry_object(each.entry) | move_object(each.move, is_new=each.is_new) for each in found])
    elif found:
        write("\n".join(_table(found, named=verb is None)))
    else:
        write("Nothing was activated yet.")


def _table(found: tuple[Event, ...], *, named: bool) -> list[str]:
    from actionlang.repl.grid import Heading, grid

    headings = ["when", *(["verb"] if named else []), "version", "what", "by", "why"]
    rows = [_row(event, named=named) for event in found]
    return grid([Heading(heading) for heading in headings], rows, width_of(sys.stdout) or UNLIMITED)


def _row(event: Event, *, named: bool) -> tuple[str, ...]:
    entry, move = event.entry, event.move
    return (
        f"{entry.moment:%Y-%m-%d %H:%M}",
        *((move.verb,) if named else ()),
        "" if move.after is None else str(move.after),
        _what(event),
        entry.who,
        _why(event),
    )


def _what(event: Event) -> str:
    if event.move.after is None:
        return f"deactivated, was {event.move.before}"
    was = "" if event.move.before is None else f", was {event.move.before}"
    if event.entry.kind == "rollback":
        return f"rolled back{was}" if event.move.because == "asked" else f"changed with it{was}"
    return f"{'new' if event.is_new else 'again'}{was}"


def _why(event: Event) -> str:
    parts = [event.entry.why or ""]
    if event.move.because != "asked":
        parts.append(f"(with {event.move.because})")
    if event.entry.allowed:
        parts.append(f"(allowed: {', '.join(event.entry.allowed)})")
    return " ".join(part for part in parts if part)
