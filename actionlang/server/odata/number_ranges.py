"""Comparing exact numbers of a type with any number: as a comparison with a number of that very type, or as plain true or false.

So every comparison that OData can ask has an answer, and the database compares a column with what could stand in it.
"""

from __future__ import annotations

from decimal import ROUND_CEILING, ROUND_FLOOR, Context, Decimal

import attrs

from actionlang.engine.decimals import LARGEST_INTEGER, SMALLEST_INTEGER
from actionlang.engine.values import LARGEST_MONEY, MONEY_SCALE, SMALLEST_MONEY
from actionlang.metadata import types as t

EXACT = Context(prec=200)
"""Enough digits for any number that a filter can have."""


@attrs.frozen
class Comparison:
    """`operator` is one of = < <= > >=; the number is of the type that it is compared with."""

    operator: str
    number: Decimal


def within_range(operator: str, number: Decimal, type_: t.Integer | t.Decimal | t.Money) -> Comparison | bool:
    """A comparison of values of a type with a number, as one with a value of that type; True or False where all values compare
    alike."""
    scale, smallest, largest = _range(type_)
    if number > largest:
        return operator in ("<", "<=")
    if number < smallest:
        return operator in (">", ">=")
    unit = Decimal(1).scaleb(-scale, EXACT)
    below = number.quantize(unit, ROUND_FLOOR, EXACT)
    if below == number:
        return Comparison(operator, below)
    if operator == "=":
        return False
    if operator in ("<", "<="):
        return Comparison("<=", below)
    return Comparison(">=", number.quantize(unit, ROUND_CEILING, EXACT))


def _range(type_: t.Integer | t.Decimal | t.Money) -> tuple[int, Decimal, Decimal]:
    """How many decimals values of a type have, the smallest and the largest."""
    if isinstance(type_, t.Integer):
        return 0, Decimal(SMALLEST_INTEGER), Decimal(LARGEST_INTEGER)
    if isinstance(type_, t.Money):
        return MONEY_SCALE, SMALLEST_MONEY, LARGEST_MONEY
    assert type_.precision is not None
    assert type_.scale is not None
    largest = Decimal(10**type_.precision - 1).scaleb(-type_.scale, EXACT)
    return type_.scale, -largest, largest
