"""A run that is watched: each step with the time it took. Bound into a plan only where runs are to be watched, so that others pay
nothing; a run of such a plan whose unit has no recorder is not watched."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from actionlang.engine.interpreter.frame import UNIT, Evaluate, Execute, Frame
from actionlang.engine.interpreter.scope import ExpressionRule, Rules, Scope, StepRule
from actionlang.engine.recorder import ATTEMPT, FAILED, PERFORM, STAGE, STEP, Recorder
from actionlang.plan import expressions as e
from actionlang.plan import steps as s
from actionlang.plan.describe import step_text

LONGEST_LABEL = 160

KINDS: Mapping[type[s.Step], str] = {s.Stage: STAGE, s.Perform: PERFORM, s.Attempt: ATTEMPT}
"""Steps that are more than a step."""


def watched(rules: Rules) -> Rules:
    """Rules that bind plans in the same way, but tell a unit's recorder of each step."""
    steps = {class_: _watched_step(class_, rule) for class_, rule in rules.steps.items()}
    expressions = {**rules.expressions, e.CallVerb: _watched_call(rules.expressions[e.CallVerb])}
    return rules._replace(steps=steps, expressions=expressions, merge=None, inline=None)


def _watched_step(class_: type, rule: StepRule) -> StepRule:
    kind = KINDS.get(class_, STEP)

    def bind(step: Any, scope: Scope) -> Execute:
        execute = rule(step, scope)
        label, verb, line = label_of(step), scope.verb.name, step.place.line

        def watch(frame: Frame) -> bool | None:
            recorder: Recorder | None = frame[UNIT].recorder
            if recorder is None:
                return execute(frame)
            recorder.begin(kind, label, verb, line)
            try:
                ended = execute(frame)
            except BaseException:
                recorder.end(FAILED)
                raise
            recorder.end()
            return ended

        return watch

    return bind


def _watched_call(rule: ExpressionRule) -> ExpressionRule:
    """A verb that is called in an expression."""

    def bind(node: e.CallVerb, scope: Scope) -> Evaluate:
        evaluate = rule(node, scope)
        label, verb = f"call {node.verb.rpartition('.')[2]}", scope.verb.name

        def watch(frame: Frame) -> Any:
            recorder: Recorder | None = frame[UNIT].recorder
            if recorder is None:
                return evaluate(frame)
            recorder.begin(PERFORM, label, verb)
            try:
                value = evaluate(frame)
            except BaseException:
                recorder.end(FAILED)
                raise
            recorder.end()
            return value

        return watch

    return bind


def label_of(step: s.Step) -> str:
    """A step in a few words. What it sets is told by the changes that it leaves."""
    if isinstance(step, s.Stage):
        return step.title
    text = step_text(step)
    if isinstance(step, s.Create | s.Update):
        text = text.partition(" set ")[0]
    return text if len(text) <= LONGEST_LABEL else f"{text[: LONGEST_LABEL - 3]}..."
