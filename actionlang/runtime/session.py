"""One of the driver's connections, with what is prepared on it: plans bound to it, and a source of ids."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

import sqlalchemy as sa

from actionlang.diagnostics.catalogue import database as codes
from actionlang.diagnostics.diagnostic import ActionLangError, Diagnostic
from actionlang.engine.arguments import ArgumentReader
from actionlang.engine.failure import Failure
from actionlang.engine.ids import BlockIds, ClockIds, run_ids
from actionlang.engine.interpreter.warming import WarmingPlan
from actionlang.engine.schema import Schema
from actionlang.engine.sql.dialect import Cursor, Dialect
from actionlang.engine.sql.sqlite import SQLITE
from actionlang.engine.sql.storage import Storage
from actionlang.engine.sql.store import SqlStore
from actionlang.plan.plan import StepPlan
from actionlang.runtime.audit import AuditWriter
from actionlang.runtime.drift import check_tables
from actionlang.runtime.fitness import check_fitness
from actionlang.runtime.hosting import PLAIN, Hosting
from actionlang.runtime.idempotency import RunKeys
from actionlang.runtime.opening import USABLE
from actionlang.runtime.server import ServerPlan
from actionlang.runtime.troubles import told_as_codes
from actionlang.runtime.uses import uses_of


def _postgres() -> Dialect:
    from actionlang.engine.sql.postgres import POSTGRES

    return POSTGRES


DIALECTS: dict[tuple[str, str], Callable[[], Dialect]] = {
    ("sqlite", "pysqlite"): lambda: SQLITE,
    ("postgresql", "psycopg"): _postgres,
}
"""What gives the dialects, by SQLAlchemy's names of database and driver; drivers are loaded when they are needed."""

MOST_READY = 1000
"""Plans kept prepared on one connection; the one prepared first makes room for another."""

KEPT_AS = "actionlang"


class DriverConnection(Protocol):
    """What is needed of a driver's connection."""

    def cursor(self) -> Any: ...


def dialect_of(engine: sa.Engine) -> Dialect:
    """The dialect of an engine's database.

    Raises ActionLangError when runs are not possible on it.
    """
    known = DIALECTS.get((engine.dialect.name, engine.dialect.driver))
    if known is None:
        message = f"Verbs do not run on {engine.dialect.name} through {engine.dialect.driver} yet."
        raise ActionLangError(Diagnostic(codes.UNFIT_DATABASE, message, hint=f"use {USABLE}"))
    return known()


class ReadyPlan:
    """A plan bound to a connection: its steps, its arguments' reader, its audit records' writer, its runs' keys, its function on
    the server."""

    def __init__(self, plan: StepPlan, plan_hash: str, cursor: Cursor, dialect: Dialect, storage: Storage) -> None:
        self.storage = storage
        self.store = SqlStore(cursor, dialect, storage.schema, storage)
        self.bound = WarmingPlan.bind(plan, self.store)
        self.reader = ArgumentReader(plan, self.store, self.bound.columns)
        self.audit = AuditWriter(cursor, dialect, plan, plan_hash)
        self.keys = RunKeys(cursor, dialect, plan)
        self.server = ServerPlan(plan, plan_hash, cursor, dialect, storage)


class Session:
    """A driver's connection in use by one thread at a time. `new_id` gives ids of runs, `new_ids` the ids that one run gives to
    rows."""

    def __init__(self, driver: DriverConnection, dialect: Dialect, hosting: Hosting = PLAIN) -> None:
        self.driver = driver
        self.hosting = hosting
        self.dialect = dialect
        self.cursor: Cursor = driver.cursor()
        self.new_id: Callable[[], str] = ClockIds()
        self.new_ids: Callable[[], BlockIds] = run_ids
        self._ready: dict[str, ReadyPlan] = {}

    @property
    def in_transaction(self) -> bool:
        """Whether the connection is in a transaction, be it one that has failed."""
        return self.dialect.in_transaction(self.driver)

    @property
    def usable(self) -> bool:
        """Whether the connection may serve another run."""
        return self.dialect.usable(self.driver)

    @staticmethod
    def on(connection: sa.Connection, hosting: Hosting = PLAIN) -> Session:
        """The session of an SQLAlchemy connection; it lives as long as the driver's connection below it.

        Raises ActionLangError when verbs can not run on such a database.
        """
        driver: Any = connection.connection.driver_connection
        known = connection.info.get(KEPT_AS)
        if isinstance(known, Session) and known.driver is driver and known.hosting is hosting:
            return known
        dialect = dialect_of(connection.engine)
        session = Session(driver, dialect, hosting)
        with told_as_codes(dialect):
            dialect.make_ready(session.cursor)
            check_fitness(dialect, session.driver, session.cursor)
        connection.info[KEPT_AS] = session
        return session

    def forget_plans(self) -> None:
        """The database's tables are others than those that plans were bound to: bind them anew."""
        self._ready.clear()

    def ready(self, plan: StepPlan, plan_hash: str, connection: sa.Connection) -> ReadyPlan:
        """The plan, bound to this connection; made once, after seeing that the database has the plan's tables.

        Raises ActionLangError when it does not, when the plan is nested too deeply, or when the database fails.
        """
        known = self._ready.get(plan_hash)
        if known is None:
            with told_as_codes(self.dialect):
                known = self._make_ready(plan, plan_hash, connection)
        return known

    def _make_ready(self, plan: StepPlan, plan_hash: str, connection: sa.Connection) -> ReadyPlan:
        began_here = not connection.in_transaction()
        storage = check_tables(Schema.of_plan(plan), connection, self.dialect, uses_of(plan))
        if began_here:
            connection.rollback()
        try:
            made = ReadyPlan(plan, plan_hash, self.cursor, self.dialect, storage)
        except Failure as failure:
            raise ActionLangError(failure.diagnostic()) from None
        if len(self._ready) >= MOST_READY:
            del self._ready[next(iter(self._ready))]
        self._ready[plan_hash] = made
        return made
