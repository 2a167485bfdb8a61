"""Runs by one function on the server: as fast as that, and otherwise like any other run."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
import sqlalchemy as sa

from actionlang.diagnostics.diagnostic import ActionLangError
from actionlang.engine.store import RowRef
from actionlang.runtime.answer import Answer
from actionlang.runtime.database import Database
from actionlang.runtime.plans import Plan
from actionlang.runtime.result import RunFailed, RunInterrupted
from tests.conformance.scripts import compiled
from tests.postgres import fresh_database

MADE = compiled("""
table box < code text(20) required key; size integer required default 1; note text; secret text sensitive; inside box >

action Grow on box (by integer default 1, note text optional, into box optional) returns (size integer, at datetime) <
  update box set size = box.size + by, note = note, inside = into, secret = "s {box.code}";
  require (box.size < 100) else "{box.code} is {box.size}, which is too large.";
  return size: box.size, at: now();
>

action Ask (base decimal) returns (cube decimal) < return cube: power(base, 3) >
""")
GROW, ASK = Plan.of(MADE.plan("Grow")), Plan.of(MADE.plan("Ask"))
AT = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)
FIRST, SECOND = "0191e2b0-0000-7000-8000-000000000001", "0191e2b0-0000-7000-8000-000000000002"


@pytest.fixture
def database() -> Iterator[Database]:
    with fresh_database() as url, Database.connect(url) as opened:
        opened.tables.create(MADE.schema_for(GROW.steps))
        with opened.connection() as connection, connection.begin():
            rows = f"INSERT INTO box (id, code, size) VALUES ('{FIRST}', 'B-1', 1), ('{SECOND}', 'B-2', 50)"
            connection.exec_driver_sql(rows)
        yield opened


def size(database: Database) -> int:
    with database.connection() as connection:
        return int(connection.exec_driver_sql("SELECT size FROM box WHERE code = 'B-1'").scalar_one())


def runs(database: Database) -> list[Any]:
    with database.connection() as connection:
        found = connection.exec_driver_sql(
            "SELECT id, outcome, error_code, message, arguments, place FROM actionlang_run ORDER BY id"
        )
        return [tuple(row) for row in found]


def test_the_second_run_is_a_call(database: Database) -> None:
    results = [GROW.run(database, on="B-1", by=2) for _ in range(3)]
    assert [isinstance(result, Answer) for result in results] == [False, True, True]
    assert [result["size"] for result in results] == [3, 5, 7]
    assert [run[0] for run in runs(database)] == [result.run for result in results]


def test_it_gives_what_the_interpreter_gives(database: Database) -> None:
    given: dict[str, Any] = {"on": FIRST, "by": 3, "note": 'a "note"', "into": RowRef("example.box", SECOND), "at": AT}
    found = {engine: GROW.run(database, engine=engine, dry_run=True, **given) for engine in ("interpreter", "server")}
    assert isinstance(found["server"], Answer)
    assert found["server"] == found["interpreter"]
    assert repr(found["server"]) == repr(found["interpreter"])
    (change,) = found["server"].changes
    assert dict(zip(change.columns, change.after or (), strict=True))["secret"] == "s B-1"
    assert (size(database), runs(database)) == (1, [])


def test_a_failure_is_told_as_ever(database: Database) -> None:
    told = []
    for engine in ("interpreter", "server"):
        with pytest.raises(RunFailed) as failed:
            GROW.run(database, on="B-1", by=200, engine=engine)
        failure = failed.value.failure
        assert failure is not None
        told.append((str(failed.value), failure.site, failure.row, failure.row_name, failed.value.recorded))
    assert told[0] == told[1]
    first, second = runs(database)
    assert first[1:] == second[1:]
    assert size(database) == 1


def test_a_row_that_is_not_there(database: Database) -> None:
    told = []
    for engine in ("interpreter", "server"):
        for given in (
            {"on": "B-9"},
            {"on": FIRST, "into": RowRef("example.box", AT.isoformat())},
            {"on": "B-1", "into": "B-9"},
        ):
            with pytest.raises(ActionLangError) as refused:
                GROW.run(database, engine=engine, **given)
            told.append(str(refused.value))
    assert told[:3] == told[3:]
    assert runs(database) == []


def test_a_row_named_by_a_key_among_the_arguments(database: Database) -> None:
    result = GROW.run(database, on="B-1", into="B-2", engine="server")
    assert not isinstance(result, Answer)
    assert result.changes[0].after is not None
    assert RowRef("example.box", SECOND) in result.changes[0].after


def test_a_plan_without_a_function(database: Database) -> None:
    assert ASK.run(database, base=3, engine="server")["cube"] == 27


def test_a_key_is_kept_as_ever(database: Database) -> None:
    first = GROW.run(database, on="B-1", key="grow-1", engine="server")
    again = GROW.run(database, on="B-1", key="grow-1", engine="server")
    assert (again.replayed, again.run, size(database)) == (True, first.run, 2)


def test_inside_a_callers_transaction(database: Database) -> None:
    with database.engine.connect() as connection:
        with connection.begin() as transaction:
            assert isinstance(GROW.run(connection, on="B-1", engine="server"), Answer)
            with pytest.raises(RunFailed):
                GROW.run(connection, on="B-1", by=500, engine="server")
            assert GROW.run(connection, on="B-1", engine="server")["size"] == 3
            transaction.rollback()
        assert size(database) == 1
        with connection.begin():
            # The function went with the transaction in which it was made.
            assert GROW.run(connection, on="B-1", engine="server")["size"] == 2
            assert isinstance(GROW.run(connection, on="B-1", engine="server"), Answer)
    assert size(database) == 3
    assert [run[1] for run in runs(database)] == ["done", "done"]


def test_a_function_that_is_gone_is_made_again(database: Database) -> None:
    GROW.run(database, on="B-1", engine="server")
    connection, session = database.take_turn()
    session.driver.execute("DISCARD TEMP")  # type: ignore[attr-defined]
    database.end_turn(connection)
    kinds = [isinstance(GROW.run(database, on="B-1", engine="server"), Answer) for _ in range(2)]
    assert kinds == [False, True]
    assert size(database) == 4


def test_a_key_is_looked_up_in_its_index_whatever_its_collation(database: Database) -> None:
    with database.connection() as connection, connection.begin():
        connection.exec_driver_sql('ALTER TABLE box ALTER COLUMN code TYPE varchar(20) COLLATE "default"')
        connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
        scanned = "SELECT seq_scan FROM pg_stat_xact_user_tables WHERE relname = 'box'"
        before = connection.exec_driver_sql(scanned).scalar_one()
        assert isinstance(GROW.run(connection, on="B-1", engine="server"), Answer)
        assert connection.exec_driver_sql(scanned).scalar_one() == before


def test_where_functions_may_not_be_made(database: Database) -> None:
    name = sa.make_url(database.engine.url).database
    guest_name = f"guest_of_{name}"
    with database.connection() as connection, connection.begin():
        connection.exec_driver_sql(f'REVOKE TEMP ON DATABASE "{name}" FROM PUBLIC')
        connection.exec_driver_sql(f'CREATE ROLE "{guest_name}" LOGIN')
        connection.exec_driver_sql(f'GRANT ALL ON ALL TABLES IN SCHEMA public TO "{guest_name}"')
    try:
        guest = database.engine.url.set(username=guest_name, password=None)
        with Database.connect(guest) as other:
            results = [GROW.run(other, on="B-1", engine="server") for _ in range(2)]
            assert not any(isinstance(result, Answer) for result in results)
            assert size(other) == 3
    finally:
        with database.connection() as connection, connection.begin():
            connection.exec_driver_sql(f'DROP OWNED BY "{guest_name}"')
            connection.exec_driver_sql(f'DROP ROLE "{guest_name}"')


def test_a_deferred_reference_that_does_not_hold(database: Database) -> None:
    with database.connection() as connection, connection.begin():
        connection.exec_driver_sql(
            "CREATE FUNCTION forget() RETURNS trigger LANGUAGE plpgsql AS "
            "'BEGIN RAISE foreign_key_violation USING MESSAGE = ''no''; END'"
        )
        connection.exec_driver_sql(
            "CREATE CONSTRAINT TRIGGER late AFTER UPDATE ON box DEFERRABLE INITIALLY DEFERRED "
            "FOR EACH ROW EXECUTE FUNCTION forget()"
        )
    told = []
    for engine in ("interpreter", "server"):
        for dry_run in (False, True):
            with pytest.raises(RunFailed) as failed:
                GROW.run(database, on="B-1", engine=engine, dry_run=dry_run)
            told.append(str(failed.value))
    assert told[:2] == told[2:]
    assert size(database) == 1


def test_after_a_failure_the_call_is_prepared_again(database: Database) -> None:
    assert isinstance(GROW.run(database, on="B-1", engine="server"), Answer)
    with pytest.raises(RunFailed):
        GROW.run(database, on="B-1", by=500, engine="server")
    assert isinstance(GROW.run(database, on="B-1", engine="server"), Answer)
    assert size(database) == 3


def test_interrupted_while_the_server_works(database: Database) -> None:
    GROW.run(database, on="B-1", engine="server")
    with database.connection() as connection, connection.begin():
        connection.exec_driver_sql(
            "CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM pg_sleep(60); RETURN NEW; END'"
        )
        connection.exec_driver_sql("CREATE TRIGGER slow BEFORE UPDATE ON box FOR EACH ROW EXECUTE FUNCTION slow()")
    bell = threading.Thread(target=ring, args=(database,))
    bell.start()
    with pytest.raises(RunInterrupted) as interrupted:
        GROW.run(database, on="B-1", engine="server")
    bell.join()
    assert not interrupted.value.committed
    assert size(database) == 2
    assert [run[1] for run in runs(database)] == ["done", "interrupted"]


def ring(database: Database) -> None:
    """Press Ctrl-C once the server is in the middle of a run."""
    main = threading.main_thread().ident
    assert main is not None
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        asleep = "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event = 'PgSleep'"
        while connection.exec_driver_sql(asleep).first() is None:
            pass
    signal.pthread_kill(main, signal.SIGINT)
