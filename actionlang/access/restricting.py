"""A plan held to somebody's rights, as another plan: every engine runs it with the same outcome, and none knows of rights.

Where the caller reads all rows of a table nothing changes, and a plan in which that is so of all tables is left as it is. Else
queries ask in addition that rows be within the caller's reach; rows that come in another way (through a lookup, from a performed
verb) are seen to be so where a column of them is read; rows to be changed, and owners of rows to be made, are seen to be so in a
step before; rows that were given are seen to be so in the first steps. Verbs that run as the system, and all that they perform,
stay as they are.
"""

from __future__ import annotations

from collections.abc import Mapping

import attrs

from actionlang.access.people import PEOPLE
from actionlang.access.reach import Reach, Reached
from actionlang.access.rewriting import Rewriting
from actionlang.access.rights import Rights
from actionlang.access.rules import CALLER, any_within
from actionlang.access.system import SystemVerbs
from actionlang.metadata.tables import Table
from actionlang.metadata.types import ListOf, Row
from actionlang.plan import expressions as e
from actionlang.plan import steps as s
from actionlang.plan.effects import effects_of
from actionlang.plan.guards import Permit
from actionlang.plan.membership import BOOLEAN
from actionlang.plan.plan import Parameter, StepPlan, Verb
from actionlang.plan.verify import verify
from actionlang.plan.walk import mentions, type_choices, type_tables

GIVEN = " given"
"""The name of each row of a list that was given."""


def restrict(plan: StepPlan, rights: Rights) -> StepPlan:
    """A verified plan as somebody may run it who has the privileges that it needs (see `needs_of`): the same object, where the
    rights reach everywhere, else one that reads and changes only what is within reach, verified too."""
    if plan.verb.system:
        return plan
    reach = Reach(rights)
    tables = {**PEOPLE, **{table.name: table for table in plan.tables}}
    system = SystemVerbs.of(plan)
    rewriting = Rewriting(reach, tables, system)
    verbs = {verb.name: _restricted(verb, verb.name == plan.entry, rewriting) for verb in system.callers}
    if not rewriting.touched:
        return plan
    verbs.update({name: verb for name, verb in system.own.items() if name not in verbs})
    verbs |= rewriting.functions.made
    restricted = _plan(plan, verbs, tables)
    verify(restricted)
    return restricted


def _restricted(verb: Verb, is_entry: bool, rewriting: Rewriting) -> Verb:
    """A verb that runs with the caller's rights."""
    reached = Reached()
    steps: list[s.Step] = []
    if is_entry:
        steps.append(_has_caller(verb))
    if verb.binding is not None:
        row = e.Local(Row((verb.binding.table,)), False, verb.binding.row)
        reached = reached.with_row(verb.binding.row, rewriting.reach.reading(verb.binding.table))
        if is_entry:
            steps += _seen(row, verb.binding.row, verb, rewriting)
    for parameter in verb.inputs:
        if isinstance(parameter.type, Row):
            depths = [rewriting.reach.reading(table) for table in parameter.type.tables]
            reached = reached.with_row(parameter.name, max(depths))
        if is_entry:
            steps += _given(parameter, verb, rewriting)
    body, _ = rewriting.steps(verb.steps, reached)
    return attrs.evolve(verb, steps=(*steps, *body))


def _has_caller(verb: Verb) -> s.Step:
    """The first step of a restricted plan, by which engines know that from there on somebody calls."""
    condition = e.Not(BOOLEAN, False, e.IsEmpty(BOOLEAN, False, CALLER))
    return Permit(s.Place(verb.line, 1, verb.line, 1), condition, "Nobody calls.", None)


def _given(parameter: Parameter, verb: Verb, rewriting: Rewriting) -> list[s.Step]:
    """The steps that see that what was given for a parameter is within reach."""
    value = e.Local(parameter.type, parameter.optional, parameter.name)
    if isinstance(parameter.type, Row):
        return _seen(value, parameter.name, verb, rewriting)
    if not isinstance(parameter.type, ListOf) or not isinstance(parameter.type.item, Row):
        return []
    inside = _seen(e.Local(parameter.type.item, False, GIVEN), parameter.name, verb, rewriting)
    if not inside:
        return []
    place = inside[0].place
    if not parameter.optional:
        return [s.ForEachItem(place, GIVEN, value, tuple(inside))]
    filled = e.Narrow(parameter.type, False, value)
    some = s.ForEachItem(place, GIVEN, filled, tuple(inside))
    is_given = e.Not(BOOLEAN, False, e.IsEmpty(BOOLEAN, False, value))
    return [s.If(place, (s.Branch(is_given, (some,)),), ())]


def _seen(row: e.Expression, about: str, verb: Verb, rewriting: Rewriting) -> list[s.Step]:
    depths = rewriting.reach.restricted(row)
    if not depths:
        return []
    rewriting.touched = True
    names = " or ".join(table.rpartition(".")[2] for table in depths)
    condition = any_within(depths, row, rewriting.tables)
    return [Permit(s.Place(verb.line, 1, verb.line, 1), condition, f"There is no such {names} within reach.", about)]


def _plan(plan: StepPlan, verbs: Mapping[str, Verb], tables: Mapping[str, Table]) -> StepPlan:
    """A plan of verbs, with their effects worked out anew, and of what they need."""
    done: dict[str, Verb] = {}
    path = [plan.entry]
    while path:
        verb = verbs[path[-1]]
        waiting = next((name for name in sorted(mentions(verb).verbs) if name not in done), None)
        if waiting is None:
            done[verb.name] = attrs.evolve(verb, effects=effects_of(verb, done, tables))
            path.pop()
        else:
            path.append(waiting)
    needed: set[str] = set()
    pending = [name for verb in done.values() for name in mentions(verb).tables]
    while pending:
        name = pending.pop()
        if name not in needed:
            needed.add(name)
            pending += [inner for column in tables[name].columns for inner in type_tables(column.type)]
    choices = {name for verb in done.values() for name in mentions(verb).choices}
    choices.update(inner for name in needed for column in tables[name].columns for inner in type_choices(column.type))
    return StepPlan(
        plan.entry,
        tuple(done[name] for name in sorted(done)),
        tuple(tables[name] for name in sorted(needed)),
        tuple(each for each in plan.choices if each.name in choices),
    )
