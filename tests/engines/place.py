"""Where engines on a database run their calls: one database for all engines of its kind, whose tables stay as they are for as long
as calls have one schema."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack

from actionlang.diagnostics.diagnostic import ActionLangError
from actionlang.engine.ids import CountedIds
from actionlang.engine.schema import Schema
from actionlang.engine.sql.store import SqlStore
from actionlang.metadata.types import Integer
from actionlang.runtime.background import BACKGROUND
from actionlang.runtime.database import Database
from actionlang.runtime.session import Session
from actionlang.runtime.tables import OF_RUNS
from tests.engines.call import Call, fill
from tests.postgres import fresh_database

OURS = tuple(table.name for table in (*OF_RUNS, BACKGROUND))

Clear = Callable[[Session, list[str]], None]
"""Deletes all rows of some tables, whatever refers to what."""


class Place:
    """A database that is made ready for a call."""

    def __init__(self, open_database: Callable[[], Database], clear: Clear, held: ExitStack) -> None:
        self._open = open_database
        self._clear = clear
        self._held = held
        self._database: Database | None = None
        self._schema: Schema | None = None

    @staticmethod
    def on_sqlite() -> Place:
        """A database in memory."""
        return Place(lambda: Database.connect("sqlite://"), _clear_sqlite, ExitStack())

    @staticmethod
    def on_postgres() -> Place:
        """A database of its own on the tests' server."""
        held = ExitStack()
        url = held.enter_context(fresh_database())
        return Place(lambda: Database.connect(url), _clear_postgres, held)

    def ready(self, call: Call) -> Database:
        """The database, with the call's tables, its rows, and the ids it will give."""
        database = self._with_tables(call.schema)
        connection, session = database.take_turn()
        try:
            stored = [table.stored for table in call.schema.tables.values()]
            session.cursor.execute(session.dialect.begin)
            self._clear(session, [session.dialect.quoted_table(name) for name in (*OURS, *stored)])
            fill(SqlStore(session.cursor, session.dialect, call.schema), call)
            if session.dialect.name == "postgresql":
                _count_on(session, call.schema)
            session.cursor.execute("COMMIT")
            session.new_ids = lambda: CountedIds(call.clock)
        finally:
            database.end_turn(connection)
        return database

    def close(self) -> None:
        """Drop everything."""
        self._forget()
        self._held.close()

    def _with_tables(self, schema: Schema) -> Database:
        if self._database is None or self._schema != schema:
            self._forget()
            database = self._open()
            try:
                database.tables.create(schema)
                with database.connection() as connection, connection.begin():
                    BACKGROUND.create(connection)
            except ActionLangError:
                database.close()
                raise
            self._database, self._schema = database, schema
        return self._database

    def _forget(self) -> None:
        """Drop the tables that there are, and begin with new connections, for the old ones know the old tables."""
        if self._database is not None:
            assert self._schema is not None
            self._database.tables.drop(self._schema, audit_too=True)
            with self._database.connection() as connection, connection.begin():
                BACKGROUND.drop(connection)
            self._database.close()
            self._database = None


def _count_on(session: Session, schema: Schema) -> None:
    """Let the keys that the database counts go on behind the highest that is there, as they do elsewhere."""
    for table in schema.tables.values():
        if table.makes_key and isinstance(table.primary[0].type, Integer):
            name, column = session.dialect.quoted_table(table.stored), table.primary[0].stored
            highest = f"SELECT coalesce(max({session.dialect.quoted(column)}), 0) FROM {name}"
            setval = f"SELECT setval(pg_get_serial_sequence(%s, %s), ({highest}) + 1, false)"
            session.cursor.execute(setval, (name, column))


def _clear_sqlite(session: Session, tables: list[str]) -> None:
    session.cursor.execute("PRAGMA defer_foreign_keys = ON")
    for table in tables:
        session.cursor.execute(f"DELETE FROM {table}")


def _clear_postgres(session: Session, tables: list[str]) -> None:
    deletes = "".join(f"DELETE FROM {table}; " for table in tables)
    session.cursor.execute(
        f"SET LOCAL session_replication_role = replica; {deletes} SET LOCAL session_replication_role = origin"
    )
