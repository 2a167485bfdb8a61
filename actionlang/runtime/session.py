"""One of the driver's connections, with what is prepared on it: plans bound to it, and a source of ids."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import TYPE_CHECKING, Any, Protocol

import sqlalchemy as sa

from actionlang.diagnostics.catalogue import database as codes
from actionlang.diagnostics.diagnostic import ActionLangError, Diagnostic
from actionlang.engine.arguments import ArgumentReader
from actionlang.engine.failure import Failure
from actionlang.engine.ids import BlockIds, ClockIds, run_ids
from actionlang.engine.interpreter.bind import RULES, BoundPlan, bind
from actionlang.engine.interpreter.tracing import watched
from actionlang.engine.interpreter.warming import WarmingPlan
from actionlang.engine.schema import Schema
from actionlang.engine.sql.dialect import Cursor, Dialect
from actionlang.engine.sql.sqlite import SQLITE
from actionlang.engine.sql.storage import Storage
from actionlang.engine.sql.store import SqlStore
from actionlang.plan.plan import StepPlan
from actionlang.runtime.audit import STEPS, AuditWriter
from actionlang.runtime.background import BackgroundWriter, check_background_table, whole
from actionlang.runtime.drift import check_tables
from actionlang.runtime.fitness import check_fitness
from actionlang.runtime.hosting import PLAIN, Hosting
from actionlang.runtime.idempotency import RunKeys
from actionlang.runtime.opening import USABLE
from actionlang.runtime.outbox import OutboxWriter, check_event_table
from actionlang.runtime.own_tables import see_table
from actionlang.runtime.row_version import RowVersions
from actionlang.runtime.server import ServerPlan
from actionlang.runtime.troubles import told_as_codes
from actionlang.runtime.uses import uses_of

if TYPE_CHECKING:
    from actionlang.access.grants import RightsReader
    from actionlang.access.policy import Restricted
    from actionlang.access.rights import Rights
    from actionlang.plugins.attached import Attached
    from actionlang.plugins.calls import Calls
    from actionlang.runtime.permission import Permission
    from actionlang.runtime.plugged import PerformedElsewhere


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
    """A plan bound to a connection: its steps, its arguments' reader, its audit records' writer, its runs' keys, its events'
    writer, its function on the server."""

    def __init__(
        self,
        plan: StepPlan,
        plan_hash: str,
        cursor: Cursor,
        dialect: Dialect,
        storage: Storage,
        hosting: Hosting = PLAIN,
        attached: Attached | None = None,
        key: str | None = None,
    ) -> None:
        self.storage = storage
        self.attached = attached
        self.store = SqlStore(cursor, dialect, storage.schema, storage)
        rules = RULES if attached is None else attached.rules(RULES)
        self.bound: WarmingPlan | BoundPlan = (
            bind(plan, self.store, rules=watched(rules)) if hosting.trace else WarmingPlan.bind(plan, self.store, rules)
        )
        self.reader = ArgumentReader(plan, self.store, self.bound.columns)
        self.audit = AuditWriter(cursor, dialect, plan, whole(plan_hash))
        self.keys = RunKeys(cursor, dialect, plan)
        self.outbox = OutboxWriter(cursor, dialect, plan)
        self.background = BackgroundWriter(cursor, dialect, hosting)
        self.server = ServerPlan(plan, plan_hash, cursor, dialect, storage, key)
        self._bound_to = plan, cursor, dialect
        if attached is not None:
            self.server.why_not = attached.reason

    @cached_property
    def versions(self) -> RowVersions:
        """The versions of the rows that the verb is on."""
        return RowVersions(*self._bound_to, self.storage, self.store)


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
        self.calls: Calls | None = None
        self.elsewhere: PerformedElsewhere | None = None
        self.permission: Permission | None = None
        self.rights_reader: RightsReader | None = None
        self.rights: dict[str, Rights] = {}
        self.restricted: dict[tuple[str, bool], tuple[Rights, Restricted]] = {}
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

    def ready(
        self, plan: StepPlan, plan_hash: str, connection: sa.Connection, recorded: str | None = None
    ) -> ReadyPlan:
        """The plan, bound to this connection; made once, after seeing that the database has the plan's tables. `recorded` is the
        hash in the records of its runs, if that is another one: a plan that is held to rights counts as what it was made of.

        Raises ActionLangError when it does not, when the plan is nested too deeply, or when the database fails.
        """
        known = self._ready.get(plan_hash)
        if known is None:
            with told_as_codes(self.dialect):
                known = self._make_ready(plan, plan_hash, connection, recorded or plan_hash)
        return known

    def _attached_to(self, plan: StepPlan) -> Attached | None:
        """The plug-ins that concern a plan."""
        if self.hosting.plugins is None and not any(verb.kind.startswith("extern") for verb in plan.verbs):
            return None
        from actionlang.runtime.plugged import attached_to

        return attached_to(plan, self)

    def _make_ready(self, plan: StepPlan, plan_hash: str, connection: sa.Connection, recorded: str) -> ReadyPlan:
        attached = self._attached_to(plan)
        began_here = not connection.in_transaction()
        uses = uses_of(plan)
        if attached is not None:
            from actionlang.runtime.plugged import see_what_is_needed, uses_of_plugins

            see_what_is_needed(attached, connection)
            uses = (*uses, *uses_of_plugins(attached))
        try:
            storage = check_tables(Schema.of_plan(plan), connection, self.dialect, uses)
            check_event_table(plan, connection)
            check_background_table(plan, connection)
            if self.hosting.trace:
                see_table(connection, STEPS, "runs that are traced")
        finally:
            # Otherwise a connection that has found something missing would never see that it was made.
            if began_here:
                connection.rollback()
        try:
            made = ReadyPlan(plan, recorded, self.cursor, self.dialect, storage, self.hosting, attached, plan_hash)
        except Failure as failure:
            raise ActionLangError(failure.diagnostic()) from None
        if len(self._ready) >= MOST_READY:
            del self._ready[next(iter(self._ready))]
        self._ready[plan_hash] = made
        return made
