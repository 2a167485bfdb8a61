"""Binding the steps of what goes on later: start and wait."""

from __future__ import annotations

from actionlang.engine.interpreter.frame import UNIT, Execute, Frame
from actionlang.engine.interpreter.scope import Scope
from actionlang.engine.starts import StartArgument, Started
from actionlang.engine.times import add_to_moment
from actionlang.engine.unit import Unit
from actionlang.plan import steps as s


def bind_start(step: s.Start, scope: Scope) -> Execute:
    on = None if step.on is None else scope.evaluate(step.on)
    given = tuple((name, value.type, scope.evaluate(value)) for name, value in step.arguments)
    after = None if step.after is None else scope.evaluate(step.after)
    at = None if step.at is None else scope.evaluate(step.at)
    verb = step.verb

    def start(frame: Frame) -> None:
        unit: Unit = frame[UNIT]
        arguments = tuple(StartArgument(name, type_, value(frame)) for name, type_, value in given)
        due = unit.now if at is None else at(frame)
        if after is not None:
            due = add_to_moment(due, after(frame))
        unit.started.append(Started(verb, None if on is None else on(frame), arguments, due))

    return start


def bind_wait(step: s.Wait, scope: Scope) -> Execute:
    """A wait where a background action is performed as a whole, in a test: no time passes there."""
    until = scope.evaluate(step.until)

    def wait(frame: Frame) -> None:
        until(frame)

    return wait
