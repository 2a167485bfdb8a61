"""The rules of access that runs on a database are held to, and what they make of plans."""

from __future__ import annotations

from collections import OrderedDict
from threading import Lock
from typing import NamedTuple

import attrs

from actionlang.access.needs import Need, needs_of
from actionlang.access.people import PEOPLE
from actionlang.access.restricting import restrict
from actionlang.access.rights import READ, Depth, Rights
from actionlang.plan.plan import StepPlan

MOST_KEPT = 1000
"""Plans kept as they were restricted, for all users and verbs; the one that was used longest ago makes room for another."""


class Restricted(NamedTuple):
    """A plan as somebody may run it, and a name for it: the plan's hash where it is the plan itself."""

    plan: StepPlan
    key: str


@attrs.frozen(eq=False)
class Policy:
    """The rules of access that runs on a database are held to: roles and who has them stand in the database itself, and are read
    anew in each run's own transaction. With `row_security` each run also tells PostgreSQL who calls, for policies that
    `actionlang access policies` made. Serves any number of threads."""

    row_security: bool = False
    _needs: dict[str, tuple[Need, ...]] = attrs.field(factory=dict, init=False)
    _restricted: OrderedDict[str, Restricted] = attrs.field(factory=OrderedDict, init=False)
    _lock: Lock = attrs.field(factory=Lock, init=False)

    def needs(self, plan: StepPlan, plan_hash: str) -> tuple[Need, ...]:
        """What is needed to run a plan."""
        found = self._needs.get(plan_hash)
        if found is None:
            found = needs_of(plan)
            with self._lock:
                if len(self._needs) >= MOST_KEPT:
                    self._needs.clear()
                self._needs[plan_hash] = found
        return found

    def restricted(self, plan: StepPlan, plan_hash: str, rights: Rights, *, with_people: bool = False) -> Restricted:
        """A plan as somebody may run it who has what it needs. `with_people` has it know the tables that say who somebody is,
        for conditions from outside."""
        name = (
            f"{plan_hash} {rights.signature(sorted({*PEOPLE, *(table.name for table in plan.tables)}))} {with_people}"
        )
        with self._lock:
            known = self._restricted.get(name)
            if known is not None:
                self._restricted.move_to_end(name)
                return known
        made = restrict(plan, rights)
        if with_people and any(rights.depth(READ, table.name) is not Depth.ALL for table in plan.tables):
            made = _with_people(made)
        found = Restricted(made, plan_hash if made is plan else name)
        with self._lock:
            self._restricted[name] = found
            if len(self._restricted) > MOST_KEPT:
                self._restricted.popitem(last=False)
        return found


def _with_people(plan: StepPlan) -> StepPlan:
    tables = {**PEOPLE, **{table.name: table for table in plan.tables}}
    if len(tables) == len(plan.tables):
        return plan
    return attrs.evolve(plan, tables=tuple(tables[name] for name in sorted(tables)))
