"""When keys were last used, noted in nobody's way: no call waits for somebody else who writes, and nobody's run fails for it."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from threading import Lock
from time import monotonic
from typing import Any

import sqlalchemy as sa

from actionlang.access import api_keys
from actionlang.diagnostics.catalogue.database import LOCKED
from actionlang.diagnostics.diagnostic import ActionLangError
from actionlang.runtime.database import Database

LOGGER = logging.getLogger("actionlang.server.identity")

COARSE = timedelta(minutes=15)
"""How closely it is written down: not at each call, which would cost a write."""

AGAIN = 60.0
"""Seconds after which it is tried again where somebody else was writing, or it failed."""


class KeyUses:
    """Notes in the database that keys were used. Serves any number of threads, one of which at a time notes a key's use."""

    def __init__(self, database: Database, now: Callable[[], float] = monotonic) -> None:
        self._database = database
        self._now = now
        self._tried: dict[str, float] = {}
        self._lock = Lock()

    def note(self, key: api_keys.ApiKey, moment: datetime) -> None:
        """Note that a key holds and was used, where that was not noted a short time ago. A database that can not be written to
        is no reason to refuse it: it is told to the log."""
        if key.used is not None and moment - key.used <= COARSE:
            return
        now = self._now()
        with self._lock:
            if now - self._tried.get(key.id, -AGAIN) < AGAIN:
                return
            self._tried[key.id] = now
        try:
            with self._writing() as connection:
                api_keys.note_use(connection, key.id, moment, moment - COARSE)
        except ActionLangError as error:
            if error.diagnostics[0].code is not LOCKED:
                LOGGER.warning("it could not be noted that the key %s was used: %s", key.id, error)

    @contextmanager
    def _writing(self) -> Iterator[sa.Connection]:
        """A transaction that waits for nobody. On PostgreSQL it is none of those that are kept apart as if they came one after
        another, so that no run has to begin anew for it, and it does not wait for the disk. Raises ActionLangError."""
        with self._database.connection() as connection:
            if self._database.dialect.name == "sqlite":
                with _at_once(connection.connection.driver_connection), connection.begin():
                    yield connection
                return
            with connection.begin():
                connection.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL READ COMMITTED")
                connection.exec_driver_sql("SET LOCAL synchronous_commit = off")
                yield connection


@contextmanager
def _at_once(driver: Any) -> Iterator[None]:
    """While this lasts SQLite does not wait for whoever writes."""
    (before,) = driver.execute("PRAGMA busy_timeout").fetchone()
    driver.execute("PRAGMA busy_timeout = 0").close()
    try:
        yield
    finally:
        driver.execute(f"PRAGMA busy_timeout = {before}").close()
