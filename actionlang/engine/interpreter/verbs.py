"""Binding a verb: its frame, its steps, its outputs."""

from __future__ import annotations

from typing import Any

from actionlang.diagnostics.catalogue.unavailable import NOT_AVAILABLE
from actionlang.engine.failure import Failure
from actionlang.engine.interpreter.frame import OUTPUTS, UNIT, Execute, Frame
from actionlang.engine.interpreter.naming import RowNames
from actionlang.engine.interpreter.scope import BoundVerb, PlanBinding, Scope
from actionlang.plan.plan import Verb

OF_HOST = ("extern action", "extern function")
"""Kinds of verbs that are not run without more than their plan."""


def bind_verb(verb: Verb, plan: PlanBinding) -> BoundVerb:
    """A verb ready to run. A failure that leaves it knows its row by name."""
    scope = Scope(plan, verb)
    row = scope.new_slot(verb.binding.row) if verb.binding else None
    parameters = {parameter.name: scope.new_slot(parameter.name) for parameter in verb.inputs}
    body = _body(verb, scope)
    names = RowNames(plan)
    frame: Frame = [None] * scope.size
    frame[OUTPUTS] = (None,) * len(verb.outputs)

    def call(frame: Frame) -> tuple[Any, ...]:
        try:
            body(frame)
        except Failure as failure:
            if failure.row is None and row is not None:
                failure.row = frame[row]
            if failure.row is not None and failure.row_name is None:
                failure.row_name = names.name(frame[UNIT], failure.row)
            raise
        outputs: tuple[Any, ...] = frame[OUTPUTS]
        return outputs

    return BoundVerb(verb, frame, row, parameters, call)


def not_implemented(verb: Verb) -> Failure:
    """The failure of getting to a verb of the host where there is no host, as in a test."""
    return Failure(
        NOT_AVAILABLE,
        f"{verb.short_name} is for a program to implement, and tests and the prompt run without one.",
        hint="test what performs it from Python, with the plug-in",
    )


def _body(verb: Verb, scope: Scope) -> Execute:
    if verb.kind not in OF_HOST:
        return scope.execute(verb.steps)

    def refuse(frame: Frame) -> None:
        raise not_implemented(verb)

    return refuse
