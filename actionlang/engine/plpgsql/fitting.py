"""Bringing a value into a column's, parameter's or output's type: what does not fit is a failure, never cut off."""

from __future__ import annotations

import attrs

from actionlang.diagnostics.catalogue import run as codes
from actionlang.engine.decimals import plain
from actionlang.engine.interpreter.constants import fits
from actionlang.engine.plpgsql.scope import ServerScope
from actionlang.engine.relational import rows
from actionlang.engine.relational.refused import NotRelational
from actionlang.engine.relational.value import Sql
from actionlang.engine.values import LARGEST_MONEY, MONEY_SCALE, SMALLEST_MONEY, fitting
from actionlang.metadata import types as t
from actionlang.plan import expressions as e


def fitted(node: e.Expression, target: t.Type, scope: ServerScope, sensitive: bool = False) -> Sql:
    """An expression's value in a type. A sensitive value that does not fit is not repeated."""
    value = scope.translate(node)
    if isinstance(target, t.Row):
        return rows.as_row(value, target, scope)
    fit = fitting(node.type, target)
    if fit is None:
        return (
            attrs.evolve(value, type=target)
            if not isinstance(value.type, t.Empty)
            else scope.spelling.literal(None, target)
        )
    if value.known is not None and fits(fit, value.known.value):
        known = value.known.value
        return scope.spelling.literal(None if known is None else fit(known), target)
    if isinstance(target, t.Text):
        return _text(value, target, sensitive, scope)
    if isinstance(target, t.Money | t.Decimal):
        return _number(value, target, sensitive, scope)
    raise NotRelational("a list of numbers or texts is brought into another type here")


def _text(value: Sql, target: t.Text, sensitive: bool, scope: ServerScope) -> Sql:
    value = value if value.simple else scope.held(value, "text")
    told = [
        scope.text("The text has "),
        f"length({value.text})::text",
        scope.text(f" characters; {target} takes at most {target.length}."),
    ]
    branch = scope.block.inside(f"IF length({value.text}) > {target.length} THEN", "END IF;")
    hint = f"shorten it first, for instance with left(value, {target.length})"
    scope.fail(codes.TEXT_DOES_NOT_FIT, _message(told, target, sensitive, scope), hint=hint, block=branch)
    return attrs.evolve(value, type=target, known=None)


def _number(value: Sql, target: t.Money | t.Decimal, sensitive: bool, scope: ServerScope) -> Sql:
    value = value if value.simple else scope.held(value, "number")
    if isinstance(target, t.Money):
        scale, condition = MONEY_SCALE, f"{{0}} NOT BETWEEN {SMALLEST_MONEY} AND {LARGEST_MONEY}"
        told = f" does not fit money, which ends at {plain(LARGEST_MONEY)}."
        whole = 15
    else:
        assert target.precision is not None
        assert target.scale is not None
        scale, whole = target.scale, target.precision - target.scale
        condition = f"abs({{0}}) >= {10**whole}"
        told = f" does not fit decimal({target.precision},{target.scale}), which takes {whole} digits before the point."
    rounded = scope.spelling.rounded(value, scale, target)
    if rounded.cells != value.cells:
        rounded = scope.held(rounded, "rounded")
    if rounded.whole >= whole:
        branch = scope.block.inside(f"IF {condition.format(rounded.text)} THEN", "END IF;")
        message = _message([scope.spelling.display(value), scope.text(told)], target, sensitive, scope)
        scope.fail(codes.NUMBER_DOES_NOT_FIT, message, block=branch)
    return attrs.evolve(
        rounded, type=target, known=None, whole=min(rounded.whole, whole), scale=min(rounded.scale, scale)
    )


def _message(told: list[str], target: t.Type, sensitive: bool, scope: ServerScope) -> str:
    if sensitive:
        return scope.text(f"The value does not fit {target}.")
    return scope.spelling.joined(told)
