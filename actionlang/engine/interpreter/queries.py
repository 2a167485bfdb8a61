"""Binding queries: the rows for which a condition holds, in order."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from operator import itemgetter

from actionlang.diagnostics.catalogue import run as codes
from actionlang.engine.failure import Failure
from actionlang.engine.interpreter.frame import UNIT, Evaluate, Frame
from actionlang.engine.interpreter.matching import Wanted, matching
from actionlang.engine.interpreter.scope import Scope
from actionlang.engine.ordering import empty_first, order_of
from actionlang.engine.store import RowRef, StoredRow
from actionlang.plan import expressions as e

ListRows = Callable[[Frame], list[RowRef]]
Sort = Callable[[Frame, Iterator[StoredRow]], list[StoredRow]]


def bind_rows(query: e.Query, scope: Scope, *, first_only: bool = False) -> ListRows:
    """The query's rows, all it asks for or the first only, read in whole and kept in the unit."""
    rows = scope.plan.tables[query.table]
    limit = scope.evaluate(query.limit) if query.limit is not None else None
    few = Wanted(few=first_only or limit is not None)
    with matching(query, rows.columns, scope, few) as matches:
        order = _ordering(query, scope)
    name = query.table

    def list_rows(frame: Frame) -> list[RowRef]:
        most = 1 if first_only else None if limit is None else _not_negative(limit(frame))
        found: Iterable[StoredRow]
        found, ordered = matches.find(frame, most)
        if order is not None and not ordered:
            found = order(frame, found)
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
