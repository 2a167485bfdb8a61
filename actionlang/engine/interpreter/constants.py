"""What can be known of an expression when a plan is bound."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any, NamedTuple

from actionlang.engine.failure import Failure
from actionlang.metadata import types as t
from actionlang.plan import expressions as e

Change = Callable[[Any], Any]


class Constant(NamedTuple):
    """A value known when the plan is bound."""

    value: Any


def conversion(source: t.Type, target: t.Type) -> Change | None:
    """What turns a value of one type, not empty, into one of another; None when it is that already."""
    if isinstance(source, t.Integer) and isinstance(target, t.Decimal | t.Money):
        return Decimal
    if isinstance(source, t.ListOf) and isinstance(target, t.ListOf):
        item = conversion(source.item, target.item)
        return item and (lambda values: tuple(item(value) for value in values))
    return None


def fits(fit: Callable[[object], object], value: object) -> bool:
    """Whether a constant fits; one that does not fails only when a run gets there."""
    try:
        return value is None or fit(value) is not None
    except Failure:
        return False


def bare(node: e.Expression) -> e.Expression:
    """An expression without what changes only what is known of a row, not the row."""
    while isinstance(node, e.Narrow | e.Convert):
        node = node.operand
    return node


def constant(node: e.Expression) -> Constant | None:
    """The value of an expression that is a literal, also a converted one."""
    if isinstance(node, e.Literal):
        return Constant(node.value)
    if isinstance(node, e.Convert):
        inner = constant(node.operand)
        if inner is not None:
            change = conversion(node.operand.type, node.type)
            return Constant(inner.value if change is None or inner.value is None else change(inner.value))
    return None
