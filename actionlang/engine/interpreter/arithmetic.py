"""Binding arithmetic: which operation of which types is which function."""

from __future__ import annotations

import math
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from actionlang.diagnostics.catalogue import run as codes
from actionlang.engine import decimals, times
from actionlang.engine.failure import Failure
from actionlang.engine.interpreter.constants import constant
from actionlang.engine.interpreter.frame import Evaluate
from actionlang.engine.interpreter.scope import Scope
from actionlang.metadata import types as t
from actionlang.plan import expressions as e

Operation = Callable[[Any, Any], Any]


def finite(value: float) -> float:
    """The floating point number itself, a zero without a sign: not every database keeps one.

    Raises Failure when it is infinite or no number.
    """
    if math.isfinite(value):
        return value + 0.0
    raise Failure(codes.NOT_A_NUMBER, "The result is beyond what a floating point number holds.")


def _divide_floats(left: float, right: float) -> float:
    if not right:
        raise decimals.division_by_zero()
    return finite(left / right)


OPERATIONS: dict[tuple[str, type[t.Type], type[t.Type]], Operation] = {
    ("+", t.Integer, t.Integer): decimals.add_integers,
    ("-", t.Integer, t.Integer): decimals.subtract_integers,
    ("*", t.Integer, t.Integer): decimals.multiply_integers,
    ("/", t.Integer, t.Integer): decimals.divide_integers,
    ("+", t.Decimal, t.Decimal): decimals.add,
    ("-", t.Decimal, t.Decimal): decimals.subtract,
    ("*", t.Decimal, t.Decimal): decimals.multiply,
    ("/", t.Decimal, t.Decimal): decimals.divide,
    ("+", t.Duration, t.Duration): times.add_durations,
    ("-", t.Duration, t.Duration): times.subtract_durations,
    ("/", t.Duration, t.Duration): times.divide_durations,
    ("*", t.Duration, t.Integer): times.multiply_duration,
    ("*", t.Duration, t.Decimal): times.multiply_duration,
    ("/", t.Duration, t.Decimal): times.divide_duration,
    ("+", t.Date, t.Duration): times.add_to_date,
    ("-", t.Date, t.Duration): times.subtract_from_date,
    ("+", t.DateTime, t.Duration): times.add_to_moment,
    ("-", t.DateTime, t.Duration): times.subtract_from_moment,
    ("-", t.DateTime, t.DateTime): times.between,
    ("-", t.Date, t.Date): times.between,
    ("+", t.Float, t.Float): lambda left, right: finite(left + right),
    ("-", t.Float, t.Float): lambda left, right: finite(left - right),
    ("*", t.Float, t.Float): lambda left, right: finite(left * right),
    ("/", t.Float, t.Float): _divide_floats,
}

NEGATIONS: dict[type[t.Type], Callable[[Any], Any]] = {
    t.Integer: lambda value: decimals.integer(-value),
    t.Decimal: Decimal.copy_negate,
    t.Money: Decimal.copy_negate,
    t.Duration: times.negate_duration,
    t.Float: lambda value: 0.0 - value,
}


def bind_arithmetic(node: e.Arithmetic, scope: Scope) -> Evaluate:
    operation = OPERATIONS[node.operator, type(node.left.type), type(node.right.type)]
    left, right = scope.evaluate(node.left), scope.evaluate(node.right)
    known = constant(node.right)
    if known is not None:
        value = known.value
        return lambda frame: operation(left(frame), value)
    return lambda frame: operation(left(frame), right(frame))


def bind_negate(node: e.Negate, scope: Scope) -> Evaluate:
    negate = NEGATIONS[type(node.operand.type)]
    operand = scope.evaluate(node.operand)
    return lambda frame: negate(operand(frame))
