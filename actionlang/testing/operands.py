"""Why a condition does not hold: the values of what it compares, worked out again in the frame where it was false.

That changes nothing and can not fail: conditions only read, and only what was read already is read again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from actionlang.engine.interpreter.frame import UNIT, Frame
from actionlang.engine.interpreter.naming import RowNames
from actionlang.engine.interpreter.scope import Scope
from actionlang.engine.unit import Unit
from actionlang.metadata.types import ListOf, Row, Type
from actionlang.plan import expressions as e
from actionlang.plan.expression_text import constant_text, expression_text
from actionlang.plan.walk import nodes

LONGEST = 300
"""Characters of a value that are shown."""

Tell = Callable[[Frame], list[str]]
"""Gives the reasons, a short sentence each."""


def bind_reasons(condition: e.Expression, scope: Scope) -> Tell:
    """What tells, in the frame of a verb whose `require` has just failed, why its condition is false."""
    return _reasons(condition, False, scope)


def _reasons(node: e.Expression, is_: bool, scope: Scope) -> Tell:
    """What tells why a condition, found to be `is_`, is so."""
    if isinstance(node, e.Not):
        return _reasons(node.operand, not is_, scope)
    if isinstance(node, e.And | e.Or):
        return _joined(node, is_, scope)
    if isinstance(node, e.Compare):
        return _values((node.left, node.right), scope)
    if isinstance(node, e.In):
        return _values((node.item, node.collection), scope)
    if isinstance(node, e.Under):
        return _values((node.row, node.ancestor), scope)
    if isinstance(node, e.IsEmpty | e.IsTable):
        return _values((node.operand,), scope)
    return _values((node,), scope)


def _joined(node: e.And | e.Or, is_: bool, scope: Scope) -> Tell:
    """Of an `and` that is false, or an `or` that is true, the first operand that decides it; else all of them."""
    parts = [(operand, scope.evaluate(operand), _reasons(operand, is_, scope)) for operand in node.operands]
    one_decides = isinstance(node, e.Or) is is_

    def tell(frame: Frame) -> list[str]:
        if not one_decides:
            return list(dict.fromkeys(reason for _, _, tell in parts for reason in tell(frame)))
        operand, tell = next((operand, tell) for operand, evaluate, tell in parts if bool(evaluate(frame)) is is_)
        part = f"this part {'holds' if is_ else 'does not hold'}: {_shortened(expression_text(operand))}"
        reasons = tell(frame)
        return reasons if reasons and reasons[0].startswith("this part") else [part, *reasons]

    return tell


def _values(operands: Iterable[e.Expression], scope: Scope) -> Tell:
    """What tells the value of each operand that is not written in the script as it is."""
    told = [_value(operand, scope) for operand in operands if not _is_constant(operand)]
    return lambda frame: list(dict.fromkeys(tell(frame) for tell in told))


def _is_constant(node: e.Expression) -> bool:
    while isinstance(node, e.Convert | e.Narrow | e.Negate):
        node = node.operand
    return isinstance(node, e.Literal) or (isinstance(node, e.ListLiteral) and all(map(_is_constant, node.items)))


def _value(node: e.Expression, scope: Scope) -> Callable[[Frame], str]:
    text = _shortened(expression_text(node))
    if _is_sensitive(node, scope):
        return lambda frame: f"{text} is sensitive and not shown"
    evaluate, show = scope.evaluate(node), _display(node.type, scope)

    def tell(frame: Frame) -> str:
        value = evaluate(frame)
        return f"{text} is {'empty' if value is None else _shortened(show(frame[UNIT], value))}"

    return tell


def _is_sensitive(node: e.Expression, scope: Scope) -> bool:
    secrets = {parameter.name for parameter in scope.verb.inputs if parameter.sensitive}
    tables = scope.plan.schema.tables
    return any(
        inner.name in secrets
        if isinstance(inner, e.Local)
        else isinstance(inner, e.Column)
        and isinstance(inner.row.type, Row)
        and any(tables[name].by_name[inner.column].sensitive for name in inner.row.type.tables)
        for inner in nodes(node)
    )


def _display(type_: Type, scope: Scope) -> Callable[[Unit, Any], str]:
    """What writes a value the way a script would; rows by table and key."""
    if isinstance(type_, Row):
        return RowNames(scope.plan).name
    if isinstance(type_, ListOf):
        item = _display(type_.item, scope)
        return lambda unit, values: f"({', '.join(item(unit, value) for value in values)})"
    return lambda unit, value: constant_text(type_, value)


def _shortened(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 3]}..."
