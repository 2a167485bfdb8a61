"""`actionlang import database`."""

from __future__ import annotations

from pathlib import Path

import click

from actionlang.cli.help import Told
from actionlang.cli.import_writing import Delivery, deliver

MODULE = "tables"
"""The module's name where the script goes to standard output."""


@click.command(
    cls=Told,
    examples=(
        "import database sqlite:///shop.db -o verbs/tables.act",
        "import database postgresql://me@localhost/shop --tables 'sales.*'",
        "import database sqlite:///shop.db -o verbs/tables.act --check",
    ),
)
@click.argument("url")
@click.option(
    "--tables",
    "patterns",
    multiple=True,
    metavar="GLOB",
    help="Only tables whose names fit, such as 'order*' or 'sales.*'. May be given several times.",
)
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="The script to write, or to bring up to date. The default is standard output.",
)
@click.option(
    "--check",
    "--dry-run",
    "check",
    is_flag=True,
    help="Write nothing: print what would change, and end with 1 if anything would.",
)
def database(url: str, patterns: tuple[str, ...], output: Path | None, check: bool) -> int:
    """Write the tables of a database as a script, or bring one up to date.

    The database is only looked at. What the language can not say stands in comments that begin with
    "Not imported:" or "In the database:".

    If FILE is there, tables and columns are found in it by their stored names. New ones are added, columns that
    are gone are removed, types follow the database; what people wrote stays: names, descriptions, comments,
    order, moves of a status, and all that the file says beyond the database.

    Exit codes: 0 written or up to date, 1 not up to date (with --check) or not done, 2 wrong usage.
    """
    if check and output is None:
        raise click.UsageError("--check compares with a file: name it with -o.")
    from actionlang.metadata.sources.database import read_database
    from actionlang.metadata.sources.database_columns import IN_DATABASE, NOT_IMPORTED
    from actionlang.metadata.sources.database_opening import open_to_read

    address = url if "://" in url else f"sqlite:///{url}"
    with open_to_read(address) as connection:
        imported = read_database(connection, MODULE if output is None else output.stem, patterns)
    return deliver(Delivery(imported.script, imported.everything, (NOT_IMPORTED, IN_DATABASE), output, check=check))
