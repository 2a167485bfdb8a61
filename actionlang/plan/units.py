"""The units of a background action: which of its statements are committed together.

A unit ends behind each statement that changes something, starts something or waits. Statements that only read belong to the unit
of the statement behind them, so that what they have found still holds there. The statements of a stage are statements of the
verb; an `if`, a loop and an `attempt` are one statement each, with all that stands in them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby

import attrs

from actionlang.plan import expressions as e
from actionlang.plan import steps as s
from actionlang.plan.plan import Verb
from actionlang.plan.walk import nodes

CHANGING = (s.Create, s.Update, s.Delete, s.Assign, s.Move, s.Emit, s.Start, s.Wait)


@attrs.frozen
class Statement:
    """A statement, and the stages that it stands in, outermost first."""

    stages: tuple[s.Stage, ...]
    step: s.Step


def ends_unit(step: s.Step, verbs: Mapping[str, Verb]) -> bool:
    """Whether what was done is committed behind a statement: behind a stage, that is so behind those in it. `verbs` has what it
    performs."""
    return not isinstance(step, s.Stage) and any(
        isinstance(node, CHANGING) or _performs_change(node, verbs) for node in nodes(step)
    )


def _performs_change(node: object, verbs: Mapping[str, Verb]) -> bool:
    if not isinstance(node, s.Perform | e.CallVerb):
        return False
    verb = verbs[node.verb]
    # What the host implements may do anything.
    return verb.kind == "extern action" or not verb.effects.writes_nothing


def units_of(verb: Verb, verbs: Mapping[str, Verb]) -> tuple[tuple[Statement, ...], ...]:
    """The units of a verb, in their order; an action that is no background action is one, as a whole."""
    if verb.kind != "background":
        return (tuple(Statement((), step) for step in verb.steps),)
    units: list[tuple[Statement, ...]] = []
    open_: list[Statement] = []
    for statement in _statements(verb.steps, ()):
        open_.append(statement)
        if ends_unit(statement.step, verbs):
            units.append(tuple(open_))
            open_ = []
    return (*units, tuple(open_)) if open_ else tuple(units)


def _statements(steps: Iterable[s.Step], stages: tuple[s.Stage, ...]) -> Iterable[Statement]:
    for step in steps:
        if isinstance(step, s.Stage):
            yield from _statements(step.body, (*stages, step))
        else:
            yield Statement(stages, step)


def nested(statements: Sequence[Statement], last: s.Step | None = None) -> tuple[s.Step, ...]:
    """Statements as the steps of a verb, in their stages again; with `last` behind the last of them, where that stands."""
    found: list[s.Step] = []
    for stage, group in groupby(statements, key=_outermost):
        inside = list(group)
        if stage is None:
            found += [each.step for each in inside]
        else:
            behind = last if inside[-1] is statements[-1] else None
            body = nested([Statement(each.stages[1:], each.step) for each in inside], behind)
            found.append(attrs.evolve(stage, body=body))
    if last is not None and not (statements and statements[-1].stages):
        found.append(last)
    return tuple(found)


def _outermost(statement: Statement) -> s.Stage | None:
    return statement.stages[0] if statement.stages else None
