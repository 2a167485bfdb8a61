"""The ways to run a program that have to come to the same: each runs it in a transaction that is undone, and says all it did."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

import attrs

from actionlang.engine.changes import Change
from actionlang.engine.events import Event
from actionlang.engine.failure import Failure
from actionlang.engine.ids import BlockIds, IdBlock, counted_block
from actionlang.engine.interpreter.bind import BoundPlan, bind
from actionlang.engine.json_form import to_json
from actionlang.engine.memory import MemoryStore
from actionlang.engine.relational.refused import NotRelational
from actionlang.engine.relational.setplan import Selection
from actionlang.engine.schema import Schema
from actionlang.engine.sql.storage import Storage
from actionlang.engine.sql.store import SqlStore
from actionlang.engine.store import RowRef, Scan, Store
from actionlang.engine.unit import Unit
from actionlang.metadata.tables import Column, Table
from actionlang.plan.plan import StepPlan
from actionlang.runtime.as_set import AsSet, run_as_set
from actionlang.runtime.database import Database
from actionlang.runtime.json_text import json_key, json_member, json_object
from actionlang.runtime.masking import mask, names_sensitive_rows
from actionlang.runtime.outbox import payload
from actionlang.runtime.server import ServerPlan
from tests.strategies.programs import Program
from tests.strategies.rows import Rows
from tests.strategies.shop import schema

RUN = "00000000-0000-7000-8000-00000000ffff"
CATALOG = [f"pg_{name}" for name in "class attribute attrdef type depend index constraint proc description".split()]
"""What grows with every function and temporary table."""

ROOM = 1000
"""How many ids each of several runs has to itself."""

Told = tuple[str, str]
"""A failure's code and message."""


@attrs.frozen
class Seen:
    """What a program came to: what it gave back for each row, or how it failed; its changes as their records have them; the rows
    of the tables that were looked at; its events. `refused` says why a way to run it does not run this one."""

    outputs: tuple[str, ...] = ()
    failed: Told | None = None
    changes: tuple[Any, ...] = ()
    rows: Mapping[str, str] = attrs.field(factory=dict)
    refused: str | None = None
    events: tuple[Any, ...] = ()


class Contender(Protocol):
    """A way to run programs."""

    name: str

    def together(self, program: Program, looked_at: tuple[str, ...]) -> Seen:
        """Run a program on all of its rows as one unit."""


# ------------------------------------------------------------------------------------------------------------ the same for all


def unit_of(program: Program, number: int = 0) -> Unit:
    """The unit of the run with this number."""
    block = counted_block(program.clock)
    ids = BlockIds(IdBlock(block.prefix, block.base + number * ROOM, 1))
    return Unit(program.clock, program.zone, program.caller, ids)


def put(rows: Rows, store: Store) -> None:
    """Put rows into a store."""
    for name, found in rows.items():
        table = schema().tables[name]
        for each in found:
            store.prepare_insert(table, tuple(each.values))(each.key, tuple(each.values.values()))


class Looker:
    """Reads whole tables, as text, so that values are the same only if they are of the same type and have the same digits."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._scans: dict[str, Scan] = {}

    def look(self, names: Sequence[str]) -> dict[str, str]:
        """The rows of tables."""
        found = {}
        for name in names:
            if name not in self._scans:
                table = schema().tables[name]
                columns = tuple(column.name for column in table.columns if not column.primary)
                self._scans[name] = self._store.prepare_scan(table, columns, ())
            found[name] = "\n".join([f"{row.key!r} {list(row.values)!r}" for row in self._scans[name](())])
        return found


def in_key_order(program: Program, store: Store) -> list[RowRef | None]:
    """The program's rows; none, once, where it is on none."""
    if len(program.targets) < 2:
        return list(program.targets) or [None]
    table = schema().tables[program.targets[0].table]
    asked = set(program.targets)
    return [row for each in store.prepare_scan(table, (), ())(()) if (row := RowRef(table.name, each.key)) in asked]


def given_back(plan: StepPlan, outputs: Mapping[str, object]) -> str:
    """What a run gave back, as text."""
    return json.dumps([to_json(outputs[each.name], each.type) for each in plan.verb.outputs], ensure_ascii=False)


def one_by_one(program: Program, bound: BoundPlan, store: Store, look: Callable[[], dict[str, str]]) -> Seen:
    """Run a program by the interpreter, on one row after another."""
    plan = program.plan
    unit = unit_of(program)
    mark = store.savepoint()
    try:
        rows = in_key_order(program, store)
        outputs = tuple(given_back(plan, bound.run(unit, program.arguments, row)) for row in rows)
    except Failure as failure:
        mask(failure, plan, program.arguments, unit, bound.columns)
        store.undo(mark)
        return Seen(failed=(failure.code.id, failure.message))
    seen = Seen(outputs, None, records(unit.changes), look(), events=emitted(unit.events))
    store.undo(mark)
    return seen


def each_by_itself(program: Program, bound: BoundPlan, store: Store, look: Callable[[], dict[str, str]]) -> Seen:
    """Run a program by the interpreter as a run of its own for each row, up to the first that fails."""
    plan = program.plan
    mark = store.savepoint()
    outputs: list[str] = []
    changes: list[Any] = []
    events: list[Any] = []
    for number, row in enumerate(in_key_order(program, store)):
        unit = unit_of(program, number)
        try:
            outputs.append(given_back(plan, bound.run(unit, program.arguments, row)))
        except Failure as failure:
            mask(failure, plan, program.arguments, unit, bound.columns)
            store.undo(mark)
            return Seen(failed=(failure.code.id, failure.message))
        changes += records(unit.changes)
        events += emitted(unit.events)
    seen = Seen(tuple(outputs), None, tuple(changes), look(), events=tuple(events))
    store.undo(mark)
    return seen


# -------------------------------------------------------------------------------------------------------------------- records


def records(changes: Sequence[Change]) -> tuple[Any, ...]:
    """Changes as their records have them, what is sensitive masked."""
    return tuple(_record(change) for change in changes)


def _record(change: Change) -> tuple[Any, ...]:
    tables = schema().tables
    members = [
        json_member(column.name, column.type, _is_secret(column, tables))
        for column in (change.table.by_name[name] for name in change.columns)
    ]
    key = json_key([(column.type, _is_secret(column, tables)) for column in change.table.primary])
    return (
        change.table.name,
        _read(key(change.key)),
        change.operation,
        change.verb,
        change.line,
        change.stage,
        None if change.before is None else _read(json_object(members, change.before)),
        None if change.after is None else _read(json_object(members, change.after)),
    )


def emitted(events: Sequence[Event]) -> tuple[Any, ...]:
    """Events as the outbox has them."""
    return tuple(_emitted(event) for event in events)


def _emitted(event: Event) -> tuple[Any, ...]:
    row = event.row
    if row is None:
        return (event.name, event.verb, None, None, _read(payload(event)))
    tables = schema().tables
    key = json_key([(column.type, _is_secret(column, tables)) for column in tables[row.table].primary])
    return (event.name, event.verb, row.table, _read(key(row.key)), _read(payload(event)))


def _is_secret(column: Column, tables: Mapping[str, Table]) -> bool:
    return column.sensitive or names_sensitive_rows(column.type, tables)


def _read(text: str | None) -> Any:
    """JSON data, numbers as they are written."""
    return None if text is None else json.loads(text, parse_float=str)


# ------------------------------------------------------------------------------------------------------------------ contenders


class InMemory:
    """The interpreter on rows in memory: what the others are compared with."""

    name = "memory"

    def __init__(self) -> None:
        self._rows: Rows = {}
        self._store: MemoryStore | None = None
        self._looker: Looker | None = None
        self._plan: StepPlan | None = None
        self._bound: tuple[BoundPlan, MemoryStore, Looker] | None = None

    def fill(self, rows: Rows) -> None:
        """Take these rows for those that were there."""
        self._rows = rows
        self._bound = None
        self._store = self._made(schema().tables.values())
        self._looker = Looker(self._store)

    def _made(self, tables: Any) -> MemoryStore:
        store = MemoryStore(tables, schema().choices.values())
        put(self._rows, store)
        return store

    def _at(self, program: Program) -> tuple[BoundPlan, MemoryStore, Looker]:
        """The plan, bound to a store. One that deletes has a store of its own: of several tables that refer to a row, a store
        names the first that the plan knows."""
        if program.plan is self._plan and self._bound is not None:
            return self._bound
        assert self._store is not None and self._looker is not None
        store, looker = self._store, self._looker
        if program.plan.verb.effects.deletes:
            known = {table.name: table for table in program.plan.tables} | dict(schema().tables)
            store = self._made(known.values())
            looker = Looker(store)
        self._plan, self._bound = program.plan, (bind(program.plan, store), store, looker)
        return self._bound

    def together(self, program: Program, looked_at: tuple[str, ...]) -> Seen:
        """See `Contender`."""
        bound, store, looker = self._at(program)
        return one_by_one(program, bound, store, lambda: looker.look(looked_at))

    def apart(self, program: Program, looked_at: tuple[str, ...]) -> Seen:
        """Run a program on each of its rows, as a run of its own."""
        bound, store, looker = self._at(program)
        return each_by_itself(program, bound, store, lambda: looker.look(looked_at))


# ---------------------------------------------------------------------------------------------------------------- on databases


@attrs.frozen
class Bound:
    """Of a bound plan what a set run asks for."""

    plan: StepPlan


@attrs.frozen
class Ready:
    """Of a plan that is ready on a connection what is needed here; binding it takes time."""

    plan: StepPlan
    storage: Storage
    store: SqlStore
    bound: Bound


class OnDatabase:
    """Ways to run programs on one database."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._database = Database.connect(url)
        self._database.tables.create(schema())
        self._take_connection()

    def _take_connection(self) -> None:
        self._connection, self.session = self._database.take_turn()
        self.cursor, self.dialect = self.session.cursor, self.session.dialect
        self.store = SqlStore(self.cursor, self.dialect, schema())
        self.looker = Looker(self.store)
        self._ready: Ready | None = None
        self.helpers: set[str] = set()
        if self.dialect.name == "postgresql":
            # Hardly a statement comes twice.
            self.cursor.connection.prepare_threshold = None

    def close(self) -> None:
        """Close the connection."""
        self._database.end_turn(self._connection)
        self._database.close()

    def _renew(self) -> None:
        """Take another connection: the server keeps all that it knew of functions and temporary tables that are gone."""
        self.close()
        self._database = Database.connect(self._url)
        self._take_connection()
        self.cursor.execute(f"VACUUM {', '.join(CATALOG)}")

    def ready(self, plan: StepPlan) -> Ready:
        """A plan, bound to the database."""
        if self._ready is None or self._ready.plan is not plan:
            known = Schema.of_plan(plan)
            storage = Storage(known, self.dialect)
            store = SqlStore(self.cursor, self.dialect, known, storage)
            self._ready = Ready(plan, storage, store, Bound(plan))
        return self._ready

    def fill(self, rows: Rows) -> None:
        """Take these rows for those that were there."""
        if self.dialect.name == "postgresql":
            self._renew()
        self.cursor.execute(self.dialect.begin)
        tables = [self.dialect.quoted_table(table.stored) for table in schema().tables.values()]
        if self.dialect.name == "sqlite":
            self.cursor.execute("PRAGMA defer_foreign_keys = ON")
            for table in tables:
                self.cursor.execute(f"DELETE FROM {table}")
        else:
            self.cursor.execute(f"TRUNCATE {', '.join(tables)}")
        put(rows, self.store)
        self.cursor.execute("COMMIT")

    def begin(self) -> None:
        """Begin what will be undone."""
        self.cursor.execute(self.dialect.begin)

    def undo(self) -> None:
        """Undo it."""
        self.cursor.execute("ROLLBACK")

    def records(self, *runs: str) -> tuple[Any, ...]:
        """The records of runs' changes."""
        found: list[Any] = []
        for run in runs:
            self.cursor.execute(
                'SELECT row_table, row_key, operation, verb, line, stage, "before", "after" FROM actionlang_change '
                f"WHERE run = {self.dialect.parameter} ORDER BY sequence",
                (run,),
            )
            found += [
                (table, _read(key), *rest, _read(before), _read(after))
                for table, key, *rest, before, after in self.cursor.fetchall()
            ]
        return tuple(found)

    def events(self, *runs: str) -> tuple[Any, ...]:
        """The events of runs, in the order in which they are delivered."""
        found: list[Any] = []
        for run in runs:
            self.cursor.execute(
                "SELECT sequence, name, verb, row_table, row_key, payload FROM actionlang_event "
                f"WHERE run = {self.dialect.parameter} ORDER BY position",
                (run,),
            )
            events = self.cursor.fetchall()
            assert [number for number, *_ in events] == list(range(1, len(events) + 1))
            found += [(*told, _read(key), _read(text)) for _, *told, key, text in events]
        return tuple(found)


class Interpreting:
    """The interpreter on a database."""

    def __init__(self, name: str, place: OnDatabase) -> None:
        self.name = name
        self._place = place

    def together(self, program: Program, looked_at: tuple[str, ...]) -> Seen:
        """See `Contender`."""
        place = self._place
        store = place.ready(program.plan).store
        place.begin()
        try:
            bound = bind(program.plan, store)
            return one_by_one(program, bound, store, lambda: place.looker.look(looked_at))
        finally:
            place.undo()


class AsASet:
    """The set form on a database."""

    def __init__(self, name: str, place: OnDatabase) -> None:
        self.name = name
        self._place = place

    def together(self, program: Program, looked_at: tuple[str, ...]) -> Seen:
        """See `Contender`."""
        place, plan = self._place, program.plan
        ready: Any = place.ready(plan)
        selection = Selection(where=program.where)
        if len(program.targets) == 1:
            selection = Selection(row=program.targets[0])
        place.begin()
        try:
            done = run_as_set(place.session, ready, unit_of(program), RUN, program.arguments, selection)
            if not isinstance(done, AsSet):
                return Seen(refused=done.reason.reason)
            names = [each.name for each in plan.verb.outputs]
            outputs = tuple(given_back(plan, dict(zip(names, found, strict=True))) for found in done.set_run.outputs())
            return Seen(outputs, None, place.records(RUN), place.looker.look(looked_at), events=place.events(RUN))
        finally:
            place.undo()


class OnServer:
    """A plan's own function on the server, called for each row by itself."""

    name = "server"

    def __init__(self, place: OnDatabase) -> None:
        self._place = place

    def apart(self, program: Program, looked_at: tuple[str, ...]) -> Seen:
        """Run a program on each of its rows, as a run of its own."""
        place, plan = self._place, program.plan
        server = _Prepared(plan, RUN, place.cursor, place.dialect, place.ready(plan).storage, place.helpers)
        refused = server.prepare()
        if refused is not None:
            return Seen(refused=refused)
        place.begin()
        try:
            if not server.make(at_once=True):
                return Seen(refused=server.why_not)
            outputs, runs = [], []
            told: list[Any] = []
            for number, row in enumerate(in_key_order(program, place.store)):
                unit = unit_of(program, number)
                asked = server.read(row, program.caller, program.arguments)
                assert asked is not None
                assert isinstance(unit.new_id, BlockIds)
                runs.append(f"run {number}")
                answer = server.call(runs[-1], _STARTED, unit.new_id.block, unit, asked, dry_run=False)
                if answer is None:
                    return Seen(refused="it fails")
                outputs.append(given_back(plan, answer.outputs))
                told += emitted(answer.events)
            events = place.events(*runs)
            assert tuple(told) == events
            return Seen(tuple(outputs), None, place.records(*runs), place.looker.look(looked_at), events=events)
        finally:
            place.undo()


_STARTED = datetime.fromisoformat("2026-11-24T09:30:00+00:00")


class _Prepared(ServerPlan):
    """A plan's function whose helpers, which all plans share, are made outside of the transaction that is undone."""

    def __init__(self, *given: Any) -> None:
        *rest, self._there = given
        super().__init__(*rest)

    def prepare(self) -> str | None:
        """Make what is not there yet. Says why there can be no function."""
        try:
            *helpers, self._own = self.function.statements
        except NotRelational as refused:
            return refused.reason
        for statement in helpers:
            if statement not in self._there:
                self._cursor.connection.execute(statement)
                self._there.add(statement)
        return None

    def _send(self, statements: tuple[str, ...]) -> None:
        self._cursor.connection.execute(self._own)
