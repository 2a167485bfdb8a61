"""What is over its time is stopped on both databases: nothing of it is left, its record says so, and the next run is not harmed."""

from __future__ import annotations

from collections.abc import Iterator
from threading import Event, Thread

import pytest
import sqlalchemy as sa

from actionlang.diagnostics.diagnostic import ActionLangError
from actionlang.registry.verbs import Verbs
from actionlang.runtime.audit import RUNS
from actionlang.runtime.database import Database
from actionlang.runtime.result import RunFailed
from actionlang.runtime.time_limit import end_all, is_out_of_time, limited, see_that_it_may_be_kept
from tests.server.slow import ENDLESS, make_touch_quick, make_touch_slow
from tests.server.world import desk, somebody

ANN = somebody("ann").caller
AT_ONCE = 0.001


@pytest.fixture(params=["sqlite", "postgres"])
def database(request: pytest.FixtureRequest) -> Iterator[Database]:
    """A desk on each kind of database."""
    with desk(request.param) as database:
        yield database


@pytest.fixture
def verbs(database: Database) -> Verbs:
    """Its verbs, and the sample S, which nobody can touch."""
    verbs = Verbs.open(database)
    verbs.perform("TakeSample", caller=ANN, arguments={"code": "S"})
    make_touch_slow(database)
    return verbs


def _ready(database: Database) -> list[bool]:
    with database.connection() as connection:
        return [bool(each) for each in connection.scalars(sa.text('SELECT ready FROM "sample"'))]


def _records(database: Database, verb: str) -> list[tuple[str, str | None]]:
    with database.connection() as connection:
        found = connection.execute(sa.select(RUNS.c.outcome, RUNS.c.error_code).where(RUNS.c.verb == verb))
        return [(row[0], row[1]) for row in found]


def test_a_run_is_stopped_and_undone(database: Database, verbs: Verbs) -> None:
    with pytest.raises(RunFailed) as raised, limited(0.1):
        verbs.perform("Touch", on="S", caller=ANN)
    assert raised.value.diagnostics[0].code.id == "E0807"
    assert raised.value.recorded
    assert _records(database, "verbs.desk.Touch") == [("failed", "E0807")]
    assert _ready(database) == [False]
    make_touch_quick(database)
    verbs.perform("Touch", on="S", caller=ANN)
    assert _ready(database) == [True]


def test_a_statement_is_stopped(database: Database) -> None:
    statement = ENDLESS if database.dialect.name == "sqlite" else "SELECT pg_sleep(600)"
    with pytest.raises(ActionLangError) as raised, limited(0.1), database.connection() as connection:
        connection.exec_driver_sql(statement)
    assert raised.value.diagnostics[0].code.id == "E0807"


def test_what_ends_too_late_is_not_kept(database: Database, verbs: Verbs, monkeypatch: pytest.MonkeyPatch) -> None:
    """However little time there is between the last statement and the end."""

    def late() -> None:
        end_all()
        see_that_it_may_be_kept()

    monkeypatch.setattr("actionlang.runtime.transactions.see_that_it_may_be_kept", late)
    with pytest.raises(RunFailed), limited(600):
        verbs.perform("CountUp", on="S", caller=ANN)
    assert _records(database, "verbs.desk.CountUp") == [("failed", "E0807")]


def test_nothing_begins_when_there_is_no_time(database: Database, verbs: Verbs) -> None:
    with limited(600):
        end_all()
        assert is_out_of_time()
        with pytest.raises(ActionLangError) as raised:
            verbs.perform("CountUp", on="S", caller=ANN)
    assert raised.value.diagnostics[0].code.id == "E0807"
    assert _records(database, "verbs.desk.CountUp") == []
    assert not is_out_of_time()


def test_all_are_stopped_when_the_program_ends(database: Database, verbs: Verbs) -> None:
    told: list[str] = []
    began = Event()

    def touch() -> None:
        with limited(600):
            began.set()
            try:
                verbs.perform("Touch", on="S", caller=ANN)
            except ActionLangError as failed:
                told.append(failed.diagnostics[0].code.id)

    thread = Thread(target=touch)
    thread.start()
    began.wait()
    end_all()
    thread.join()
    assert told == ["E0807"]
    assert _ready(database) == [False]


def test_a_limit_inside_of_another_changes_nothing() -> None:
    with limited(600), limited(AT_ONCE):
        assert not is_out_of_time()


def test_without_seconds_there_is_no_limit() -> None:
    with limited(None):
        assert not is_out_of_time()
