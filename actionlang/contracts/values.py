"""How the values of two types compare: whether each value of one is one of the other, and is written in the same form.

What fits what is the table at the top of `actionlang.engine.values`; how values are written as JSON is in `engine.json_form`.
"""

from __future__ import annotations

from actionlang.metadata import types as t

INTEGER_DIGITS = 19
MONEY_DIGITS, MONEY_SCALE = 15, 4
"""Digits before the point that the largest integer and the largest money have; decimals of money."""


def includes(wide: t.Type, narrow: t.Type) -> bool:
    """Whether each value of `narrow` is one of `wide`, exactly as it is. Two types that name the same choice have the same
    values; which members it has is another question."""
    if wide == narrow:
        return True
    if isinstance(wide, t.Text) and isinstance(narrow, t.Text):
        return wide.length is None or (narrow.length is not None and narrow.length <= wide.length)
    if isinstance(wide, t.Row) and isinstance(narrow, t.Row):
        return set(narrow.tables) <= set(wide.tables)
    if isinstance(wide, t.ListOf) and isinstance(narrow, t.ListOf):
        return includes(wide.item, narrow.item)
    if isinstance(wide, t.Decimal | t.Money):
        return _holds(wide, narrow)
    return False


def alike(one: t.Type, other: t.Type) -> bool:
    """Whether two types are of one kind, whose values differ in size only: texts, exact numbers with decimals, rows."""
    if isinstance(one, t.ListOf) and isinstance(other, t.ListOf):
        return alike(one.item, other.item)
    kinds = (t.Text, t.Decimal | t.Money, t.Row)
    return one == other or any(isinstance(one, kind) and isinstance(other, kind) for kind in kinds)


def same_form(one: t.Type, other: t.Type) -> bool:
    """Whether values of both types are written as JSON in one form: a row that may be of several tables is written with its
    table, a number with decimals as a text."""
    if isinstance(one, t.ListOf) and isinstance(other, t.ListOf):
        return same_form(one.item, other.item)
    if isinstance(one, t.Row) and isinstance(other, t.Row):
        return (len(one.tables) == 1) == (len(other.tables) == 1)
    return isinstance(one, t.Integer) == isinstance(other, t.Integer)


def _holds(wide: t.Decimal | t.Money, narrow: t.Type) -> bool:
    """Whether an exact number of one type holds each of another, to the last decimal."""
    if isinstance(wide, t.Decimal) and wide.precision is None:
        return isinstance(narrow, t.Integer | t.Decimal | t.Money)
    if isinstance(narrow, t.Integer):
        digits, scale = INTEGER_DIGITS, 0
    elif isinstance(narrow, t.Money):
        digits, scale = MONEY_DIGITS, MONEY_SCALE
    elif isinstance(narrow, t.Decimal) and narrow.precision is not None and narrow.scale is not None:
        digits, scale = narrow.precision - narrow.scale, narrow.scale
    else:
        return False
    if isinstance(wide, t.Money):  # It does not hold all numbers of its fifteen digits.
        return digits < MONEY_DIGITS and scale <= MONEY_SCALE
    assert wide.precision is not None
    assert wide.scale is not None
    return digits <= wide.precision - wide.scale and scale <= wide.scale
