"""A transaction that writes what several processes share."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy as sa

from actionlang.runtime.database import Database


@contextmanager
def writing(database: Database) -> Iterator[sa.Connection]:
    """A transaction, kept at the end of the block, undone when something is raised in it.

    On PostgreSQL each of its statements sees what others have kept by then: rows are taken by locks, and nobody has to begin
    again. On SQLite whoever writes is alone from the beginning on. Raises ActionLangError when the database fails.
    """
    with database.connection() as connection, connection.begin():
        if database.dialect.name == "sqlite":
            # A transaction that has only read could not write any more once another one has.
            connection.exec_driver_sql("COMMIT")
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        else:
            connection.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL READ COMMITTED")
        yield connection
