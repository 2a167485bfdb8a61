"""Opening a database, what it is set to, and several threads on it."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
import sqlalchemy as sa

from actionlang.diagnostics.diagnostic import ActionLangError
from actionlang.metadata import types as t
from actionlang.plan import expressions as e
from actionlang.plan import steps as s
from actionlang.plan.plan import Parameter
from actionlang.runtime.database import Database
from actionlang.runtime.opening import SYNCHRONOUS
from tests.plan.samples import DATE, ON_CASE, THE_CASE, TODAY, at, literal, of, verb
from tests.runtime.desk import ESCALATE_PLAN, NOW, Desk, fill, open_desk, query, ready, refused

LEVELS = {"off": 0, "normal": 1, "full": 2, "extra": 3}


def setting(database: Database, pragma: str) -> object:
    with database.connection() as connection:
        return connection.exec_driver_sql(f"PRAGMA {pragma}").scalar()


@pytest.mark.parametrize("synchronous", SYNCHRONOUS)
def test_a_file_is_opened_in_wal_mode_with_foreign_keys(tmp_path: Path, synchronous: str) -> None:
    url = f"sqlite:///{tmp_path / 'new.db'}"
    with Database.connect(url, create=True, synchronous=synchronous, busy_timeout=0.25) as database:
        assert setting(database, "journal_mode") == "wal"
        assert setting(database, "foreign_keys") == 1
        assert setting(database, "synchronous") == LEVELS[synchronous]
        assert setting(database, "busy_timeout") == 250


def test_a_name_with_odd_characters_is_a_file(tmp_path: Path) -> None:
    path = tmp_path / "what? 100% #1.db"
    with Database.connect(sa.URL.create("sqlite", database=str(path)), create=True) as database:
        fill(database)
    assert query(path, "SELECT count(*) FROM team") == [(1,)]


def test_a_file_may_be_named_as_sqlite_does(tmp_path: Path) -> None:
    with open_desk(tmp_path / "desk.db"):
        pass
    url = f"sqlite:///file:{tmp_path / 'desk.db'}?mode=ro&uri=true"
    with Database.connect(url) as database:
        assert len(database.log.runs()) == 0
    with Database.connect(sa.make_url(f"sqlite:///file:{tmp_path / 'desk.db'}")) as database:
        assert len(database.log.runs()) == 0


REFUSED = {
    "no file": ("sqlite:///{}/none.db", "E0801", "There is no database {}/none.db."),
    "no URL": ("case.db", "E0801", "case.db is not a database's URL."),
    "an unknown kind": ("oracle://x/y", "E0810", "Verbs do not run on oracle yet."),
    "an unknown option": (
        "sqlite:///{}/none.db?colour=red",
        "E0801",
        "The URL has options that are not known here: colour.",
    ),
    "a folder": ("sqlite:///{}", "E0801", "The database can not be opened."),
    "a folder that is not there": ("sqlite:///{}/no/such/x.db", "E0801", "There is no database {}/no/such/x.db."),
}


@pytest.mark.parametrize("case", REFUSED.values(), ids=REFUSED)
def test_what_can_not_be_opened_is_said(tmp_path: Path, case: tuple[str, str, str]) -> None:
    url, code, message = (part.replace("{}", str(tmp_path)) for part in case)
    with pytest.raises(ActionLangError) as caught:
        Database.connect(url)
    assert refused(caught.value) == (code, message)
    assert list(tmp_path.iterdir()) == []


def test_a_file_in_no_folder_can_not_be_made(tmp_path: Path) -> None:
    with pytest.raises(ActionLangError) as caught:
        Database.connect(f"sqlite:///{tmp_path}/no/x.db", create=True)
    assert refused(caught.value) == ("E0801", "The database can not be opened.")


def test_text_of_another_encoding_is_refused(tmp_path: Path) -> None:
    driver = sqlite3.connect(tmp_path / "wide.db")
    driver.execute("PRAGMA encoding = 'UTF-16'")
    driver.execute("CREATE TABLE t (x)")
    driver.close()
    with Database.connect(f"sqlite:///{tmp_path / 'wide.db'}") as database, pytest.raises(ActionLangError) as caught:
        ESCALATE_PLAN.run(database, on="CAS-1", reason="x")
    assert refused(caught.value) == (
        "E0810",
        "The database stores text as UTF-16le, in which it can not be ordered by code point.",
    )


def test_a_database_in_memory_is_one_for_all_threads() -> None:
    with Database.connect("sqlite://") as database:
        fill(database)
        in_threads([lambda: ESCALATE_PLAN.run(database, on="CAS-1", reason="x")] * 4)
        assert len(database.log.runs()) == 4


def test_the_zone_of_a_database_is_that_of_its_runs(tmp_path: Path) -> None:
    plan = ready(verb("Today", s.Return(at(1), (("day", TODAY),)), outputs=(Parameter("day", DATE),)))
    with open_desk(tmp_path / "desk.db", zone=timezone(timedelta(hours=2))) as desk:
        assert plan.run(desk.database, at=NOW)["day"] == datetime(2026, 11, 25).date()
        assert plan.run(desk.database, at=NOW, zone=UTC)["day"] == datetime(2026, 11, 24).date()


def test_a_closed_database_opens_again(desk: Desk) -> None:
    for _ in range(2):
        ESCALATE_PLAN.run(desk.database, on="CAS-1", reason="x")
        desk.database.close()
    assert len(desk.database.log.runs()) == 2


COUNT = ready(
    verb(
        "Count",
        s.Update(
            at(2),
            THE_CASE,
            (
                (
                    "amount",
                    e.Arithmetic(
                        t.Decimal(),
                        False,
                        "+",
                        e.Otherwise(
                            t.Decimal(),
                            False,
                            e.Convert(t.Decimal(), True, of(THE_CASE, "amount")),
                            e.Convert(t.Decimal(), False, literal(t.Integer(), 0)),
                        ),
                        e.Convert(t.Decimal(), False, literal(t.Integer(), 1)),
                    ),
                ),
            ),
        ),
        binding=ON_CASE,
    )
)
EACH = 20


def in_threads(jobs: list[Callable[[], object]]) -> None:
    """Do all jobs at once; the first one's error is raised."""
    with ThreadPoolExecutor(len(jobs)) as threads:
        for future in [threads.submit(job) for job in jobs]:
            future.result()


def test_two_threads_on_one_database_lose_nothing(desk: Desk) -> None:
    def count() -> None:
        for _ in range(EACH):
            COUNT.run(desk.database, on="CAS-1")

    in_threads([count, count])
    assert desk.case("amount") == (125_000 + 2 * EACH * 10_000,)
    assert len(desk.database.log.runs(limit=100)) == 2 * EACH


def test_two_databases_on_one_file_lose_nothing(desk: Desk) -> None:
    def count() -> None:
        with Database.connect(f"sqlite:///{desk.path}", busy_timeout=60) as database:
            for _ in range(EACH):
                COUNT.run(database, on="CAS-1")

    in_threads([count, count])
    assert desk.case("amount") == (125_000 + 2 * EACH * 10_000,)


def test_ids_rise_with_the_runs_of_a_connection(desk: Desk) -> None:
    runs = [COUNT.run(desk.database, on="CAS-1").run for _ in range(5)]
    assert runs == sorted(runs, key=str)
    assert [record.id for record in desk.database.log.runs()] == runs[::-1]


def test_a_thread_that_has_to_wait_too_long_is_told(tmp_path: Path) -> None:
    with open_desk(tmp_path / "desk.db", busy_timeout=0.05) as desk:
        connection, _ = desk.database.take_turn()
        with pytest.raises(ActionLangError) as caught:
            ESCALATE_PLAN.run(desk.database, on="CAS-1", reason="x")
        assert refused(caught.value) == (
            "E0802",
            "The database is locked: another thread of this program is writing to it.",
        )
        desk.database.end_turn(connection)
        ESCALATE_PLAN.run(desk.database, on="CAS-1", reason="x")


def test_connections_of_a_host_s_engine_go_back_to_its_pool(desk: Desk) -> None:
    engine = sa.create_engine(f"sqlite:///{desk.path}", pool_size=1, max_overflow=0, poolclass=sa.pool.QueuePool)
    database = Database.of(engine)
    Database.of(engine)
    for _ in range(3):
        ESCALATE_PLAN.run(database, on="CAS-1", reason="x")
    assert engine.pool.checkedout() == 0  # type: ignore[attr-defined]
    engine.dispose()


def test_more_plans_than_a_connection_keeps_ready_are_made_ready_again(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("actionlang.runtime.session.MOST_READY", 2)
    plans = [ready(verb(name, s.Stop(at(1)))) for name in ("One", "Two", "Three")]
    for plan in plans * 2:
        plan.run(desk.database)
    assert len(desk.database.log.runs()) == 6
