"""Workers in processes of their own that meet their end on the way: `python -m tests.durable.child`.

A child goes on with all that is due; it is killed after the statement of the number that the request names (0: never).
"""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from datetime import timedelta
from tempfile import TemporaryDirectory
from typing import Any

import sqlalchemy as sa

# All that a worker needs is imported before the first fork.
import actionlang.engine.sql.postgres
import actionlang.runtime.opening_postgres  # noqa: F401
from actionlang import Background, Verbs
from actionlang.runtime.database import Database
from tests.durable.bench import at, bench
from tests.forking import fork_for_requests

CHILD = "tests.durable.child"


class Counting:
    """A driver's cursor that calls back after each statement."""

    def __init__(self, cursor: Any, after: Callable[[], None]) -> None:
        self._cursor = cursor
        self._after = after

    def execute(self, *statement: Any, **options: Any) -> Any:
        found = self._cursor.execute(*statement, **options)
        self._after()
        return found

    def executemany(self, *statement: Any, **options: Any) -> Any:
        found = self._cursor.executemany(*statement, **options)
        self._after()
        return found

    def __getattr__(self, name: str) -> Any:
        return getattr(self._cursor, name)


def work(url: str, statement: int = 0, lease: float = 60.0) -> dict[str, object]:
    """Go on with what is due; be killed after a statement. Says how many there were."""
    count = 0

    def counted(*_: object) -> None:
        nonlocal count
        count += 1
        if count == statement:
            os.kill(os.getpid(), signal.SIGKILL)

    with Database.connect(url, connections=1) as database:
        # Those of runs go by a cursor of their own, all others by SQLAlchemy.
        connection, session = database.take_turn()
        session.cursor = Counting(session.cursor, counted)
        database.end_turn(connection)
        background = Background(Verbs.open(database), lease=timedelta(seconds=lease))
        sa.event.listen(database.engine, "after_cursor_execute", counted)
        sa.event.listen(database.engine, "commit", counted)
        background.work_once()
    return {"count": count}


def serve() -> None:
    """Fork for each request."""
    with TemporaryDirectory() as folder, bench(f"sqlite:///{folder}/warm.db") as warm:
        here = at(warm)
        here.use('background action Warm < perform Say(text: "a"); wait 0 seconds; perform Say(text: "b") >')
        here.run("Warm")
    fork_for_requests(work)


if __name__ == "__main__":
    serve()
