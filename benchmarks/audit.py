"""The audit log: what a trace and an index cost a call, how fast records are sealed and verified, how soon a million changes answer.

The call is a verb of six steps that leaves three changes, by the interpreter on all sides, which take turns; what is told is the best
of the rounds. The records that are sealed and asked are made up: 250,000 runs with four changes each, on 50,000 rows; one run in
a hundred failed. All is measured on one machine, in one process.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from time import perf_counter
from typing import Any

import sqlalchemy as sa

from actionlang.audit.sealing import Sealer
from actionlang.audit.tables import INDEXES
from actionlang.audit.verifying import verify
from actionlang.compile.link import Linker
from actionlang.compile.modules import Loader
from actionlang.diagnostics.source import Source
from actionlang.engine.ids import uuid7
from actionlang.registry.installing import install
from actionlang.runtime.audit import CHANGES, RUNS
from actionlang.runtime.database import Database
from actionlang.runtime.hosting import Hosting
from actionlang.runtime.log import Log
from actionlang.runtime.plans import Plan

SCRIPT = """
choice Priority < low = 1; normal = 2; high = 3 >

table case < number text(20) required key; title text(200); priority Priority required default normal; reason text >

table task < subject text(100) required; regarding case required >

action Open (number text) < create case set number = number, title = "Printer {number}" >

action Note on case (text text) < create task set subject = text, regarding = case >

action Escalate on case (reason text) returns (ticket task) <
  require (case.number != reason);
  stage "Raise" <
    update case set title = "{reason} {case.number}", reason = reason;
    perform Note(text: "Why: {reason}") on case;
  >
  create task as ticket set subject = "Call back: {case.title}", regarding = case;
  return ticket: ticket
>
"""

Fresh = Callable[[], AbstractContextManager[str]]
"""Gives the URL of a new database."""

CASES = 100
CALLS = 200
ROUNDS = 7
MADE_UP = 250_000
CHANGES_EACH = 4
ROWS = 50_000
AT_ONCE = 10_000
FIRST = 1_760_000_000_000
"""Milliseconds at which the first of the made up runs began."""


@contextmanager
def sqlite_database() -> Iterator[str]:
    """The URL of a new file."""
    with tempfile.TemporaryDirectory() as folder:
        yield f"sqlite:///{Path(folder) / 'desk.db'}"


def verb(name: str) -> Plan:
    """A verb of the script."""
    loader = Loader(Path())
    loader.load_source("desk", Source("desk.act", SCRIPT), None)
    linker = Linker(loader.program().modules)
    return Plan.of(linker.plan(linker.verbs[f"desk.{name}"]))


# --------------------------------------------------------------------------------------------------------- what it costs


def cost_of_calls(fresh: Fresh, rounds: int = ROUNDS, calls: int = CALLS) -> dict[str, float]:
    """Microseconds of a call: plain, with the indexes of the log, and traced besides."""
    plan = verb("Escalate")
    sides = {"plain": (False, False), "with indexes": (True, False), "traced": (True, True)}
    best = dict.fromkeys(sides, float("inf"))
    with fresh() as one, fresh() as two, fresh() as three:
        opened = {}
        for url, (side, (indexed, trace)) in zip((one, two, three), sides.items(), strict=True):
            opened[side] = _desk(url, plan, indexed, trace)
        for _ in range(rounds):
            for side, database in opened.items():
                began = perf_counter()
                for number in range(calls):
                    _call(plan, database, number)
                best[side] = min(best[side], (perf_counter() - began) / calls * 1e6)
        for database in opened.values():
            database.close()
    return best


def _desk(url: str, plan: Plan, indexed: bool, trace: bool) -> Database:
    database = Database.connect(url, create=True, synchronous="off", hosting=Hosting(trace=trace))
    database.tables.create(plan.schema)
    if indexed:
        install(database)
    opening = verb("Open")
    for number in range(CASES):
        opening.run(database, number=f"C-{number}")
    for number in range(60):
        _call(plan, database, number)
    return database


def _call(plan: Plan, database: Database, number: int) -> None:
    plan.run(database, on=f"C-{number % CASES}", engine="interpreter", reason="No reply")


# ----------------------------------------------------------------------------------------------------- a million changes


def make_up(database: Database, runs: int) -> None:
    """Write records of runs that never were."""
    with database.engine.begin() as connection:
        for start in range(0, runs, AT_ONCE):
            numbers = range(start, min(start + AT_ONCE, runs))
            connection.execute(sa.insert(RUNS), [_run(number) for number in numbers])
            changes = [_change(number, place) for number in numbers for place in range(1, CHANGES_EACH + 1)]
            connection.execute(sa.insert(CHANGES), changes)


def run_id(number: int) -> str:
    """The id of a made up run."""
    return uuid7(FIRST + number, number)


def _run(number: int) -> dict[str, Any]:
    moment = f"2025-10-{1 + number * 30 // MADE_UP:02}T09:00:00.{number:06}Z"
    failed = number % 100 == 7
    return {
        "id": run_id(number),
        "verb": "helpdesk.Escalate" if number % 1000 else "helpdesk.Merge",
        "plan_hash": "0" * 64,
        "caller": f'"{number % 20}"',
        "row_table": "helpdesk.case",
        "row_key": f'"{number % ROWS}"',
        "arguments": '{"reason":"No reply"}',
        "requires": "[]",
        "clock": moment,
        "zone": "UTC",
        "started": moment,
        "finished": moment,
        "outcome": "failed" if failed else "done",
        "error_code": "E0701" if failed else None,
        "message": "Only an open case can be escalated." if failed else None,
    }


def _change(number: int, place: int) -> dict[str, Any]:
    return {
        "run": run_id(number),
        "sequence": place,
        "row_table": "helpdesk.case" if place < 3 else "core.task",
        "row_key": f'"{number % ROWS if place < 3 else number * 2 + place}"',
        "operation": "update" if place < 3 else "create",
        "verb": "helpdesk.Escalate",
        "line": 10 + place,
        "stage": "Raise",
        "before": '{"priority":"normal","escalation_reason":null}' if place < 3 else None,
        "after": '{"priority":"high","escalation_reason":"No reply since Tuesday"}',
    }


QUESTIONS: dict[str, Callable[[Log], object]] = {
    "`log`": lambda log: log.runs(limit=20),
    "`log --row`": lambda log: log.history("helpdesk.case", "4711", limit=20),
    "`log --failed`": lambda log: log.runs(limit=20, outcome="failed"),
    "`log --verb`, one of a thousand": lambda log: log.runs(limit=20, verb="Merge"),
    "`log --actor`": lambda log: log.runs(limit=20, caller="7"),
    "`log RUN`": lambda log: log.run(run_id(1000)),
}


def questions(database: Database) -> dict[str, float]:
    """Milliseconds until each is answered, the best of five."""
    best = dict.fromkeys(QUESTIONS, float("inf"))
    for _ in range(5):
        for name, ask in QUESTIONS.items():
            began = perf_counter()
            ask(database.log)
            best[name] = min(best[name], (perf_counter() - began) * 1000)
    return best


def measure_records(url: str, runs: int = MADE_UP) -> tuple[dict[str, float], dict[str, float], dict[str, float]]:
    """Answers without and with the indexes; runs sealed and verified in a second, and milliseconds for one more run."""
    plan = verb("Escalate")
    with Database.connect(url, create=True, synchronous="off") as database:
        database.tables.create(plan.schema)
        install(database)
        with database.engine.begin() as connection:
            for statement in INDEXES:
                connection.exec_driver_sql(f"DROP INDEX {statement.split()[5]}")
        make_up(database, runs)
        _look_anew(database)
        without = questions(database)
        install(database)
        _look_anew(database)
        answers = questions(database)
        sealed, sealing = _timed(Sealer(database).seal)
        assert sealed.runs == runs
        found, verifying = _timed(lambda: verify(database))
        assert (found.runs, found.problems) == (runs, ())
        _, again = _timed(Sealer(database).seal)
        _, quick = _timed(lambda: Sealer(database).seal(thorough=False))
    rates = {
        "runs sealed in a second": runs / sealing,
        "runs verified in a second": runs / verifying,
        "ms to see that all are sealed": again * 1000,
        "ms to see it quickly": quick * 1000,
    }
    return without, answers, rates


def _look_anew(database: Database) -> None:
    """What databases know of their rows is brought up to date, as they do by themselves in time."""
    with database.engine.connect() as connection:
        connection.exec_driver_sql("ANALYZE")
        connection.commit()


def _timed(act: Callable[[], Any]) -> tuple[Any, float]:
    began = perf_counter()
    found = act()
    return found, perf_counter() - began


def main() -> None:
    """Print the tables."""
    from benchmarks.servers import postgres_database

    both: list[tuple[str, Fresh]] = [("SQLite", sqlite_database), ("PostgreSQL", postgres_database)]
    print("Microseconds of a call.\n")
    print("| | plain | with the log's indexes | traced, too | traced / plain |\n|---|---:|---:|---:|---:|")
    for name, fresh in both:
        cost = cost_of_calls(fresh)
        plain, indexed, traced = cost["plain"], cost["with indexes"], cost["traced"]
        print(f"| {name} | {plain:.0f} | {indexed:.0f} | {traced:.0f} | {traced / plain:.2f} |")
    measured = {}
    for name, fresh in both:
        with fresh() as url:
            measured[name] = measure_records(url)
    changes = MADE_UP * CHANGES_EACH
    print(f"\nMilliseconds until an answer, from {MADE_UP:,} runs with {changes:,} changes.\n")
    print("| | " + " | ".join(f"{name}, no index | {name}, indexes" for name in measured) + " |")
    print("|---|" + "---:|" * (2 * len(measured)))
    for question in QUESTIONS:
        cells = (f"{without[question]:.1f} | {answers[question]:.1f}" for without, answers, _ in measured.values())
        print(f"| {question} | " + " | ".join(cells) + " |")
    print(f"\nThe chain, over {MADE_UP:,} runs with {changes:,} changes.\n")
    print("| | " + " | ".join(measured) + " |\n|---|" + "---:|" * len(measured))
    for what in next(iter(measured.values()))[2]:
        print(f"| {what} | " + " | ".join(f"{rates[what]:,.0f}" for _, _, rates in measured.values()) + " |")


if __name__ == "__main__":
    main()
