"""Binding calls: of the host's functions, and of verbs by `perform` or in an expression."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from actionlang.engine.functions.registry import FUNCTIONS
from actionlang.engine.interpreter.frame import UNIT, Evaluate, Execute, Frame
from actionlang.engine.interpreter.scope import BoundVerb, Scope
from actionlang.engine.values import fitting
from actionlang.metadata.tables import Default
from actionlang.metadata.types import Empty, Type
from actionlang.plan import expressions as e
from actionlang.plan import steps as s

Invoke = Callable[[Frame], tuple[Any, ...]]


def bind_call_function(node: e.CallFunction, scope: Scope) -> Evaluate:
    call, takes_unit = FUNCTIONS[node.function, node.overload]
    arguments = tuple(scope.evaluate(argument) for argument in node.arguments)
    if takes_unit:
        if not arguments:
            return lambda frame: call(frame[UNIT])
        return lambda frame: call(frame[UNIT], *[argument(frame) for argument in arguments])
    if len(arguments) == 1:
        argument = arguments[0]
        return lambda frame: call(argument(frame))
    if len(arguments) == 2:
        first, second = arguments
        return lambda frame: call(first(frame), second(frame))
    return lambda frame: call(*[argument(frame) for argument in arguments])


def bind_call_verb(node: e.CallVerb, scope: Scope) -> Evaluate:
    invoke = _invocation(scope.plan.verb(node.verb), node.on, node.arguments, scope)
    return lambda frame: invoke(frame)[0]


def bind_perform(step: s.Perform, scope: Scope) -> Execute:
    invoke = _invocation(scope.plan.verb(step.verb), step.on, step.arguments, scope)
    if step.result is None:

        def perform(frame: Frame) -> None:
            invoke(frame)

        return perform
    slot = scope.new_slot(step.result)

    def perform_as(frame: Frame) -> None:
        frame[slot] = invoke(frame)

    return perform_as


def _invocation(
    target: BoundVerb, on: e.Expression | None, arguments: tuple[tuple[str, e.Expression], ...], scope: Scope
) -> Invoke:
    """What runs a verb in a frame of its own: the row first, then the arguments as written, then defaults."""
    parameters = {parameter.name: parameter for parameter in target.verb.inputs}
    fills: list[tuple[int, Evaluate]] = []
    if on is not None and target.row is not None:
        fills.append((target.row, scope.evaluate(on)))
    for name, value in arguments:
        parameter = parameters[name]
        fills.append((target.parameters[name], scope.fitted(value, parameter.type, parameter.sensitive)))
    given = {name for name, _ in arguments}
    for parameter in target.verb.inputs:
        if parameter.name not in given and parameter.default is not None:
            fills.append((target.parameters[parameter.name], default_value(parameter.default, parameter.type)))
    template, call, filled = target.frame, target.call, tuple(fills)

    def invoke(frame: Frame) -> tuple[Any, ...]:
        inner = template.copy()
        inner[UNIT] = frame[UNIT]
        for slot, value in filled:
            inner[slot] = value(frame)
        return call(inner)

    return invoke


def default_value(default: Default, type_: Type) -> Evaluate:
    """A default, in the form its column or parameter holds it."""
    if default.function is not None:
        call = RUN_FIXED[default.function]
        return lambda frame: call(frame[UNIT])
    fit = fitting(Empty(), type_)
    value = default.value if fit is None or default.value is None else fit(default.value)
    return lambda frame: value


RUN_FIXED: Mapping[str, Callable[[Any], Any]] = {
    "now": lambda unit: unit.now,
    "today": lambda unit: unit.today,
}
