"""Making an expression fit a type that is wanted, by a conversion that never fails, and finding a type that two share."""

from __future__ import annotations

import decimal

from actionlang.metadata import types as t
from actionlang.plan import expressions as e
from actionlang.plan.verify_place import fits, kin

DECIMAL = t.Decimal()
EXACT = (t.Integer, t.Decimal, t.Money)
"""Exact numbers: they mix."""


def fit(value: e.Expression, wanted: t.Type) -> e.Expression | None:
    """An expression as one of the wanted type, up to length, precision and scale; None when its values are of another kind."""
    type_ = value.type
    if type_ == wanted or isinstance(type_, t.Unknown) or isinstance(wanted, t.Unknown):
        return value
    if isinstance(type_, t.Empty):
        return e.Convert(wanted, True, value)
    if fits(type_, wanted):
        return value
    if not converts(type_, wanted):
        return None
    if isinstance(value, e.Literal) and isinstance(value.value, int):
        return e.Literal(DECIMAL, False, decimal.Decimal(value.value))
    return e.Convert(kin(wanted), value.optional, value)


def converts(type_: t.Type, wanted: t.Type) -> bool:
    """Whether every value of a type is also one of another, which is not the same."""
    if isinstance(wanted, t.Row):
        return isinstance(type_, t.Row) and set(type_.tables) <= set(wanted.tables)
    if isinstance(wanted, t.ListOf):
        return isinstance(type_, t.ListOf) and (fits(type_.item, wanted.item) or converts(type_.item, wanted.item))
    return isinstance(type_, t.Integer) and isinstance(wanted, t.Decimal | t.Money)


def shared(left: t.Type, right: t.Type) -> t.Type | None:
    """The type that values of both types fit, or None when they could never be the same."""
    if left == right or isinstance(right, t.Empty):
        return left
    if isinstance(left, t.Empty):
        return right
    if fits(left, right):
        return kin(left)
    if isinstance(left, t.Row) and isinstance(right, t.Row):
        return _more_tables(left, right)
    if isinstance(left, t.ListOf) and isinstance(right, t.ListOf):
        item = shared(left.item, right.item)
        return item and t.ListOf(item)
    return DECIMAL if isinstance(left, EXACT) and isinstance(right, EXACT) else None


def _more_tables(left: t.Row, right: t.Row) -> t.Row | None:
    if not set(left.tables) & set(right.tables):
        return None
    if set(left.tables) <= set(right.tables):
        return right
    return t.Row(tuple(dict.fromkeys((*left.tables, *right.tables))))
