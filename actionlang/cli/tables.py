"""`actionlang tables`."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import click

from actionlang.cli.databases import open_database, url_of
from actionlang.cli.described import described_by
from actionlang.cli.help import Told, ToldGroup
from actionlang.cli.options import db_option, json_option, paths_argument
from actionlang.cli.output import write
from actionlang.cli.tables_diff import diff
from actionlang.cli.tables_migrate import migrate
from actionlang.runtime.database import Database


@click.group(
    cls=ToldGroup,
    examples=(
        "tables create",
        "tables diff --db postgresql:///desk",
        "tables migrate -m amounts",
        "tables show > tables.sql",
    ),
)
def tables() -> None:
    """Make, drop, show or compare the tables that scripts describe.

    Runs need these tables, and two more for their records. PATHS are scripts, folders of them, or plans; without any, the
    tables are those of the project.
    """


@tables.command(cls=Told, examples=("tables create", "tables create helpdesk.Escalate.plan.json --db desk.db"))
@paths_argument
@db_option
@json_option
def create(paths: tuple[Path, ...], db: str | None, as_json: bool) -> None:
    """Make the tables that are not there yet, all of them or none.

    The database's file is made if there is none. Tables that are there are left as they are.
    """
    described = described_by(paths)
    with open_database(db, described.project, create=True) as database:
        made = database.tables.create(described.schema)
    if as_json:
        write(json.dumps({"created": list(made)}, ensure_ascii=False))
        return
    for name in made:
        write(f"created  {name}")
    write(f"{_tables(made)} created." if made else "All tables were there already.")


@tables.command(cls=Told, examples=("tables drop", "tables drop --yes --db sqlite:///desk.db"))
@paths_argument
@db_option
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.option("--records", is_flag=True, help="Drop the records of runs, too.")
@json_option
def drop(paths: tuple[Path, ...], db: str | None, yes: bool, records: bool, as_json: bool) -> int:
    """Drop the tables with all their rows.

    The records of runs stay, unless --records asks for those as well.
    """
    described = described_by(paths)
    if not yes:
        url = url_of(db, described.project)
        many = _tables(tuple(described.schema.tables))
        if not click.confirm(f"Drop {many} with all their rows from {url}?", err=True):
            print("Nothing was dropped.", file=sys.stderr)
            return 1
    with open_database(db, described.project) as database:
        dropped = database.tables.drop(described.schema, audit_too=records)
    if as_json:
        write(json.dumps({"dropped": list(dropped)}, ensure_ascii=False))
        return 0
    for name in dropped:
        write(f"dropped  {name}")
    write(f"{_tables(dropped)} dropped." if dropped else "None of the tables was there.")
    return 0


@tables.command(cls=Told, examples=("tables show", "tables show verbs/tables.act > tables.sql"))
@paths_argument
def show(paths: tuple[Path, ...]) -> None:
    """Print the SQL that would make the tables; nothing is done."""
    with Database.connect("sqlite://") as database:
        write(database.tables.show(described_by(paths).schema).rstrip("\n"))


def _tables(names: tuple[str, ...]) -> str:
    return f"{len(names)} table{'' if len(names) == 1 else 's'}"


tables.add_command(diff)
tables.add_command(migrate)
