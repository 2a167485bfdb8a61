"""That a key was used is noted without getting in anybody's way, and without waiting for anybody."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from threading import Barrier

import pytest
import sqlalchemy as sa
from starlette.datastructures import Headers

from actionlang.access import api_keys
from actionlang.delivery.writing import writing
from actionlang.runtime.database import Database
from actionlang.server.identity.authenticator import Authenticator
from actionlang.server.identity.settings import IdentitySettings
from tests.server.identity.whole import key_of

SETTINGS = IdentitySettings(api_keys=True, calls_per_second=0)
PROCESSES, THREADS = 3, 4


class Clock:
    """A clock that is set."""

    now = 1000.0

    def __call__(self) -> float:
        return self.now


def used(database: Database) -> object:
    with database.connection() as connection:
        return connection.scalar(sa.select(api_keys.KEYS.c.used))


@contextmanager
def somebody_writes(database: Database) -> Iterator[None]:
    """While this lasts somebody else has the key's row; on SQLite, the database."""
    with database.engine.connect() as connection:
        if database.dialect.name == "sqlite":
            connection.exec_driver_sql("COMMIT")
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        else:
            connection.execute(sa.select(api_keys.KEYS.c.id).with_for_update())
        yield
        connection.rollback()


def test_who_writes_is_not_waited_for(database: Database, caplog: pytest.LogCaptureFixture) -> None:
    clock = Clock()
    who = Authenticator(database, SETTINGS, now=clock)
    headers = Headers({"X-Api-Key": key_of("ann", database)})
    with caplog.at_level(logging.INFO, "actionlang.server.identity"):
        with somebody_writes(database):
            who(headers)
            assert used(database) is None
        clock.now += 59
        who(headers)
        # It was tried within this minute.
        assert used(database) is None
        clock.now += 1
        who(headers)
        assert used(database) is not None
    assert caplog.messages == []


def test_many_at_once_do_not_meet(database: Database, caplog: pytest.LogCaptureFixture) -> None:
    headers = Headers({"X-Api-Key": key_of("ann", database)})
    processes = [Authenticator(database, SETTINGS) for _ in range(PROCESSES)]
    begin = Barrier(PROCESSES * THREADS)

    def ask(number: int) -> str:
        begin.wait()
        return processes[number % PROCESSES](headers).subject

    with (
        caplog.at_level(logging.INFO, "actionlang.server.identity"),
        ThreadPoolExecutor(PROCESSES * THREADS) as threads,
    ):
        subjects = set(threads.map(ask, range(PROCESSES * THREADS)))
    assert len(subjects) == 1
    assert caplog.messages == []
    assert used(database) is not None


def test_a_database_that_is_only_read_is_told_of(database: Database, caplog: pytest.LogCaptureFixture) -> None:
    clock = Clock()
    who = Authenticator(database, SETTINGS, now=clock)
    headers = Headers({"X-Api-Key": key_of("ann", database)})
    only_read(database)
    for _ in range(3):
        assert who(headers).subject.startswith("key ")
        clock.now += 25
    (told,) = caplog.messages
    assert "it could not be noted that the key" in told


def only_read(database: Database) -> None:
    """From now on nobody writes."""
    if database.dialect.name == "sqlite":

        @sa.event.listens_for(database.engine, "connect")
        def no_writing(driver: object, _: object) -> None:
            driver.execute("PRAGMA query_only = ON").close()  # type: ignore[attr-defined]

        return
    with database.connection() as connection, connection.begin():
        name = connection.scalar(sa.text("SELECT current_database()"))
        connection.execute(sa.text(f'ALTER DATABASE "{name}" SET default_transaction_read_only = on'))
    database.engine.dispose()


def test_a_key_is_revoked_while_its_use_is_noted(database: Database) -> None:
    """Whoever revokes it waits for that moment, and is not told to try again."""
    key_of("ann", database)
    moment = datetime.now(UTC)
    with database.connection() as noting, ThreadPoolExecutor(1) as threads:

        def revoke() -> api_keys.ApiKey | None:
            with writing(database) as connection:
                return api_keys.revoke(connection, name, "ada", moment)

        name = str(noting.scalar(sa.select(api_keys.KEYS.c.id)))
        noting.rollback()
        with noting.begin():
            api_keys.note_use(noting, name, moment, moment - timedelta(minutes=1))
            revoking = threads.submit(revoke)
            if database.dialect.name == "postgresql":
                waiting = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
                with database.engine.connect() as looking:
                    while not looking.exec_driver_sql(waiting).scalar():
                        looking.rollback()
        before = revoking.result()
    assert before is not None and before.revoked is None
    with database.connection() as connection:
        assert connection.scalar(sa.select(api_keys.KEYS.c.revoked)) is not None
        assert connection.scalar(sa.select(api_keys.KEYS.c.used)) is not None
