"""A filter of OData as a condition of the language.

Values mean what they mean to the language; what is empty is OData's null, by OData's rules (URL Conventions 4.01, 5.1.1): `eq`
and `ne` compare null like any other value, `gt` and the like are false of it, functions of it are null, and of a condition
that is null neither it nor its opposite holds.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import attrs
from odata_query import ast

from actionlang.metadata.types import Boolean
from actionlang.plan import expressions as e
from actionlang.runtime.readable import BOOLEAN, Columns, every
from actionlang.server.odata.asking import unsupported, wrong
from actionlang.server.odata.filter_syntax import NO_ALIASES, Literal, parse_filter
from actionlang.server.odata.filter_values import Constant, Operand, Operands

TRUE = e.Literal(BOOLEAN, False, True)
FALSE = e.Literal(BOOLEAN, False, False)

ORDERED = {ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">="}
"""What the comparisons of order are called in the language."""


@attrs.frozen(eq=False)
class Filter:
    """A filter that was parsed, for any number of uses. `target` is the option that errors name."""

    tree: Any
    text: str
    target: str

    @staticmethod
    def of(text: str, target: str, aliases: Mapping[str, str] = NO_ALIASES) -> Filter:
        """The filter that a text is; `aliases` are the literals that names such as `@p` stand for. Raises Refusal when it is
        none, or is too large."""
        return Filter(parse_filter(text, target, aliases), text, target)

    def condition(self, columns: Columns, operands: Operands) -> e.Expression:
        """The condition on a row. The values of the names in it are `operands.values` afterwards.

        Raises Refusal, and ActionLangError where it asks about what may not be asked.
        """
        return _Making(operands, self.target).holds(self.tree, True)


class _Making:
    """One condition being made."""

    def __init__(self, operands: Operands, target: str) -> None:
        self.operands = operands
        self.target = target

    def holds(self, node: Any, wanted: bool) -> e.Expression:
        """That a node is true, or that it is false: when it is null both do not hold."""
        if isinstance(node, ast.BoolOp):
            both = isinstance(node.op, ast.And) is wanted
            parts = tuple(self.holds(each, wanted) for each in _flat(node))
            return e.And(BOOLEAN, False, parts) if both else e.Or(BOOLEAN, False, parts)
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
            return self.holds(node.operand, not wanted)
        if isinstance(node, ast.Compare):
            return self._compared(node, wanted)
        if isinstance(node, ast.CollectionLambda):
            raise unsupported(self.target, "any and all are not asked here: no property leads to several rows.")
        return self._is(self.operands.of(node), wanted)

    def _is(self, operand: Operand, wanted: bool) -> e.Expression:
        if isinstance(operand, Constant):
            if operand.value is not None and not isinstance(operand.value, bool):
                raise wrong(self.target, f"{operand.shown} is no condition.", operand.at)
            return TRUE if operand.value is wanted else FALSE
        if operand.type != Boolean():
            raise wrong(self.target, f"{operand.shown} is no condition.", operand.at)
        condition = operand.expression if wanted else _not(operand.expression)
        return _all(*operand.filled, condition)

    def _compared(self, node: Any, wanted: bool) -> e.Expression:
        if isinstance(node.comparator, ast.In):
            item = self._operand(node.left)
            equal = [self._equal(item, self.operands.of(each)) for each in self._items(node)]
            found = equal[0] if len(equal) == 1 else e.Or(BOOLEAN, False, tuple(equal))
            return found if wanted else _not(found)
        make = ORDERED.get(type(node.comparator))
        left, right = (self._operand(each) for each in (node.left, node.right))
        if make is not None:
            found = self._ordered(make, left, right)
        elif isinstance(node.comparator, ast.Eq):
            found = self._equal(left, right)
        else:
            found = _not(self._equal(left, right))
        return found if wanted else _not(found)

    def _operand(self, node: Any) -> Operand:
        if isinstance(node, ast.BoolOp | ast.Compare) or (
            isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not)
        ):
            raise unsupported(self.target, "a condition is compared with another one.", hint="use and, or and not")
        return self.operands.of(node)

    def _items(self, node: Any) -> list[Any]:
        items = node.right.val
        if not all(isinstance(each, Literal) for each in items):
            raise wrong(self.target, "a list behind in has values only.")
        return list(items)

    def _equal(self, left: Operand, right: Operand) -> e.Expression:
        if isinstance(left, Constant):
            left, right = right, left
        if isinstance(left, Constant):
            assert isinstance(right, Constant)
            return TRUE if self.operands.same_constants(left, right) else FALSE
        if isinstance(right, Constant):
            if right.value is None:
                filled = every(left.filled)
                return FALSE if filled is None else _not(filled)
            return _all(*left.filled, self.operands.compared("=", left, right))
        both = _all(*left.filled, *right.filled, self.operands.compared("=", left, right))
        if not left.filled or not right.filled:
            return both
        neither = _all(_not(_all(*left.filled)), _not(_all(*right.filled)))
        return e.Or(BOOLEAN, False, (both, neither))

    def _ordered(self, operator: str, left: Operand, right: Operand) -> e.Expression:
        if isinstance(left, Constant) and isinstance(right, Constant):
            return TRUE if self.operands.ordered_constants(operator, left, right) else FALSE
        if isinstance(left, Constant):
            left, right, operator = right, left, MIRRORED[operator]
        assert not isinstance(left, Constant)
        if isinstance(right, Constant):
            if right.value is None:
                return FALSE
            return _all(*left.filled, self.operands.compared(operator, left, right))
        return _all(*left.filled, *right.filled, self.operands.compared(operator, left, right))


MIRRORED = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}


def _flat(node: Any) -> list[Any]:
    """What stands in a row of the same `and` or `or`, in order."""
    found: list[Any] = []
    pending = [node]
    while pending:
        each = pending.pop()
        if isinstance(each, ast.BoolOp) and each.op == node.op:
            pending += [each.right, each.left]
        else:
            found.append(each)
    return found


def _not(condition: e.Expression) -> e.Expression:
    return e.Not(BOOLEAN, False, condition)


def _all(*conditions: e.Expression) -> e.Expression:
    found = every(conditions)
    return TRUE if found is None else found
