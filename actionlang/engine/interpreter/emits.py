"""Binding the step that puts an event into the outbox."""

from __future__ import annotations

from actionlang.engine.events import MASKED, Event, EventMember
from actionlang.engine.interpreter.frame import UNIT, Execute, Frame
from actionlang.engine.interpreter.scope import Scope
from actionlang.engine.unit import Unit
from actionlang.plan import steps as s
from actionlang.plan.secrets import Secrets


def bind_emit(step: s.Emit, scope: Scope) -> Execute:
    verb = scope.verb
    secrets = Secrets(verb, scope.plan.verbs, scope.plan.schema.tables)
    own = None if verb.binding is None else scope.slots[verb.binding.row]
    carried = tuple((name, value.type, scope.evaluate(value), secrets.tells(value)) for name, value in step.values)
    event, by, line = step.event, verb.name, step.place.line

    def emit(frame: Frame) -> None:
        unit: Unit = frame[UNIT]
        members = []
        for name, type_, value, hidden in carried:
            found = value(frame)
            members.append(EventMember(name, type_, MASKED if hidden else found, hidden))
        unit.events.append(Event(event, by, line, unit.row if own is None else frame[own], tuple(members)))

    return emit
