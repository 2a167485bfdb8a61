"""Binding the plainest expressions: literals, locals, keys, conversions, lists, texts put together."""

from __future__ import annotations

from operator import itemgetter
from typing import Any

from actionlang.diagnostics.catalogue import plugins
from actionlang.diagnostics.catalogue import run as codes
from actionlang.engine.failure import Failure
from actionlang.engine.interpreter.constants import constant, conversion
from actionlang.engine.interpreter.display import display
from actionlang.engine.interpreter.frame import UNIT, Evaluate, Frame
from actionlang.engine.interpreter.scope import Scope
from actionlang.engine.store import RowRef
from actionlang.metadata.types import Outputs, Row
from actionlang.plan import expressions as e


def bind_literal(node: e.Literal, scope: Scope) -> Evaluate:
    value = node.value
    return lambda frame: value


def bind_local(node: e.Local, scope: Scope) -> Evaluate:
    scan = scope.scans.get(node.name)
    if scan is None:
        return itemgetter(scope.slots[node.name])
    table, slot = scan.table, scan.slot
    return lambda frame: RowRef(table, frame[slot][0])


def bind_caller(node: e.Caller, scope: Scope) -> Evaluate:
    def caller(frame: Frame) -> RowRef:
        user: RowRef | None = frame[UNIT].caller
        if user is None:
            raise Failure(
                codes.NO_CALLER,
                "The verb asks who calls it, and this run has no caller.",
                hint="name the user who runs it",
            )
        return user

    return caller


def bind_failure_message(node: e.FailureMessage, scope: Scope) -> Evaluate:
    return itemgetter(scope.messages[-1])


def bind_output_of(node: e.OutputOf, scope: Scope) -> Evaluate:
    assert isinstance(node.result.type, Outputs)
    outputs = scope.plan.verb(node.result.type.verb).verb.outputs
    position = [output.name for output in outputs].index(node.output)
    result = scope.evaluate(node.result)
    return lambda frame: result(frame)[position]


def bind_narrow(node: e.Narrow, scope: Scope) -> Evaluate:
    operand = scope.evaluate(node.operand)
    return _doubting(node, operand) if scope.plan.rules.doubts else operand


def _doubting(node: e.Narrow, operand: Evaluate) -> Evaluate:
    """A value that was shown to be filled, and of a table; someone has had the chance to change that since."""
    tables = node.type.tables if isinstance(node.type, Row) else None
    optional = node.optional

    def narrow(frame: Frame) -> Any:
        value = operand(frame)
        if value is None:
            if optional:
                return None
            told = "A value that was there when the verb looked at it has been emptied by a plug-in since."
            raise Failure(plugins.WRONG_VALUE, told)
        if tables is not None and value.table not in tables:
            told = "A row that the verb looked at has been replaced by one of another table by a plug-in since."
            raise Failure(plugins.WRONG_VALUE, told)
        return value

    return narrow


def bind_convert(node: e.Convert, scope: Scope) -> Evaluate:
    known = constant(node)
    if known is not None:
        value = known.value
        return lambda frame: value
    operand = scope.evaluate(node.operand)
    change = conversion(node.operand.type, node.type)
    if change is None:
        return operand
    if not node.operand.optional:
        return lambda frame: change(operand(frame))

    def convert(frame: Frame) -> Any:
        value = operand(frame)
        return None if value is None else change(value)

    return convert


def bind_otherwise(node: e.Otherwise, scope: Scope) -> Evaluate:
    operand, fallback = scope.evaluate(node.operand), scope.evaluate(node.fallback)

    def otherwise(frame: Frame) -> Any:
        value = operand(frame)
        return fallback(frame) if value is None else value

    return otherwise


def bind_list(node: e.ListLiteral, scope: Scope) -> Evaluate:
    known = [constant(item) for item in node.items]
    constants = tuple(item.value for item in known if item is not None)
    if len(constants) == len(known):
        return lambda frame: constants
    items = tuple(scope.evaluate(item) for item in node.items)
    return lambda frame: tuple([item(frame) for item in items])


def bind_template(node: e.Template, scope: Scope) -> Evaluate:
    parts = tuple(_part(part, scope) for part in node.parts)
    return lambda frame: "".join([part(frame) for part in parts])


def _part(part: str | e.Expression, scope: Scope) -> Evaluate:
    if isinstance(part, str):
        return lambda frame: part
    value = scope.evaluate(part)
    write = display(part.type, scope.plan)
    return lambda frame: write(frame[UNIT], value(frame))
