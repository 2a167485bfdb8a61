"""What is told to whoever calls a verb that is deprecated, or gives it a parameter that is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from actionlang.plan.plan import StepPlan

WHOLE_VERB = ""
"""Stands for the verb among the names of its parameters."""


def deprecations_in(plan: StepPlan) -> Mapping[str, str]:
    """The warnings that calls of a plan's verb may deserve, by the name of each deprecated parameter, and under WHOLE_VERB where
    the verb itself is. Nothing in a plan without a verb."""
    found: dict[str, str] = {}
    for verb in (each for each in plan.verbs if each.name == plan.entry):
        if verb.deprecation is not None:
            found[WHOLE_VERB] = f"{verb.name} is deprecated: {verb.deprecation}"
        for each in verb.inputs:
            if each.deprecation is not None:
                found[each.name] = f"{each.name} of {verb.name} is deprecated: {each.deprecation}"
    return found


def warnings_for(deprecations: Mapping[str, str], given: Iterable[str]) -> list[str]:
    """The warnings that a call with these arguments deserves."""
    names = set(given)
    return [warning for name, warning in deprecations.items() if name == WHOLE_VERB or name in names]
