"""Deliverers that are killed (SIGKILL) at every statement, and while a receiver has an event: nothing is lost, what comes twice
has the same id, and the order of each row is kept."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator

import pytest
import sqlalchemy as sa

from actionlang.delivery.deliverer import Deliverer, Pace
from actionlang.delivery.secret import SecretPlace
from actionlang.delivery.tables import DELIVERIES
from actionlang.runtime.database import Database
from tests.delivery.child import CHILD
from tests.delivery.conftest import subscribe
from tests.delivery.outbox import Clock, emit_many, event_row
from tests.delivery.receiver import Answer, Got, Receiver
from tests.forking import Children, children

pytestmark = pytest.mark.process

LEASE = 60


@pytest.fixture(scope="module")
def started() -> Iterator[Children]:
    os.environ["DESK_SECRET"] = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    try:
        with children(CHILD) as ready:
            yield ready
    finally:
        del os.environ["DESK_SECRET"]


ENDED = """
    SELECT pg_terminate_backend(pid, 60000) FROM pg_stat_activity
    WHERE datname = current_database() AND state <> 'idle' AND pid <> pg_backend_pid()
"""
"""Ends what a killed process was doing: the server notices by itself, but perhaps later, and until then rows are locked."""


def go_on(database: Database) -> None:
    """Another deliverer, once the lease of the one that was killed has ended."""
    if database.dialect.name == "postgresql":
        with database.connection() as connection:
            connection.exec_driver_sql(ENDED)
    clock = Clock()
    clock.forward(seconds=LEASE)
    Deliverer(database, pace=Pace(workers=2), now=clock).run_once()


def assert_nothing_is_lost(database: Database, receiver: Receiver, events: list[str]) -> None:
    """Each event came, was written down once for the subscription, and no row's events came out of order."""
    assert set(receiver.ids) == set(events)
    with database.connection() as connection:
        rows = connection.execute(sa.select(DELIVERIES)).all()
    assert sorted(row.event for row in rows) == sorted(events)
    assert {row.state for row in rows} == {"delivered"}
    for row in {got.data["row"]["key"] for got in receiver.got}:
        came = [events.index(got.id) for got in receiver.got if got.data["row"]["key"] == row]
        assert came == sorted(came)


def fill(database: Database, receiver: Receiver, secret: SecretPlace, count: int, rows: int) -> list[str]:
    subscribe(database, receiver.url, secret)
    return emit_many(database, [event_row("desk.Moved", f"CAS-{number % rows}") for number in range(count)])


MOST_STATEMENTS = 60
"""More than one event takes, however the threads of the deliverer meet."""


def test_killed_after_each_statement(
    url: str, database: Database, receiver: Receiver, secret: SecretPlace, started: Children
) -> None:
    """After a statement is also before its commit, and after BEGIN is also after the commit before that."""
    events = fill(database, receiver, secret, 1, 1)
    for statement in range(1, MOST_STATEMENTS):
        with database.connection() as connection, connection.begin():
            connection.execute(sa.delete(DELIVERIES))
            connection.exec_driver_sql("UPDATE actionlang_event SET dispatched = NULL")
        if not _killed_at(statement, url, database, events, receiver, started):
            break
    assert 15 < statement < MOST_STATEMENTS - 1


def _killed_at(
    statement: int, url: str, database: Database, events: list[str], receiver: Receiver, started: Children
) -> bool:
    """Whether a deliverer came as far as that statement."""
    receiver.got.clear()
    ended = started.run(url=url, statement=statement)
    assert ended.code in {0, -signal.SIGKILL}
    assert (ended.count is None) == (ended.code != 0)
    go_on(database)
    assert_nothing_is_lost(database, receiver, events)
    assert len(receiver.got) <= len(events) + 1, "only what was being sent comes twice"
    return ended.code != 0


@pytest.mark.parametrize("request_number", [1, 23])
def test_killed_while_receivers_have_events(
    url: str, database: Database, receiver: Receiver, secret: SecretPlace, started: Children, request_number: int
) -> None:
    events = fill(database, receiver, secret, 40, 10)
    process: list[int] = []

    def kill(_: Got) -> Answer:
        if len(receiver.got) == request_number:
            os.kill(process[0], signal.SIGKILL)
            return Answer(0)
        return Answer()

    receiver.answer = lambda got: kill(got) if process else Answer(0)
    process.append(started.begin(url=url, workers=4))
    assert started.end().code == -signal.SIGKILL
    receiver.answer = lambda _: Answer()
    go_on(database)
    assert_nothing_is_lost(database, receiver, events)
    assert len(receiver.got) > len(events), "what was killed was sent again, with the same id"
