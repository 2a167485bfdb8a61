"""Counting the statements that a program sends to its database, and stepping in at one of them: below SQLAlchemy, at the drivers,
so that nothing is missed, be it a BEGIN, a COMMIT or what a pool asks for."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable
from typing import Any

import psycopg

Send = Callable[[], Any]


class Counter:
    """Counts statements. At that of the number `at`, `meet` is called with what sends it, on which connection; else it is sent."""

    def __init__(self, at: int, meet: Callable[[Send, Any], Any]) -> None:
        self.count = 0
        self._at = at
        self._meet = meet
        self._lock = threading.Lock()
        self._here = threading.local()

    def sent(self, send: Send, connection: Any) -> Any:
        """A statement is to be sent. One that is sent by another one's sending is a part of it."""
        if getattr(self._here, "inside", False):
            return send()
        with self._lock:
            self.count += 1
            number = self.count
        self._here.inside = True
        try:
            return self._meet(send, connection) if number == self._at else send()
        finally:
            self._here.inside = False

    def install(self) -> None:
        """Count from now on, whatever is sent in this process."""
        self._count_psycopg()
        self._count_sqlite()

    def _count_psycopg(self) -> None:
        counter = self

        def counted(cls: Any, name: str, connection_of: Callable[[Any], Any]) -> None:
            original = getattr(cls, name)

            def send(self: Any, *given: Any, **named: Any) -> Any:
                return counter.sent(lambda: original(self, *given, **named), connection_of(self))

            setattr(cls, name, send)

        for name in ("execute", "executemany"):
            counted(psycopg.Cursor, name, lambda cursor: cursor.connection)
        for name in ("commit", "rollback"):
            counted(psycopg.Connection, name, lambda connection: connection)

    def _count_sqlite(self) -> None:
        counter, connect = self, sqlite3.connect

        class Cursor(sqlite3.Cursor):
            def execute(self, *given: Any) -> Any:
                return counter.sent(lambda: super(Cursor, self).execute(*given), self.connection)

            def executemany(self, *given: Any) -> Any:
                return counter.sent(lambda: super(Cursor, self).executemany(*given), self.connection)

        class Connection(sqlite3.Connection):
            def cursor(self, *_: Any) -> Any:
                return super().cursor(Cursor)

            def commit(self) -> None:
                counter.sent(super().commit, self)

            def rollback(self) -> None:
                counter.sent(super().rollback, self)

        def connected(*given: Any, **named: Any) -> Any:
            return connect(*given, **{**named, "factory": Connection})

        sqlite3.connect = connected  # type: ignore[assignment]
