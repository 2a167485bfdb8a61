"""A plan that grows faster when it is run often: bound at first as fast as that can be done, and once more, as fast as it can be
run, when that pays."""

from __future__ import annotations

from collections.abc import Mapping

import attrs

from actionlang.engine.interpreter.bind import RULES, BoundPlan, bind
from actionlang.engine.interpreter.inlined import inline
from actionlang.engine.interpreter.scope import Rules
from actionlang.engine.store import RowRef, Store
from actionlang.engine.unit import Unit
from actionlang.plan.plan import StepPlan, Verb

OFTEN = 50
"""Runs after which a plan is bound once more: writing its expressions' functions costs about as much as they then have saved."""


def hot(rules: Rules) -> Rules:
    """These rules, with expressions as functions of their own."""
    return rules._replace(inline=inline)


HOT = hot(RULES)


@attrs.define
class WarmingPlan:
    """A plan bound to a store, as `bind` gives it."""

    plan: StepPlan
    _store: Store
    _rules: Rules
    _bound: BoundPlan
    _runs: int = 0

    @staticmethod
    def bind(plan: StepPlan, store: Store, rules: Rules = RULES) -> WarmingPlan:
        """Bind a verified plan. Raises Failure when it is nested too deeply to be run."""
        return WarmingPlan(plan, store, rules, bind(plan, store, rules=rules))

    @property
    def verb(self) -> Verb:
        """The verb that is run."""
        return self._bound.verb

    def columns(self, table: str) -> tuple[str, ...]:
        """See `BoundPlan.columns`."""
        return self._bound.columns(table)

    def run(
        self, unit: Unit, arguments: Mapping[str, object] | None = None, on: RowRef | None = None
    ) -> dict[str, object]:
        """See `BoundPlan.run`."""
        self._runs += 1
        if self._runs == OFTEN:
            self._bound = bind(self.plan, self._store, rules=hot(self._rules))
        return self._bound.run(unit, arguments, on)
