"""A run inside the transaction of its caller: kept or undone with all else that the caller did, the record too."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from actionlang.diagnostics.diagnostic import ActionLangError
from actionlang.plan import steps as s
from actionlang.runtime.database import Database
from actionlang.runtime.result import RunFailed
from tests.plan.running import TEAM
from tests.plan.samples import ON_CASE, THE_CASE, at, text, verb
from tests.runtime.desk import ESCALATE_PLAN, Desk, dump, open_desk, query, ready, refused

FIRE = ready(
    verb("Fire", s.Update(at(2), THE_CASE, (("title", text("gone")),)), s.Fail(at(3), text("No.")), binding=ON_CASE)
)
RETITLE = "UPDATE \"dbo.Incident\" SET title = 'by the caller' WHERE number = 'CAS-1'"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A filled database's file, closed again."""
    with open_desk(tmp_path / "desk.db") as desk:
        return desk.path


def plain(path: Path) -> sa.Engine:
    """SQLAlchemy as most programs use it: transactions begun by the driver."""
    return sa.create_engine(f"sqlite:///{path}")


def explicit(path: Path) -> sa.Engine:
    """SQLAlchemy as its documentation advises for savepoints: transactions begun by SQLAlchemy."""
    engine = sa.create_engine(f"sqlite:///{path}", connect_args={"isolation_level": None})
    sa.event.listen(engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN"))
    return engine


@pytest.fixture(params=[plain, explicit], ids=["plain", "explicit"])
def engine(path: Path, request: pytest.FixtureRequest) -> Iterator[sa.Engine]:
    """An engine of the host's own, made ready for verbs."""
    made: sa.Engine = request.param(path)
    Database.of(made)
    yield made
    made.dispose()


def titles(path: Path) -> list[str]:
    return [row[0] for row in query(path, "SELECT title FROM \"dbo.Incident\" WHERE number = 'CAS-1'")]


def counts(path: Path) -> tuple[int, ...]:
    """Tasks, runs and changes there are."""
    return tuple(
        query(path, f"SELECT count(*) FROM {name}")[0][0] for name in ("task", "actionlang_run", "actionlang_change")
    )


def test_a_run_is_kept_with_what_its_caller_did(engine: sa.Engine, path: Path) -> None:
    with engine.begin() as connection:
        connection.exec_driver_sql(RETITLE)
        result = ESCALATE_PLAN.run(connection, on="CAS-1", reason="x")
        assert counts(path) == (0, 0, 0)
        seen = connection.exec_driver_sql("SELECT subject FROM task").all()
        assert seen == [("Call back: by the caller",)]
    assert result.run is not None
    assert counts(path) == (1, 1, 3)
    assert titles(path) == ["by the caller"]


def test_a_run_is_undone_with_what_its_caller_did_and_so_is_its_record(engine: sa.Engine, path: Path) -> None:
    before = dump(path)
    with engine.connect() as connection:
        ESCALATE_PLAN.run(connection, on="CAS-1", reason="x")
        connection.rollback()
        with connection.begin():
            connection.exec_driver_sql(RETITLE)
            connection.get_transaction().rollback()  # type: ignore[union-attr]
    assert dump(path) == before


def test_a_connection_that_was_not_begun_is_begun_and_waits_for_the_callers_commit(
    engine: sa.Engine, path: Path
) -> None:
    with engine.connect() as connection:
        ESCALATE_PLAN.run(connection, on="CAS-1", reason="x")
        assert connection.in_transaction()
        assert counts(path) == (0, 0, 0)
        connection.commit()
    assert counts(path) == (1, 1, 3)


def test_a_failed_run_undoes_only_itself_and_its_record_is_the_callers_to_keep(engine: sa.Engine, path: Path) -> None:
    with engine.begin() as connection:
        connection.exec_driver_sql(RETITLE)
        with pytest.raises(RunFailed) as caught:
            FIRE.run(connection, on="CAS-1")
        assert caught.value.recorded
    assert titles(path) == ["by the caller"]
    assert query(path, "SELECT outcome, error_code, message FROM actionlang_run") == [("failed", "E0701", "No.")]


def test_several_runs_in_one_transaction_see_each_other(engine: sa.Engine, path: Path) -> None:
    with engine.begin() as connection:
        for _ in range(3):
            ESCALATE_PLAN.run(connection, on="CAS-1", reason="x")
        with pytest.raises(RunFailed):
            FIRE.run(connection, on="CAS-1")
    assert counts(path) == (3, 4, 7)


def test_a_savepoint_of_the_caller_undoes_runs_inside_it(path: Path) -> None:
    engine = explicit(path)
    Database.of(engine)
    with engine.begin() as connection:
        ESCALATE_PLAN.run(connection, on="CAS-1", reason="x")
        inner = connection.begin_nested()
        ESCALATE_PLAN.run(connection, on="CAS-1", reason="y")
        inner.rollback()
    engine.dispose()
    assert counts(path) == (1, 1, 3)


def test_a_dry_run_inside_a_transaction_keeps_what_the_caller_did(engine: sa.Engine, path: Path) -> None:
    with engine.begin() as connection:
        connection.exec_driver_sql(RETITLE)
        assert ESCALATE_PLAN.run(connection, on="CAS-1", reason="x", dry_run=True).dry_run
        with pytest.raises(RunFailed):
            FIRE.run(connection, on="CAS-1", dry_run=True)
    assert counts(path) == (0, 0, 0)
    assert titles(path) == ["by the caller"]


def test_a_wrong_argument_leaves_the_callers_transaction_open(engine: sa.Engine, path: Path) -> None:
    with engine.begin() as connection:
        connection.exec_driver_sql(RETITLE)
        with pytest.raises(ActionLangError) as caught:
            ESCALATE_PLAN.run(connection, on="CAS-1")
        assert refused(caught.value)[0] == "E0907"
    assert titles(path) == ["by the caller"]


def test_rows_of_the_callers_orm_are_no_trouble(engine: sa.Engine, path: Path) -> None:
    """The caller may like its rows as something else than tuples."""
    with engine.begin() as connection:
        driver = connection.connection.driver_connection
        assert isinstance(driver, sqlite3.Connection)
        driver.row_factory = sqlite3.Row
        try:
            ESCALATE_PLAN.run(connection, on="CAS-1", reason="x")
        finally:
            driver.row_factory = None
    assert counts(path) == (1, 1, 3)


def test_a_connection_that_does_not_enforce_foreign_keys_is_refused_in_the_middle_of_a_transaction(path: Path) -> None:
    engine = plain(path)
    with engine.connect() as connection:
        connection.exec_driver_sql(RETITLE)
        with pytest.raises(ActionLangError) as caught:
            ESCALATE_PLAN.run(connection, on="CAS-1", reason="x")
        assert refused(caught.value) == (
            "E0810",
            "This connection does not enforce foreign keys, and can not begin to in the middle of a transaction.",
        )
        connection.rollback()
        ESCALATE_PLAN.run(connection, on="CAS-1", reason="x")
        connection.commit()
    engine.dispose()
    assert counts(path) == (1, 1, 3)


def test_a_deferred_constraint_that_does_not_hold_is_the_callers_at_commit(engine: sa.Engine, path: Path) -> None:
    with sqlite3.connect(path) as driver:
        driver.execute("CREATE TABLE deferred (account TEXT REFERENCES account (id) DEFERRABLE INITIALLY DEFERRED)")
        driver.execute("CREATE TRIGGER leave AFTER INSERT ON task BEGIN INSERT INTO deferred VALUES ('nowhere'); END")
    driver.close()
    with engine.connect() as connection:
        ESCALATE_PLAN.run(connection, on="CAS-1", reason="x")
        with pytest.raises(sa.exc.IntegrityError):
            connection.commit()
        connection.rollback()
    assert counts(path) == (0, 0, 0)


def test_a_plan_is_bound_again_for_another_connection(path: Path) -> None:
    engine = plain(path)
    Database.of(engine)
    for _ in range(2):
        with engine.begin() as connection:
            ESCALATE_PLAN.run(connection, on="CAS-1", reason="x")
        engine.dispose()
    assert counts(path) == (2, 2, 5)


def test_an_engine_of_the_host_may_be_the_database(engine: sa.Engine, path: Path) -> None:
    database = Database.of(engine)
    assert ESCALATE_PLAN.run(database, on="CAS-1", reason="x").changes[1].after == (("core.team", TEAM),)
    with pytest.raises(RunFailed):
        FIRE.run(database, on="CAS-1")
    assert counts(path) == (1, 2, 3)
    assert len(database.log.runs()) == 2


def test_another_database_is_refused() -> None:
    engine = sa.create_engine("mysql+pymysql://u@h/d", module=sqlite3)
    with pytest.raises(ActionLangError) as caught:
        Database.of(engine)
    assert refused(caught.value) == ("E0810", "Verbs do not run on mysql through pymysql yet.")


def test_the_record_in_a_database_of_its_own(desk: Desk) -> None:
    with desk.database.engine.begin() as connection:
        ESCALATE_PLAN.run(connection, on="CAS-1", reason="x")
    assert counts(desk.path) == (1, 1, 3)
