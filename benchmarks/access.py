"""What rules of access cost a call and a run over many rows, on SQLite (a file, `synchronous=off`) and on PostgreSQL.

A call is a run of a verb of one update and one count of rows; the sides take turns, a round each, and what is told is the median
of the rounds. `all` may do everything with all rows, so that the plan is the very plan; `own` and `team` reach some: the caller
owns a third of the rows, and shares a team with those who own the others. Each run under rules reads the caller's rights in its own transaction.
A set is an update over all rows that the side reaches, five times; its time is told by the row.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from statistics import median
from time import perf_counter

import attrs
import sqlalchemy as sa

from actionlang.access import roster
from actionlang.access.people import PEOPLE
from actionlang.access.policy import Policy
from actionlang.access.rights import PERFORM, TABLE_WORDS, Depth, Grant
from actionlang.compile.compiled import compile_scripts
from actionlang.compile.project import Project
from actionlang.compile.selection import Selection
from actionlang.engine.schema import Schema
from actionlang.plan.codec import decode
from actionlang.runtime.database import Database
from actionlang.runtime.hosting import Hosting
from actionlang.runtime.plans import Plan
from tests.postgres import fresh_database

ROUNDS = 20
CALLS = 100
SETS = 5
ROWS = 20_000
MATES = 10
FREE = "no rules"
SIDES = {"all": Depth.ALL, "team": Depth.TEAM, "own": Depth.OWN}

SCRIPT = """
import core;

table job < number integer required key; title text(60) required; done integer required default 0; owner owner required >

action Join(name text) <
  create user as joined set name = name, email = name;
  find optional team as there where (there.name = "Team");
  if (there is empty) < create team set name = "Team" >
  create membership set team = team("Team"), user = joined;
>

action Add(number integer, who text) < create job set number = number, title = "A thing", owner = user(who) >

action Work on job (by integer) returns (jobs integer) <
  update job set done = job.done + by;
  return jobs: count(job as other where other.number < 10);
>

action Done on job (by integer) < update job set done = job.done + by >
"""


@attrs.frozen
class Measured:
    """Microseconds a call and a row of a set, by side."""

    database: str
    calls: dict[str, float]
    sets: dict[str, float]


def plans() -> tuple[Schema, dict[str, Plan]]:
    """The tables, and the verbs by name."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder).resolve()
        (root / "jobs.act").write_text(SCRIPT)
        compiled = compile_scripts(
            Selection(Project(root, (root,)), (root / "jobs.act",), (root,)), cached=False
        ).needed()
        found = {verb.short_name: Plan.loads(compiled.plan(verb)) for verb in compiled.verbs}
        schema = Schema.of_plan(decode(compiled.schema_plan()))
        return Schema({**PEOPLE, **schema.tables}, schema.choices), found


def measure(name: str, url: str, rounds: int = ROUNDS, calls: int = CALLS, rows: int = ROWS) -> Measured:
    """Measure on a new database. Raises AssertionError when a side did not do what it was to do."""
    schema, verbs = plans()
    with ExitStack() as opened:
        free = opened.enter_context(Database.connect(url, create=True, synchronous="off"))
        _fill(free, schema, verbs, rows)
        policy = Hosting(policy=Policy())
        databases = {FREE: free}
        for side in SIDES:
            databases[side] = opened.enter_context(Database.connect(url, synchronous="off", hosting=policy))
        times: dict[str, list[float]] = {side: [] for side in databases}
        for _ in range(rounds):
            for number, (side, database) in enumerate(databases.items()):
                call = partial(verbs["Work"].run, database, on=number, by=1, caller=_caller(side, free))
                times[side].append(_time(call, calls))
        sets: dict[str, list[float]] = {side: [] for side in databases}
        for _ in range(SETS):
            for side, database in databases.items():
                sets[side].append(_set(verbs["Done"], database, _caller(side, free)))
        return Measured(
            name,
            {side: median(taken) / calls * 1e6 for side, taken in times.items()},
            {side: median(taken) for side, taken in sets.items()},
        )


def _caller(side: str, free: Database) -> object:
    """Who calls: each side has a user of its own, by id."""
    with free.connection() as connection:
        return roster.member_id(connection, "user", "all" if side == FREE else side)


def _fill(database: Database, schema: Schema, verbs: dict[str, Plan], rows: int) -> None:
    database.tables.create(schema)
    for name in (*SIDES, *(f"mate{number}" for number in range(MATES))):
        verbs["Join"].run(database, name=name)
    with database.connection() as connection, connection.begin():
        roster.make_tables(connection)
        roles = {}
        for side, depth in SIDES.items():
            words = [Grant(side, PERFORM, "*")]
            words += [Grant(side, word, "jobs.job", depth) for word in TABLE_WORDS]
            roles[side] = roster.Role(side, "", roster.sorted_grants(words))
        roster.replace_roles(connection, roles)
        for side in SIDES:
            key = roster.member_id(connection, "user", side)
            assert key is not None
            roster.give(connection, "user", key, side)
    for number, who in enumerate(("all", *SIDES)):
        verbs["Add"].run(database, number=number, who=who)
    _add_many(database, rows)
    with database.connection() as connection, connection.begin():
        # Otherwise PostgreSQL would look for rows by what it thinks of an empty table.
        connection.exec_driver_sql("ANALYZE")


def _add_many(database: Database, rows: int) -> None:
    """The other rows: a third of them each user's own."""
    with database.connection() as connection, connection.begin():
        owners = [roster.member_id(connection, "user", side) for side in SIDES]
        job = sa.table("job", *(sa.column(name) for name in ("id", "number", "title", "done", "owner_user")))
        connection.execute(
            job.insert(),
            [
                {
                    "id": f"11111111-0000-7000-8000-{number:012x}",
                    "number": number,
                    "title": "A thing",
                    "done": 0,
                    "owner_user": owners[number % len(owners)],
                }
                for number in range(100, 100 + rows)
            ],
        )


def _set(plan: Plan, database: Database, caller: object) -> float:
    """Microseconds a row of a run over all rows that the caller reaches."""
    begun = perf_counter()
    done = plan.run_many(database, by=1, caller=caller)
    taken = perf_counter() - begun
    assert done.engine == "relational", done.reason
    return taken / done.rows * 1e6


def _time(call: Callable[[], object], calls: int) -> float:
    begun = perf_counter()
    for _ in range(calls):
        call()
    return perf_counter() - begun


@contextmanager
def databases() -> Iterator[dict[str, str]]:
    """New databases by name, by their URLs."""
    with tempfile.TemporaryDirectory() as folder, fresh_database() as url:
        yield {"SQLite": f"sqlite:///{folder}/jobs.db", "PostgreSQL": url}


def main() -> None:
    """Print the table."""
    with databases() as urls:
        measured = [measure(name, url) for name, url in urls.items()]
    print("| database | rules | µs a call | ratio | µs a row of a set | ratio |")
    print("|---|---|---:|---:|---:|---:|")
    for found in measured:
        for side, taken in found.calls.items():
            row = found.sets[side]
            print(
                f"| {found.database} | {side} | {taken:.0f} | {taken / found.calls[FREE]:.2f} "
                f"| {row:.2f} | {row / found.sets[FREE]:.2f} |"
            )


if __name__ == "__main__":
    main()
