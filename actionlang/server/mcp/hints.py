"""What hosts are told of a tool before they let an agent call it, derived from what its verb does (MCP, ToolAnnotations).

- read-only: nothing is written and no event is emitted, and no code of the host runs instead of steps;
- destructive: something that was there is no more as it was: rows are changed, moved, given to others or deleted. What only
  creates rows, emits events and starts other verbs is additive;
- idempotent: all that is written are columns, set to what the arguments, the caller or the script say, whatever stood there
  before, and nothing decides which but checks that make the call fail;
- open world: events go out to whoever subscribed, other verbs are started, or code of the host runs.
"""

from __future__ import annotations

from collections.abc import Iterable

import attrs

from actionlang.plan import expressions as e
from actionlang.plan import steps as s
from actionlang.plan.plan import StepPlan, Verb
from actionlang.plan.walk import nodes

EXTERN = "extern"
SETTING = (s.Update, s.Assign, s.Move)
HARMLESS = (s.Require, s.Fail, s.Return)
GIVEN = (
    e.Literal, e.Local, e.Caller, e.Convert, e.Narrow, e.ListLiteral, e.Otherwise, e.IsEmpty, e.Not, e.And, e.Or, e.Compare,
    e.Arithmetic, e.Negate, e.Template,
)  # fmt: skip
"""Expressions of values that are what they are whatever stands in the database, and whatever time it is."""


@attrs.frozen
class Hints:
    """See the module."""

    read_only: bool
    destructive: bool
    idempotent: bool
    open_world: bool

    @staticmethod
    def of(plan: StepPlan) -> Hints:
        """What is known of the verb of a plan."""
        effects = plan.verb.effects
        is_extern = any(verb.kind.startswith(EXTERN) for verb in plan.verbs)
        acts_outside = any(verb.kind == "extern action" for verb in plan.verbs)
        read_only = effects.writes_nothing and not acts_outside
        overwrites = bool(effects.updates or effects.assigns or effects.moves or effects.deletes)
        return Hints(
            read_only,
            not read_only and (overwrites or acts_outside),
            read_only or (not acts_outside and _sets_only(plan.verb)),
            bool(effects.emits or effects.starts) or is_extern,
        )


def _sets_only(verb: Verb) -> bool:
    """Whether a verb leaves the same behind however often it is called."""
    return not (verb.effects.emits or verb.effects.starts) and _all_set(verb.steps)


def _all_set(steps: Iterable[s.Step]) -> bool:
    return all(_is_set(step) for step in steps)


def _is_set(step: s.Step) -> bool:
    if isinstance(step, s.Stage):
        return _all_set(step.body)
    if isinstance(step, s.If):
        # Checks: whichever way is taken, nothing is written there.
        ways = (*(branch.body for branch in step.branches), step.otherwise)
        return all(isinstance(each, s.Fail) for way in ways for each in way)
    if isinstance(step, SETTING):
        return isinstance(step.row, e.Local) and _is_given(_written(step))
    return isinstance(step, HARMLESS)


def _written(step: s.Update | s.Assign | s.Move) -> object:
    if isinstance(step, s.Update):
        return tuple(value for _, value in step.values)
    return step.owner if isinstance(step, s.Assign) else ()


def _is_given(values: object) -> bool:
    """Whether values are the same whenever the arguments and the caller are."""
    return all(isinstance(node, GIVEN) for node in nodes(values))
