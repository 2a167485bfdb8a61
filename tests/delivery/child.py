"""Deliverers in processes of their own that meet their end on the way: `python -m tests.delivery.child`.

A child delivers what is due at START; it is killed after the statement of the number that the request names (0: never).
"""

from __future__ import annotations

import os
import signal

import sqlalchemy as sa

# All that a deliverer needs is imported before the first fork.
import actionlang.delivery.webhook
import actionlang.engine.sql.postgres
import actionlang.runtime.opening_postgres  # noqa: F401
from actionlang.delivery.deliverer import Deliverer, Pace
from actionlang.delivery.secret import SecretPlace
from actionlang.runtime.database import Database
from tests.delivery.conftest import subscribe
from tests.delivery.outbox import START, emit, make_tables
from tests.forking import fork_for_requests

CHILD = "tests.delivery.child"


def deliver(url: str, workers: int = 1, statement: int = 0) -> dict[str, object]:
    """Deliver what is due; be killed after a statement. Says how many there were."""
    count = 0

    def counted(*_: object) -> None:
        nonlocal count
        count += 1
        if count == statement:
            os.kill(os.getpid(), signal.SIGKILL)

    with Database.connect(url) as database:
        sa.event.listen(database.engine, "after_cursor_execute", counted)
        Deliverer(database, pace=Pace(workers=workers), now=lambda: START).run_once()
    return {"count": count}


def serve() -> None:
    """Fork for each request."""
    with Database.connect("sqlite://") as warm:
        make_tables(warm)
        subscribe(warm, "http://localhost:9/", SecretPlace("env", "DESK_SECRET"))
        emit(warm)
        Deliverer(warm).run_once()
    fork_for_requests(deliver)


if __name__ == "__main__":
    serve()
