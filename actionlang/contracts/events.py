"""Rules about events: whoever listens for one still hears of it, and finds in it what was there."""

from __future__ import annotations

from collections.abc import Iterator

from actionlang.contracts.contracts import Contracts
from actionlang.contracts.rule import Comparison, Finding
from actionlang.contracts.values import includes, same_form
from actionlang.diagnostics.catalogue import breaking as codes
from actionlang.metadata.types import Type
from actionlang.plan import steps as s
from actionlang.plan.describe import type_text
from actionlang.plan.expression_text import short
from actionlang.plan.walk import nodes

Members = dict[str, tuple[Type, bool]]
"""What an event tells, by name: the type of each, and whether it may be empty."""


def removed(comparison: Comparison) -> Iterator[Finding]:
    """Events that a verb emitted, and emits no more."""
    for pair in comparison.pairs:
        for event in pair.old.effects.emits:
            if event not in pair.new.effects.emits:
                message = f"{pair.new.short_name} no longer emits {short(event)}, which others may wait for."
                hint = f"Keep emit {short(event)}(...), also beside an event that says it better."
                yield Finding(codes.EVENT_REMOVED, pair.new.name, message, hint)


def member_removed(comparison: Comparison) -> Iterator[Finding]:
    """What an event always told, and does not tell any more."""
    for event, verb, old, new in _kept(comparison):
        for name in old:
            if name not in new:
                message = f"The event {short(event)} no longer has {name} wherever it is emitted."
                yield Finding(
                    codes.EVENT_MEMBER_REMOVED, verb, message, f"Keep {name}: ... in emit {short(event)}(...)."
                )


def member_changed(comparison: Comparison) -> Iterator[Finding]:
    """What an event tells as values of another type, or as ones that may be empty."""
    for event, verb, old, new in _kept(comparison):
        for name, (type_, optional) in old.items():
            if name not in new:
                continue
            other, empty = new[name]
            if not (includes(type_, other) and same_form(type_, other)):
                message = f"{name} of the event {short(event)} was {type_text(type_)}, and is {type_text(other)} now."
                hint = f"Keep it {type_text(type_)}, and tell the rest under another name."
            elif empty and not optional:
                message = f"{name} of the event {short(event)} was never empty, and may be now."
                hint = "Tell something in every case, or tell it under another name."
            else:
                continue
            yield Finding(codes.EVENT_MEMBER_CHANGED, verb, message, hint)


def _kept(comparison: Comparison) -> Iterator[tuple[str, str, Members, Members]]:
    """The events that are still emitted, each with a verb that does, and what it told and tells."""
    before, after = emitted(comparison.before), emitted(comparison.after)
    for event in sorted(before.keys() & after.keys()):
        yield event, after[event][0], before[event][1], after[event][1]


def emitted(contracts: Contracts) -> dict[str, tuple[str, Members]]:
    """Each event with the first verb that emits it, and what it has wherever it is emitted."""
    found: dict[str, tuple[str, Members]] = {}
    for name in sorted(contracts.verbs):
        for node in nodes(contracts.verbs[name].steps):
            if isinstance(node, s.Emit):
                members = {key: (value.type, value.optional) for key, value in node.values}
                verb, known = found.get(node.event, (name, members))
                found[node.event] = verb, _shared(known, members)
    return found


def _shared(one: Members, other: Members) -> Members:
    """What two places tell alike; where their types differ, the wider one."""
    shared: Members = {}
    for name, (type_, optional) in one.items():
        if name in other:
            second, empty = other[name]
            shared[name] = (type_ if includes(type_, second) else second, optional or empty)
    return shared
