"""`actionlang tables migrate`."""

from __future__ import annotations

from pathlib import Path

import click

from actionlang.cli.databases import open_database
from actionlang.cli.described import described_by
from actionlang.cli.help import Told
from actionlang.cli.options import db_option, paths_argument
from actionlang.cli.output import write
from actionlang.diagnostics.catalogue.project import CAN_NOT_WRITE
from actionlang.diagnostics.diagnostic import ActionLangError, Diagnostic


@click.command(cls=Told, examples=("tables migrate", 'tables migrate -m "amounts of cases" -o db/versions'))
@paths_argument
@db_option
@click.option("-m", "--message", default="What ActionLang needs", metavar="TEXT", help="What the revision is about.")
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    default=Path("migrations/versions"),
    metavar="FOLDER",
    help="Where the revisions are (default: migrations/versions); made if it is not there.",
)
def migrate(paths: tuple[Path, ...], db: str | None, message: str, output: Path) -> int:
    """Write an Alembic revision that adds what the database lacks.

    It follows the last revision in the folder, and makes tables, columns, keys and indexes. Nothing is dropped or
    converted: what has to be is named in a comment. Read it, then let "alembic upgrade head" run it.

    Exit codes: 0 written, or nothing is missing, 1 the file can not be written, 2 wrong usage.
    """
    from actionlang.runtime.migrations import revision_for, to_be_converted

    described = described_by(paths)
    with open_database(db, described.project) as database:
        differences = database.tables.compare(described.schema)
        with database.connection() as connection:
            revision = revision_for(
                described.schema, differences, connection, database.dialect, message=message, folder=output
            )
    if revision is None:
        by_hand = to_be_converted(differences)
        write("Nothing is missing." if not by_hand else "Nothing is missing that a revision can add.")
        for text in by_hand:
            write(f"  to be converted by hand: {text}")
        return 0
    path = output / revision.file
    try:
        output.mkdir(parents=True, exist_ok=True)
        path.write_text(revision.text, "utf-8")
    except OSError as error:
        problem = f"{path} can not be written: {error.strerror or error}."
        raise ActionLangError(Diagnostic(CAN_NOT_WRITE, problem)) from error
    write(f"written  {path}")
    return 0
