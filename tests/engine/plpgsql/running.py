"""One plan three ways on PostgreSQL: step by step, by the function that its session has, and by its script's function. Each in a
transaction that is undone, on the samples' rows."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import attrs
import sqlalchemy as sa

from actionlang.diagnostics.diagnostic import ActionLangError
from actionlang.engine.ids import CountedIds
from actionlang.engine.json_form import to_json
from actionlang.engine.plpgsql.script import script
from actionlang.engine.schema import Schema
from actionlang.engine.sql.postgres import POSTGRES
from actionlang.engine.sql.storage import Storage
from actionlang.engine.sql.store import SqlStore
from actionlang.engine.store import RowRef
from actionlang.plan.plan import StepPlan
from actionlang.runtime.answer import Answer
from actionlang.runtime.database import Database
from actionlang.runtime.plans import Plan
from actionlang.runtime.result import RunFailed
from actionlang.runtime.session import Session
from tests.plan.running import CASE, NOW, ROWS, USER, argument
from tests.plan.samples import BY_NAME, CHOICES, TABLES
from tests.postgres import fresh_database

SCHEMA = Schema.of(TABLES, CHOICES)
HOME = "verbs"
RUN = "019e0000-0000-7000-8000-000000000000"
NEW = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}")
KNOWN = {row for _, row, _ in ROWS}

RUNS = "SELECT verb, plan_hash, caller, row_table, row_key, requires, clock, zone, outcome, error_code, message, failed_verb, place"
CHANGES = "SELECT sequence, row_table, row_key, operation, verb, line, stage, before, after FROM actionlang_change ORDER BY sequence"


@attrs.frozen
class Seen:
    """What came of a run: `done` or the failure's code, outputs as JSON or message and place, the rows and records that there are
    then, what was changed as the caller is told, and whether the database ran all of it."""

    outcome: str
    told: object
    stored: tuple[str, ...]
    changes: object = None
    whole: bool = True


class Desk:
    """A database with the samples' rows, in one open transaction."""

    def __init__(self, connection: sa.Connection) -> None:
        self.connection = connection
        self.session = Session.on(connection)
        self.session.new_ids = lambda: CountedIds(NOW)
        self.session.new_id = lambda: RUN
        self.store = SqlStore(self.session.cursor, POSTGRES, SCHEMA)
        # The schema of temporary functions, which would else go with the first savepoint that is undone.
        self.session.driver.execute("CREATE FUNCTION pg_temp.nothing() RETURNS void LANGUAGE sql AS ''")  # type: ignore[attr-defined]
        self.session.driver.execute(f"CREATE SCHEMA {HOME}")  # type: ignore[attr-defined]
        for table, key, values in ROWS:
            self.store.prepare_insert(BY_NAME[table], tuple(values))(key, tuple(values.values()))

    def by_plan(self, plan: Plan, engine: str) -> Seen:
        """Run through `Plan.run`."""
        with self.undone():
            ready = self.session._ready.get(plan.hash)
            if ready is not None:
                # It was undone with the savepoint in which it was made.
                ready.server._is_there = False
                ready.server._made = 0
            arguments = {each.name: argument(each) for each in plan.verb.inputs}
            on = RowRef(plan.verb.binding.table, CASE) if plan.verb.binding else None
            try:
                result = plan.run(
                    self.connection, on=on, caller=RowRef("core.user", USER), at=NOW, arguments=arguments, engine=engine
                )
            except ActionLangError as error:
                return self._failed(error)
            outputs = {each.name: to_json(result.outputs[each.name], each.type) for each in plan.verb.outputs}
            told = json.dumps(outputs, sort_keys=True)
            return Seen("done", told, self.stored(), result.changes, isinstance(result, Answer))

    def _failed(self, error: ActionLangError) -> Seen:
        failure = error.failure if isinstance(error, RunFailed) else None
        first = error.diagnostics[0]
        place = failure.place if failure else None
        where = f"{failure.source}:{place.line}:{place.column}" if failure and place else None
        return Seen(first.code.id, (first.message, failure and failure.verb, where), self.stored())

    def by_script(self, plan: Plan) -> Seen:
        """Run the script, call its function. Raises NotRelational when there is none."""
        text = script_of(plan.steps)
        with self.undone():
            driver: Any = self.session.driver
            driver.execute(text.replace("\nBEGIN;\n", "\n", 1).replace("\nCOMMIT;\n", "\n"))
            given: dict[str, object] = {plan.verb.binding.row: CASE} if plan.verb.binding else {}
            for each in plan.verb.inputs:
                value = argument(each)
                given[each.name] = value.key if isinstance(value, RowRef) else value
            for name, own in (("caller", USER), ("at", NOW)):
                given[f"run_{name}" if name in given else name] = own
            listed = ", ".join(f'"{name}" => %s' for name in given)
            called = f'SELECT {HOME}."{plan.verb.name}"({listed})'
            (result,) = driver.execute(called, list(given.values()), prepare=False).fetchone()
            if result["outcome"] == "done":
                return Seen("done", json.dumps(result["outputs"], sort_keys=True), self.stored())
            return Seen(result["code"], (result["message"], result.get("verb"), result.get("place")), self.stored())

    @contextmanager
    def undone(self) -> Iterator[None]:
        """While this lasts, what is done is undone in the end."""
        self.session.cursor.execute("SAVEPOINT before")
        try:
            yield
        finally:
            self.session.cursor.execute("ROLLBACK TO SAVEPOINT before")

    def stored(self) -> tuple[str, ...]:
        """All rows, and what is in the records."""
        found = []
        for table in TABLES:
            names = tuple(column.name for column in table.columns if not column.primary)
            rows = self.store.prepare_scan(table, names, ())(())
            found.append(repr([(row.key, list(row.values)) for row in rows]))
        for statement in (f"{RUNS} FROM actionlang_run", CHANGES):
            self.session.cursor.execute(statement)
            found.append(repr(self.session.cursor.fetchall()))
        return tuple(found)


def without_new_ids(seen: Seen) -> Seen:
    """The same, whatever ids new rows got."""
    stored = tuple(_nameless(text) for text in seen.stored)
    told = _nameless(seen.told) if isinstance(seen.told, str) else seen.told
    return attrs.evolve(seen, told=told, stored=tuple(map("".join, map(sorted, stored))), changes=None, whole=True)


def _nameless(text: str) -> str:
    return NEW.sub(lambda found: found[0] if found[0] in KNOWN else "NEW", text)


def script_of(plan: StepPlan, schema: str = HOME) -> str:
    """A plan's script."""
    return script(plan, Plan.of(plan).hash, Storage(Schema.of_plan(plan), POSTGRES), schema)


@contextmanager
def open_desk() -> Iterator[Desk]:
    """A database of its own."""
    with ExitStack() as kept:
        database = kept.enter_context(Database.connect(kept.enter_context(fresh_database())))
        database.tables.create(SCHEMA)
        connection = kept.enter_context(database.engine.connect())
        connection.begin()
        yield Desk(connection)
        connection.rollback()
