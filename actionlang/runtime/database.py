"""A database to run verbs on."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from datetime import UTC, tzinfo
from typing import Self
from weakref import WeakSet

import sqlalchemy as sa
from sqlalchemy.pool import StaticPool

from actionlang.diagnostics.catalogue import database as codes
from actionlang.engine.store import StoreError
from actionlang.runtime.log import Log
from actionlang.runtime.opening import Settings, enforce_foreign_keys, open_engine
from actionlang.runtime.session import Session, dialect_of
from actionlang.runtime.tables import Tables
from actionlang.runtime.troubles import told_as_codes


class Database:
    """A database that verbs run on, each in a transaction of its own. It serves any number of threads; their runs write one
    after another.

    Made by `connect`, which keeps one connection for each thread, or by `of`, on an engine of the host's own.
    """

    def __init__(self, engine: sa.Engine, *, keeps_connections: bool, busy_timeout: float, zone: tzinfo) -> None:
        self.engine = engine
        self.dialect = dialect_of(engine)
        self.zone = zone
        self._busy_timeout = busy_timeout
        self._keeps_connections = keeps_connections
        self._kept = threading.local()
        self._all_kept: WeakSet[sa.Connection] = WeakSet()
        self._one_for_all = isinstance(engine.pool, StaticPool)
        self._turn = threading.Lock()

    @staticmethod
    def connect(
        url: str | sa.URL,
        *,
        create: bool = False,
        busy_timeout: float = 5.0,
        synchronous: str = "full",
        zone: tzinfo = UTC,
    ) -> Database:
        """Open a database by its SQLAlchemy URL: `sqlite:///path/to/file.db`, or `sqlite://` for one in memory.

        `create` makes the file if there is none. `busy_timeout` is how many seconds to wait for another writer.
        `synchronous` is SQLite's: `full` keeps every run through a power cut; `normal` is faster and may then lose the last
        ones, whole. `zone` is the time zone of `today()` where a run names none. The file is put into WAL mode, in which
        readers and the writer do not wait for each other.

        Raises ActionLangError when it can not be opened.
        """
        engine = open_engine(url, Settings(create, busy_timeout, synchronous))
        database = Database(engine, keeps_connections=True, busy_timeout=busy_timeout, zone=zone)
        with told_as_codes(database.dialect), database.engine.connect():
            return database

    @staticmethod
    def of(engine: sa.Engine, *, busy_timeout: float = 5.0, zone: tzinfo = UTC) -> Database:
        """A database on an engine of the host's own: each run takes a connection from its pool and gives it back.

        New connections of the engine enforce foreign keys from now on. Other settings are the engine's maker's.
        Raises ActionLangError when verbs can not run on it.
        """
        database = Database(engine, keeps_connections=False, busy_timeout=busy_timeout, zone=zone)
        if not sa.event.contains(engine, "connect", enforce_foreign_keys):
            sa.event.listen(engine, "connect", enforce_foreign_keys)
        return database

    @property
    def tables(self) -> Tables:
        """Making, dropping and showing tables."""
        return Tables(self.connection, self.dialect)

    @property
    def log(self) -> Log:
        """The audit records."""
        return Log(self.connection)

    def close(self) -> None:
        """Close all connections that are kept; the database opens new ones if it is used again."""
        with self._turn:
            for connection in list(self._all_kept):
                connection.close()
            self._all_kept.clear()
            self._kept = threading.local()
        self.engine.dispose()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @contextmanager
    def connection(self) -> Iterator[sa.Connection]:
        """An SQLAlchemy connection for other work than runs: one of its own, except in memory, where all use the same in turn.

        Raises ActionLangError for what goes wrong with the database.
        """
        turn = self._turn if self._one_for_all else nullcontext()
        with turn, told_as_codes(self.dialect), self.engine.connect() as connection:
            yield connection

    # ---------------------------------------------------------------------------------------------- for `runtime.run`

    def take_turn(self) -> tuple[sa.Connection, Session]:
        """A connection to run a verb on; the threads of this program take turns. Given back by `end_turn`.

        Raises StoreError when it is not this thread's turn in time, ActionLangError when there is no connection.
        """
        if not self._turn.acquire(timeout=self._busy_timeout):
            raise StoreError(
                codes.LOCKED.id, "The database is locked: another thread of this program is writing to it."
            )
        try:
            kept: tuple[sa.Connection, Session] | None = getattr(self._kept, "session", None)
            return self._connected() if kept is None else kept
        except BaseException:
            self._turn.release()
            raise

    def _connected(self) -> tuple[sa.Connection, Session]:
        with told_as_codes(self.dialect):
            connection = self.engine.connect()
        opened = connection, Session.on(connection)
        if self._keeps_connections:
            self._kept.session = opened
            self._all_kept.add(connection)
        return opened

    def end_turn(self, connection: sa.Connection) -> None:
        """Give a connection back."""
        try:
            if not self._keeps_connections:
                connection.close()
        finally:
            self._turn.release()
