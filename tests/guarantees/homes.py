"""Places where verbs run, with the samples' rows in them, and what there is to be seen of a run there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import tzinfo
from typing import Any, Protocol

import attrs
import sqlalchemy as sa
from hypothesis import HealthCheck

from actionlang.engine.failure import Failure
from actionlang.engine.ids import CountedIds
from actionlang.engine.interpreter.bind import bind
from actionlang.engine.memory import MemoryStore
from actionlang.engine.schema import Schema
from actionlang.engine.sql.store import SqlStore
from actionlang.engine.store import RowRef, Store
from actionlang.engine.unit import Unit
from actionlang.plan.plan import StepPlan
from actionlang.runtime.audit import RUNS
from actionlang.runtime.database import Database
from actionlang.runtime.plans import Plan
from actionlang.runtime.result import RunFailed
from tests.guarantees.reference import Answer, World, answer, exact
from tests.plan.running import CASE, NOW, ROWS, USER, argument
from tests.plan.samples import BY_NAME, CHOICES, TABLES
from tests.postgres import fresh_database

SCHEMA = Schema.of(TABLES, CHOICES)
CALLER = RowRef("core.user", USER)
SLOW = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]

START: World = {table.name: {} for table in TABLES}
for _table, _key, _values in ROWS:
    START[_table][_key] = {name: exact(value) for name, value in _values.items()}


@attrs.frozen
class Seen:
    """What a run came to: its outputs or the code of its failure, and what it changed."""

    outputs: Mapping[str, object] | None
    code: str | None
    changes: tuple[Any, ...] = ()
    replayed: bool = False
    run: str | None = None


def target(plan: StepPlan) -> RowRef | None:
    """The row to call a verb on."""
    return RowRef(plan.verb.binding.table, CASE) if plan.verb.binding else None


def given(plan: StepPlan) -> dict[str, object]:
    """Arguments to call a verb with."""
    return {each.name: argument(each) for each in plan.verb.inputs}


def expected(plan: StepPlan, zone: tzinfo) -> Answer:
    """What the naive reference says."""
    return answer(plan, START, NOW, zone, CALLER, on=target(plan), arguments=given(plan), new_id=CountedIds(NOW))


def told(world: World) -> World:
    """A world with every column of every row, empty ones too, as homes tell theirs."""
    names = {table.name: [column.name for column in table.columns if not column.primary] for table in TABLES}
    return {
        table: {key: {name: row.get(name) for name in names[table]} for key, row in rows.items()}
        for table, rows in world.items()
    }


def fill(store: Store) -> None:
    """Put the samples' rows into a store that has none."""
    for table, key, values in ROWS:
        store.prepare_insert(BY_NAME[table], tuple(values))(key, tuple(values.values()))


def world_of(store: Store) -> World:
    """All rows."""
    world: World = {}
    for table in TABLES:
        names = tuple(column.name for column in table.columns if not column.primary)
        scan = store.prepare_scan(table, names, ())
        world[table.name] = {str(row.key): dict(zip(names, row.values, strict=True)) for row in scan(())}
    return world


class Home(Protocol):
    """A place where verbs run."""

    def begin(self) -> None:
        """Put everything back to the start."""

    def run(self, plan: StepPlan, zone: tzinfo, *, dry_run: bool = False, key: str | None = None) -> Seen:
        """Run a plan, with the same clock, ids and caller each time."""

    def rows(self) -> World:
        """All rows of the tables that verbs write."""

    def trace(self) -> object:
        """All that is stored but the records of runs themselves."""


class InMemory:
    """The engine alone; its caller undoes what failed, as hosts of the store in memory do."""

    def begin(self) -> None:
        self._store = MemoryStore(TABLES, CHOICES)
        fill(self._store)

    def run(self, plan: StepPlan, zone: tzinfo, *, dry_run: bool = False, key: str | None = None) -> Seen:
        assert key is None
        unit = Unit(NOW, zone, CALLER, CountedIds(NOW))
        mark = self._store.savepoint()
        try:
            outputs = bind(plan, self._store).run(unit, given(plan), target(plan))
        except Failure as failure:
            self._store.undo(mark)
            return Seen(None, failure.code.id)
        (self._store.undo if dry_run else self._store.keep)(mark)
        return Seen(outputs, None, tuple(unit.changes))

    def rows(self) -> World:
        return world_of(self._store)

    def trace(self) -> object:
        return self.rows()


class OnDatabase:
    """A database, through the API that host programs use."""

    def __init__(self, database: Database) -> None:
        self.database = database
        database.tables.create(SCHEMA)
        with database.connection() as connection:
            self._tables = sa.MetaData()
            self._tables.reflect(connection)

    def begin(self) -> None:
        with self.database.connection() as connection, connection.begin():
            for table in reversed(self._tables.sorted_tables):
                connection.execute(table.delete())
            fill(self._store(connection))

    def run(self, plan: StepPlan, zone: tzinfo, *, dry_run: bool = False, key: str | None = None) -> Seen:
        self.fix_ids()
        try:
            result = Plan.of(plan).run(
                self.database,
                on=target(plan),
                caller=CALLER,
                at=NOW,
                zone=zone,
                dry_run=dry_run,
                key=key,
                arguments=given(plan),
            )
        except RunFailed as failed:
            assert failed.failure is not None, failed
            return Seen(None, failed.diagnostics[0].code.id)
        return Seen(result.outputs, None, result.changes, result.replayed, result.run)

    def fix_ids(self) -> None:
        """Let the next run count its ids from the first."""
        opened = self.database.take_turn()
        opened.session.new_ids = lambda: CountedIds(NOW)
        self.database.end_turn(opened.connection)

    def rows(self) -> World:
        with self.database.connection() as connection:
            return world_of(self._store(connection))

    def trace(self) -> object:
        with self.database.connection() as connection:
            others = [table for table in self._tables.sorted_tables if table.name != RUNS.name]
            return {table.name: sorted(map(repr, connection.execute(sa.select(table)))) for table in others}

    def outcomes(self) -> list[tuple[str, str | None]]:
        """How the runs in the log ended."""
        return [(run.outcome, run.error_code) for run in self.database.log.runs()]

    def _store(self, connection: sa.Connection) -> SqlStore:
        driver: Any = connection.connection.driver_connection
        return SqlStore(driver.cursor(), self.database.dialect, SCHEMA)


@contextmanager
def on_sqlite() -> Iterator[OnDatabase]:
    """An SQLite database in memory."""
    with Database.connect("sqlite://") as database:
        yield OnDatabase(database)


@contextmanager
def on_postgres() -> Iterator[OnDatabase]:
    """A PostgreSQL database of its own."""
    with fresh_database() as url, Database.connect(url) as database:
        yield OnDatabase(database)
