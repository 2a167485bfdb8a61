"""`registry init`: all tables of our own, made or brought up to date."""

from __future__ import annotations

import threading

import pytest
import sqlalchemy as sa

from actionlang.diagnostics.diagnostic import ActionLangError
from actionlang.registry.installing import install, rooms
from actionlang.registry.status import status
from actionlang.registry.tables import SCHEMA
from actionlang.runtime.database import Database
from tests.registry.board import activate, ask, board, do, refusal


def described(database: Database) -> list[tuple[object, ...]]:
    """Everything that is in a database, as it describes it."""
    with database.connection() as connection:
        inspector = sa.inspect(connection)
        return [
            (name, sorted(column["name"] for column in inspector.get_columns(name)), len(inspector.get_indexes(name)))
            for name in sorted(inspector.get_table_names())
        ]


def test_an_empty_database_gets_all_tables_and_a_second_time_nothing(url: str) -> None:
    with Database.connect(url, create=True) as database:
        done = install(database)
        wanted = {table.name for room in rooms(database.dialect.name) for table in room.tables}
        assert {name for name, *_ in described(database)} == wanted
        assert {f"the table {name}" for name in wanted} <= set(done.changes)
        before = described(database)
        assert install(database).statements == ()
        assert described(database) == before
        assert status(database).missing == ()


def test_a_dry_run_tells_the_statements_that_would_do_it(url: str) -> None:
    with Database.connect(url, create=True) as database:
        told = install(database, dry_run=True)
        assert described(database) == []
        with database.connection() as connection, connection.begin():
            for statement in told.statements:
                connection.exec_driver_sql(statement, execution_options={"no_parameters": True})
        assert install(database).statements == ()


def test_columns_that_came_later_are_added(url: str) -> None:
    with board(url) as database:
        activate(database)
        do(database, "ALTER TABLE actionlang_key DROP COLUMN outputs")
        do(database, "ALTER TABLE actionlang_activated DROP COLUMN before")
        assert status(database).missing == (
            "the column actionlang_key.outputs",
            "the column actionlang_activated.before",
        )
        done = install(database)
        assert done.changes == ("the column actionlang_key.outputs", "the column actionlang_activated.before")
        assert ask(database, "SELECT DISTINCT before FROM actionlang_activated") == [(None,)]
        assert install(database).statements == ()
        activate(database)


def test_a_trigger_that_somebody_dropped_comes_back(url: str) -> None:
    with board(url) as database:
        on = "" if database.dialect.name == "sqlite" else " ON actionlang_version"
        do(database, f"DROP TRIGGER actionlang_version_is_not_changed{on}")
        assert install(database).changes == ("the trigger actionlang_version_is_not_changed",)


def test_what_an_earlier_version_made_is_made_anew(url: str) -> None:
    with board(url) as database:
        activate(database)
        do(database, "UPDATE actionlang_registry SET schema_version = 0")
        on = "" if database.dialect.name == "sqlite" else " ON actionlang_version"
        do(database, f"DROP TRIGGER actionlang_version_is_not_changed{on}")
        if database.dialect.name == "sqlite":
            harmless = "BEFORE UPDATE ON actionlang_version BEGIN SELECT 1; END"
        else:
            do(database, "CREATE FUNCTION harmless() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'")
            harmless = "BEFORE UPDATE ON actionlang_version FOR EACH ROW EXECUTE FUNCTION harmless()"
        do(database, f"CREATE TRIGGER actionlang_version_is_not_changed {harmless}")
        assert "the trigger actionlang_version_is_not_changed" in install(database).changes
        with pytest.raises(ActionLangError):
            do(database, "UPDATE actionlang_version SET plan_hash = plan_hash")
        assert ask(database, "SELECT schema_version, generation FROM actionlang_registry") == [(SCHEMA, 1)]
        assert install(database).statements == ()


def test_several_at_once_are_safe(url: str) -> None:
    with Database.connect(url, create=True, busy_timeout=30) as database:
        done: list[int] = []
        wrong: list[Exception] = []
        start = threading.Barrier(4)

        def work() -> None:
            start.wait()
            try:
                with Database.connect(url, busy_timeout=30) as other:
                    done.append(len(install(other).statements))
            except Exception as error:  # noqa: BLE001
                wrong.append(error)

        threads = [threading.Thread(target=work) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert wrong == []
        assert sorted(done)[:3] == [0, 0, 0]
        assert ask(database, "SELECT id, generation FROM actionlang_registry") == [(1, 0)]


def test_a_registry_of_a_newer_version_is_left_alone(database: Database) -> None:
    do(database, "UPDATE actionlang_registry SET schema_version = 99")
    for attempt in (lambda: install(database), lambda: activate(database), lambda: status(database)):
        with pytest.raises(ActionLangError) as caught:
            attempt()
        assert refusal(caught.value).code.id == "E0927"


def test_how_it_stands(database: Database) -> None:
    assert (status(database).active, status(database).last) == (0, None)
    activate(database)
    found = status(database)
    assert (found.active, found.versions, found.generation) == (4, 4, 1)
    assert found.last is not None
    assert (found.last.number, found.last.who) == (1, "ada")
