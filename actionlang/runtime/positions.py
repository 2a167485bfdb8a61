"""Places in an order of rows: what stands behind one. Rows that are made or deleted meanwhile move no place."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import attrs

from actionlang.diagnostics.catalogue import server as codes
from actionlang.engine.store import Key, RowRef
from actionlang.metadata import types as t
from actionlang.metadata.tables import Column, Table
from actionlang.plan import expressions as e
from actionlang.runtime.readable import BOOLEAN, Columns, every, is_filled, refused

BEHIND = " behind "
"""Begins the names of the values of a place; none that a query has."""


@attrs.frozen
class Sort:
    """A column of the row itself by which rows are put in order; empty ones come first, `descending` last."""

    column: str
    descending: bool = False


@attrs.frozen
class Position:
    """The place of a row: its values in the columns of the order, and its primary key."""

    values: tuple[object, ...]
    key: Key


@attrs.frozen
class Behind:
    """The condition that a row stands behind a place, and the values of the names in it."""

    condition: e.Expression
    values: Mapping[str, object]


def orderings(order: Sequence[Sort], columns: Columns) -> tuple[e.Ordering, ...]:
    """An order as a query has it. Raises ActionLangError when there is none by one of these columns."""
    found = []
    for sort in order:
        column = columns.column(columns.table, sort.column)
        if not columns.has_order(column.type):
            raise refused(codes.WRONG_QUERY, f"There is no order by {sort.column}: {column.type} has none.")
        found.append(e.Ordering(e.Column(column.type, column.optional, columns.row, column.name), sort.descending))
    return tuple(found)


def behind(position: Position, order: Sequence[Sort], columns: Columns) -> Behind:
    """What stands behind a place in an order."""
    values: dict[str, object] = {}
    table = columns.table
    alternatives: list[e.Expression] = []
    alike: list[e.Expression] = []
    for at, (sort, value) in enumerate(zip(order, position.values, strict=True)):
        column = table.by_name[sort.column]
        found = e.Column(column.type, column.optional, columns.row, column.name)
        name = f"{BEHIND}{at}"
        values[name] = value
        beyond = _beyond(found, name, value, sort.descending)
        if beyond is not None:
            alternatives.append(_all_of(*alike, beyond))
        alike.append(_is_alike(found, name, value))
    keys = _key_parts(table, position.key, columns)
    for at, (part, value) in enumerate(keys):
        name = f"{BEHIND}key {at}"
        values[name] = value
        alternatives.append(_all_of(*alike, _compared(">", part, name)))
        alike.append(_compared("=", part, name))
    condition = alternatives[0] if len(alternatives) == 1 else e.Or(BOOLEAN, False, tuple(alternatives))
    return Behind(condition, values)


def _all_of(*conditions: e.Expression) -> e.Expression:
    found = every(conditions)
    assert found is not None
    return found


def _beyond(column: e.Expression, name: str, value: object, descending: bool) -> e.Expression | None:
    """That a column comes behind a value in an order; None where nothing does."""
    if value is None:
        return None if descending else is_filled(column)
    if not column.optional:
        return _compared("<" if descending else ">", column, name)
    known = e.Narrow(column.type, False, column)
    if descending:
        less = _compared("<", known, name)
        return e.Or(BOOLEAN, False, (e.IsEmpty(BOOLEAN, False, column), _all_of(is_filled(column), less)))
    return _all_of(is_filled(column), _compared(">", known, name))


def _is_alike(column: e.Expression, name: str, value: object) -> e.Expression:
    if value is None:
        return e.IsEmpty(BOOLEAN, False, column)
    if not column.optional:
        return _compared("=", column, name)
    return _all_of(is_filled(column), _compared("=", e.Narrow(column.type, False, column), name))


def _compared(operator: str, column: e.Expression, name: str) -> e.Expression:
    return e.Compare(BOOLEAN, False, operator, column, e.Local(column.type, False, name))


def _key_parts(table: Table, key: Key, columns: Columns) -> list[tuple[e.Expression, object]]:
    """The columns of a primary key with their values; of a lookup in it those of the key of its row."""
    values = key if isinstance(key, tuple) and not isinstance(key, RowRef) else (key,)
    found: list[tuple[e.Expression, object]] = []
    for column, value in zip(table.primary, values, strict=True):
        found += _parts(e.Column(column.type, False, columns.row, column.name), column, value, columns)
    return found


def _parts(node: e.Expression, column: Column, value: object, columns: Columns) -> list[tuple[e.Expression, object]]:
    if not isinstance(column.type, t.Row):
        return [(node, value)]
    if len(column.type.tables) > 1 or not isinstance(value, RowRef):
        raise refused(codes.QUERY_UNSUPPORTED, f"Rows of {columns.table.short_name} are not read page by page.")
    found: list[tuple[e.Expression, object]] = []
    target = columns.readable.schema.tables[column.type.tables[0]]
    inner = value.key if isinstance(value.key, tuple) and not isinstance(value.key, RowRef) else (value.key,)
    for part, each in zip(target.primary, inner, strict=True):
        found += _parts(e.Column(part.type, False, node, part.name), part, each, columns)
    return found
