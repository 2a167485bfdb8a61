"""What a plug-in costs a call, and that those who have none pay nothing.

The sides take turns, a round each, on one SQLite file with `synchronous=off`: each call is a run of a verb of one update. What
is told is the median of the rounds. "Others" are plug-ins on verbs and tables that the verb has nothing to do with. A plug-in on
the update looks at the row and at what is to be set; without a time-out it is called in the run's thread, with one in a thread
of its own. The last side also performs a verb of the same plan in it.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from statistics import median
from time import perf_counter

import attrs

from actionlang.compile.compiled import compile_scripts
from actionlang.compile.project import Project
from actionlang.compile.selection import Selection
from actionlang.engine.schema import Schema
from actionlang.plan.codec import decode
from actionlang.plugins import Context, Plugins
from actionlang.runtime.database import Database
from actionlang.runtime.hosting import PLAIN, Hosting
from actionlang.runtime.plans import Plan

ROUNDS = 40
CALLS = 100

NOTHING, OTHERS, ONE, TIMED, TEN, PERFORMING = (
    "no plug-ins", "others", "one", "one, with a time-out", "ten", "one that performs a verb",
)  # fmt: skip

SCRIPT = """
table item < number integer required key; title text(60) required; count integer required default 0 >

action Add(number integer) < create item set number = number, title = "A thing" >

function Twice(count integer) returns (twice integer) < return twice: 2 * count >

action Count on item (by integer) < update item set count = item.count + Twice(count: by) - by >
"""


@attrs.frozen
class Measured:
    """Microseconds a call, by side."""

    calls: dict[str, float]

    def ratio(self, side: str) -> float:
        """How many times the time of a call without plug-ins."""
        return self.calls[side] / self.calls[NOTHING]


def hostings() -> dict[str, Hosting]:
    """What is added to runs on each side."""
    others, one, timed, ten, performing = (Plugins() for _ in range(5))
    for number in range(20):
        others.on_verb(f"other.Verb{number}")(look)
        others.on_table("other.table", "update", name=str(number))(look)
        if number < 10:
            ten.on_table("items.item", "update", timeout=None, name=str(number))(look)
    one.on_table("items.item", "update", timeout=None)(look)
    timed.on_table("items.item", "update", timeout=10)(look)
    performing.on_table("items.item", "update", timeout=None, performs=("items.Twice",))(twice)
    found = {OTHERS: others, ONE: one, TIMED: timed, TEN: ten, PERFORMING: performing}
    return {NOTHING: PLAIN, **{side: Hosting(plugins) for side, plugins in found.items()}}


def look(context: Context) -> None:
    """A plug-in that looks at what happens."""
    assert context.before is not None
    assert context.arguments["count"] != context.before["count"]


def twice(context: Context) -> None:
    """A plug-in that performs a verb."""
    assert context.perform("items.Twice", count=4)["twice"] == 8


def plans() -> tuple[Schema, dict[str, Plan]]:
    """The tables, and the verbs by name."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder).resolve()
        (root / "items.act").write_text(SCRIPT)
        compiled = compile_scripts(
            Selection(Project(root, (root,)), (root / "items.act",), (root,)), cached=False
        ).needed()
        found = {verb.short_name: Plan.loads(compiled.plan(verb)) for verb in compiled.verbs}
        return Schema.of_plan(decode(compiled.schema_plan())), found


def measure(rounds: int = ROUNDS, calls: int = CALLS) -> Measured:
    """Measure on a new database. Raises AssertionError when a side did not do what it was to do."""
    schema, verbs = plans()
    with tempfile.TemporaryDirectory() as folder, ExitStack() as opened:
        url = f"sqlite:///{folder}/items.db"
        databases = {
            side: opened.enter_context(Database.connect(url, create=True, synchronous="off", hosting=hosting))
            for side, hosting in hostings().items()
        }
        databases[NOTHING].tables.create(schema)
        for number, _ in enumerate(databases):
            verbs["Add"].run(databases[NOTHING], number=number)
        times: dict[str, list[float]] = {side: [] for side in databases}
        for _ in range(rounds):
            for number, (side, database) in enumerate(databases.items()):
                times[side].append(_time(partial(verbs["Count"].run, database, on=number, by=1), calls))
        with databases[NOTHING].connection() as connection:
            counted = connection.exec_driver_sql("SELECT DISTINCT count FROM item").scalars().all()
        assert counted == [rounds * calls]
        return Measured({side: median(taken) / calls * 1e6 for side, taken in times.items()})


def _time(call: Callable[[], object], calls: int) -> float:
    begun = perf_counter()
    for _ in range(calls):
        call()
    return perf_counter() - begun


def main() -> None:
    """Print the table."""
    found = measure()
    print("| plug-ins | µs a call | ratio |")
    print("|---|---:|---:|")
    for side, taken in found.calls.items():
        print(f"| {side} | {taken:.0f} | {found.ratio(side):.2f} |")


if __name__ == "__main__":
    main()
