"""`actionlang registry`."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import click

from actionlang.cli.databases import open_database
from actionlang.cli.help import Told, ToldGroup
from actionlang.cli.options import db_option, json_option
from actionlang.cli.output import write
from actionlang.compile.project import find_project

OTHERS = {
    "index": ("index", "indexes"),
    "trigger": ("trigger", "triggers"),
    "function": ("function", "functions"),
}
"""What belongs to tables: one of it, and several."""


@click.group(cls=ToldGroup, examples=("registry init", "registry status --db postgresql:///desk"))
def registry() -> None:
    """Keep verbs in use in the database: their versions, which one is active.

    Callers name a verb and get its active version. What is active is changed by "actionlang activate", and by "deactivate"
    and "rollback".
    """


@registry.command(cls=Told, examples=("registry init", "registry init --dry-run --db desk.db"))
@db_option
@click.option("--dry-run", is_flag=True, help="Show the statements, and do nothing.")
@json_option
def init(db: str | None, dry_run: bool, as_json: bool) -> None:
    """Make ActionLang's own tables, or bring them up to date.

    All of it is done, or nothing. These are the registry, the records of runs, and what else runs and the commands around them
    keep. What is there is left as it is; run again, nothing is done. The database's file is made if there is none.
    """
    from actionlang.registry.installing import install

    with open_database(db, find_project(Path.cwd()), create=not dry_run) as database:
        done = install(database, dry_run=dry_run)
    if as_json:
        told = {"dry_run": dry_run, "changes": list(done.changes), "statements": list(done.statements)}
        write(json.dumps(told, indent=2, ensure_ascii=False))
    elif dry_run:
        write("\n\n".join(f"{statement};" for statement in done.statements) or "-- Nothing is to be done.")
    elif done.changes:
        write("\n".join(_made(done.changes)))
        is_new = "the table actionlang_registry" in done.changes
        write(f"\nThe registry is {'ready: actionlang activate brings verbs in' if is_new else 'up to date now'}.")
    else:
        write("The registry is up to date.")


def _made(changes: tuple[str, ...]) -> Iterator[str]:
    """What was made: tables and columns by name, and how many of each kind of what belongs to them."""
    counts = Counter(change.split()[1] for change in changes if change.startswith("the "))
    for kind in ("table", "column"):
        yield from (f"made  {change.removeprefix('the ')}" for change in changes if change.startswith(f"the {kind} "))
    others = [(counts[kind], words) for kind, words in OTHERS.items() if counts[kind]]
    if others:
        yield f"made  {', '.join(f'{count} {words[count > 1]}' for count, words in others)}"


@registry.command(cls=Told, examples=("registry status", "registry status --json"))
@db_option
@json_option
def status(db: str | None, as_json: bool) -> None:
    """Tell how the registry stands.

    How much is active, what was done last, what "registry init" would make.
    """
    from actionlang.cli.published import entry_object, entry_words, lead
    from actionlang.registry.status import status as find_status

    with open_database(db, find_project(Path.cwd())) as database:
        found = find_status(database)
    if as_json:
        told = {
            "active": found.active,
            "versions": found.versions,
            "generation": found.generation,
            "last": None if found.last is None else entry_object(found.last),
            "missing": list(found.missing),
        }
        write(json.dumps(told, indent=2, ensure_ascii=False))
        return
    write(f"{found.active} verb{'' if found.active == 1 else 's'} active, {found.versions} versions kept.")
    if found.last is not None:
        write(f"Last: {lead(found.last)}, {entry_words(found.last)}")
    if found.missing:
        write(f"\nMissing, until actionlang registry init makes it: {', '.join(found.missing)}.")
