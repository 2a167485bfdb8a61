"""Why somebody may run a verb on a row, or may not: each privilege that is needed, where it comes from and how far it reaches."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import attrs

from actionlang.access.needs import Need, depths_of, needs_of
from actionlang.access.people import PEOPLE
from actionlang.access.rights import READ, Depth, Given, Rights
from actionlang.access.rules import within
from actionlang.engine.failure import Failure
from actionlang.engine.interpreter.bind import BoundPlan, bind
from actionlang.engine.store import RowRef, Store
from actionlang.engine.unit import Unit
from actionlang.metadata.tables import Table
from actionlang.metadata.types import OWNER, Integer, Row
from actionlang.plan import expressions as e
from actionlang.plan import steps as s
from actionlang.plan.membership import BOOLEAN
from actionlang.plan.plan import Binding, Effects, Parameter, StepPlan, Verb

NOWHERE = s.Place(1, 1, 1, 1)
ROW, DISTANCE, WHOSE = "row", "distance", "owner"
DISTANCES = {1: Depth.OWN, 2: Depth.TEAM, 3: Depth.ALL}


@attrs.frozen
class Explained:
    """A privilege that is needed: what gives it, the deepest first; how deep that reaches; whether it is enough, for the verb and
    for the row."""

    need: Need
    given: tuple[Given, ...]
    depth: Depth
    is_met: bool
    reaches_row: bool = True

    @property
    def is_enough(self) -> bool:
        """Whether it stands in nobody's way."""
        return self.is_met and self.reaches_row


@attrs.frozen
class Explanation:
    """All of it. `owner` is whose the row is, `distance` the depth that reaches it; both None without a row. `has_depths` says
    whether rows of the verb's table are somebody's."""

    verb: Verb
    rights: Rights
    parts: tuple[Explained, ...]
    owner: RowRef | None = None
    distance: Depth | None = None
    has_depths: bool = False

    @property
    def is_allowed(self) -> bool:
        """Whether the verb may be run."""
        return self.rights.active and not self.verb.private and all(part.is_enough for part in self.parts)


def explain(plan: StepPlan, rights: Rights, row: tuple[RowRef | None, Depth] | None = None) -> Explanation:
    """Why somebody may run a plan, on a row of which the owner and the distance are given."""
    owner, distance = (None, None) if row is None else row
    table = None if plan.verb.binding is None or plan.verb.system else plan.verb.binding.table
    parts = []
    for need in needs_of(plan):
        is_of_row = need.is_of_table and need.subject == table and need.word != "create"
        if need.is_of_table:
            depth = rights.depth(need.word, need.subject)
        else:
            depth = Depth.ALL if rights.has(need.word, need.subject) else Depth.NONE
        reaches = distance is None or not is_of_row or depth >= distance
        given = tuple(rights.about(need.word, need.subject))
        parts.append(Explained(need, given, depth, need.is_met(rights), reaches))
    tables = {**PEOPLE, **{each.name: each for each in plan.tables}}
    has_depths = table is not None and depths_of(READ, tables[table])
    return Explanation(plan.verb, rights, tuple(parts), owner, distance, has_depths)


def distance_of(plan: StepPlan, store: Store, rights: Rights, row: RowRef) -> tuple[RowRef | None, Depth]:
    """Whose a row is, and the depth that reaches it: asked by the rules themselves.

    Raises Failure when the row is not there.
    """
    tables = {**PEOPLE, **{table.name: table for table in plan.tables}}
    asking = _asking(plan, tables[row.table], tables)
    outputs: Mapping[str, Any] = bind(asking, store).run(_unit(rights), {}, row)
    return outputs[WHOSE], DISTANCES[outputs[DISTANCE]]


def readable(plan: StepPlan, store: Store, rights: Rights, rows: Iterable[RowRef]) -> Iterator[RowRef]:
    """Those of some rows that are there and that somebody may read; `plan` is one that was restricted to their rights, so it
    knows the tables that tell."""
    asking: dict[str, BoundPlan] = {}
    unit = _unit(rights)
    for row in rows:
        if row.table not in asking:
            table = next(table for table in plan.tables if table.name == row.table)
            condition = within(rights.depth(READ, table.name), e.Local(Row((table.name,)), False, ROW), table)
            verb = _function(table, (Parameter(READ, BOOLEAN),), (s.Return(NOWHERE, ((READ, condition),)),))
            asking[table.name] = bind(attrs.evolve(plan, entry=verb.name, verbs=(verb,)), store)
        with suppress(Failure):
            if asking[row.table].run(unit, {}, row)[READ]:
                yield row


def _function(table: Table, outputs: tuple[Parameter, ...], steps: tuple[s.Step, ...]) -> Verb:
    """A function on a row of a table."""
    return Verb(
        " reach", "function", Binding(table.name, ROW), (), outputs, (), False, False, None, "", Effects(), steps, "", 1
    )


def _unit(rights: Rights) -> Unit:
    return Unit(datetime.now(UTC), UTC, rights.user)


def _asking(plan: StepPlan, table: Table, tables: Mapping[str, Table]) -> StepPlan:
    """A plan that tells how far away a row is."""
    row = e.Local(Row((table.name,)), False, ROW)
    owner: e.Expression = e.Literal(OWNER, True, None)
    if table.owner is not None:
        owner = e.Column(OWNER, table.owner.optional, row, table.owner.name)
    whose = (WHOSE, owner)
    steps: list[s.Step] = []
    if depths_of(READ, table):
        branches = tuple(
            s.Branch(within(depth, row, table), (s.Return(NOWHERE, (whose, (DISTANCE, _number(int(depth))))),))
            for depth in (Depth.OWN, Depth.TEAM)
        )
        steps.append(s.If(NOWHERE, branches, ()))
    steps.append(s.Return(NOWHERE, (whose, (DISTANCE, _number(3)))))
    outputs = (Parameter(WHOSE, OWNER, optional=True), Parameter(DISTANCE, Integer()))
    verb = _function(table, outputs, tuple(steps))
    return StepPlan(verb.name, (verb,), tuple(tables[name] for name in sorted(tables)), plan.choices)


def _number(value: int) -> e.Expression:
    return e.Literal(Integer(), False, value)
