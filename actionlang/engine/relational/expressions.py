"""Expressions in SQL: the rule for each kind, and the plainest of them."""

from __future__ import annotations

from collections.abc import Mapping

import attrs

from actionlang.engine.interpreter.constants import conversion
from actionlang.engine.relational import conditions, queries, rows, texts
from actionlang.engine.relational.refused import NotRelational
from actionlang.engine.relational.scope import Rule, Scope
from actionlang.engine.relational.value import Sql, all_fixed, any_fails
from actionlang.metadata import types as t
from actionlang.plan import expressions as e
from actionlang.plan.guards import Guarded


def literal(node: e.Literal, scope: Scope) -> Sql:
    """A constant."""
    if isinstance(node.type, t.Row):
        return rows.empty(node.type, scope)
    return scope.spelling.literal(node.value, node.type)


def local(node: e.Local, scope: Scope) -> Sql:
    """A name."""
    alias = scope.scans.get(node.name)
    if alias is None:
        return scope.local(node)
    assert isinstance(node.type, t.Row)
    return scope.key_of(alias, scope.schema.tables[node.type.tables[0]])


def caller(node: e.Caller, scope: Scope) -> Sql:
    return scope.caller()


def failure_message(node: e.FailureMessage, scope: Scope) -> Sql:
    return scope.failure_message()


def output_of(node: e.OutputOf, scope: Scope) -> Sql:
    return scope.output(node)


def narrow(node: e.Narrow, scope: Scope) -> Sql:
    """The same value, of which more is known."""
    operand = scope.translate(node.operand)
    if isinstance(node.type, t.Row):
        operand = rows.as_row(operand, node.type, scope)
    return attrs.evolve(operand, type=node.type, optional=operand.optional and node.optional)


def convert(node: e.Convert, scope: Scope) -> Sql:
    """A value as one of a wider type."""
    if isinstance(node.type, t.Row):
        if isinstance(node.operand.type, t.Empty):
            return rows.empty(node.type, scope)
        return rows.as_row(scope.translate(node.operand), node.type, scope)
    if isinstance(node.operand.type, t.Empty):
        return scope.spelling.literal(None, node.type)
    operand = scope.translate(node.operand)
    if operand.known is not None:
        change, value = conversion(node.operand.type, node.type), operand.known.value
        return scope.spelling.literal(value if change is None or value is None else change(value), node.type)
    if isinstance(node.type, t.Decimal) and not isinstance(node.operand.type, t.Decimal):
        return scope.spelling.convert(operand, node.type)
    return attrs.evolve(operand, type=node.type)


def otherwise(node: e.Otherwise, scope: Scope) -> Sql:
    """A value, or what stands in for it where it is empty."""
    operand, fallback = (_as_number(scope.translate(each), node.type, scope) for each in (node.operand, node.fallback))
    if isinstance(node.type, t.Row):
        return rows.otherwise(operand, fallback, node.type, scope)
    if not operand.optional:
        return operand
    if operand.known is not None:
        return fallback if operand.known.value is None else operand
    operand, fallback = scope.spelling.aligned(operand, fallback)
    return Sql(
        (f"coalesce({operand.text}, {fallback.text})",),
        node.type,
        fallback.optional,
        any_fails(operand, fallback),
        max(operand.whole, fallback.whole),
        max(operand.scale, fallback.scale),
        fixed=all_fixed(operand, fallback),
    )


def _as_number(value: Sql, type_: t.Type, scope: Scope) -> Sql:
    """A value of a wider type, where it is a number of a narrower one: flow may have found a narrower type than was written."""
    if not isinstance(type_, t.Decimal) or not isinstance(value.type, t.Integer | t.Money):
        return value
    if value.known is None:
        return scope.spelling.convert(value, type_)
    change, known = conversion(value.type, type_), value.known.value
    return scope.spelling.literal(known if change is None or known is None else change(known), type_)


def arithmetic(node: e.Arithmetic, scope: Scope) -> Sql:
    """An operation on two values."""
    return scope.spelling.arithmetic(node.operator, scope.translate(node.left), scope.translate(node.right), node.type)


def negate(node: e.Negate, scope: Scope) -> Sql:
    return scope.spelling.negate(scope.translate(node.operand))


def call_function(node: e.CallFunction, scope: Scope) -> Sql:
    """A function of the host; what asks the clock is fixed for the run."""
    if not node.arguments and node.function in ("now", "today"):
        return scope.of_the_run(node.function)
    arguments = [scope.translate(argument) for argument in node.arguments]
    return scope.spelling.call(node.function, node.overload, arguments, node.type)


def call_verb(node: e.CallVerb, scope: Scope) -> Sql:
    return scope.call(node)


def guarded(node: Guarded, scope: Scope) -> Sql:
    return scope.guarded(node)


def list_literal(node: e.ListLiteral, scope: Scope) -> Sql:
    raise NotRelational("a list is put together here")


RULES: Mapping[type, Rule] = {
    e.Literal: literal,
    e.Local: local,
    e.Caller: caller,
    e.FailureMessage: failure_message,
    e.Column: rows.column,
    e.OutputOf: output_of,
    e.RowByKey: rows.row_by_key,
    e.Narrow: narrow,
    e.Convert: convert,
    e.Not: conditions.not_,
    e.And: conditions.and_,
    e.Or: conditions.or_,
    e.Compare: conditions.compare,
    e.IsEmpty: conditions.is_empty,
    e.IsTable: conditions.is_table,
    e.In: conditions.in_,
    e.Under: conditions.under,
    e.Otherwise: otherwise,
    e.Arithmetic: arithmetic,
    e.Negate: negate,
    e.Template: texts.template,
    e.ListLiteral: list_literal,
    e.CallFunction: call_function,
    e.CallVerb: call_verb,
    e.Aggregate: queries.aggregate,
    Guarded: guarded,
}
