"""One call of a verb on PostgreSQL, against the same by hand: statement by statement, as one statement with CTEs that write, as one
PL/pgSQL function, and with an ORM.

All sides work on a database of their own with the same tables, keys, checks, foreign keys and indexes, on one server, and write
the same rows and records, which is looked at in the end. Each call is a serializable transaction of its own, on a case not
escalated yet. The sides take turns, a round each; what is told is the median of the rounds.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from statistics import median
from time import perf_counter
from typing import Any

import psycopg
import sqlalchemy as sa

from actionlang.engine.ids import ClockIds
from actionlang.plan.steps import Assign, Create, Update
from actionlang.plan.walk import nodes
from actionlang.runtime.database import Database
from actionlang.runtime.plans import Plan
from benchmarks.calls import SAME, escalate_plan
from benchmarks.escalate_on_postgres_by_hand import Objects, OneFunction, OneStatement, Statements
from tests.postgres import fresh_database

ROUNDS = 30
CALLS = 100
TEAMS = "INSERT INTO team (id, name) VALUES ('00000000-0000-7000-8000-000000000000', 'Tier 2'), ('00000000-0000-7000-8000-000000000001', 'Tier 1')"
CASES = """
INSERT INTO "case" (id, number, title, priority, status, amount, reopened, owner_team)
SELECT ('00000000-0000-7000-8001-' || lpad(to_hex(n), 12, '0'))::uuid, 'CAS-' || lpad(n::text, 6, '0'), 'Printer on fire', 2, 'open', 250, 0, '00000000-0000-7000-8000-000000000001'
FROM generate_series(0, %s) AS n
"""
BARS = {
    "psycopg, statement by statement": (0.35, 0.2),
    "one statement with CTEs": (1.5, 1.1),
    "one PL/pgSQL function": (1.5, 1.1),
    "SQLAlchemy ORM": (0.2, 0.1),
}

BY_HAND: dict[str, Any] = {
    "psycopg, statement by statement": Statements,
    "one statement with CTEs": OneStatement,
    "one PL/pgSQL function": OneFunction,
}

Call = Callable[[str], object]


def measure(plan: Plan, rounds: int = ROUNDS, calls: int = CALLS) -> dict[str, float]:
    """Microseconds a call, by who makes it.

    Raises AssertionError when they did not write the same.
    """
    with ExitStack() as kept:
        urls = {name: kept.enter_context(fresh_database()) for name in ("ActionLang", *BARS)}
        for url in urls.values():
            fill(url, plan, rounds * calls)
        sides = {name: kept.enter_context(_side(name, url, plan)) for name, url in urls.items()}
        times: dict[str, list[float]] = {name: [] for name in sides}
        for round_ in range(rounds):
            numbers = [f"CAS-{round_ * calls + call:06}" for call in range(calls)]
            for name, call in sides.items():
                begun = perf_counter()
                for number in numbers:
                    call(number)
                times[name].append((perf_counter() - begun) * 1e6 / calls)
        for what, statement in SAME.items():
            first, *others = (rows(url, statement) for url in urls.values())
            for other in others:
                assert first == other, f"the {what} differ"
    return {name: median(taken) for name, taken in times.items()}


def fill(url: str, plan: Plan, cases: int) -> None:
    """A helpdesk with a team and open cases."""
    with Database.connect(url) as database:
        database.tables.create(plan.schema)
    with connected(url) as driver:
        driver.execute(TEAMS)
        driver.execute(CASES, (cases,))
        driver.execute("ANALYZE")


@contextmanager
def connected(url: str) -> Iterator[psycopg.Connection]:
    """A connection of its own, which commits each statement."""
    parts = sa.make_url(url)
    host = parts.host or parts.query.get("host")
    with psycopg.connect(
        dbname=parts.database,
        user=parts.username,
        password=parts.password,
        host=str(host),
        port=parts.port,
        autocommit=True,
    ) as driver:
        yield driver


@contextmanager
def _side(name: str, url: str, plan: Plan) -> Iterator[Call]:
    steps = [node for node in nodes(plan.verb.steps) if isinstance(node, Update | Assign | Create)]
    lines = [step.place.line for step in steps]
    if name == "ActionLang":
        with Database.connect(url) as database:
            yield lambda number: plan.run(database, on=number, reason=f"No reply to {number}")
    elif name == "SQLAlchemy ORM":
        by_orm = Objects(url, ClockIds(), plan.hash, lines)
        yield lambda number: by_orm.escalate(number, f"No reply to {number}")
        by_orm.engine.dispose()
    else:
        with connected(url) as driver:
            by_hand = BY_HAND[name](driver, ClockIds(), plan.hash, lines)
            yield lambda number: by_hand.escalate(number, f"No reply to {number}")


def rows(url: str, statement: str) -> list[tuple[Any, ...]]:
    """What a statement finds, in an order of its own; keys of owners as texts."""
    with connected(url) as driver:
        return sorted(
            driver.execute(statement.replace("owner_user, owner_team", "owner_user::text, owner_team::text")), key=repr
        )


def main() -> None:
    """Print the table."""
    found = measure(escalate_plan())
    print("One call of `helpdesk.Escalate` on PostgreSQL with its audit records, microseconds,")
    print(f"median of {ROUNDS} rounds of {CALLS} calls. ActionLang: {found['ActionLang']:.0f}.\n")
    print("| by hand | microseconds | ratio | bar | aim |")
    print("|---|---:|---:|---:|---:|")
    for name, (bar, aim) in BARS.items():
        print(f"| {name} | {found[name]:.0f} | {found['ActionLang'] / found[name]:.2f} | {bar} | {aim} |")


if __name__ == "__main__":
    main()
