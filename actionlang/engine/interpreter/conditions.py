"""Binding conditions: comparisons, tests for emptiness and tables, membership, trees, and what joins
conditions."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

from actionlang.engine.interpreter.constants import constant
from actionlang.engine.interpreter.frame import UNIT, Evaluate, Frame
from actionlang.engine.interpreter.scope import Scope
from actionlang.engine.ordering import Order, order_of
from actionlang.metadata.types import Row
from actionlang.plan import expressions as e

OPERATORS: dict[str, Callable[[Any, Any], bool]] = {
    "=": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


def bind_not(node: e.Not, scope: Scope) -> Evaluate:
    operand = scope.evaluate(node.operand)
    return lambda frame: not operand(frame)


def bind_and(node: e.And, scope: Scope) -> Evaluate:
    operands = tuple(scope.evaluate(operand) for operand in node.operands)
    if len(operands) == 2:
        first, second = operands
        return lambda frame: first(frame) and second(frame)
    return lambda frame: all(operand(frame) for operand in operands)


def bind_or(node: e.Or, scope: Scope) -> Evaluate:
    operands = tuple(scope.evaluate(operand) for operand in node.operands)
    if len(operands) == 2:
        first, second = operands
        return lambda frame: first(frame) or second(frame)
    return lambda frame: any(operand(frame) for operand in operands)


def bind_compare(node: e.Compare, scope: Scope) -> Evaluate:
    compare = OPERATORS[node.operator]
    order = None if node.operator in ("=", "!=") else order_of(node.left.type, scope.plan.schema.choices)
    left, right = _ordered(node.left, order, scope), _ordered(node.right, order, scope)
    known = constant(node.right)
    if known is None or order is not None:
        return lambda frame: compare(left(frame), right(frame))
    value = known.value
    if node.operator == "=":
        return lambda frame: left(frame) == value
    return lambda frame: compare(left(frame), value)


def _ordered(node: e.Expression, order: Order | None, scope: Scope) -> Evaluate:
    evaluate = scope.evaluate(node)
    if order is None:
        return evaluate
    return lambda frame: order(evaluate(frame))


def bind_is_empty(node: e.IsEmpty, scope: Scope) -> Evaluate:
    operand = scope.evaluate(node.operand)
    return lambda frame: operand(frame) is None


def bind_is_table(node: e.IsTable, scope: Scope) -> Evaluate:
    operand, table = scope.evaluate(node.operand), node.table

    def is_table(frame: Frame) -> bool:
        row = operand(frame)
        return row is not None and row.table == table

    return is_table


def bind_in(node: e.In, scope: Scope) -> Evaluate:
    item, collection = scope.evaluate(node.item), scope.evaluate(node.collection)

    def contained(frame: Frame) -> bool:
        value = item(frame)
        values = collection(frame)
        return value is not None and values is not None and value in values

    return contained


def bind_under(node: e.Under, scope: Scope) -> Evaluate:
    assert isinstance(node.row.type, Row)
    row, ancestor = scope.evaluate(node.row), scope.evaluate(node.ancestor)
    parent = scope.plan.tables[node.row.type.tables[0]].reader(node.column)

    def under(frame: Frame) -> bool:
        below, top = row(frame), ancestor(frame)
        seen = set()
        # A database may hold a circle of parents, whoever wrote it.
        while below is not None and below not in seen:
            if below == top:
                return True
            seen.add(below)
            below = parent(frame[UNIT], below)
        return False

    return under
