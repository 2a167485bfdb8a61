"""A verb called by its name, against the same plan at hand: what does it cost to get the active version? And how long does an
activation take?

The sides take turns on one database, a round each, each call on a case not escalated yet; what is told is the median of the
rounds. By name, what is active is asked for each half second, or before each call (`max_age=0`). The activation is of one verb
that half of the active ones perform, compiled and tested already; most of the time is spent before anybody has to wait.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from time import perf_counter

import attrs
import sqlalchemy as sa

from actionlang import Verbs
from actionlang.compile.compiled import compile_scripts
from actionlang.compile.project import Project
from actionlang.compile.selection import Selection
from actionlang.engine.schema import Schema
from actionlang.plan.codec import decode
from actionlang.registry.installing import install
from actionlang.registry.publishing import Order, publish
from actionlang.registry.settlement import Draft
from actionlang.runtime.database import Database
from actionlang.runtime.plans import Plan
from benchmarks.calls import escalate_plan
from tests.postgres import fresh_database

ROUNDS = 30
CALLS = 100
ACTIVE = 100
ACTIVATIONS = 9
SIDES = ("the plan at hand", "by name", "by name, asked each time")

BENCHMARK = Order("benchmark")

TABLE = "table entry < number integer required key; text text(100) required >\n"
SHARED = 'action Shared (text text(100)) < create entry set number = count(entry) + 1, text = "{text} 0" >\n'
EVEN = "action Verb{number} (text text(90)) < perform Shared(text: text); perform Shared(text: text) >\n"
ODD = 'action Verb{number} (text text(90)) < create entry set number = {number}, text = "{{text}}{number}" >\n'


@attrs.frozen
class Measured:
    """Microseconds a call, by side; milliseconds of an activation."""

    calls: tuple[float, ...]
    activation: float


def measure(url: str, rounds: int = ROUNDS, calls: int = CALLS, active: int = ACTIVE) -> Measured:
    """Measure on a new database. Raises AssertionError when a side did not do what it was to do."""
    plan = escalate_plan()
    with Database.connect(url, create=True, synchronous="off") as database:
        database.tables.create(plan.schema)
        install(database)
        publish(database, [Draft(plan, {})], BENCHMARK)
        _fill(database, len(SIDES) * rounds * calls)
        times = _calls(database, plan, rounds, calls)
        with database.connection() as connection:
            runs = connection.scalar(sa.text("SELECT count(*) FROM actionlang_run WHERE outcome = 'done'"))
        assert runs == len(SIDES) * rounds * calls
        return Measured(tuple(median(side) / calls * 1e6 for side in times), _activation(database, active) * 1e3)


def _calls(database: Database, plan: Plan, rounds: int, calls: int) -> list[list[float]]:
    usual, eager = Verbs.open(database), Verbs.open(database, max_age=0)
    sides: tuple[Callable[[str], object], ...] = (
        lambda case: plan.run(database, on=case, reason="No reply"),
        lambda case: usual.perform("Escalate", on=case, reason="No reply"),
        lambda case: eager.perform("Escalate", on=case, reason="No reply"),
    )
    times: list[list[float]] = [[] for _ in sides]
    case = iter(range(len(sides) * rounds * calls))
    for _ in range(rounds):
        for side, taken in zip(sides, times, strict=True):
            numbers = [f"CAS-{next(case):06}" for _ in range(calls)]
            begun = perf_counter()
            for number in numbers:
                side(number)
            taken.append(perf_counter() - begun)
    return times


def _fill(database: Database, cases: int) -> None:
    """Teams and open cases."""
    with database.connection() as connection, connection.begin():
        for number in (1, 2):
            values = {"id": f"00000000-0000-7000-8000-00000000000{number}", "name": f"Tier {number}"}
            connection.execute(sa.text(f"INSERT INTO team (id, name) VALUES ({_id(database, 'id')}, :name)"), values)
        statement = (
            'INSERT INTO "case" (id, number, title, priority, status, amount, reopened, owner_team) VALUES '
            f"({_id(database, 'id')}, :number, 'Printer on fire', 2, 'open', 250, 0, {_id(database, 'team')})"
        )
        rows = [
            {
                "id": f"00000000-0000-7000-8001-{number:012x}",
                "number": f"CAS-{number:06}",
                "team": "00000000-0000-7000-8000-000000000001",
            }
            for number in range(cases)
        ]
        connection.execute(sa.text(statement), rows)


def _id(database: Database, name: str) -> str:
    return f":{name}" if database.dialect.name == "sqlite" else f"CAST(:{name} AS uuid)"


def _activation(database: Database, active: int) -> float:
    """Seconds for publishing one verb that half of those that are active perform."""
    verbs = [(EVEN if number % 2 else ODD).format(number=number) for number in range(active)]
    first, *others = (_drafts(TABLE + SHARED.replace(" 0", f" {turn}") + "".join(verbs)) for turn in range(ACTIVATIONS))
    schema, drafts = first
    database.tables.create(schema)
    publish(database, drafts, BENCHMARK)
    taken = []
    for _, changed in others:
        shared = [draft for draft in changed if draft.plan.verb.short_name == "Shared"]
        begun = perf_counter()
        published = publish(database, shared, BENCHMARK)
        taken.append(perf_counter() - begun)
        assert len(published.moves) == active // 2 + 1
    return median(taken)


def _drafts(script: str) -> tuple[Schema, list[Draft]]:
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder).resolve()
        file = root / "many.act"
        file.write_text(script)
        compiled = compile_scripts(Selection(Project(root, (root,)), (file,), (root,)), cached=False).needed()
        plans = [Plan.loads(compiled.plan(verb)) for verb in compiled.verbs]
        return Schema.of_plan(decode(compiled.schema_plan())), [Draft(plan, {file.name: script}) for plan in plans]


@contextmanager
def _databases() -> Iterator[dict[str, str]]:
    with tempfile.TemporaryDirectory() as folder, fresh_database() as url:
        yield {"SQLite": f"sqlite:///{folder}/desk.db", "PostgreSQL": url}


def main() -> None:
    """Print the table."""
    with _databases() as urls:
        found = {name: measure(url) for name, url in urls.items()}
    print(
        f"One call of `helpdesk.Escalate`, microseconds, median of {ROUNDS} rounds of {CALLS} calls; SQLite without `synchronous`.\n"
    )
    print(f"| | {' | '.join(found)} |")
    print(f"|---|{'---:|' * len(found)}")
    for number, side in enumerate(SIDES):
        cells = [f"{each.calls[number]:.0f} ({each.calls[number] / each.calls[0]:.2f})" for each in found.values()]
        print(f"| {side} | {' | '.join(cells)} |")
    print(f"\nAn activation of one verb, and {ACTIVE // 2} of {ACTIVE} active ones with it, milliseconds.\n")
    print(f"| {' | '.join(found)} |")
    print(f"|{'---:|' * len(found)}")
    print(f"| {' | '.join(f'{each.activation:.0f}' for each in found.values())} |")


if __name__ == "__main__":
    main()
