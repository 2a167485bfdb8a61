"""`actionlang access policies`."""

from __future__ import annotations

from pathlib import Path

import click

from actionlang.cli.databases import open_database
from actionlang.cli.help import Told
from actionlang.cli.options import db_option
from actionlang.cli.output import write
from actionlang.compile.project import find_project


@click.command(cls=Told, examples=("access policies --db postgresql:///desk", "access policies --apply"))
@db_option
@click.option("--apply", "apply_", is_flag=True, help="Make them, in the place of those that are there.")
@click.option("--drop", is_flag=True, help="Take row security off the tables again.")
def policies(db: str | None, apply_: bool, drop: bool) -> int:
    """Print the rules of access as row security of PostgreSQL, for connections other than ActionLang's.

    The policies ask the roles that the database has at the time of each statement, for the user that
    the setting actionlang.caller names. They hold for everyone who is neither a superuser nor has BYPASSRLS.
    """
    from actionlang.access.row_security import dropping, policies_of, see_that_it_is_possible
    from actionlang.cli.described import described_by

    described = described_by(())
    with open_database(db, find_project(Path.cwd())) as database:
        see_that_it_is_possible(database.dialect.name)
        statements = dropping(described.schema) if drop else policies_of(described.schema)
        if apply_ or drop:
            with database.connection() as connection, connection.begin():
                for statement in statements:
                    connection.exec_driver_sql(statement, execution_options={"no_parameters": True})
    if apply_ or drop:
        write(f"{len(statements)} statements done.")
    else:
        write("\n\n".join(f"{statement};" for statement in statements))
    return 0
