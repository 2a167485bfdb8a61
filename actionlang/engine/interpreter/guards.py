"""Binding what access rules have added to a plan: conditions that rows must meet before they are read or changed."""

from __future__ import annotations

from typing import Any

from actionlang.diagnostics.catalogue.access import ROW_OUT_OF_REACH
from actionlang.diagnostics.catalogue.run import NOT_FOUND
from actionlang.diagnostics.diagnostic import Code
from actionlang.engine.failure import Failure
from actionlang.engine.interpreter.frame import UNIT, Evaluate, Execute, Frame
from actionlang.engine.interpreter.scope import Scope
from actionlang.engine.store import RowRef
from actionlang.plan.guards import Guarded, Permit


def refusal_of(step: Permit) -> Code:
    """What a step fails with where its condition does not hold."""
    return ROW_OUT_OF_REACH if step.about is None else NOT_FOUND


HINT = "actionlang access explain tells how far each privilege reaches, and why"


class Hidden(Failure):
    """A row that was given is out of the caller's reach: whoever calls is told that it is not there."""

    def __init__(self, message: str, row: RowRef | None = None) -> None:
        super().__init__(NOT_FOUND, message, row=row)


def _beyond(message: str) -> Failure:
    return Failure(ROW_OUT_OF_REACH, message, hint=HINT)


def bind_permit(step: Permit, scope: Scope) -> Execute:
    condition, message, is_given = scope.evaluate(step.condition), step.message, step.about is not None

    def permit(frame: Frame) -> None:
        if not condition(frame):
            raise Hidden(message) if is_given else _beyond(message)

    return permit


def bind_guarded(node: Guarded, scope: Scope) -> Evaluate:
    target = scope.plan.verb(node.check.verb)
    template, call, (slot,) = target.frame, target.call, target.parameters.values()
    row, message = scope.evaluate(node.row), node.message

    def guarded(frame: Frame) -> Any:
        found = row(frame)
        if found is not None:
            inner = template.copy()
            inner[UNIT], inner[slot] = frame[UNIT], found
            (allowed,) = call(inner)
            if not allowed:
                raise _beyond(message)
        return found

    return guarded
