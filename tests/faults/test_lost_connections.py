"""A connection that is lost on the way: what became of the run is found out on another, or said not to be known."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Self

import psycopg
import pytest
import sqlalchemy as sa
from psycopg import sql

from actionlang.runtime.database import Database
from actionlang.runtime.plans import Plan
from actionlang.runtime.result import OutcomeUnknown, RunFailed
from tests.concurrency.bank import filled, verb
from tests.concurrency.steering import Steered
from tests.postgres import admin, connect, fresh_database


@pytest.fixture
def url() -> Iterator[str]:
    with fresh_database() as url:
        with filled(url):
            pass
        yield url


def deposit() -> Plan:
    return verb("Deposit")


class Ending:
    """A database whose one connection is ended by the server at a statement."""

    def __init__(self, url: str) -> None:
        self.database = Database.connect(url, connections=2)
        self.url = url

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.database.close()

    def at(self, statement: str, *, done_first: bool = False, then: Callable[[], object] = lambda: None) -> None:
        """End the connection when it comes to a statement, or as soon as that is done, but before anybody has heard of it."""
        connection, session = self.database.take_turn()
        cursor = session.cursor
        ended: list[str] = []

        def before(text: str) -> None:
            if text.startswith(statement) and not ended:
                ended.append(text)
                if done_first:
                    cursor.execute(text)
                end(self.url, session.driver.info.backend_pid)  # type: ignore[attr-defined]
                then()

        session.cursor = Steered(cursor, before)
        self.database.end_turn(connection)


def end(url: str, pid: int) -> None:
    """End a server process, and wait until it is gone."""
    with connect(url) as driver:
        assert driver.execute("SELECT pg_terminate_backend(%s, 60000)", (pid,)).fetchone() == (True,)


def balance(url: str) -> object:
    with connect(url) as driver:
        (found,) = driver.execute("SELECT balance FROM account WHERE number = 1").fetchone() or (None,)
    return found


def log(url: str) -> list[tuple[object, ...]]:
    with connect(url) as driver:
        return driver.execute(
            "SELECT id, outcome, error_code FROM actionlang_run WHERE verb = 'bank.Deposit' ORDER BY id"
        ).fetchall()


STATEMENTS = ["SELECT", 'UPDATE "account"', 'INSERT INTO "actionlang_run"', "COMMIT"]


@pytest.mark.parametrize("statement", STATEMENTS)
def test_a_run_that_was_not_kept_says_so_and_has_a_record(url: str, statement: str) -> None:
    with Ending(url) as ending:
        ending.at(statement)
        with pytest.raises(RunFailed) as caught:
            deposit().run(ending.database, on=1, amount=10, engine="interpreter")
        assert caught.value.diagnostics[0].code.id == "E0815"
        assert balance(url) == 100
        # One that ended before it was known what was asked for has no record.
        known = statement != "SELECT"
        assert caught.value.recorded is known
        assert log(url) == [(caught.value.run, "failed", "E0815")] * known
        deposit().run(ending.database, on=1, amount=10)
        assert balance(url) == 110


def test_a_run_that_was_kept_gives_its_result(url: str) -> None:
    with Ending(url) as ending:
        ending.at("COMMIT", done_first=True)
        result = deposit().run(ending.database, on=1, amount=10, engine="interpreter")
        assert [change.operation for change in result.changes] == ["update"]
        assert balance(url) == 110
        assert log(url) == [(result.run, "done", None)]


@pytest.mark.parametrize("kept", [True, False])
@pytest.mark.parametrize("key", [None, "once"])
def test_where_it_can_not_be_found_out_that_is_said(url: str, kept: bool, key: str | None) -> None:
    def lock_out() -> None:
        allow(url, False)

    with Ending(url) as ending:
        ending.at("COMMIT", done_first=kept, then=lock_out)
        with pytest.raises(OutcomeUnknown) as caught:
            deposit().run(ending.database, on=1, amount=10, key=key, engine="interpreter")
        told = caught.value.diagnostics[0]
        assert told.code.id == "E0816"
        assert (
            told.message == "The connection was lost while Deposit was being kept, and it is not known whether it was."
        )
        assert told.hint is not None
        assert ("same key" in told.hint) is (key is not None)
        allow(url, True)
        assert log(url) == ([(caught.value.run, "done", None)] if kept else [])
        if key is not None:
            again = deposit().run(ending.database, on=1, amount=10, key=key)
            assert again.replayed is kept
            assert balance(url) == 110


def allow(url: str, connections: bool) -> None:
    """Let connections to a database in, or not."""
    name = sql.Identifier(str(sa.make_url(url).database))
    admin().execute(sql.SQL("ALTER DATABASE {} ALLOW_CONNECTIONS {}").format(name, sql.Literal(connections)))


def test_in_a_callers_transaction_the_loss_is_the_callers(url: str) -> None:
    with Database.connect(url) as database, database.engine.connect() as connection:
        deposit().run(connection, on=1, amount=10)
        driver = connection.connection.driver_connection
        assert isinstance(driver, psycopg.Connection)
        end(url, driver.info.backend_pid)
        with pytest.raises(RunFailed) as caught:
            deposit().run(connection, on=1, amount=10)
        assert caught.value.diagnostics[0].code.id == "E0815"
        assert not caught.value.recorded
        with pytest.raises(sa.exc.DBAPIError):
            connection.commit()
        connection.invalidate()
    assert balance(url) == 100
