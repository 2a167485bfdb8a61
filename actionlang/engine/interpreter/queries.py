"""Binding queries: the rows for which a condition holds, in order, and what is worked out from them."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import islice
from operator import itemgetter
from typing import Any, NamedTuple

from actionlang.diagnostics.catalogue import run as codes
from actionlang.engine.decimals import WIDE, divide, exactly, integer
from actionlang.engine.failure import Failure
from actionlang.engine.interpreter.arithmetic import finite
from actionlang.engine.interpreter.certainty import never_fails
from actionlang.engine.interpreter.constants import bare
from actionlang.engine.interpreter.frame import UNIT, Evaluate, Frame
from actionlang.engine.interpreter.pushdown import split
from actionlang.engine.interpreter.rows import check_required, required_positions, stored_value
from actionlang.engine.interpreter.scope import ScanRow, Scope
from actionlang.engine.ordering import empty_first, order_of
from actionlang.engine.store import RowRef, Scan, StoredRow, StoredValueError
from actionlang.engine.times import MICROSECOND, duration_of
from actionlang.engine.values import money
from actionlang.metadata import types as t
from actionlang.metadata.tables import Table
from actionlang.plan import expressions as e
from actionlang.plan.walk import nodes

Matches = Callable[[Frame], Iterator[StoredRow]]
"""The rows for which a query's condition holds, in primary key order, each being in its slot while it is the
current one."""

ListRows = Callable[[Frame], list[RowRef]]


@contextmanager
def matching(query: e.Query, columns: tuple[str, ...], scope: Scope) -> Iterator[Matches]:
    """The query's rows with these columns; inside the block the query's local is the row being looked at."""
    table = scope.plan.schema.tables[query.table]
    slot = scope.new_slot()
    row = ScanRow(query.table, slot, {name: position for position, name in enumerate(columns)})
    parts = split(query, table)
    values = tuple(scope.evaluate(value) for value in parts.values)
    scan = _checked(scope.plan.store.prepare_scan(table, columns, parts.columns), table, columns)
    with scope.scanning(query.row, row):
        rest = _all(tuple(scope.evaluate(condition) for condition in parts.rest))
        if all(never_fails(value, query.row) for value in parts.values):
            yield _matches_certain(scan, values, rest, slot)
        else:
            whole = _all((scope.evaluate(query.where),) if query.where is not None else ())
            unaided = _checked(scope.plan.store.prepare_scan(table, columns, ()), table, columns)
            yield _matches_uncertain(scan, values, rest, slot, _matches_certain(unaided, (), whole, slot))


def _all(conditions: tuple[Evaluate, ...]) -> Evaluate | None:
    if len(conditions) < 2:
        return conditions[0] if conditions else None
    return lambda frame: all(condition(frame) for condition in conditions)


def _checked(scan: Scan, table: Table, columns: tuple[str, ...]) -> Scan:
    """The scan, each row seen to have what its table requires."""
    required = required_positions(table, columns)

    def checked(values: Sequence[object]) -> Iterator[StoredRow]:
        try:
            for stored in scan(values):
                if None in stored.values:
                    check_required(table, required, stored.key, stored.values)
                yield stored
        except StoredValueError as error:
            raise stored_value(error) from None

    return checked


def _matches_certain(scan: Scan, values: tuple[Evaluate, ...], condition: Evaluate | None, slot: int) -> Matches:
    def matches(frame: Frame) -> Iterator[StoredRow]:
        for stored in scan([value(frame) for value in values]):
            frame[slot] = stored
            if condition is None or condition(frame):
                yield stored

    return matches


def _matches_uncertain(
    scan: Scan, values: tuple[Evaluate, ...], condition: Evaluate | None, slot: int, unaided: Matches
) -> Matches:
    def matches(frame: Frame) -> Iterator[StoredRow]:
        try:
            wanted = [value(frame) for value in values]
        except Failure:
            # Without any row to compare with, the value would never have been asked for.
            yield from unaided(frame)
            return
        for stored in scan(wanted):
            frame[slot] = stored
            if condition is None or condition(frame):
                yield stored

    return matches


def bind_rows(query: e.Query, scope: Scope, *, first_only: bool = False) -> ListRows:
    """The query's rows, all it asks for or the first only, read in whole and kept in the unit."""
    rows = scope.plan.tables[query.table]
    limit = scope.evaluate(query.limit) if query.limit is not None else None
    with matching(query, rows.columns, scope) as matches:
        order = _ordering(query, scope)
    name = query.table

    def list_rows(frame: Frame) -> list[RowRef]:
        most = 1 if first_only else None if limit is None else _not_negative(limit(frame))
        found: Iterable[StoredRow] = matches(frame) if order is None else order(frame, matches(frame))
        kept = frame[UNIT].rows
        listed = []
        for key, values in found if most is None else islice(found, most):
            row = RowRef(name, key)
            if row not in kept:
                kept[row] = list(values)
            listed.append(row)
        return listed

    return list_rows


def _not_negative(limit: int) -> int:
    if limit < 0:
        raise Failure(codes.BAD_LIMIT, f"The limit is {limit}; it must not be below 0.")
    return limit


Sort = Callable[[Frame, Iterator[StoredRow]], list[StoredRow]]


def _ordering(query: e.Query, scope: Scope) -> Sort | None:
    """What puts matching rows, which come in primary key order, into the query's order; None when that is the
    order."""
    if not query.order:
        return None
    keys = tuple(_sort_key(ordering.value, scope) for ordering in query.order)
    # Sorting is stable: what was sorted before, at first by primary key, stays where the next key is equal.
    passes = [(itemgetter(at), ordering.descending) for at, ordering in enumerate(query.order)][::-1]
    last = len(keys)

    def sort(frame: Frame, matches: Iterator[StoredRow]) -> list[StoredRow]:
        found = [(*[key(frame) for key in keys], stored) for stored in matches]
        for position, descending in passes:
            found.sort(key=position, reverse=descending)
        return [entry[last] for entry in found]

    return sort


def _sort_key(node: e.Expression, scope: Scope) -> Evaluate:
    value = scope.evaluate(node)
    order = order_of(node.type, scope.plan.schema.choices)
    if node.optional:
        order = empty_first(order)
    if order is None:
        return value
    return lambda frame: order(value(frame))


# ------------------------------------------------------------------------------------------------- aggregates


class Kind(NamedTuple):
    """How values of one type are summed up and averaged. All are exact until the end, so their order means
    nothing."""

    total: Callable[[Iterable[Any]], Any]
    average: Callable[[list[Any]], Any]


def _sum_decimals(values: Iterable[Decimal]) -> Decimal:
    total = Decimal(0)
    for value in values:
        total = WIDE.add(total, value)
    return total


def _sum_floats(values: Iterable[float]) -> float:
    try:
        return finite(math.fsum(values))
    except OverflowError:
        return finite(math.inf)


def _microseconds(values: Iterable[timedelta]) -> int:
    return sum(value // MICROSECOND for value in values)


KINDS: dict[type[t.Type], Kind] = {
    t.Integer: Kind(
        lambda values: integer(sum(values)), lambda values: divide(Decimal(sum(values)), Decimal(len(values)))
    ),
    t.Decimal: Kind(
        lambda values: exactly(_sum_decimals(values)),
        lambda values: divide(_sum_decimals(values), Decimal(len(values))),
    ),
    t.Money: Kind(
        lambda values: money(_sum_decimals(values)),
        lambda values: divide(_sum_decimals(values), Decimal(len(values))),
    ),
    t.Duration: Kind(
        lambda values: duration_of(_microseconds(values)),
        lambda values: duration_of(round(Fraction(_microseconds(values), len(values)))),
    ),
    t.Float: Kind(_sum_floats, lambda values: _sum_floats(values) / len(values)),
}


def bind_aggregate(node: e.Aggregate, scope: Scope) -> Evaluate:
    """count, exists, sum, min, max, average: worked out in one pass, without keeping the rows."""
    with matching(node.query, _columns_asked(node, scope), scope) as matches:
        value = scope.evaluate(node.value) if node.value is not None else None
    if node.kind == "count":
        return lambda frame: sum(1 for _ in matches(frame))
    if node.kind == "exists":
        return lambda frame: next(matches(frame), None) is not None
    assert node.value is not None
    assert value is not None
    values = _filled(matches, value)
    if node.kind in ("min", "max"):
        order = order_of(node.value.type, scope.plan.schema.choices)
        extreme = min if node.kind == "min" else max
        return lambda frame: extreme(values(frame), key=order, default=None)
    kind = KINDS[type(node.value.type)]
    if node.kind == "sum":
        return lambda frame: kind.total(values(frame))

    def average(frame: Frame) -> Any:
        found = list(values(frame))
        return kind.average(found) if found else None

    return average


def _filled(matches: Matches, value: Evaluate) -> Callable[[Frame], Iterator[Any]]:
    """The values that are not empty."""

    def values(frame: Frame) -> Iterator[Any]:
        for _ in matches(frame):
            found = value(frame)
            if found is not None:
                yield found

    return values


def _columns_asked(node: e.Aggregate, scope: Scope) -> tuple[str, ...]:
    """The columns, beside its primary key, that the aggregate reads from the query's row."""
    row, by_name = node.query.row, scope.plan.schema.tables[node.query.table].by_name
    found: dict[str, None] = {}
    for inner in nodes((node.query.where, node.value)):
        local = bare(inner.row) if isinstance(inner, e.Column) else None
        if isinstance(local, e.Local) and local.name == row and not by_name[inner.column].primary:
            found[inner.column] = None
    return tuple(found)
