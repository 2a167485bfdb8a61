"""One call of a verb, and all that can be seen of it afterwards, in a form in which engines can be compared."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, tzinfo
from typing import Any, Protocol

import attrs

from actionlang.engine.json_form import to_json
from actionlang.engine.schema import Schema
from actionlang.engine.store import Store, StoredRow
from actionlang.metadata.tables import Column, Table
from actionlang.plan.plan import StepPlan

NOW = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)
"""The clock where a call says nothing."""

NOTHING: Mapping[str, object] = {}

Data = Mapping[str, Any]
"""JSON data by name."""


@attrs.frozen
class Row:
    """A row to begin with: its table's full name and language values by column; columns left out are empty."""

    table: str
    values: Mapping[str, object]


@attrs.frozen
class Call:
    """A call of the plan's verb on a database that has the schema's tables, filled with rows in the order given.

    `on`, `caller` and `arguments` are given as to `Plan.run`. With `on_each` the verb runs on many rows as one unit: on those named,
    or on all where none is (an empty tuple). The n-th row created in the call gets the n-th id of
    `CountedIds(clock)`.
    """

    plan: StepPlan
    schema: Schema
    rows: tuple[Row, ...] = ()
    on: object = None
    on_each: tuple[object, ...] | None = None
    caller: object = None
    arguments: Mapping[str, object] = NOTHING
    clock: datetime = NOW
    zone: tzinfo = UTC


@attrs.frozen
class Outcome:
    """What came of a call, as JSON data (see `engine.json_form`).

    `rows` has all rows of all tables by full name, in primary key order, with all columns. `outputs` is None for a call that
    failed, and has an object for each row, in key order, for a call on many; `code` and `message` then say why. `changes` are the changed rows as the audit record has them; `record` is the rest
    of that record, None where the engine keeps none and for a call that was refused before it began. `events` are those that were
    emitted, as the outbox has them; `started` are the verbs that were started, in no order that means anything.
    """

    rows: Mapping[str, tuple[Data, ...]]
    outputs: Data | tuple[Data, ...] | None
    changes: tuple[Data, ...] = ()
    code: str | None = None
    message: str | None = None
    record: Data | None = None
    events: tuple[Data, ...] = ()
    started: tuple[Data, ...] = ()


class Engine(Protocol):
    """A way to run a call. Calls follow one another; each finds only its own rows."""

    def run(self, call: Call) -> Outcome:
        """Run a call. Raises nothing on account of what the call does."""


def fill(store: Store, call: Call) -> None:
    """Put the call's rows into a store."""
    for row in call.rows:
        table = call.schema.tables[row.table]
        primary = [column.name for column in table.primary]
        parts = tuple(row.values[name] for name in primary)
        names = tuple(name for name in row.values if name not in primary)
        key = parts[0] if len(parts) == 1 else parts
        store.prepare_insert(table, names)(key, [row.values[name] for name in names])


def rows_in(store: Store, schema: Schema) -> dict[str, tuple[Data, ...]]:
    """All rows of all tables."""
    found: dict[str, tuple[Data, ...]] = {}
    for table in schema.tables.values():
        columns = [column for column in table.columns if not column.primary]
        scan = store.prepare_scan(table, tuple(column.name for column in columns), ())
        found[table.name] = tuple(_shown(table, columns, row) for row in scan(()))
    return found


def _shown(table: Table, columns: list[Column], row: StoredRow) -> Data:
    key: Any = row.key
    primary = zip(table.primary, (key,) if len(table.primary) == 1 else key, strict=True)
    values = zip(columns, row.values, strict=True)
    return {column.name: to_json(value, column.type) for column, value in (*primary, *values)}


def in_no_order(found: Iterable[Data]) -> tuple[Data, ...]:
    """Data in an order that depends on nothing but what they hold."""
    return tuple(sorted(found, key=lambda each: json.dumps(each, sort_keys=True)))


def outputs_of(plan: StepPlan, outputs: Mapping[str, object]) -> Data:
    """A verb's outputs."""
    return {output.name: to_json(outputs[output.name], output.type) for output in plan.verb.outputs}
