"""Writing values into texts during a run: rows by the key that people know them by.

A row is written as its first alternate key (its columns parted by ", "), or, where it has none, where a
column of that key is empty, and where keys lead back to a table that is being written already, as its primary
key.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from actionlang.engine.display import display_of
from actionlang.engine.interpreter.rows import key_text
from actionlang.engine.interpreter.scope import PlanBinding
from actionlang.engine.store import RowRef
from actionlang.engine.unit import Unit
from actionlang.metadata.tables import Table
from actionlang.metadata.types import ListOf, Row, Type

Write = Callable[[Unit, Any], str]


def display(type_: Type, plan: PlanBinding, within: tuple[str, ...] = ()) -> Write:
    """What writes a value of this type, not empty. `within` are the tables whose rows are being written
    around it."""
    if isinstance(type_, Row):
        return _row_display(type_, plan, within)
    if isinstance(type_, ListOf) and isinstance(type_.item, Row):
        item = display(type_.item, plan, within)
        return lambda unit, values: ", ".join(item(unit, value) for value in values)
    write = display_of(type_)
    return lambda unit, value: write(value)


def display_plainly(type_: Type, plan: PlanBinding) -> Write:
    """The same, but rows by their primary key, so that nothing has to be read."""
    return display(type_, plan, tuple(plan.schema.tables))


def shown_key(table: Table) -> tuple[str, ...]:
    """The columns that a row of this table is known by."""
    return table.keys[0] if table.keys else ()


def _row_display(type_: Row, plan: PlanBinding, within: tuple[str, ...]) -> Write:
    tables = {name: _key_display(plan.schema.tables[name], plan, within) for name in type_.tables}

    def write(unit: Unit, row: RowRef) -> str:
        return tables[row.table](unit, row)

    return write


def _key_display(table: Table, plan: PlanBinding, within: tuple[str, ...]) -> Write:
    columns = () if table.name in within else shown_key(table)
    if not columns:
        return lambda unit, row: key_text(row.key)
    inside = (*within, table.name)
    parts = tuple(
        (plan.tables[table.name].reader(name), display(table.by_name[name].type, plan, inside)) for name in columns
    )

    def write(unit: Unit, row: RowRef) -> str:
        values = [read(unit, row) for read, _ in parts]
        if None in values:
            return key_text(row.key)
        return ", ".join(show(unit, value) for (_, show), value in zip(parts, values, strict=True))

    return write
