"""`Plan.run_many`: one unit over many rows, in chunks where asked, resumed without doing a row twice."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from typing import Any

import pytest

from actionlang.compile.condition import read_condition
from actionlang.diagnostics.diagnostic import ActionLangError
from actionlang.engine.store import RowRef
from actionlang.runtime.database import Database
from actionlang.runtime.many import Condition, ManyResult
from actionlang.runtime.plans import Plan
from actionlang.runtime.result import RunFailed, RunInterrupted
from tests.conformance.scripts import compiled
from tests.engines.call import NOW
from tests.postgres import fresh_database

SCRIPT = compiled("""
table job < number integer primary; name text(40) required; state < open -> done; done >; done_on datetime; day date; part of_job; >
table of_job < name text(20) required key; >
action Finish on job (note text(40)) returns (name text) <
  require (job.name != "stuck") else "Job {job.number} is stuck.";
  update job set name = "{job.name} {note}", done_on = now(), day = today();
  move job to done;
  return name: job.name
>
action Count(n integer) returns (n integer) < return n: n >
action Hide on job (secret text sensitive) < update job set name = secret >
""")
PLAN = Plan.of(SCRIPT.plan("Finish"))
JOBS = 25
KEPT = "With a key only the number of rows and changes is kept, not what the verb gives for each row."


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: Any, tmp_path: Any) -> Iterator[Database]:
    if request.param == "sqlite":
        with Database.connect(f"sqlite:///{tmp_path / 'jobs.db'}", create=True) as opened:
            yield filled(opened)
    else:
        with fresh_database() as url, Database.connect(url) as opened:
            yield filled(opened)


def filled(database: Database) -> Database:
    database.tables.create(SCRIPT.schema)
    execute(database, *(f"INSERT INTO job (number, name, state) VALUES ({n}, 'job {n}', 'open')" for n in range(JOBS)))
    return database


def execute(database: Database, *statements: str) -> None:
    with database.connection() as connection, connection.begin():
        for statement in statements:
            connection.exec_driver_sql(statement)


def query(database: Database, statement: str) -> list[Any]:
    with database.connection() as connection:
        return [tuple(row) for row in connection.exec_driver_sql(statement).fetchall()]


def where(text: str, plan: Plan = PLAN) -> Condition:
    return Condition(read_condition(text, plan.steps), text)


def done(database: Database) -> list[int]:
    return [row[0] for row in query(database, "SELECT number FROM job WHERE state = 'done' ORDER BY number")]


def test_it_runs_on_the_rows_for_which_a_condition_holds(database: Database) -> None:
    result = PLAN.run_many(
        database, where=where('(job.number < 3 or job.name = "job 7")'), note="ok", at=NOW, outputs=True
    )
    assert done(database) == [0, 1, 2, 7]
    assert (result.rows, result.changes, result.engine, result.reason) == (4, 8, "relational", None)
    assert result.outputs is not None
    assert [(row.key, given["name"]) for row, given in result.outputs] == [
        (n, f"job {n} ok") for n in (0, 1, 2, 7)
    ]  # fmt: skip


def test_it_leaves_one_record(database: Database) -> None:
    result = PLAN.run_many(database, note="ok")
    (run,) = database.log.runs()
    changes = database.log.run(run.id).changes
    assert result.runs == (run.id,)
    assert (run.outcome, run.table, run.key, run.targets) == ("done", "example.job", None, JOBS)
    assert run.arguments == {"note": "ok"}
    assert changes is not None
    assert [change.sequence for change in changes] == list(range(1, 2 * JOBS + 1))
    assert [change.key for change in changes] == [n for n in range(JOBS) for _ in range(2)]
    assert changes[1].after == {"state": "done"}


def test_rows_are_named_one_by_one_and_done_once(database: Database) -> None:
    result = PLAN.run_many(database, rows=[5, RowRef("example.job", 3), "5"], note="ok")
    assert done(database) == [3, 5]
    assert result.rows == 2


def test_a_failure_undoes_all_and_names_the_first_row(database: Database) -> None:
    execute(database, "UPDATE job SET name = 'stuck' WHERE number IN (11, 4)")
    with pytest.raises(RunFailed) as caught:
        PLAN.run_many(database, note="ok")
    assert caught.value.diagnostics[0].message == "Job 4 is stuck."
    assert done(database) == []
    assert [run.outcome for run in database.log.runs()] == ["failed"]


@pytest.mark.parametrize("engine", ["auto", "interpreter"])
def test_per_row_leaves_out_what_fails(database: Database, engine: str) -> None:
    execute(database, "UPDATE job SET name = 'stuck' WHERE number IN (11, 4)")
    result = PLAN.run_many(database, note="ok", per_row=True, engine=engine)
    assert [(each.row.key, each.diagnostic.message) for each in result.failures] == [
        (4, "Job 4 is stuck."),
        (11, "Job 11 is stuck."),
    ]
    assert (result.rows, result.engine) == (JOBS - 2, "relational" if engine == "auto" else "interpreter")
    assert done(database) == [n for n in range(JOBS) if n not in (4, 11)]


def test_a_dry_run_keeps_nothing(database: Database) -> None:
    result = PLAN.run_many(database, note="ok", dry_run=True)
    assert (result.runs, result.rows, result.changes, result.dry_run) == ((), JOBS, 2 * JOBS, True)
    assert done(database) == []
    assert database.log.runs() == []


def test_no_rows_are_a_run_too(database: Database) -> None:
    result = PLAN.run_many(database, where=where("(false)"), note="ok")
    assert (result.rows, result.changes, len(result.runs)) == (0, 0, 1)


def test_progress_ends_at_the_last_row(database: Database) -> None:
    told: list[tuple[int, int]] = []
    PLAN.run_many(database, note="ok", progress=lambda *far: told.append(far))
    assert told[-1] == (JOBS, JOBS)
    assert told == sorted(told)


def test_chunks_are_units_under_one_clock(database: Database) -> None:
    told: list[tuple[int, int]] = []
    result = PLAN.run_many(database, note="ok", chunk=10, progress=lambda *far: told.append(far), outputs=True)
    assert (len(result.runs), result.rows, result.changes) == (3, JOBS, 2 * JOBS)
    assert [row.key for row, _ in result.outputs or ()] == list(range(JOBS))
    assert len(query(database, "SELECT DISTINCT clock FROM actionlang_run")) == 1
    assert len(query(database, "SELECT DISTINCT done_on FROM job")) == 1
    assert told == sorted(told)
    assert told[-1] == (JOBS, JOBS)
    assert query(database, "SELECT count(*) FROM actionlang_series") == [(0,)]
    assert query(database, "SELECT count(*) FROM actionlang_series_target") == [(0,)]


def test_a_chunk_that_fails_stays_undone_and_can_be_gone_on_with(database: Database) -> None:
    execute(database, "UPDATE job SET name = 'stuck' WHERE number = 14")
    with pytest.raises(RunFailed) as caught:
        PLAN.run_many(database, note="ok", chunk=10)
    first = caught.value.diagnostics[0]
    assert first.message == "Job 14 is stuck."
    assert first.notes[-2] == f"10 of {JOBS} rows were done before this chunk and stay done"
    series = first.notes[-1].rpartition(" ")[2]
    assert done(database) == list(range(10))
    execute(
        database,
        "UPDATE job SET name = 'free' WHERE number = 14",
        "INSERT INTO job (number, name, state) VALUES (99, 'came later', 'open')",
    )
    result = PLAN.run_many(database, resume=series)
    assert done(database) == list(range(JOBS))
    assert (result.rows, len(result.runs), result.series) == (15, 2, series)
    assert {name for (name,) in query(database, "SELECT name FROM job WHERE number < 14")} == {
        f"job {n} ok" for n in range(14)
    }
    with pytest.raises(ActionLangError, match="There is no series"):
        PLAN.run_many(database, resume=series)


def test_a_series_that_was_interrupted_goes_on_with_its_clock(database: Database) -> None:
    def stop(far: int, _: int) -> None:
        if far >= 10:
            raise KeyboardInterrupt

    with pytest.raises(RunInterrupted) as caught:
        PLAN.run_many(database, note="ok", chunk=10, at=NOW, progress=stop)
    series = caught.value.diagnostic.notes[-1].rpartition(" ")[2]
    assert caught.value.diagnostic.notes == (f"go on with --resume {series}",)
    before = done(database)
    kept = f"{len(before)} of {JOBS} rows were done before this chunk and stay done"
    assert caught.value.diagnostic.message == f"Finish was interrupted in the middle: {kept}."
    assert before == list(range(len(before)))
    assert 0 < len(before) < JOBS or not before
    PLAN.run_many(database, resume=series, chunk=4)
    assert done(database) == list(range(JOBS))
    names = query(database, "SELECT name FROM job ORDER BY number")
    assert names == [(f"job {n} ok",) for n in range(JOBS)]
    assert len(query(database, "SELECT DISTINCT clock FROM actionlang_run")) == 1


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({"chunk": 0}, "A chunk is a number of rows from 1 up, not 0."),
        ({"chunk": 5, "dry_run": True}, "A dry run keeps nothing, so it is not made in chunks."),
        ({"rows": [777]}, 'Finish is on an existing job, by its number, not 777.'),
        ({"resume": "x", "rows": []}, "A series that goes on has its rows already."),
        ({"chunk": 5, "key": "k"}, "A key is for one unit, and each chunk is one of its own."),
        ({"per_row": True, "key": "k"}, KEPT),
        ({"outputs": True, "key": "k"}, KEPT),
        ({"key": ""}, "The key of a run is a text of 1 to 200 characters, all of them printable."),
        ({"note": None}, "`note` takes a value, not None."),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_told(database: Database, asked: dict[str, Any], message: str) -> None:
    with pytest.raises(ActionLangError) as caught:
        PLAN.run_many(database, **{"note": "ok", **asked})
    assert caught.value.diagnostics[0].message == message
    assert done(database) == []
    assert database.log.runs() == []


@pytest.mark.parametrize("engine", ["auto", "interpreter"])
def test_a_key_has_it_done_once(database: Database, engine: str) -> None:
    asked: dict[str, Any] = {"rows": (each for each in (3, 1)), "note": "ok", "key": "two jobs", "engine": engine}
    assert PLAN.run_many(database, **asked, dry_run=True).rows == 2
    first = PLAN.run_many(database, **asked | {"rows": [3, 1]})
    again = PLAN.run_many(database, **asked | {"rows": [3, 1]})
    assert (first.replayed, again.replayed) == (False, True)
    assert (again.runs, again.rows, again.changes, again.engine) == (first.runs, 2, 4, first.engine)
    assert done(database) == [1, 3]
    assert len(database.log.runs()) == 1
    for other in ({"rows": [3]}, {"note": "no"}, {"rows": None, "where": where("(job.number < 3)")}):
        with pytest.raises(ActionLangError) as caught:
            PLAN.run_many(database, **asked | {"rows": [3, 1]} | other)
        assert caught.value.diagnostics[0].code.id == "E0813"
    with pytest.raises(ActionLangError, match="was taken by a run of"):
        PLAN.run(database, on=3, note="ok", key="two jobs")
    assert done(database) == [1, 3]


def test_a_run_that_fails_takes_no_key(database: Database) -> None:
    execute(database, "UPDATE job SET name = 'stuck' WHERE number = 9")
    with pytest.raises(RunFailed):
        PLAN.run_many(database, note="ok", key="all")
    execute(database, "UPDATE job SET name = 'free' WHERE number = 9")
    assert not PLAN.run_many(database, note="ok", key="all").replayed
    assert PLAN.run_many(database, note="ok", key="all").rows == JOBS


def test_a_verb_without_a_row_runs_once_only(database: Database) -> None:
    with pytest.raises(ActionLangError, match="is not on a row"):
        Plan.of(SCRIPT.plan("Count")).run_many(database, n=1)


def test_a_sensitive_argument_is_not_kept_for_later(database: Database) -> None:
    plan = Plan.of(SCRIPT.plan("Hide"))

    def stop(far: int, _: int) -> None:
        kept = [json.loads(row[0]) for row in query(database, "SELECT arguments FROM actionlang_series")]
        assert kept == [{}]
        if far >= 20:
            raise KeyboardInterrupt

    if database.dialect.name == "sqlite":
        # One connection writes; another one looks.
        result: ManyResult | None = plan.run_many(database, secret="0815", chunk=20)
        assert result is not None
        return
    with pytest.raises(RunInterrupted) as caught:
        plan.run_many(database, secret="0815", chunk=20, progress=stop)
    series = caught.value.diagnostic.notes[-1].rpartition(" ")[2]
    with pytest.raises(ActionLangError, match="needs `secret`"):
        plan.run_many(database, resume=series)
    plan.run_many(database, resume=series, secret="0815")
    assert query(database, "SELECT DISTINCT name FROM job") == [("0815",)]


def test_a_condition_that_only_the_interpreter_can_ask(database: Database) -> None:
    text = '(upper(job.name) = "JOB 3" or job.number in (7, 8))'
    result = PLAN.run_many(database, where=where(text), note="ok")
    assert done(database) == [3, 7, 8]
    assert result.engine == ("relational" if database.dialect.name == "sqlite" else "interpreter")


def test_a_condition_that_fails_on_a_row_is_told(database: Database) -> None:
    text = "(quotient(10, job.number - 3) > 1)"
    with pytest.raises(ActionLangError) as caught:
        PLAN.run_many(database, where=where(text), note="ok")
    assert caught.value.diagnostics[0].code.id == "E0706"
    with pytest.raises(ActionLangError) as caught:
        PLAN.run_many(database, where=where(text), note="ok", chunk=5)
    assert caught.value.diagnostics[0].code.id == "E0706"
    assert done(database) == []


def test_columns_stored_in_a_form_of_their_own_are_left_to_the_interpreter(tmp_path: Any) -> None:
    script = compiled("""
    table visit < code id primary; at datetime; note text(20); >
    action Stamp on visit < update visit set at = now(), note = "{visit.note otherwise "none"}" >
    """)
    plan = Plan.of(script.plan("Stamp"))
    path = tmp_path / "visits.db"
    with sqlite3.connect(path) as driver:
        driver.execute("CREATE TABLE visit (code CHAR(32) PRIMARY KEY, at DATETIME, note VARCHAR(20))")
        driver.executemany(
            "INSERT INTO visit VALUES (?, '2026-01-02 03:04:05', NULL)", [(f"{n:032x}",) for n in (3, 1)]
        )
    driver.close()
    with Database.connect(f"sqlite:///{path}") as opened:
        opened.tables.create(script.schema)
        result = plan.run_many(opened, at=NOW)
        named = plan.run_many(opened, rows=[f"00000000-0000-0000-0000-{3:012x}"], at=NOW)
        assert (result.rows, result.engine) == (2, "interpreter")
        assert result.reason is not None
        assert "stored as it is" in result.reason
        assert (named.rows, named.changes) == (1, 0)
        assert query(opened, "SELECT at, note FROM visit") == [("2026-11-24 09:30:00", "none")] * 2
        with pytest.raises(ActionLangError, match="can not be done in chunks"):
            plan.run_many(opened, chunk=1)


def test_a_sensitive_argument_stands_in_no_statement_that_a_server_may_log(database: Database) -> None:
    result = Plan.of(SCRIPT.plan("Hide")).run_many(database, secret="0815")
    assert result.engine == ("relational" if database.dialect.name == "sqlite" else "interpreter")
    assert query(database, "SELECT DISTINCT name FROM job") == [("0815",)]
