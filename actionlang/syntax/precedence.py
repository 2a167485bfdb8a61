"""How tightly each operator binds: from the flat list of operands and operators to a tree.

Loosest to tightest: `or`, `and`, `not`, comparisons (they do not chain), `otherwise`, `+ -`, `* /`, unary `-`. All but
the comparisons group from the left.
"""

from __future__ import annotations

from actionlang.syntax.ast import Binary, Expression, IsEmpty, IsTable, Qualified, Unary
from actionlang.syntax.tokens import Token

NOT = 3
COMPARISON = 4
NEGATION = 8
BINDING = {
    "or": 1,
    "and": 2,
    "=": COMPARISON,
    "!=": COMPARISON,
    "<": COMPARISON,
    "<=": COMPARISON,
    ">": COMPARISON,
    ">=": COMPARISON,
    "in": COMPARISON,
    "under": COMPARISON,
    "otherwise": 5,
    "+": 6,
    "-": 6,
    "*": 7,
    "/": 7,
}


class IsTest:
    """`is empty` or `is TABLE` behind an operand, until the operand is known."""

    __slots__ = ("end", "negated", "table")

    def __init__(self, end: int, table: Qualified | None, negated: bool) -> None:
        self.end = end
        self.table = table
        self.negated = negated


Item = Expression | Token | IsTest


def group(items: list[Item]) -> Expression:
    """The tree of a flat list as the grammar collects it: operands, operator tokens, prefix tokens, `is` tests."""
    expression, position = _climb(items, 0, 0)
    assert position == len(items)
    return expression


def _climb(items: list[Item], position: int, least: int) -> tuple[Expression, int]:
    """The expression that begins at `position` and uses only operators that bind at least as tightly as `least`."""
    first = items[position]
    if isinstance(first, Token):
        word = str(first.value)
        operand, position = _climb(items, position + 1, NOT if word == "not" else NEGATION)
        left: Expression = Unary(first.start, operand.end, word, operand)
    else:
        assert isinstance(first, Expression)
        left, position = first, position + 1
    while position < len(items):
        item = items[position]
        if isinstance(item, IsTest):
            if least > COMPARISON:
                break
            left, position = _test(left, item), position + 1
            continue
        assert isinstance(item, Token)
        operator = str(item.value)
        binding = BINDING[operator]
        if binding < least:
            break
        right, position = _climb(items, position + 1, binding + 1)
        left = Binary(left.start, right.end, operator, left, right)
    return left, position


def _test(operand: Expression, test: IsTest) -> Expression:
    if test.table is None:
        return IsEmpty(operand.start, test.end, operand, test.negated)
    return IsTable(operand.start, test.end, operand, test.table, test.negated)
