"""All verbs that are active at one moment, and finding one of them by name."""

from __future__ import annotations

from collections.abc import Mapping

import attrs

from actionlang.registry.names import full_name
from actionlang.registry.refusals import not_active, private
from actionlang.registry.store import VersionHead, read_plan
from actionlang.runtime.plans import Plan


@attrs.frozen(eq=False)
class Active:
    """A verb in use: its full name, the number of its active version, the plan, the number of the activation that brought this
    version in."""

    name: str
    version: int
    plan: Plan
    activation: int = 0

    @property
    def deprecated(self) -> str | None:
        """What callers should know if they should not call it any more."""
        return self.plan.verb.deprecation


class Snapshot:
    """What is active at a generation; never changes. A plan is read and verified when it is first asked for, and `plans` keeps it
    by its hash for the snapshots to come."""

    def __init__(
        self, generation: int, heads: Mapping[str, VersionHead], texts: Mapping[str, str], plans: dict[str, Plan]
    ) -> None:
        self.generation = generation
        self._heads = heads
        self._texts = texts
        self._plans = plans
        self._found: dict[str, Active] = {}

    def find(self, name: str) -> Active:
        """The active version of a verb by its full or short name.

        Raises ActionLangError when there is none, when several are called so, when the verb is private, or when its plan can not
        be read.
        """
        found = self._found.get(name)
        if found is None:
            found = self._active(self._head(name))
            if found.plan.verb.private:
                raise private(found.name)
            self._found[name] = found
        return found

    def all(self) -> tuple[Active, ...]:
        """All active verbs that may be called, by full name: not those that were made private after they had become active.

        Raises ActionLangError when a plan can not be read.
        """
        found = (self._active(head) for head in self._heads.values())
        return tuple(active for active in found if not active.plan.verb.private)

    def _head(self, name: str) -> VersionHead:
        full = full_name(name, self._heads)
        if full is not None:
            return self._heads[full]
        for head in self._heads.values():
            if any(name in (each, each.rpartition(".")[2]) for each in head.performs):
                for verb in self._active(head).plan.steps.verbs:
                    if verb.private and name in (verb.name, verb.short_name):
                        raise private(verb.name)
        raise not_active(name, self._heads)

    def _active(self, head: VersionHead) -> Active:
        plan = self._plans.get(head.plan_hash)
        if plan is None:
            plan = self._plans[head.plan_hash] = read_plan(head, self._texts[head.plan_hash])
        return Active(head.verb, head.number, plan, head.activation)
