"""Escalate on many cases at once, on SQLite and PostgreSQL, against set-based SQL written by hand that leaves the same rows and
records, which is looked at after each pair of runs. Every tenth case is worth telling its team of.

Each side works on a database of its own, made anew for each size; what is told is the best of the rounds. Memory is the most that
the process grew while the verb ran on all cases. PostgreSQL is the server that `ACTIONLANG_TEST_POSTGRES` names.
"""

from __future__ import annotations

import resource
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from time import perf_counter
from typing import Any

import attrs

from actionlang.engine.ids import BlockIds, IdBlock
from actionlang.plan.steps import Assign, Create, Update
from actionlang.plan.walk import nodes
from actionlang.runtime.database import Database
from actionlang.runtime.plans import Plan
from benchmarks.calls import escalate_plan
from benchmarks.sets_by_hand import Escalation, on_postgres, on_sqlite

SIZES = (1_000, 10_000, 100_000, 1_000_000)
BAR = 1.3
NOW = datetime(2026, 11, 25, 9, 30, 0, 1, tzinfo=UTC)
REASON = 'No "reply"'
TIER, OTHER = "00000000-0000-7000-8000-000000000000", "00000000-0000-7000-8000-000000000001"
BLOCK = IdBlock("0193a000-0000-7000-8000", 1_000, 7)

SAME = (
    'SELECT id, priority, escalated_on, escalation_reason, owner_user, owner_team FROM "case" ORDER BY id',
    "SELECT id, subject, regarding_case, due, status, owner_user, owner_team FROM task ORDER BY id",
    "SELECT id, recipient_user, recipient_team, text, sent_on, read FROM notification ORDER BY id",
    'SELECT sequence, row_table, row_key, operation, verb, line, stage, "before", "after" FROM actionlang_change ORDER BY sequence',
)  # fmt: skip


@attrs.frozen
class Measured:
    """Seconds that both sides took for so many cases, and megabytes that the verb's side grew by."""

    database: str
    cases: int
    by_hand: float
    verb: float
    grown: float

    @property
    def ratio(self) -> float:
        """How many times the hand-written statements' time the verb takes."""
        return self.verb / self.by_hand


def measure(plan: Plan, name: str, cases: int, rounds: int) -> Measured:
    """Let both sides escalate all cases, in turns.

    Raises AssertionError when they did not write the same.
    """
    taken: dict[str, list[float]] = {"by hand": [], "verb": []}
    grown = 0.0
    for _ in range(rounds):
        found: list[Any] = []
        for side, times in taken.items():
            with made(name, plan, cases) as database:
                if side == "verb":
                    before = _peak()
                    times.append(_time(lambda: _run(plan, database)))
                    grown = max(grown, _peak() - before)
                else:
                    times.append(_time(lambda: _by_hand(plan, name, database)))
                found.append(_written(database) if cases <= 100_000 else None)
        assert found[0] == found[1], f"{name}: the sides did not write the same"
    return Measured(name, cases, min(taken["by hand"]), min(taken["verb"]), grown)


def _time(act: Callable[[], object]) -> float:
    begun = perf_counter()
    act()
    return perf_counter() - begun


def _peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _run(plan: Plan, database: Database) -> None:
    result = plan.run_many(database, at=NOW, reason=REASON)
    assert result.engine == "relational", result.reason


def _by_hand(plan: Plan, name: str, database: Database) -> None:
    steps = [node for node in nodes(plan.verb.steps) if isinstance(node, Update | Assign | Create)]
    notify = next(verb for verb in plan.steps.verbs if verb.name == "core.Notify")
    told = [node for node in nodes(notify.steps) if isinstance(node, Create)]
    moment = NOW.isoformat("T", "microseconds")[:26] + "Z"
    lines = (*(step.place.line for step in steps[:3]), told[1].place.line)
    known = Escalation(
        "0193a000-0000-7000-8000-00000000ffff", BLOCK, moment, str(date(2026, 11, 25) + timedelta(2)), REASON, TIER, plan.hash,
        lines,  # type: ignore[arg-type]
    )  # fmt: skip
    connection, session = database.take_turn()
    try:
        session.cursor.execute(session.dialect.begin)
        (on_sqlite if name == "SQLite" else on_postgres)(session.cursor, known)
        session.cursor.execute("COMMIT")
    finally:
        database.end_turn(connection)


@contextmanager
def made(name: str, plan: Plan, cases: int) -> Iterator[Database]:
    """A helpdesk with open cases, on a database of its own."""
    if name == "SQLite":
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder, "desk.db")
            with Database.connect(f"sqlite:///{path}", create=True, synchronous="normal") as database:
                database.tables.create(plan.schema)
                _fill(database, cases, f"sqlite:///{path}")
                yield database
        return
    from tests.postgres import fresh_database

    with fresh_database() as url, Database.connect(url) as database:
        database.tables.create(plan.schema)
        _fill(database, cases, url)
        yield database


def _fill(database: Database, cases: int, url: str) -> None:
    del url
    connection, session = database.take_turn()
    try:
        cursor, sqlite = session.cursor, session.dialect.name == "sqlite"
        cursor.execute(session.dialect.begin)
        cursor.execute(f"INSERT INTO team (id, name) VALUES ('{TIER}', 'Tier 2'), ('{OTHER}', 'Tier 1')")
        numbers = (
            f"WITH RECURSIVE n(x) AS (SELECT 0 UNION ALL SELECT x + 1 FROM n WHERE x + 1 < {cases})"
            if sqlite
            else f"WITH n(x) AS (SELECT * FROM generate_series(0, {cases - 1}))"
        )
        id_ = "'00000000-0000-7000-8001-' || printf('%012x', x)" if sqlite else (
            "('00000000-0000-7000-8001-' || lpad(to_hex(x), 12, '0'))::uuid"
        )  # fmt: skip
        amount = "CASE x % 10 WHEN 0 THEN 20000 ELSE 250 END" + (" * 10000" if sqlite else "")
        number = "'CAS-' || x"
        cursor.execute(
            f'{numbers} INSERT INTO "case" (id, number, title, priority, status, amount, reopened, owner_team) '
            f"SELECT {id_}, {number}, 'Printer on fire ' || x, 2, 'open', {amount}, 0, '{OTHER}' FROM n"
            if not sqlite
            else f'INSERT INTO "case" (id, number, title, priority, status, amount, reopened, owner_team) {numbers} '
            f"SELECT {id_}, {number}, 'Printer on fire ' || x, 2, 'open', {amount}, 0, '{OTHER}' FROM n"
        )
        cursor.execute("COMMIT")
        if sqlite:
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()  # type: ignore[attr-defined]
        else:
            cursor.execute("VACUUM ANALYZE")
            cursor.execute("CHECKPOINT")
        session.new_ids = lambda: BlockIds(BLOCK)
    finally:
        database.end_turn(connection)


def _written(database: Database) -> list[Any]:
    with database.connection() as connection:
        return [connection.exec_driver_sql(statement).fetchall() for statement in SAME]


def main(sizes: tuple[int, ...] = SIZES) -> None:
    """Print the table."""
    plan = escalate_plan()
    print("| database | cases | by hand, s | ActionLang, s | ratio | bar | us a case | grown, MB |")
    print("|---|---:|---:|---:|---:|---:|---:|---:|")
    for name in ("SQLite", "PostgreSQL"):
        for cases in sizes:
            rounds = 1 if cases > 100_000 else 3
            found = measure(plan, name, cases, rounds)
            print(
                f"| {name} | {cases:,} | {found.by_hand:.3f} | {found.verb:.3f} | {found.ratio:.2f} | {BAR} | "
                f"{found.verb / cases * 1e6:.1f} | {found.grown:.0f} |",
                flush=True,
            )


if __name__ == "__main__":
    main(tuple(int(word) for word in sys.argv[1:]) or SIZES)
