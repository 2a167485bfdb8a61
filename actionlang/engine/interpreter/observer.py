"""Who wants to know which steps and branches a run goes through: coverage."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from actionlang.plan.plan import Verb
from actionlang.plan.steps import Step

Count = Callable[[], None]


class Observer(Protocol):
    """Told of each step and branch when a plan is bound, it gives what is called each time a run gets
    there."""

    def step(self, verb: Verb, step: Step) -> Count:
        """For a step, called before it is done."""

    def branch(self, verb: Verb, step: Step, way: str) -> Count:
        """For a way that a step can go. An if has `branch 1`, `branch 2` ... and `else` (also an unwritten
        one); a for each has `some` (its body begins) and `none` (nothing to go through); an attempt has
        `kept` and `undone`."""
