"""One meaning, in units or as a whole: generated background actions, each unit of which is made by a worker of its own, come to what
they come to when a test performs them: the same rows, changes, outputs, or failure."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID

import attrs
import pytest

from actionlang import Verbs
from actionlang.diagnostics.diagnostic import ActionLangError
from actionlang.durable.kept_values import masked_text
from actionlang.durable.parts import Parts
from actionlang.durable.runs import BackgroundRun, Runs
from actionlang.durable.starting import Asked, ready_to_start
from actionlang.durable.working import LEASE, Working
from actionlang.engine.failure import Failure
from actionlang.engine.interpreter.bind import bind
from actionlang.engine.json_form import to_json
from actionlang.engine.memory import MemoryStore
from actionlang.engine.schema import Schema
from actionlang.engine.sql.store import SqlStore
from actionlang.engine.unit import Unit
from actionlang.metadata import types as t
from actionlang.plan import expressions as e
from actionlang.plan import steps as s
from actionlang.plan.plan import StepPlan, Verb
from actionlang.plan.units import nested, units_of
from actionlang.plan.walk import nodes
from actionlang.registry.active import Active
from actionlang.registry.installing import install
from actionlang.runtime.database import Database
from actionlang.runtime.masking import MASK, mask
from actionlang.runtime.plans import Plan
from actionlang.runtime.request import Request
from actionlang.runtime.run import run_on_database
from tests.differential.comparing import rows_of
from tests.differential.contenders import Looker, put
from tests.strategies.programs import Program, a_program
from tests.strategies.rows import Rows
from tests.strategies.shop import schema

SEED = 2027
NUMBERS = range(50)
NIL = UUID(int=0)
NO_TIME = e.Literal(t.Duration(), False, timedelta(0))


@attrs.frozen
class Seen:
    """What a program came to."""

    failed: tuple[str, str] | None
    outputs: str | None
    changes: tuple[tuple[Any, ...], ...]
    rows: str


def background(program: Program, random: Random) -> StepPlan | None:
    """A program's plan with its verb as a background action that waits here and there; None where that is refused."""
    plan = program.plan
    steps: list[s.Step] = []
    for step in plan.verb.steps:
        if random.random() < 0.3:
            steps.append(s.Wait(step.place, NO_TIME))
        steps.append(step)
    middle = random.randint(0, len(steps))
    staged = (s.Stage(steps[0].place, "First", tuple(steps[:middle])), *steps[middle:]) if middle else tuple(steps)
    binding = plan.verb.binding and attrs.evolve(plan.verb.binding, each=False)
    for body in (staged, tuple(steps)):
        verb = attrs.evolve(plan.verb, kind="background", binding=binding, steps=body)
        found = with_verb(plan, verb)
        try:
            Plan.of(found)
        except ActionLangError:
            continue
        return found
    return None


def asks_for_the_time(plan: StepPlan) -> bool:
    """Whether a plan sees what time it is, which goes on from unit to unit."""
    found = [each for verb in plan.verbs for each in nodes(verb.steps)]
    return any(isinstance(each, e.CallFunction) and each.function in ("now", "today") for each in found)


def with_verb(plan: StepPlan, verb: Verb) -> StepPlan:
    return attrs.evolve(plan, verbs=tuple(verb if each.name == verb.name else each for each in plan.verbs))


def named(text: str, made: Sequence[str]) -> str:
    """The same with the ids that rows were given named by their place in the order."""
    for number, key in enumerate(dict.fromkeys(key for key in made if len(key) == len(str(NIL)))):
        text = text.replace(key, f"made {number}")
    return "\n".join(sorted(text.split("\n")))


def all_rows(store: Any) -> str:
    found = Looker(store).look(tuple(schema().tables))
    return "\n".join(f"{name} {row}" for name, rows in found.items() for row in rows.split("\n"))


# ------------------------------------------------------------------------------------------------------------- as a whole


def as_a_whole(plan: StepPlan, program: Program, rows: Rows) -> Seen:
    """What the interpreter comes to in memory, as a test would."""
    known = {table.name: table for table in plan.tables} | dict(schema().tables)
    store = MemoryStore(known.values(), schema().choices.values())
    put(rows, store)
    bound = bind(plan, store)
    unit = Unit(datetime.now(UTC), caller=program.caller)
    try:
        outputs = bound.run(unit, program.arguments, next(iter(program.targets), None))
    except Failure as failure:
        mask(failure, plan, program.arguments, unit, bound.columns)
        return Seen((failure.code.id, failure.message), None, (), "")
    made = [str(change.key) for change in unit.changes if change.operation == "create"]
    changes = tuple((each.table.name, each.operation, each.verb, each.line, each.stage) for each in unit.changes)
    told = masked_text(plan.verb.outputs, outputs, Schema.of_plan(plan))
    return Seen(None, named(told, made), changes, named(all_rows(store), made))


def before_the_failure(plan: StepPlan, units: int) -> StepPlan:
    """The plan of the units that were committed."""
    statements = units_of(plan.verb, {verb.name: verb for verb in plan.verbs})[:units]
    steps = nested([each for unit in statements for each in unit])
    return with_verb(plan, attrs.evolve(plan.verb, steps=steps))


# --------------------------------------------------------------------------------------------------------------- in units


class Place:
    """A database with the shop's tables."""

    def __init__(self) -> None:
        self.database = Database.connect("sqlite://")
        self.database.tables.create(schema())
        install(self.database)
        self.verbs = Verbs.open(self.database)
        self.runs = Runs(self.database)

    def fill(self, rows: Rows) -> None:
        """Take these rows for those that were there."""
        connection, session = self.database.take_turn()
        session.cursor.execute("BEGIN")
        session.cursor.execute("PRAGMA defer_foreign_keys = on")
        for table in schema().tables.values():
            session.cursor.execute(f'DELETE FROM "{table.stored}"')
        put(rows, SqlStore(session.cursor, session.dialect, schema()))
        session.cursor.execute("COMMIT")
        self.database.end_turn(connection)

    def rows(self) -> str:
        """All there are."""
        connection, session = self.database.take_turn()
        try:
            return all_rows(SqlStore(session.cursor, session.dialect, schema()))
        finally:
            self.database.end_turn(connection)

    def run(self, plan: Plan, program: Program) -> BackgroundRun:
        """Run a plan, each unit by a worker of its own."""
        inputs = {each.name: each.type for each in plan.verb.inputs}
        asked = Asked(
            next(iter(program.targets), None),
            program.caller,
            arguments={name: to_json(value, inputs[name]) for name, value in program.arguments.items()},
        )
        start = ready_to_start(Active(plan.verb.name, 1, plan), self.runs, self.database.hosting, asked)
        request = Request(asked.on, asked.caller, None, UTC, False, asked.arguments, then=start.then)
        run = run_on_database(start.part.steps, start.part.hash, self.database, request).run
        assert run is not None
        while (found := self.runs.find(run)) is not None and found.ended is None:
            self._one_unit(plan)
        assert found is not None
        return found

    def _one_unit(self, plan: Plan) -> None:
        taken = self.runs.take(datetime.now(UTC), LEASE)
        assert taken is not None
        worker = Working(self.verbs, self.runs)
        worker._parts[plan.hash] = Parts(plan)
        try:
            worker._unit(taken)
        except ActionLangError as error:
            worker._failed(taken, error)
        else:
            self.runs.later(taken, datetime.now(UTC))

    def changes(self, run: str) -> list[tuple[Any, ...]]:
        """What the records since a run tell of changes: each row's key, and what is the same wherever a verb is run."""
        with self.database.connection() as connection:
            found = connection.exec_driver_sql(
                "SELECT row_key, row_table, operation, verb, line, stage FROM actionlang_change WHERE run > ? "
                "ORDER BY run, sequence",
                (run,),
            )
            return [(str(json.loads(key)), *rest) for key, *rest in found]


def in_units(place: Place, plan: Plan, program: Program, counts: Counter[str]) -> tuple[Seen, int]:
    """What background runs come to, and how many units were kept."""
    run = place.run(plan, program)
    counts["units"] += run.position
    found = place.changes(run.id)
    made = [key for key, _, operation, *_ in found if operation == "create"]
    changes = tuple(tuple(rest) for _, *rest in found)
    rows = named(place.rows(), made)
    if run.code is not None:
        return Seen((run.code, str(run.message)), None, changes, rows), run.position
    return Seen(None, named(run.kept or "{}", made), changes, rows), run.position


def fail_alike(one: Seen, other: Seen) -> bool:
    """Whether both fail so, or none does. A message says less where its own unit, or its verb, had to do with secrets."""
    if one.failed is None or other.failed is None:
        return one.failed is other.failed
    is_masked = MASK in one.failed[1] or MASK in other.failed[1]
    return one.failed[0] == other.failed[0] if is_masked else one.failed == other.failed


@pytest.fixture(scope="module")
def place() -> Iterator[Place]:
    made = Place()
    yield made
    made.database.close()


def test_units_come_to_what_the_whole_comes_to(place: Place) -> None:
    counts: Counter[str] = Counter()
    for number in NUMBERS:
        rows = rows_of(SEED, number)
        random = Random(f"background {SEED} {number}")
        program = a_program(random, rows)
        steps = background(program, random)
        if steps is None or asks_for_the_time(steps):
            counts["refused, or asks for the time"] += 1
            continue
        plan = Plan.of(steps)
        place.fill(rows)
        found, units = in_units(place, plan, program, counts)
        expected = as_a_whole(plan.steps, program, rows)
        counts["failed" if expected.failed else "done"] += 1
        assert fail_alike(found, expected), f"program {number}: {found.failed}, not {expected.failed}"
        if expected.failed is not None:
            assert units < len(Parts(plan).units)
            expected = as_a_whole(before_the_failure(plan.steps, units), program, rows)
            counts["failed behind a unit that changed something"] += bool(expected.changes)
        else:
            assert found.outputs == expected.outputs, f"program {number}"
        assert found.changes == expected.changes, f"program {number}"
        assert found.rows == expected.rows, f"program {number}"
    assert counts["done"] > len(NUMBERS) / 3, counts
    assert counts["units"] > counts["done"] * 2, counts
