"""Whether a database has the tables and columns of our own that a run needs: those made by earlier versions lack some."""

from __future__ import annotations

import sqlalchemy as sa

from actionlang.diagnostics.catalogue import database as codes
from actionlang.diagnostics.diagnostic import ActionLangError, Diagnostic

HINT = "make it with actionlang registry init"


def see_table(connection: sa.Connection, table: sa.Table, needed_by: str) -> None:
    """See that the database has a table with all its columns. Looked up once a connection.

    Raises ActionLangError when it has not; `needed_by` says what needs it ("runs with a key").
    """
    if connection.info.get(table.name):
        return
    began_here = not connection.in_transaction()
    inspector = sa.inspect(connection)
    found = (
        {column["name"] for column in inspector.get_columns(table.name)} if inspector.has_table(table.name) else None
    )
    if began_here:
        connection.rollback()
    if found is None:
        raise _lacks(f"no table {table.name}", needed_by)
    for column in table.columns:
        if column.name not in found:
            raise _lacks(f"no column {column.name} in the table {table.name}", needed_by)
    connection.info[table.name] = True


def _lacks(what: str, needed_by: str) -> ActionLangError:
    message = f"The database has {what}, which {needed_by} need."
    return ActionLangError(Diagnostic(codes.DATABASE_DIFFERS, message, hint=HINT))
