"""Several workers at once, slow ones, and a database that is in the way: each unit is made once."""

from __future__ import annotations

import logging
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from actionlang import Background, Verbs
from actionlang.delivery.leasing import looking
from actionlang.diagnostics.diagnostic import ActionLangError
from actionlang.durable.runs import DONE, Progress, Runs, TakenRun
from actionlang.durable.working import LEASE, Working
from actionlang.engine.sql.codecs import write_moment
from actionlang.runtime.background import BACKGROUND
from actionlang.runtime.database import Database
from tests.durable.bench import Bench, at
from tests.registry.board import refusal

VERBS = """
background action Do (name text(20)) <
  perform Say(text: "{name} 1");
  wait 0 seconds;
  perform Say(text: "{name} 2");
  start Follow(name: name)
>
action Follow (name text(20)) < perform Say(text: "{name} followed") >
background action Two < perform Say(text: "one"); perform Say(text: "two") >
"""


@pytest.fixture
def here(here: Bench) -> Bench:
    here.use(VERBS)
    return here


def take(here: Bench) -> TakenRun:
    """Take what is due."""
    taken = here.background.runs.take(datetime.now(UTC), LEASE)
    assert taken is not None
    return taken


def its_lease_ends(here: Bench, run: str) -> None:
    here.set(run, due=write_moment(datetime.now(UTC)))


def told_in_log(caplog: pytest.LogCaptureFixture) -> list[tuple[str, str, str]]:
    """The run, the verb and the code of each line of the log, for those who search it."""
    return [tuple(vars(each).get(name) for name in ("run", "verb", "code")) for each in caplog.records]  # type: ignore[misc]


def make(here: Bench, taken: TakenRun) -> None:
    """Go on with a run that was taken, as a worker does."""
    working = Working(here.background.verbs, here.background.runs)
    try:
        working._go_on(taken, None)
    except ActionLangError as error:
        working._failed(taken, error)
        raise


def test_the_slower_of_two_undoes_its_unit(here: Bench) -> None:
    run = here.start("Two")
    slow = take(here)
    assert here.work() == 0, "nobody takes what is another's"
    its_lease_ends(here, run)
    fast = take(here)
    assert (fast.run.id, fast.run.attempts) == (run, 2)
    with pytest.raises(ActionLangError) as caught:
        make(here, slow)
    assert refusal(caught.value).code.id == "E0727"
    assert here.said == []
    make(here, fast)
    assert (here.find(run).state, here.said) == ("done", ["one", "two"])


@pytest.mark.parametrize(("attempts", "leases"), [(1, 1), (2, 2), (3, 4), (7, 64), (2000, 64)])
def test_whoever_tries_again_has_more_time(desk: Bench, attempts: int, leases: int) -> None:
    """A unit that takes longer than a lease would be taken over by one after another, and never come to its end."""
    desk.use(VERBS)
    run = desk.start("Two")
    desk.set(run, attempts=attempts - 1)
    before = datetime.now(UTC)
    taken = take(desk)
    due = desk.find(run).due
    assert due is not None
    assert before + LEASE * leases <= due <= datetime.now(UTC) + LEASE * leases
    Working(desk.background.verbs, desk.background.runs)._unit(taken)
    due = desk.find(run).due
    assert due is not None
    assert due <= datetime.now(UTC) + LEASE, "the next unit is a new one"


def test_one_that_comes_back_when_all_is_done_changes_nothing(here: Bench) -> None:
    run = here.start("Two")
    slow = take(here)
    its_lease_ends(here, run)
    here.work()
    done = here.find(run)
    with pytest.raises(ActionLangError) as caught:
        make(here, slow)
    assert refusal(caught.value).code.id == "E0727"
    assert here.background.runs.later(slow, datetime.now(UTC)) is False
    assert here.background.runs.fail(slow, datetime.now(UTC), "E0701", "no") is False
    assert (here.find(run), here.said) == (done, ["one", "two"])


def test_a_unit_that_was_committed_already_is_not_committed_again(here: Bench) -> None:
    """Also not by whoever has the lease: the position has to be that which the unit began at."""
    run = here.start("Two")
    taken = take(here)
    working = Working(here.background.verbs, here.background.runs)
    after = working._unit(taken)
    assert after is not None
    with pytest.raises(ActionLangError) as caught:
        working._unit(taken)
    assert refusal(caught.value).code.id == "E0727"
    assert (here.find(run).position, here.said) == (1, ["one"])


def test_how_far_it_has_come_is_kept_with_the_unit_or_not_at_all(here: Bench) -> None:
    run = here.start("Two")
    taken = take(here)
    write = here.background.runs.goes_on(taken, Progress(2, None, None, datetime.now(UTC), DONE, releases=True))
    connection, session = here.database.take_turn()
    try:
        session.cursor.execute("BEGIN")
        write(session, "a run")
        session.cursor.execute("ROLLBACK")
    finally:
        here.database.end_turn(connection)
    assert here.find(run).position == 0


@pytest.mark.parametrize("lease", [timedelta(seconds=60), timedelta(0)], ids=["as usual", "at once another's"])
def test_many_workers_make_each_unit_once(url: str, here: Bench, lease: timedelta) -> None:
    """With leases that have ended when they begin, workers are in each other's way all the time."""
    count, workers = 8, 3
    for number in range(count):
        here.start("Do", name=f"n{number}")
    begun = threading.Barrier(workers)

    def work() -> None:
        with Database.connect(url, busy_timeout=60) as database:
            background = Background(Verbs.open(database), lease=lease)
            begun.wait()
            while background.list(states=("waiting", "running")):
                background.work_once()

    with ThreadPoolExecutor(workers) as pool:
        for each in [pool.submit(work) for _ in range(workers)]:
            each.result()
    expected = [f"n{number} {what}" for number in range(count) for what in ("1", "2", "followed")]
    assert Counter(here.said) == Counter(expected)
    assert Counter((run.verb, run.state) for run in here.background.list()) == {
        ("bench.Do", "done"): count,
        ("bench.Follow", "done"): count,
    }


def test_work_goes_on_until_it_is_told_to_stop(here: Bench) -> None:
    stop = threading.Event()
    told: list[tuple[str, str]] = []

    def each(run: object) -> None:
        assert hasattr(run, "verb")
        told.append((run.verb, run.state))  # type: ignore[attr-defined]
        if run.verb == "bench.Follow":
            stop.set()

    here.start("Do", name="n")
    assert here.background.work(stop, each) == 2
    assert told == [("bench.Do", "done"), ("bench.Follow", "done")]


# ------------------------------------------------------------------------------------------------------ what passes by itself


def test_a_lock_passes(sqlite_url: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "actionlang.background")
    with (
        Database.connect(sqlite_url, busy_timeout=0.05) as database,
        sa.create_engine(sqlite_url, poolclass=sa.NullPool).connect() as other,
    ):
        here = at(database)
        here.use(VERBS)
        run = here.start("Two")
        taken = take(here)
        other.exec_driver_sql("BEGIN IMMEDIATE")
        working = Working(here.background.verbs, here.background.runs)
        with pytest.raises(ActionLangError) as caught:
            working._go_on(taken, None)
        assert refusal(caught.value).code.id == "E0802"
        other.exec_driver_sql("ROLLBACK")
        working._failed(taken, caught.value)
        found = here.find(run)
        assert (found.state, found.position, found.code, found.attempts) == ("waiting", 0, None, 1)
        assert told_in_log(caplog) == [(run, "bench.Two", "E0802")]
        its_lease_ends(here, run)
        here.work()
        assert (here.find(run).state, here.said) == ("done", ["one", "two"])


@pytest.mark.parametrize(("attempts", "pause"), [(1, 1), (2, 2), (5, 16), (9, 60), (2000, 60)])
def test_pauses_grow_up_to_a_minute(desk: Bench, attempts: int, pause: int) -> None:
    desk.use(VERBS)
    run = desk.start("Two")
    desk.set(run, attempts=attempts - 1)
    taken = take(desk)
    before = datetime.now(UTC)
    found = Working(desk.background.verbs, Runs(desk.database))._after(taken)
    assert before + timedelta(seconds=pause) <= found <= datetime.now(UTC) + timedelta(seconds=pause)


def test_a_connection_that_is_ended_passes(postgres_url: str) -> None:
    with Database.connect(postgres_url, connections=1) as database, Database.connect(postgres_url) as other:
        here, there = at(database), at(other)
        here.use(VERBS)
        run = here.start("Two")
        there.do("CREATE FUNCTION cut() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
                 "PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NEW; END $$")  # fmt: skip
        there.do("CREATE TRIGGER cut BEFORE INSERT ON mark FOR EACH ROW EXECUTE FUNCTION cut()")
        assert here.work() == 1
        found = there.find(run)
        assert (found.state, found.position, found.code, there.said) == ("waiting", 0, None, [])
        there.do("DROP TRIGGER cut ON mark")
        its_lease_ends(there, run)
        assert here.work() == 1
        assert (there.find(run).state, there.said) == ("done", ["one", "two"])


def test_another_mistake_than_those_foreseen_ends_the_run(desk: Bench, caplog: pytest.LogCaptureFixture) -> None:
    desk.use(VERBS)
    run = desk.start("Two")
    desk.set(run, kept="no JSON")
    desk.work()
    found = desk.find(run)
    assert (found.state, found.code) == ("failed", "E0809")
    assert found.message is not None
    assert found.message.startswith("ActionLang itself failed: JSONDecodeError")
    assert f"background run {run}" in caplog.text
    assert told_in_log(caplog) == [(run, "bench.Two", "E0809")]


def test_the_log_says_which_run_failed_and_with_what(desk: Bench, caplog: pytest.LogCaptureFixture) -> None:
    desk.use('action Say2 < fail "No." >')
    run = desk.start("Say2")
    desk.work()
    assert told_in_log(caplog) == [(run, "bench.Say2", "E0701")]


def test_a_run_that_another_is_taking_is_passed_over(postgres_url: str) -> None:
    with (
        Database.connect(postgres_url, busy_timeout=1.0) as database,
        sa.create_engine(postgres_url, poolclass=sa.NullPool).connect() as other,
    ):
        here = at(database)
        here.use(VERBS)
        first, second = here.start("Two"), here.start("Two")
        with other.begin():
            other.execute(sa.select(BACKGROUND).where(BACKGROUND.c.id == first).with_for_update())
            assert take(here).run.id == second
        assert take(here).run.id == first


def test_who_looks_is_in_nobodys_way(postgres_url: str) -> None:
    with Database.connect(postgres_url) as database, looking(database) as connection:
        shown = {
            name: connection.exec_driver_sql(f"SHOW {name}").scalar()
            for name in ("transaction_isolation", "transaction_read_only")
        }
    assert shown == {"transaction_isolation": "read committed", "transaction_read_only": "on"}
