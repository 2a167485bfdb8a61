"""The types of expressions that compute: logic, comparison, arithmetic, lists."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from actionlang.metadata import types as t
from actionlang.plan import expressions as e
from actionlang.plan.facts import when
from actionlang.plan.verify_metadata import check_type
from actionlang.plan.verify_place import Body, Typed, fits, kin, row_table, unsized, wrong_type

BOOLEAN: Typed = (t.Boolean(), False)
ORDERED = (t.Text, t.Integer, t.Decimal, t.Money, t.Float, t.Boolean, t.Date, t.DateTime, t.Duration, t.Id)

INTEGER, DECIMAL, FLOAT = t.Integer(), t.Decimal(), t.Float()
DATE, DATETIME, DURATION = t.Date(), t.DateTime(), t.Duration()
ARITHMETIC: dict[tuple[t.Type, str, t.Type], t.Type] = {
    **{(number, operator, number): number for number in (INTEGER, DECIMAL, FLOAT) for operator in "+-*/"},
    **{(DURATION, operator, DURATION): DURATION for operator in "+-"},
    **{(DURATION, operator, DECIMAL): DURATION for operator in "*/"},
    **{(moment, operator, DURATION): moment for moment in (DATE, DATETIME) for operator in "+-"},
    (INTEGER, "/", INTEGER): DECIMAL,
    (DURATION, "/", DURATION): DECIMAL,
    (DURATION, "*", INTEGER): DURATION,
    (DATETIME, "-", DATETIME): DURATION,
    (DATE, "-", DATE): DURATION,
}
"""What each operator makes of which types, sizes left aside."""


def check_ordered(type_: t.Type, body: Body) -> None:
    """See that values of a type have an order. Raises Refusal."""
    numbered = isinstance(type_, t.Choice) and body.contents.choice(type_.name).numbered
    if not isinstance(type_, ORDERED) and not numbered:
        wrong_type(f"{type_} has no order")


def _not(node: e.Not, body: Body) -> Typed:
    body.check_condition(node.operand)
    return BOOLEAN


def _and_or(node: e.And | e.Or, body: Body) -> Typed:
    facts = body.facts
    for operand in node.operands:
        with body.knowing(facts):
            body.check_condition(operand)
        facts = when(operand, isinstance(node, e.And), facts)
    if len(node.operands) < 2:
        wrong_type("and and or take two conditions or more")
    return BOOLEAN


def _compare(node: e.Compare, body: Body) -> Typed:
    if node.operator in ("=", "!="):
        left, right = body.check(node.left), body.check(node.right)
        if isinstance(left, t.Outputs):
            wrong_type(f"{left} can not be compared")
    elif node.operator in ("<", "<=", ">", ">="):
        left, right = body.check_filled(node.left), body.check_filled(node.right)
        check_ordered(left, body)
    else:
        wrong_type(f"{node.operator} is no comparison")
    if not fits(left, right):
        wrong_type(f"{left} is compared with {right}")
    return BOOLEAN


def _is_empty(node: e.IsEmpty, body: Body) -> Typed:
    if isinstance(body.check(node.operand), t.Outputs):
        wrong_type("outputs are never empty")
    return BOOLEAN


def _is_table(node: e.IsTable, body: Body) -> Typed:
    operand = body.check(node.operand)
    if not isinstance(operand, t.Row) or node.table not in operand.tables:
        wrong_type(f"{operand} is never a row of {node.table}")
    return BOOLEAN


def _in(node: e.In, body: Body) -> Typed:
    item = body.check(node.item)
    collection = body.check_filled(node.collection)
    if isinstance(collection, t.ListOf):
        wanted = collection.item
    elif isinstance(collection, t.Choices):
        wanted = t.Choice(collection.name)
    else:
        wrong_type(f"nothing is in {collection}")
    if not fits(item, wanted):
        wrong_type(f"{item} is looked for in {collection}")
    return BOOLEAN


def _under(node: e.Under, body: Body) -> Typed:
    table = row_table(body.check(node.row), "what is under another row")
    if body.check(node.ancestor) != t.Row((table,)):
        wrong_type(f"a row of {table} is never under {node.ancestor.type}")
    if not body.contents.column(table, node.column).hierarchy:
        wrong_type(f"the column {node.column} of {table} makes no tree")
    return BOOLEAN


def _otherwise(node: e.Otherwise, body: Body) -> Typed:
    operand, fallback = body.check(node.operand), body.check(node.fallback)
    if not fits(operand, fallback):
        wrong_type(f"{operand} can not give way to {fallback}")
    if isinstance(operand, t.Outputs):
        wrong_type("outputs are never empty")
    type_ = node.type if node.type in (operand, fallback) else kin(operand)
    return type_, node.operand.optional and node.fallback.optional


def _arithmetic(node: e.Arithmetic, body: Body) -> Typed:
    left, right = unsized(body.check_filled(node.left)), unsized(body.check_filled(node.right))
    result = ARITHMETIC.get((left, node.operator, right))
    if result is None:
        wrong_type(f"{left} {node.operator} {right} is nothing")
    return result, False


def _negate(node: e.Negate, body: Body) -> Typed:
    operand = unsized(body.check_filled(node.operand))
    if operand not in (INTEGER, DECIMAL, t.Money(), FLOAT, DURATION):
        wrong_type(f"there is no minus {operand}")
    return operand, False


def _list_literal(node: e.ListLiteral, body: Body) -> Typed:
    check_type(node.type, body.contents)
    if not isinstance(node.type, t.ListOf) or not node.items:
        wrong_type(f"a list of {len(node.items)} items is said to be {node.type}")
    for item in node.items:
        body.check_slot(item, node.type.item)
    return node.type, False


RULES: dict[type, Callable[[Any, Body], Typed]] = {
    e.Not: _not,
    e.And: _and_or,
    e.Or: _and_or,
    e.Compare: _compare,
    e.IsEmpty: _is_empty,
    e.IsTable: _is_table,
    e.In: _in,
    e.Under: _under,
    e.Otherwise: _otherwise,
    e.Arithmetic: _arithmetic,
    e.Negate: _negate,
    e.ListLiteral: _list_literal,
}
