"""Opening PostgreSQL databases as runs want them: through a pool, transactions begun only when asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.pool import QueuePool

from actionlang.diagnostics.catalogue import database as codes
from actionlang.diagnostics.diagnostic import ActionLangError, Diagnostic

if TYPE_CHECKING:
    from actionlang.runtime.opening import Settings

DRIVER = "postgresql+psycopg"

PREPARED_AT = 2
"""The execution from which on a statement is prepared on the server."""

STATEMENTS_KEPT = 1000
"""Prepared statements that the driver keeps for each connection."""


def open_postgres(url: sa.URL, settings: Settings) -> sa.Engine:
    """An engine on a PostgreSQL database; nothing is opened yet.

    Raises ActionLangError when its driver is not installed.
    """
    if url.drivername not in ("postgresql", "postgres", DRIVER):
        message = f"Verbs run on PostgreSQL through psycopg, not through {url.drivername.partition('+')[2]}."
        raise ActionLangError(Diagnostic(codes.UNFIT_DATABASE, message, hint=f"write {DRIVER}://user@host/database"))
    url = url.set(drivername=DRIVER)
    try:
        engine = sa.create_engine(
            url,
            poolclass=QueuePool,
            pool_size=settings.connections,
            max_overflow=settings.connections,
            connect_args={
                "autocommit": True,
                "client_encoding": "utf8",
                "prepare_threshold": PREPARED_AT,
                "application_name": "actionlang",
            },
        )
    except ModuleNotFoundError as error:
        message = f"The driver for PostgreSQL is not installed: there is no module {error.name}."
        hint = "install it: pip install 'actionlang[postgres]'"
        raise ActionLangError(Diagnostic(codes.NO_DATABASE_THERE, message, hint=hint)) from None
    milliseconds = max(1, round(settings.busy_timeout * 1000))

    def settle(driver: Any, _: object) -> None:
        driver.prepared_max = STATEMENTS_KEPT
        driver.execute(f"SET lock_timeout = {milliseconds}; SET default_transaction_isolation = 'serializable'").close()

    sa.event.listen(engine, "connect", settle)
    sa.event.listen(engine, "checkout", _see_that_it_lives)
    sa.event.listen(engine, "begin", _begin)
    return engine


def _see_that_it_lives(driver: Any, *_: object) -> None:
    """The pool replaces a connection that its server has ended meanwhile."""
    from actionlang.engine.sql.postgres import usable

    if not usable(driver):
        raise sa.exc.DisconnectionError


def _begin(connection: sa.Connection) -> None:
    """SQLAlchemy leaves beginning to the driver, which is told not to."""
    connection.exec_driver_sql("BEGIN ISOLATION LEVEL SERIALIZABLE")
