"""Binding aggregates: what is worked out from the rows for which a condition holds. A store that takes queries works them out
itself where it can; else it is done here in one pass, without keeping the rows."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator
from datetime import timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any, NamedTuple

from actionlang.engine.decimals import WIDE, divide, exactly, integer
from actionlang.engine.interpreter.arithmetic import finite
from actionlang.engine.interpreter.constants import bare
from actionlang.engine.interpreter.frame import Evaluate, Frame
from actionlang.engine.interpreter.handed import HandedAggregate
from actionlang.engine.interpreter.matching import ALL, Matches, Wanted, matching
from actionlang.engine.interpreter.scope import Scope
from actionlang.engine.ordering import order_of
from actionlang.engine.times import MICROSECOND, duration_of
from actionlang.engine.values import money
from actionlang.metadata import types as t
from actionlang.plan import expressions as e
from actionlang.plan.walk import nodes


class Kind(NamedTuple):
    """How values of one type are summed up and averaged: `total` adds them up in full, `sum` and `average` make the result of the
    total, the latter with the number of values. All are exact until the end, so the values' order means nothing."""

    total: Callable[[Iterable[Any]], Any]
    sum: Callable[[Any], Any]
    average: Callable[[Any, int], Any]


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


def _mean(total: int | Decimal, count: int) -> Decimal:
    return divide(Decimal(total), Decimal(count))


KINDS: dict[type[t.Type], Kind] = {
    t.Integer: Kind(sum, integer, _mean),
    t.Decimal: Kind(_sum_decimals, exactly, _mean),
    t.Money: Kind(_sum_decimals, money, _mean),
    t.Duration: Kind(_microseconds, duration_of, lambda total, count: duration_of(round(Fraction(total, count)))),
    t.Float: Kind(_sum_floats, lambda total: total, lambda total, count: total / count),
}


def bind_aggregate(node: e.Aggregate, scope: Scope) -> Evaluate:
    """count, exists, sum, min, max, average."""
    exists = node.kind == "exists"
    handed = None if exists or not scope.plan.store.takes_queries else HandedAggregate(node, scope.as_it_is())
    wanted = Wanted(few=True, any_order=True) if exists else ALL
    with matching(node.query, _columns_asked(node, scope), scope, wanted) as matches:
        value = scope.evaluate(node.value) if node.value is not None else None
    if exists:
        return lambda frame: next(matches.find(frame, 1)[0], None) is not None
    found = (
        _counted(matches)
        if node.value is None or value is None
        else _gathered(node.kind, node.value, value, matches, scope)
    )
    finish = _finish(node)
    if handed is None:
        return lambda frame: finish(*found(frame))

    def aggregate(frame: Frame) -> Any:
        result = handed.result(frame)
        return finish(*(found(frame) if result is None else result))

    return aggregate


Found = Callable[[Frame], tuple[Any, ...]]
"""What `_finish` makes the result of: the number of rows, the least or greatest value, or a total and the number of values."""


def _finish(node: e.Aggregate) -> Callable[..., Any]:
    if node.value is None or node.kind in ("min", "max"):
        return lambda found: found
    kind = KINDS[type(node.value.type)]
    if node.kind == "sum":
        return lambda total, count: kind.sum(total)
    return lambda total, count: kind.average(total, count) if count else None


def _counted(matches: Matches) -> Found:
    return lambda frame: (sum(1 for _ in matches.find(frame)[0]),)


def _gathered(kind: str, node: e.Expression, value: Evaluate, matches: Matches, scope: Scope) -> Found:
    values = _filled(matches, value)
    if kind in ("min", "max"):
        order = order_of(node.type, scope.plan.schema.choices)
        extreme = min if kind == "min" else max
        return lambda frame: (extreme(values(frame), key=order, default=None),)
    total = KINDS[type(node.type)].total

    def gathered(frame: Frame) -> tuple[Any, int]:
        found = list(values(frame))
        return total(found), len(found)

    return gathered


def _filled(matches: Matches, value: Evaluate) -> Callable[[Frame], Iterator[Any]]:
    """The values that are not empty."""

    def values(frame: Frame) -> Iterator[Any]:
        for _ in matches.find(frame)[0]:
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
