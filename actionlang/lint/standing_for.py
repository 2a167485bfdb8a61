"""The values that stand for all values of an expression, as far as a comparison with constants can tell them apart."""

from __future__ import annotations

import datetime as dt
import decimal
import math
from collections.abc import Iterable, Mapping
from fractions import Fraction
from itertools import pairwise
from typing import Any

from actionlang.metadata import types as t
from actionlang.metadata.tables import Choice
from actionlang.plan import expressions as e
from actionlang.plan.facts import Known

SOMETHING = (t.Float, t.Json, t.File, t.Choices, t.ListOf, t.Outputs, t.Row, t.Empty, t.Unknown)
"""Types of values of which only this is known: whether they are empty, and for rows the table."""

STEPS = {
    t.Date: dt.timedelta(days=1),
    t.DateTime: dt.timedelta(microseconds=1),
    t.Duration: dt.timedelta(microseconds=1),
}
OTHER = "\0"
"""A text that no script has."""


def comparable(value: object) -> object:
    """A constant so that it compares with all others of its kind, exactly."""
    return Fraction(value) if isinstance(value, decimal.Decimal) else value


def values_of(
    expression: e.Expression, constants: Iterable[object], known: Known | None, choices: Mapping[str, Choice]
) -> list[object]:
    """The values that stand for those which an expression may have where this is known of it."""
    found = _of_type(expression.type, [each for each in constants if each is not None], known, choices)
    if known is not None and known.states is not None and isinstance(expression.type, t.Text | t.Choice):
        if isinstance(expression.type, t.Choice):
            found = [each for each in found if each in known.states]
        else:
            found = [*sorted(known.states)]
    if expression.optional and not (known is not None and known.filled):
        found.append(None)
    return found


def _of_type(type_: t.Type, constants: list[Any], known: Known | None, choices: Mapping[str, Choice]) -> list[object]:
    if isinstance(type_, t.Boolean):
        return [False, True]
    if isinstance(type_, t.Choice):
        return [member.name for member in choices[type_.name].members]
    if isinstance(type_, t.Row):
        tables = type_.tables
        return [table for table in tables if known is None or known.tables is None or table in known.tables]
    if isinstance(type_, t.Text | t.Id):
        return [*sorted(set(constants)), OTHER]
    if isinstance(type_, t.Integer):
        return _around_integers(constants)
    if isinstance(type_, t.Decimal | t.Money):
        return _around_numbers(constants)
    if type(type_) in STEPS:
        return _around_times(constants, STEPS[type(type_)])
    return [OTHER]


def _around_integers(constants: list[Any]) -> list[object]:
    whole = {math.floor(each) for each in constants} | {math.ceil(each) for each in constants}
    return sorted({each + step for each in whole for step in (-1, 0, 1)} or {0})


def _around_numbers(constants: list[Any]) -> list[object]:
    numbers = sorted({Fraction(each) for each in constants})
    between = [(one + other) / 2 for one, other in pairwise(numbers)]
    ends = [numbers[0] - 1, numbers[-1] + 1] if numbers else [Fraction(0)]
    return [*sorted({*numbers, *between, *ends})]


def _around_times(constants: list[Any], step: dt.timedelta) -> list[object]:
    found = set(constants)
    for each in constants:
        for direction in (1, -1):
            try:
                found.add(each + direction * step)
            except OverflowError:  # There is no day before the first.
                continue
    return sorted(found) or [None]
