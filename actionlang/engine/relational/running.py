"""Running a set plan on a connection. Whoever calls it rolls back when this raises, and lets the interpreter decide."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

import attrs

from actionlang.engine.ids import BlockIds
from actionlang.engine.relational.constants import OnStore
from actionlang.engine.relational.hosted import reader
from actionlang.engine.relational.refused import NotRelational
from actionlang.engine.relational.setplan import Known, Selection, SetPlan, make_set_plan
from actionlang.engine.relational.spelling import Spelling
from actionlang.engine.relational.sqlite import SqliteSpelling
from actionlang.engine.relational.state import Emitted
from actionlang.engine.relational.statements import Check, Ids
from actionlang.engine.relational.value import Sql
from actionlang.engine.schema import Schema
from actionlang.engine.sql.codecs import write_moment
from actionlang.engine.sql.dialect import Cursor, Dialect
from actionlang.engine.sql.storage import Storage
from actionlang.engine.store import RowRef, Store
from actionlang.engine.unit import Unit
from actionlang.metadata import types as t
from actionlang.metadata.types import Text
from actionlang.plan.plan import StepPlan


def spelling_of(dialect_name: str, schema: Schema) -> Spelling:
    """How a database spells SQL.

    Raises NotRelational for a database that sets do not run on.
    """
    if dialect_name == "sqlite":
        return SqliteSpelling(schema)
    if dialect_name == "postgresql":
        from actionlang.engine.relational.postgres import PostgresSpelling

        return PostgresSpelling(schema)
    raise NotRelational(f"sets do not run on {dialect_name}")


LEFT_OUT = "actionlang_left_out"
"""The temporary table of the keys of targets that were left out."""


@attrs.frozen
class SetOutcome:
    """What a set run did: how many targets it ran on, how many changes it made, how many targets it left out, how many events it
    emitted."""

    targets: int
    changes: int
    left_out: int = 0
    events: int = 0


class SetRun:
    """One set run on a connection, in whatever transaction is open."""

    def __init__(self, plan: StepPlan, cursor: Cursor, dialect: Dialect, storage: Storage, store: Store) -> None:
        self._plan = plan
        self._cursor = cursor
        self._dialect = dialect
        self._storage = storage
        self._store = store
        self._made: SetPlan | None = None

    def perform(
        self,
        run: str,
        unit: Unit,
        arguments: Mapping[str, object],
        selection: Selection,
        progress: Callable[[int, int], None] | None = None,
        *,
        leaves_out: bool = False,
    ) -> SetOutcome:
        """Do it, the record of the changes included; that of the run itself is the caller's. `progress` is told how many rows
        are as good as done, as far as that can be said of statements, and how many there are. With `leaves_out` targets at
        which a guard does not hold are left out; their keys are in the table `LEFT_OUT` then.

        Raises NotRelational where the verb has no set form or a check does not hold, and the driver's errors.
        """
        made = self._stage(run, unit, arguments, selection, leaves_out=leaves_out)
        left_out = 0
        if made.left_out is not None:
            left_out = self._leave_out(made.left_out)
            if left_out:
                self._see(made.left_out_checks)
                without = attrs.evolve(selection, without=LEFT_OUT)
                made = self._stage(run, unit, arguments, without, leaves_out=False)
        execute = self._cursor.execute
        targets = self._one("SELECT count(*) FROM actionlang_s0")
        changes = events = 0
        if targets:
            self._see(made.checks)
            total = len(made.writes) + len(made.audit) + len(made.events) + 2
            for number, statement in enumerate((*made.writes, *made.audit), 1):
                if progress is not None:
                    progress(targets * number // total, targets)
                execute(statement.text)
                changes += self._cursor.rowcount if number > len(made.writes) else 0
            for statement in made.events:
                execute(statement.text)
                events += self._cursor.rowcount
        return SetOutcome(targets, changes, left_out, events)

    def _stage(
        self, run: str, unit: Unit, arguments: Mapping[str, object], selection: Selection, *, leaves_out: bool
    ) -> SetPlan:
        """Work the verb out, and fill its staging tables."""
        spelling = spelling_of(self._dialect.name, self._storage.schema)
        assert isinstance(unit.new_id, BlockIds)
        ids = Ids(unit.new_id.block, unit.new_id.taken)
        known = Known(
            self._plan,
            spelling,
            self._storage,
            spelling.constant_text(run, Text()),
            ids,
            self._with_rowid(),
            spelling.constant_text(write_moment(datetime.now(UTC)), Text()),
        )
        evaluator = OnStore(self._plan, self._store, unit)
        made = self._made = make_set_plan(known, evaluator, arguments, selection, leaves_out=leaves_out)
        if isinstance(spelling, SqliteSpelling):
            for function in spelling.functions.values():
                self._cursor.connection.create_function(function.name, function.arity, function.make(unit))
        for text in made.cleaning:
            self._cursor.execute(text)
        for statement in made.staging:
            self._cursor.execute(statement.text)
        return made

    def _leave_out(self, query: str) -> int:
        """Put aside the keys of the targets to be left out, in order. Gives how many there are."""
        self._cursor.execute(
            f"DROP TABLE IF EXISTS {'temp' if self._dialect.name == 'sqlite' else 'pg_temp'}.{LEFT_OUT}"
        )
        placed = query if self._dialect.name == "sqlite" else (
            f"SELECT row_number() OVER () AS place, found.* FROM ({query}) AS found"
        )  # fmt: skip
        self._cursor.execute(f"CREATE TEMPORARY TABLE {LEFT_OUT} AS {placed}")
        return self._one(f"SELECT count(*) FROM {LEFT_OUT}")

    def _see(self, checks: Iterable[Check]) -> None:
        """See that checks give no row. Raises NotRelational."""
        for check in checks:
            self._cursor.execute(check.text)
            if self._cursor.fetchone() is not None:
                raise NotRelational(check.reason)

    def outputs(self, *, with_target: bool = False) -> Iterator[tuple[object, ...]]:
        """What the verb returned, for each target in order, the target before it where that is asked for. To be asked before
        `clean`."""
        assert self._made is not None
        self._cursor.execute(self._made.outputs)
        read = [_reading(value, self._storage, self._dialect.name) for value in self._made.output_values]
        widths = [len(value.cells) for value in self._made.output_values]
        skipped = 0 if with_target else self._made.target_values
        for cells in self._cursor.fetchall():
            values: list[object] = []
            start = 0
            for each, width in zip(read, widths, strict=True):
                values.append(each(cells[start : start + width]))
                start += width
            yield tuple(values[skipped:])

    def emitted(self) -> list[Emitted]:
        """What was emitted, in order. To be asked before `clean`."""
        made = self._made
        if made is None or made.event_numbers is None:
            return []
        self._cursor.execute(made.event_numbers)
        return [made.emitted[number] for (number,) in self._cursor.fetchall()]

    def clean(self) -> None:
        """Drop the staging tables."""
        if self._made is not None:
            for text in self._made.cleaning:
                self._cursor.execute(text)

    def _one(self, statement: str) -> int:
        self._cursor.execute(statement)
        found: int = self._cursor.fetchone()[0]
        return found

    def _with_rowid(self) -> frozenset[str]:
        """The tables in which SQLite finds a row by its rowid."""
        if self._dialect.name != "sqlite":
            return frozenset()
        self._cursor.execute(
            "SELECT lower(name) FROM pragma_table_list WHERE type = 'table' AND NOT wr AND schema = 'main'"
        )
        stored = {row[0] for row in self._cursor.fetchall()}
        found = (table for table in self._plan.tables if table.stored.lower() in stored)
        return frozenset(
            table.name
            for table in found
            if all(cell.name.lower() != "rowid" for cell in self._storage.table(table.name).cells)
        )


def _reading(value: Sql, storage: Storage, dialect: str) -> Any:
    """What makes the language value of an output's cells."""
    type_ = value.type
    if isinstance(type_, t.Row):
        return lambda cells: row_of_cells(type_, cells, storage)
    if value.known is not None:
        known = value.known.value
        return lambda cells: known
    convert = reader(type_, value.scale, storage.schema) if dialect == "sqlite" else _native(type_, storage.schema)
    return lambda cells: None if cells[0] is None else cells[0] if convert is None else convert(cells[0])


def _native(type_: t.Type, schema: Schema) -> Any:
    if isinstance(type_, t.Duration | t.Choice):
        return reader(type_, 0, schema)
    return str if isinstance(type_, t.Id) else None


def row_of_cells(type_: t.Row, cells: tuple[Any, ...], storage: Storage) -> RowRef | None:
    """The row whose key stands in cells; None where they are empty."""
    start = 0
    for name in type_.tables:
        stored = storage.table(name)
        own = cells[start : start + len(stored.key_cells)]
        start += len(stored.key_cells)
        if all(cell is not None for cell in own):
            parts = []
            at = 0
            for part in stored.primary:
                parts.append(part.gather(tuple(own[at : at + len(part.cells)])))
                at += len(part.cells)
            return RowRef(name, parts[0] if len(parts) == 1 else tuple(parts))
    return None
