"""Being the only one who makes or changes tables, for the rest of a transaction."""

from __future__ import annotations

import sqlalchemy as sa

from actionlang.runtime.tables import LOCK_OF_TABLES


def alone(connection: sa.Connection, dialect: str) -> None:
    """Wait until no one else makes tables by these means. The connection's transaction has just begun.

    Raises SQLAlchemy's errors when that takes too long.
    """
    if dialect == "postgresql":
        # Whoever waited must see what the other one has made.
        connection.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL READ COMMITTED")
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({LOCK_OF_TABLES})")
        return
    # A transaction that has only read could not write any more once another one has.
    if connection.connection.driver_connection.in_transaction:  # type: ignore[union-attr]
        connection.exec_driver_sql("COMMIT")
    connection.exec_driver_sql("BEGIN IMMEDIATE")
