"""PostgreSQL at its worst: one clear error, everything as it was, and the next run works."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from actionlang.runtime.database import Database
from tests.postgres import admin, connect
from tests.runtime.server_desk import CASES, ServerDesk, server_desk


@pytest.fixture
def desk() -> Iterator[ServerDesk]:
    """A helpdesk, whose database is locked soon."""
    with server_desk(busy_timeout=0.05) as desk:
        yield desk


def at_each_task(desk: ServerDesk, what: str) -> None:
    """Let the server do something whenever a task is made."""
    desk.query(f"CREATE FUNCTION act() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {what}; RETURN NEW; END $$")
    desk.query("CREATE TRIGGER act BEFORE INSERT ON task FOR EACH ROW EXECUTE FUNCTION act()")


def kill_all(desk: ServerDesk) -> None:
    """End every connection to the database."""
    admin().execute("SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = %s", (desk.name,))


def test_a_connection_killed_in_the_middle_of_a_run(desk: ServerDesk) -> None:
    at_each_task(desk, "PERFORM pg_terminate_backend(pg_backend_pid())")
    told = desk.failed()
    assert (told.code.id, told.message) == ("E0815", "The connection to the database was ended by the server.")
    assert told.hint == "see whether the server runs, and run it again: the next run connects anew"
    assert desk.rows() == 2
    desk.query("DROP TRIGGER act ON task")
    assert desk.escalated()


def test_connections_killed_between_runs_are_not_noticed(desk: ServerDesk) -> None:
    assert desk.escalated()
    kill_all(desk)
    assert desk.escalated()
    assert desk.query("SELECT count(*) FROM actionlang_run WHERE outcome = 'done'") == [(2,)]


def test_other_work_on_a_killed_connection(desk: ServerDesk) -> None:
    assert desk.escalated()
    assert len(desk.database.log.runs()) == 1
    kill_all(desk)
    assert len(desk.database.log.runs()) == 1


def test_rows_that_someone_else_is_changing(desk: ServerDesk) -> None:
    with connect(desk.url) as other:
        other.execute("BEGIN")
        other.execute(f"UPDATE {CASES} SET title = 'held'")
        told = desk.failed()
        assert (told.code.id, told.message) == (
            "E0802",
            "The database is locked: another transaction is changing these rows or tables.",
        )
        other.execute("ROLLBACK")
    assert desk.rows() == 2
    assert desk.escalated()


def test_a_statement_that_takes_too_long(desk: ServerDesk) -> None:
    at_each_task(desk, "PERFORM pg_sleep(30)")
    desk.set("SET statement_timeout = '100ms'")
    with Database.connect(desk.url) as database:
        told = ServerDesk(desk.url, database).failed()
    assert (told.code.id, told.message) == ("E0807", "The database was told to stop in the middle of a statement.")
    assert desk.rows() == 2


def test_a_database_that_may_only_be_read(desk: ServerDesk) -> None:
    desk.set("SET default_transaction_read_only = on")
    with Database.connect(desk.url) as database:
        told = ServerDesk(desk.url, database).failed()
    assert (told.code.id, told.message) == ("E0804", "The database can only be read.")
    assert told.notes == ("this failure could not be written to the audit records",)
    assert desk.rows() == 2


def test_a_user_who_may_not_write(desk: ServerDesk) -> None:
    role = f"reader_of_{desk.name}"
    desk.query(f"CREATE ROLE {role} LOGIN")
    try:
        desk.query(f"GRANT USAGE ON SCHEMA dbo TO {role}")
        desk.query(f"GRANT SELECT ON ALL TABLES IN SCHEMA public, dbo TO {role}")
        with Database.connect(desk.url.replace("postgres:@", f"{role}:@")) as database:
            told = ServerDesk(desk.url, database).failed()
        assert told.code.id == "E0804"
        assert told.message.startswith("The database does not allow this: permission denied for table ")
    finally:
        desk.query(f"DROP OWNED BY {role}")
        desk.query(f"DROP ROLE {role}")


def test_a_trigger_that_refuses_is_a_refused_write(desk: ServerDesk) -> None:
    at_each_task(desk, "RAISE EXCEPTION 'no tasks today'")
    told = desk.failed()
    assert told.code.id == "E0720"
    assert desk.query("SELECT outcome FROM actionlang_run") == [("failed",)]


def test_a_database_that_takes_no_connections_any_more(desk: ServerDesk) -> None:
    desk.set("ALLOW_CONNECTIONS false")
    kill_all(desk)
    told = desk.failed()
    assert told.code.id == "E0801"
    assert "is not currently accepting connections" in told.message
    desk.set("ALLOW_CONNECTIONS true")
    assert desk.escalated()
