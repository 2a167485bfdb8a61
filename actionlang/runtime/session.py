"""One of the driver's connections, with what is prepared on it: plans bound to it, and a source of ids."""

from __future__ import annotations

from typing import Any, Protocol

import sqlalchemy as sa

from actionlang.diagnostics.catalogue import database as codes
from actionlang.diagnostics.diagnostic import ActionLangError, Diagnostic
from actionlang.engine.arguments import ArgumentReader
from actionlang.engine.failure import Failure
from actionlang.engine.ids import ClockIds
from actionlang.engine.interpreter.bind import BoundPlan, bind
from actionlang.engine.schema import Schema
from actionlang.engine.sql.dialect import Cursor, Dialect
from actionlang.engine.sql.sqlite import SQLITE
from actionlang.engine.sql.store import SqlStore
from actionlang.plan.plan import StepPlan
from actionlang.runtime.audit import AuditWriter
from actionlang.runtime.drift import check_tables
from actionlang.runtime.fitness import check_fitness
from actionlang.runtime.troubles import told_as_codes

DIALECTS = {("sqlite", "pysqlite"): SQLITE}
"""Dialects by SQLAlchemy's names of database and driver."""

MOST_READY = 1000
"""Plans kept prepared on one connection; the one prepared first makes room for another."""

KEPT_AS = "actionlang"


class DriverConnection(Protocol):
    """What is needed of a driver's connection."""

    @property
    def in_transaction(self) -> bool: ...

    def cursor(self) -> Any: ...


def dialect_of(engine: sa.Engine) -> Dialect:
    """The dialect of an engine's database.

    Raises ActionLangError when runs are not possible on it.
    """
    known = DIALECTS.get((engine.dialect.name, engine.dialect.driver))
    if known is None:
        message = f"Verbs do not run on {engine.dialect.name} through {engine.dialect.driver} yet."
        raise ActionLangError(Diagnostic(codes.UNFIT_DATABASE, message, hint="use SQLite: sqlite:///path/to/file.db"))
    return known


class ReadyPlan:
    """A plan bound to a connection: its steps, its arguments' reader, its audit records' writer."""

    def __init__(self, plan: StepPlan, plan_hash: str, cursor: Cursor, dialect: Dialect) -> None:
        self.store = SqlStore(cursor, dialect, Schema.of_plan(plan))
        self.bound: BoundPlan = bind(plan, self.store)
        self.reader = ArgumentReader(plan, self.store)
        self.audit = AuditWriter(cursor, dialect, plan, plan_hash)


class Session:
    """A driver's connection in use by one thread at a time."""

    def __init__(self, driver: DriverConnection, dialect: Dialect) -> None:
        self.driver = driver
        self.dialect = dialect
        self.cursor: Cursor = driver.cursor()
        self.new_id = ClockIds()
        self._ready: dict[str, ReadyPlan] = {}

    @staticmethod
    def on(connection: sa.Connection) -> Session:
        """The session of an SQLAlchemy connection; it lives as long as the driver's connection below it.

        Raises ActionLangError when verbs can not run on such a database.
        """
        driver: Any = connection.connection.driver_connection
        known = connection.info.get(KEPT_AS)
        if isinstance(known, Session) and known.driver is driver:
            return known
        session = Session(driver, dialect_of(connection.engine))
        with told_as_codes(session.dialect):
            check_fitness(session.driver, session.cursor)
        connection.info[KEPT_AS] = session
        return session

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
        check_tables(Schema.of_plan(plan), connection, self.dialect)
        if began_here:
            connection.rollback()
        try:
            made = ReadyPlan(plan, plan_hash, self.cursor, self.dialect)
        except Failure as failure:
            raise ActionLangError(failure.diagnostic()) from None
        if len(self._ready) >= MOST_READY:
            del self._ready[next(iter(self._ready))]
        self._ready[plan_hash] = made
        return made
