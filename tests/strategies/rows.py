"""Rows for generated programs to run on: with empties, equal sort keys, values far out, and every way of referring to others."""

from __future__ import annotations

from collections.abc import Mapping
from random import Random

import attrs

from actionlang.engine.store import RowRef
from actionlang.metadata import types as t
from actionlang.metadata.tables import Column, Table
from tests.strategies.shop import tables
from tests.strategies.values import stored

COUNTS = {"user": 2, "team": 2, "account": 4, "person": 3, "item": 6, "line": 7, "counter": 3, "cell": 4, "entry": 3}
"""How many rows of which table there are at most, in an order in which those that are referred to come first."""

OFTEN_EMPTY = 0.3


@attrs.frozen
class Known:
    """A row: its table, its key and its other columns' values, by name."""

    table: Table
    key: object
    values: Mapping[str, object]

    @property
    def row(self) -> RowRef:
        """The row as a value."""
        return RowRef(self.table.name, self.key)


Rows = dict[str, list[Known]]
"""Rows by their tables' full names."""


def some_rows(random: Random) -> Rows:
    """Rows for all tables; those of a table in no order."""
    found: Rows = {tables()[name].name: [] for name in COUNTS}
    for name, most in COUNTS.items():
        table = tables()[name]
        for number in range(random.randint(min(most, 2), most)):
            made = _row(table, number, found, random)
            if made is not None:
                found[table.name].append(made)
    return found


def _row(table: Table, number: int, found: Rows, random: Random) -> Known | None:
    key = _key(table, number, random)
    values: dict[str, object] = {}
    for column in table.columns:
        if column.primary:
            continue
        value = _value(table, column, number, found, random)
        if column.unique and any(other.values[column.name] == value for other in found[table.name]):
            value = None
        if value is None and not column.optional:
            return None
        values[column.name] = value
    return Known(table, key, values)


def _key(table: Table, number: int, random: Random) -> object:
    if table.short_name == "counter":
        return ("c1", "C2", "é😀")[number]
    if table.short_name == "cell":
        return ((1, "a"), (1, "b"), (-3, "a"), (2**40, ""))[number]
    return f"{random.getrandbits(48):012x}"[:8] + f"-0000-7000-8000-{random.getrandbits(40) + number:012x}"


def _value(table: Table, column: Column, number: int, found: Rows, random: Random) -> object:
    if column.optional and random.random() < OFTEN_EMPTY:
        return None
    if isinstance(column.type, t.Row):
        there = [each.row for name in column.type.tables for each in found[name]]
        return random.choice(there) if there else None
    if column.key:
        return f"{table.short_name[0].upper()}-{number}"
    if isinstance(column.type, t.Integer) and random.random() < 0.8:
        return random.randint(-1, 5)
    return stored(column.type, random)
