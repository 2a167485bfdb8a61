"""A database to run verbs on."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from datetime import UTC, timedelta, tzinfo
from typing import TYPE_CHECKING, Self

import sqlalchemy as sa
from sqlalchemy.pool import StaticPool

from actionlang.engine.schema import Schema
from actionlang.runtime.connections import Connections, Opened, Usage
from actionlang.runtime.hosting import PLAIN, FindVerb, Hosting
from actionlang.runtime.idempotency import LIFETIME, check_lifetime
from actionlang.runtime.keys import Keys
from actionlang.runtime.log import Log
from actionlang.runtime.opening import Settings, enforce_foreign_keys, open_engine
from actionlang.runtime.retry import ONCE, USUAL, Attempts, Heat, Retry
from actionlang.runtime.session import Session, dialect_of
from actionlang.runtime.tables import Tables
from actionlang.runtime.time_limit import held_to_time
from actionlang.runtime.troubles import told_as_codes

if TYPE_CHECKING:
    from actionlang.runtime.reading import Reading

MOST_OF_A_HOST = 1000
"""Runs at once on an engine of the host's own, whose pool knows better how many there may be."""


class Database:
    """A database that verbs run on, each in a transaction of its own. It serves any number of threads; on SQLite their runs write
    one after another, on PostgreSQL at the same time, each on a connection of its own. `find_verb` finds the verbs that plug-ins
    perform and that the plan of their run does not have.

    Made by `connect`, which keeps its connections open between runs, or by `of`, on an engine of the host's own.
    """

    def __init__(
        self,
        engine: sa.Engine,
        *,
        keeps_connections: bool,
        busy_timeout: float,
        zone: tzinfo,
        connections: int,
        retry: Retry,
        hosting: Hosting = PLAIN,
        key_lifetime: timedelta | None = LIFETIME,
    ) -> None:
        self.engine = engine
        self.dialect = dialect_of(engine)
        check_lifetime(key_lifetime)
        self.zone = zone
        self.retry = retry
        self.hosting = hosting
        self.key_lifetime: timedelta | None = key_lifetime
        self.find_verb: FindVerb | None = None
        self._heat = Heat()
        self._one_for_all = isinstance(engine.pool, StaticPool)
        most = connections if self.dialect.writes_at_once else 1
        self._connections = Connections(self._open, most, busy_timeout, kept=keeps_connections)

    @staticmethod
    def connect(  # noqa: PLR0913 - one parameter a setting
        url: str | sa.URL,
        *,
        create: bool = False,
        busy_timeout: float = 5.0,
        synchronous: str = "full",
        zone: tzinfo = UTC,
        connections: int = 10,
        retry: Retry = USUAL,
        hosting: Hosting = PLAIN,
        key_lifetime: timedelta | None = LIFETIME,
    ) -> Database:
        """Open a database by its SQLAlchemy URL: `sqlite:///path/to/file.db`, `sqlite://` for one in memory, or
        `postgresql://user:password@host/database`.

        `create` makes SQLite's file if there is none. `busy_timeout` is how many seconds to wait for another writer.
        `synchronous` is SQLite's: `full` keeps every run through a power cut; `normal` is faster and may then lose the last
        ones, whole. `zone` is the time zone of `today()` where a run names none. A file is put into WAL mode, in which
        readers and the writer do not wait for each other. `connections` is how many runs use PostgreSQL at once; others
        wait, for as long as `busy_timeout`. `retry` says how often and how long a run is tried that others on PostgreSQL
        were in the way of. `hosting` is what the host adds to runs: plug-ins, access rules, traces. `key_lifetime` is how long
        the keys of runs stand (None: for ever); an expired key is free again.

        Raises ActionLangError when it can not be opened.
        """
        engine = open_engine(url, Settings(create, busy_timeout, connections, synchronous))
        database = Database(
            engine,
            keeps_connections=True,
            busy_timeout=busy_timeout,
            zone=zone,
            connections=connections,
            retry=retry,
            hosting=hosting,
            key_lifetime=key_lifetime,
        )
        with told_as_codes(database.dialect), database.engine.connect():
            return database

    @staticmethod
    def of(
        engine: sa.Engine,
        *,
        busy_timeout: float = 5.0,
        zone: tzinfo = UTC,
        retry: Retry = USUAL,
        hosting: Hosting = PLAIN,
        key_lifetime: timedelta | None = LIFETIME,
    ) -> Database:
        """A database on an engine of the host's own: each run takes a connection from its pool and gives it back.

        New connections of an engine on SQLite enforce foreign keys from now on. Other settings are the engine's maker's.
        Raises ActionLangError when verbs can not run on it.
        """
        database = Database(
            engine,
            keeps_connections=False,
            busy_timeout=busy_timeout,
            zone=zone,
            connections=MOST_OF_A_HOST,
            retry=retry,
            hosting=hosting,
            key_lifetime=key_lifetime,
        )
        if database.dialect.name == "sqlite" and not sa.event.contains(engine, "connect", enforce_foreign_keys):
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

    @property
    def keys(self) -> Keys:
        """The keys that runs have taken."""
        return Keys(self.connection, self.dialect)

    @property
    def usage(self) -> Usage:
        """How many of the connections for runs are in use."""
        return self._connections.usage

    def close(self) -> None:
        """Close all connections that are kept; the database opens new ones if it is used again."""
        self._connections.close()
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
        turn = self._connections.turn() if self._one_for_all else nullcontext()
        with told_as_codes(self.dialect), turn, self.engine.connect() as connection, self.held_to_time(connection):
            yield connection

    def held_to_time(self, connection: sa.Connection) -> AbstractContextManager[None]:
        """While this lasts what a connection executes is stopped when the time is over that is set (`limited`), if any."""
        driver = connection.connection.driver_connection
        return held_to_time(lambda: self.dialect.stop(driver))

    def reading(
        self, schema: Schema, *, caller: object = None, seconds: float | None = None
    ) -> AbstractContextManager[Reading]:
        """Read rows of a schema's tables, for as long as a `with` block lasts: all of it sees one state of the database. With a
        policy the caller's rights hold, who is named as for a run; without one everybody reads everything. `seconds` limits how
        long it may take.

        Raises ActionLangError when the caller is no user, when tables are not there, or when the database fails.
        """
        from actionlang.runtime.reading import reading

        return reading(self, schema, caller, seconds=seconds)

    # ---------------------------------------------------------------------------------------------- for `runtime.run`

    def attempts(self, plan_hash: str) -> Attempts:
        """The attempts of a run of a plan that is about to begin."""
        return Attempts(self.retry if self.dialect.writes_at_once else ONCE, self._heat, plan_hash)

    def take_turn(self) -> Opened:
        """A connection to run a verb on, and its session. Given back by `end_turn`.

        Raises StoreError when none is free in time, ActionLangError when there is no connection.
        """
        return self._connections.take()

    def _open(self) -> Opened:
        with told_as_codes(self.dialect):
            connection = self.engine.connect()
        try:
            return Opened(connection, Session.on(connection, self.hosting))
        except BaseException:
            connection.close()
            raise

    def end_turn(self, connection: sa.Connection) -> None:
        """Give a connection back."""
        self._connections.give_back(connection)
