"""`actionlang log seal`."""

from __future__ import annotations

import json
from pathlib import Path

import click

from actionlang.cli.databases import open_database
from actionlang.cli.help import Told
from actionlang.cli.options import db_option, json_option
from actionlang.cli.output import write
from actionlang.compile.project import find_project


@click.command(cls=Told, examples=("log seal", "log seal --db postgresql:///desk --json"))
@db_option
@json_option
def seal(db: str | None, as_json: bool) -> None:
    """Seal the records of runs, so that verify finds what is changed in them.

    Each record goes into a chain of hashes once; what is sealed already is left alone. Note the head somewhere else than in
    this database, and verify --head tells whether the chain still holds it.
    """
    from actionlang.audit.sealing import Sealer

    with open_database(db, find_project(Path.cwd())) as database:
        sealed = Sealer(database).seal()
    if as_json:
        write(json.dumps({"sealed": sealed.runs, "links": sealed.links, "head": sealed.head}))
        return
    runs = (
        "No run was left to be sealed"
        if not sealed.runs
        else f"{sealed.runs:,} run{'' if sealed.runs == 1 else 's'} sealed"
    )
    write(f"{runs}. Head {sealed.head}" if sealed.head else f"{runs}: there are no runs yet.")
