"""A part of a plan: one of the verbs that its own verb performs, as a plan of itself."""

from __future__ import annotations

import attrs

from actionlang.plan.plan import StepPlan, Verb
from actionlang.plan.walk import mentions, type_choices, type_tables


def part_of(plan: StepPlan, name: str) -> StepPlan:
    """The plan of a verb that a verified plan has: as if it had been compiled by itself."""
    known = {verb.name: verb for verb in plan.verbs}
    verbs: dict[str, Verb] = {}
    tables: set[str] = set()
    choices: set[str] = set()
    pending = [name]
    while pending:
        verb = known[pending.pop()]
        if verb.name not in verbs:
            verbs[verb.name] = verb
            mentioned = mentions(verb)
            tables |= mentioned.tables
            choices |= mentioned.choices
            pending += mentioned.verbs
    columns = {table.name: [column.type for column in table.columns] for table in plan.tables}
    more = list(tables)
    while more:
        for type_ in columns[more.pop()]:
            choices.update(type_choices(type_))
            more += [table for table in type_tables(type_) if table not in tables]
            tables.update(type_tables(type_))
    return attrs.evolve(
        plan,
        entry=name,
        verbs=tuple(verbs[each] for each in sorted(verbs)),
        tables=tuple(table for table in plan.tables if table.name in tables),
        choices=tuple(choice for choice in plan.choices if choice.name in choices),
    )
