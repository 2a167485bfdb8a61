"""Truth tables: whether a condition can hold, and whether it can fail to.

A condition is worked out for values that stand for all others. If the amount is compared with 5 and with 10 alone, then 4, 5, 6,
10 and 11 tell all that there is to tell; of a choice it is its members, of an optional value `empty` as well. What cannot be
looked into (a comparison of two columns, say) may hold or not. So the table has more rows than there can be cases, never fewer:
a condition that is true in all of them is always true.
"""

from __future__ import annotations

import math
from collections.abc import Hashable, Iterator, Mapping
from itertools import product
from typing import Any

import attrs

from actionlang.lint.standing_for import SOMETHING, comparable, values_of
from actionlang.metadata import types as t
from actionlang.metadata.tables import Choice
from actionlang.plan import expressions as e
from actionlang.plan.facts import Facts, path_of, plain
from actionlang.plan.walk import nodes

MOST_ROWS = 500
"""Rows of a table that is worked out."""

FLIPPED = {">": "<", "<=": ">="}
"""Comparisons as what they are when the sides change places."""

NEGATED = {"!=": "=", ">=": "<"}
"""Comparisons as the opposite of others."""

NOTHING = (None,)
"""The constant `empty`."""

WITHOUT_ORDER = (*SOMETHING, t.Text, t.Choice, t.Id)
"""Types of values that those which stand for the others can not be compared with by size."""

Row = Mapping[Hashable, object]
"""A value for each variable."""


class Undefined(Exception):
    """An empty value stands where none may, which the checker has ruled out: the row describes no case."""


def bare(expression: e.Expression) -> e.Expression:
    """An expression without what was converted or narrowed around it."""
    while isinstance(expression, e.Narrow | e.Convert):
        expression = expression.operand
    return expression


@attrs.define
class Variable:
    """What a condition depends on: an expression, or (None) whether something holds. `constants` are what it is compared with,
    `uses` how often it is asked."""

    expression: e.Expression | None
    constants: set[Any] = attrs.field(factory=set)
    uses: int = 0


class Table:
    """The truth table of some conditions that are asked where `facts` are known.

    `fixed` says that some part is the same in all rows. For each comparison that is not looked into `opaque` has, by its
    identity, what tells whether it holds; None when it compares something with itself.
    """

    def __init__(self, conditions: tuple[e.Expression, ...], facts: Facts, choices: Mapping[str, Choice]) -> None:
        self.facts = facts
        self.choices = choices
        self.variables: dict[Hashable, Variable] = {}
        self.fixed = False
        self.opaque: dict[int, tuple[Hashable, bool] | None] = {}
        for condition in conditions:
            self._collect(condition)

    def rows(self) -> Iterator[Row]:
        """The rows; none when there are too many, or when it is clear that any question may be answered either way: nothing is
        asked twice, and nothing is known beforehand."""
        asked_twice = any(variable.uses > 1 for variable in self.variables.values())
        if not (asked_twice or self.fixed or any(map(self._is_known, self.variables.values()))):
            return iter(())
        columns = [self._values(variable) for variable in self.variables.values()]
        if math.prod(map(len, columns)) > MOST_ROWS:
            return iter(())
        return (dict(zip(self.variables, values, strict=True)) for values in product(*columns))

    def _is_known(self, variable: Variable) -> bool:
        """Whether something is known of a variable, so that not all answers may be possible."""
        return variable.expression is not None and self.facts.of(variable.expression) is not None

    def _values(self, variable: Variable) -> list[object]:
        if variable.expression is None:
            return [False, True]
        return values_of(variable.expression, variable.constants, self.facts.of(variable.expression), self.choices)

    # --------------------------------------------------------------------------------------------------- collecting

    def _collect(self, condition: e.Expression) -> None:
        condition = bare(condition)
        if isinstance(condition, e.Not):
            self._collect(condition.operand)
        elif isinstance(condition, e.And | e.Or):
            for operand in condition.operands:
                self._collect(operand)
        elif isinstance(condition, e.IsEmpty | e.IsTable):
            self.fixed |= not bare(condition.operand).optional
            self._collect_value(condition.operand, ())
        elif isinstance(condition, e.Compare):
            self._collect_compared(condition)
        elif isinstance(condition, e.In):
            constants = _constants(condition.collection)
            if constants is None:
                self._whether(_key(condition))
            else:
                self._collect_value(condition.item, constants)
        else:
            self._collect_value(condition, ())

    def _collect_compared(self, condition: e.Compare) -> None:
        left, right = _constant(condition.left), _constant(condition.right)
        if _looked_into(condition, left, right):
            self.fixed |= left is not None and right is not None
            for side, constants in ((condition.left, right), (condition.right, left)):
                if constants is not None:
                    self._collect_value(side, constants)
            return
        same = _key(bare(condition.left)) == _key(bare(condition.right))
        self.opaque[id(condition)] = None if same else _whether(condition)
        if same:
            self.fixed = True
        else:
            self._whether(_whether(condition)[0])

    def _collect_value(self, value: e.Expression, constants: tuple[object, ...]) -> None:
        value = bare(value)
        if isinstance(value, e.Otherwise):
            self._collect_value(value.operand, constants)
            if _constant(value.fallback) is None:
                self._collect_value(value.fallback, constants)
        elif _constant(value) is not None:
            self.fixed = True
        else:
            variable = self.variables.setdefault(_key(value), Variable(value))
            variable.uses += 1
            variable.constants.update(constants)
            if value.optional:  # Elsewhere it may have been narrowed, by what stands before it in the condition.
                variable.expression = value

    def _whether(self, key: Hashable) -> None:
        self.variables.setdefault(key, Variable(None)).uses += 1

    # -------------------------------------------------------------------------------------------------- working out

    def holds(self, condition: e.Expression, row: Row) -> bool:
        """Whether a condition holds in a row. Raises Undefined where the row describes no case."""
        condition = bare(condition)
        if isinstance(condition, e.Not):
            return not self.holds(condition.operand, row)
        if isinstance(condition, e.And):
            return all(self.holds(operand, row) for operand in condition.operands)
        if isinstance(condition, e.Or):
            return any(self.holds(operand, row) for operand in condition.operands)
        if isinstance(condition, e.IsEmpty):
            return self._value(condition.operand, row) is None
        if isinstance(condition, e.IsTable):
            return self._value(condition.operand, row) == condition.table
        if isinstance(condition, e.Compare):
            return self._compare(condition, row)
        if isinstance(condition, e.In):
            constants = _constants(condition.collection)
            if constants is None:
                return bool(row[_key(condition)])
            item = self._value(condition.item, row)
            return item is not None and item in constants
        value = self._value(condition, row)
        if value is None:
            raise Undefined
        return bool(value)

    def _compare(self, condition: e.Compare, row: Row) -> bool:
        if id(condition) in self.opaque:
            whether = self.opaque[id(condition)]
            if whether is None:
                return condition.operator in ("=", "<=", ">=")
            key, negated = whether
            return bool(row[key]) is not negated
        left, right = self._value(condition.left, row), self._value(condition.right, row)
        if condition.operator in ("=", "!="):
            return (left == right) is (condition.operator == "=")
        return _ordered(condition.operator, left, right)

    def _value(self, value: e.Expression, row: Row) -> object:
        value = bare(value)
        if isinstance(value, e.Otherwise):
            found = self._value(value.operand, row)
            return self._value(value.fallback, row) if found is None else found
        constant = _constant(value)
        return row[_key(value)] if constant is None else constant[0]


def _ordered(operator: str, left: Any, right: Any) -> bool:
    if left is None or right is None:
        raise Undefined
    if operator == "<":
        return bool(left < right)
    if operator == "<=":
        return bool(left <= right)
    return bool(left > right if operator == ">" else left >= right)


# ------------------------------------------------------------------------------------------------------------- looking


def _constant(value: e.Expression) -> tuple[object] | None:
    """The value of a constant, or None."""
    value = bare(value)
    if isinstance(value, e.Negate):
        inner = _constant(value.operand)
        number: Any = inner and inner[0]
        return None if number is None else (-number,)
    return (comparable(value.value),) if isinstance(value, e.Literal) else None


def _constants(value: e.Expression) -> tuple[object, ...] | None:
    """The values of a constant or of a list of constants; None when there is more in it."""
    value = bare(value)
    items = value.items if isinstance(value, e.ListLiteral) else (value,)
    found = [_constant(item) for item in items]
    return None if None in found else tuple(each[0] for each in found if each)


def _looked_into(condition: e.Compare, left: tuple[object] | None, right: tuple[object] | None) -> bool:
    """Whether one side is a constant that the values which stand for the other's can be compared with."""
    if left is None and right is None:
        return False
    if NOTHING in (left, right):
        return True
    type_ = bare(condition.left if left is None else condition.right).type
    return not isinstance(type_, SOMETHING if condition.operator in ("=", "!=") else WITHOUT_ORDER)


def _whether(condition: e.Compare) -> tuple[Hashable, bool]:
    """What tells whether a comparison holds, and whether it is the opposite of that: `a >= b` is the opposite of `a < b`."""
    operator, left, right = condition.operator, condition.left, condition.right
    if operator in FLIPPED:
        operator, left, right = FLIPPED[operator], right, left
    negated = operator in NEGATED
    return (NEGATED.get(operator, operator), _key(bare(left)), _key(bare(right))), negated


def _key(expression: e.Expression) -> Hashable:
    """Equal for expressions that have the same value wherever they stand in one condition."""
    path = path_of(expression)
    if path is not None:
        return plain(path)
    if any(isinstance(node, e.CallVerb) for node in nodes(expression)):
        return id(expression)  # A verb that the host implements may answer differently each time.
    return expression
