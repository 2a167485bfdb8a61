"""Many threads at once: nothing lost, nothing twice, each run in the log exactly once."""

from __future__ import annotations

import random
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import sqlalchemy as sa

from actionlang.diagnostics.diagnostic import ActionLangError
from actionlang.runtime.database import Database
from actionlang.runtime.retry import Retry
from tests.concurrency.bank import filled, verb
from tests.concurrency.steering import Ended, in_threads, meanwhile, steered
from tests.concurrency.transfers import BALANCE, Conflicts, Killer, move, see_that_all_is_well, transfers
from tests.postgres import fresh_database

THREADS = 32
EACH = 4
CASES = 12
ROOT = Path(__file__).parents[2]


def ask(database: Database, statement: str) -> list[tuple[object, ...]]:
    with database.connection() as connection:
        return [tuple(row) for row in connection.execute(sa.text(statement))]


@pytest.mark.parametrize("engine", ["auto", "interpreter"])
def test_threads_that_raise_overlapping_sets_of_cases(engine: str) -> None:
    raised = dict.fromkeys(range(1, CASES + 1), 0)
    runs: list[str | None] = []

    def raising(seed: int) -> Callable[[], None]:
        chosen = [random.Random(f"{seed} {turn}").sample(range(1, CASES + 1), 4) for turn in range(EACH)]
        for cases in chosen:
            for number in cases:
                raised[number] += 1

        def work() -> None:
            for cases in chosen:
                runs.append(verb("Raise").run(database, cases=cases, engine=engine).run)

        return work

    jobs = [raising(seed) for seed in range(THREADS)]
    with (
        fresh_database() as url,
        filled(url, CASES),
        Database.connect(url, connections=THREADS, busy_timeout=30, retry=Retry(attempts=100, seconds=60)) as database,
    ):
        in_threads(jobs)
        assert dict(ask(database, "SELECT number, level FROM incident")) == raised  # type: ignore[arg-type]
        assert dict(ask(database, "SELECT of_case, count(*) FROM note GROUP BY of_case")) == raised  # type: ignore[arg-type]
        levels = ask(database, "SELECT of_case, text FROM note")
        assert len(set(levels)) == len(levels) == sum(raised.values())
        logged = [run.id for run in database.log.runs(verb="Raise", limit=1000)]
        assert sorted(logged) == sorted(map(str, runs))
        assert len(set(logged)) == THREADS * EACH


def test_runs_that_met_others_queue_for_what_they_write() -> None:
    """Without the queues the same takes many times as many attempts."""
    counted = {}
    for queue in (True, False):
        with (
            fresh_database() as url,
            filled(url),
            Database.connect(
                url, connections=8, busy_timeout=30, retry=Retry(attempts=1000, seconds=120, queue=queue)
            ) as database,
            Conflicts() as conflicts,
        ):

            def deposit(database: Database = database) -> None:
                for _ in range(10):
                    verb("Deposit").run(database, on=1, amount=1, engine="interpreter")

            in_threads([deposit] * 8)
            assert verb("Look").run(database, on=1)["balance"] == 180
            counted[queue] = conflicts.count
    assert counted[True] < counted[False]


def test_money_only_moves_whatever_connections_are_ended() -> None:
    planned = transfers(300, accounts=6, seed=7)
    with (
        fresh_database() as url,
        filled(url, 6, BALANCE),
        Database.connect(url, connections=12, busy_timeout=30) as database,
    ):
        killer = Killer(url, every=15, seed=7)
        try:
            seen = move(database, planned, 12, killer)
        finally:
            killer.close()
        assert seen.killed > 5
        see_that_all_is_well(url, planned, 6, seen)


# -------------------------------------------------------------------------------------------------------------- on SQLite


def test_threads_write_one_after_another(sqlite_url: str) -> None:
    with Database.connect(sqlite_url, busy_timeout=60) as database:

        def deposit() -> None:
            for _ in range(5):
                verb("Deposit").run(database, on=1, amount=1)

        in_threads([deposit] * 16)
        assert verb("Look").run(database, on=1)["balance"] == 100 + 16 * 5
        assert len(database.log.runs(verb="Deposit", limit=1000)) == 16 * 5


@pytest.mark.process
def test_processes_write_one_after_another(sqlite_url: str) -> None:
    program = (
        "import sys\n"
        "from actionlang.runtime.database import Database\n"
        "from tests.concurrency.bank import verb\n"
        "with Database.connect(sys.argv[1], busy_timeout=60) as database:\n"
        "    for _ in range(20):\n"
        "        verb('Transfer').run(database, source=1, target=2, amount=1)\n"
    )
    command = [sys.executable, "-c", program, sqlite_url]
    children = [subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, text=True) for _ in range(3)]
    assert [(child.wait(), child.stderr.read() if child.stderr else "") for child in children] == [(0, "")] * 3
    for child in children:
        assert child.stderr is not None
        child.stderr.close()
    with Database.connect(sqlite_url) as database:
        assert [verb("Look").run(database, on=number)["balance"] for number in (1, 2)] == [40, 160]
        assert len({run.id for run in database.log.runs(verb="Transfer", limit=1000)}) == 60


def test_a_writer_waits_no_longer_than_it_was_told_to(sqlite_url: str) -> None:
    """Another connection, as of another program, is held in the middle of its run until this one has given up."""
    waiting = Ended()

    def call(database: Database) -> object:
        with Database.connect(sqlite_url, busy_timeout=0.05) as other:
            waiting.end(lambda used: verb("Deposit").run(used, on=1, amount=1), other)
        return None

    def before(statement: str) -> None:
        if statement == "COMMIT":
            call(database)

    with steered(sqlite_url, before) as database:
        verb("Deposit").run(database, on=1, amount=10)
    assert waiting.code == "E0802"
    with Database.connect(sqlite_url) as database:
        assert verb("Look").run(database, on=1)["balance"] == 110


def test_a_thread_waits_no_longer_than_it_was_told_to(sqlite_url: str) -> None:
    told: list[ActionLangError] = []

    def before(statement: str) -> None:
        if statement == "COMMIT":
            in_threads([wait_for_turn])

    def wait_for_turn() -> None:
        with pytest.raises(ActionLangError) as caught:
            verb("Deposit").run(database, on=1, amount=1)
        told.append(caught.value)

    with steered(sqlite_url, before, busy_timeout=0.05) as database:
        verb("Deposit").run(database, on=1, amount=10)
        assert [error.diagnostics[0].message for error in told] == [
            "The database is locked: another thread of this program is writing to it."
        ]
        assert verb("Look").run(database, on=1)["balance"] == 110


def test_who_waits_gets_its_turn(sqlite_url: str) -> None:
    def deposit(database: Database) -> object:
        return verb("Deposit").run(database, on=1, amount=5)

    first, second = meanwhile(sqlite_url, deposit, "COMMIT", deposit)  # type: ignore[arg-type]
    assert (first.code, second.code) == (None, None)
