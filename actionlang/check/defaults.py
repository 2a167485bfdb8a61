"""Defaults: a checked expression to the constant, or the run-fixed function, that metadata and contracts keep."""

from __future__ import annotations

import datetime as dt
import decimal

from actionlang.check.body import Body
from actionlang.check.expressions import check_slot
from actionlang.diagnostics.catalogue import metadata as codes
from actionlang.metadata import types as t
from actionlang.metadata.tables import Default
from actionlang.plan import expressions as e
from actionlang.plan.values import misfit
from actionlang.plan.verify_metadata import RUN_FIXED
from actionlang.syntax import ast

HINT = "A default is a constant, or now() or today(): a verb can compute any other value."


class NotConstant(Exception):
    """An expression has to be computed."""


def check_default(node: ast.Expression, body: Body, type_: t.Type, optional: bool, what: str) -> Default | None:
    """The default that is written for a column or parameter; None when it is `empty`, or after a complaint."""
    complaints = len(body.reporter.diagnostics)
    value = check_slot(node, body, type_, optional, what)
    if len(body.reporter.diagnostics) > complaints or isinstance(type_, t.Unknown):
        return None
    function = _function(value)
    if function is not None and RUN_FIXED[function] == type_:
        return Default(function=function)
    try:
        constant = fold(value)
    except NotConstant:
        body.report(codes.WRONG_DEFAULT, node, f"The default of {what} has to be computed.", HINT)
        return None
    problem = None if constant is None else misfit(type_, constant)
    if problem is not None:
        body.report(codes.WRONG_DEFAULT, node, f"The default of {what} does not fit: {problem}.")
        return None
    return None if constant is None else Default(constant)


def _function(value: e.Expression) -> str | None:
    if isinstance(value, e.Convert):
        value = value.operand
    if isinstance(value, e.CallFunction) and value.function in RUN_FIXED and not value.arguments:
        return value.function
    return None


def fold(value: e.Expression) -> object:
    """The constant that an expression stands for, None for `empty`.

    Raises NotConstant when the expression has to be computed.
    """
    if isinstance(value, e.Literal):
        return value.value
    if isinstance(value, e.Convert):
        return fold(value.operand)
    if isinstance(value, e.ListLiteral):
        return tuple(fold(item) for item in value.items)
    if isinstance(value, e.Negate):
        operand = fold(value.operand)
        assert isinstance(operand, int | decimal.Decimal | dt.timedelta)
        return -operand
    raise NotConstant
