"""One call of a verb through a loaded plan on SQLite, against the same by hand: what does a verb cost?

Both sides work on a file of their own with the same tables, keys, checks, foreign keys and indexes, in WAL mode, and write the
same rows and records, which is looked at in the end. Each call is a transaction of its own, on a case not escalated yet. The
sides take turns, a round each; what is told is the median of the rounds.
"""

from __future__ import annotations

import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

import attrs

from actionlang.compile.link import Linker
from actionlang.compile.modules import Loader
from actionlang.engine.ids import ClockIds
from actionlang.plan.codec import encode
from actionlang.plan.steps import Assign, Create, Update
from actionlang.plan.walk import nodes
from actionlang.runtime.database import Database
from actionlang.runtime.plans import Plan
from benchmarks.escalate_by_hand import Escalation

ROUNDS = 40
CALLS = 200
BAR = 1.5
LEVELS = ("off", "normal", "full")
"""SQLite's `synchronous`: from never waiting for the disk to waiting after each commit."""

Call = Callable[[str], object]

SAME = {
    "case": 'SELECT number, priority, status, escalated_on IS NULL, escalation_reason, owner_user, owner_team FROM "case"',
    "task": "SELECT subject, regarding_case, status, owner_user, owner_team FROM task",
    "runs": "SELECT verb, plan_hash, row_table, row_key, arguments, requires, zone, outcome FROM actionlang_run",
    "changes": "SELECT sequence, row_table, operation, verb, line, stage, length(before), length(after) FROM actionlang_change",
}
"""What both sides have written when they are done; ids and moments differ."""


@attrs.frozen
class Measured:
    """Microseconds a call, by hand and through the plan."""

    synchronous: str
    by_hand: float
    verb: float

    @property
    def ratio(self) -> float:
        """How many times the hand-written code's time a call takes."""
        return self.verb / self.by_hand


def escalate_plan() -> Plan:
    """The standard library's Escalate, compiled, written and loaded."""
    loader = Loader(Path.cwd())
    module = loader.load_standard("helpdesk")
    steps = Linker(loader.program().modules).plan(module.verbs["helpdesk.Escalate"])
    return Plan.loads(encode(steps))


def measure(plan: Plan, synchronous: str, rounds: int = ROUNDS, calls: int = CALLS) -> Measured:
    """Let both sides escalate cases in turns.

    Raises AssertionError when they did not write the same.
    """
    with tempfile.TemporaryDirectory() as folder:
        paths = Path(folder, "by_hand.db"), Path(folder, "verb.db")
        for path in paths:
            _make(path, plan, rounds * calls)
        with _by_hand(paths[0], plan, synchronous) as by_hand, _verb(paths[1], plan, synchronous) as verb:
            times: tuple[list[float], list[float]] = ([], [])
            for round_ in range(rounds):
                numbers = [_number(round_ * calls + call) for call in range(calls)]
                for call, taken in zip((by_hand, verb), times, strict=True):
                    taken.append(_time(call, numbers))
        for name, statement in SAME.items():
            assert _rows(paths[0], statement) == _rows(paths[1], statement), f"the {name} differ"
    return Measured(synchronous, median(times[0]) / calls, median(times[1]) / calls)


def _time(call: Call, numbers: list[str]) -> float:
    """Microseconds that calls take together."""
    begun = perf_counter()
    for number in numbers:
        call(number)
    return (perf_counter() - begun) * 1e6


def _number(count: int) -> str:
    return f"CAS-{count:06}"


def _make(path: Path, plan: Plan, cases: int) -> None:
    """A helpdesk with a team and open cases."""
    with Database.connect(f"sqlite:///{path}", create=True) as database:
        database.tables.create(plan.schema)
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("INSERT INTO team (id, name) VALUES (?, 'Tier 2')", (_id(0),))
        connection.execute("INSERT INTO team (id, name) VALUES (?, 'Tier 1')", (_id(1),))
        connection.executemany(
            'INSERT INTO "case" (id, number, title, priority, status, amount, reopened, owner_team)'
            " VALUES (?, ?, 'Printer on fire', 2, 'open', 2500000, 0, ?)",
            ((_id(10 + count), _number(count), _id(1)) for count in range(cases)),
        )


def _id(count: int) -> str:
    return f"00000000-0000-7000-8000-{count:012x}"


@contextmanager
def _by_hand(path: Path, plan: Plan, synchronous: str) -> Iterator[Call]:
    steps = [node for node in nodes(plan.verb.steps) if isinstance(node, Update | Assign | Create)]
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute(f"PRAGMA synchronous = {synchronous}")
        by_hand = Escalation(connection, ClockIds(), plan.hash, [step.place.line for step in steps])
        yield lambda number: by_hand.escalate(number, f"No reply to {number}")


@contextmanager
def _verb(path: Path, plan: Plan, synchronous: str) -> Iterator[Call]:
    with Database.connect(f"sqlite:///{path}", synchronous=synchronous) as database:
        yield lambda number: plan.run(database, on=number, reason=f"No reply to {number}")


def _rows(path: Path, statement: str) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(path)) as connection:
        return sorted(connection.execute(statement), key=repr)


def main() -> None:
    """Print the table."""
    plan = escalate_plan()
    print("One call of `helpdesk.Escalate`, microseconds, median of", f"{ROUNDS} rounds of {CALLS} calls.\n")
    print("| synchronous | sqlite3 by hand | ActionLang | ratio | bar |")
    print("|---|---:|---:|---:|---:|")
    for synchronous in LEVELS:
        found = measure(plan, synchronous)
        print(f"| {synchronous} | {found.by_hand:.0f} | {found.verb:.0f} | {found.ratio:.2f} | {BAR:.1f} |")


if __name__ == "__main__":
    main()
