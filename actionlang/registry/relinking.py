"""Plans of verbs in use, with a verb that they perform in its new form.

A plan has all verbs in it that it performs, so a verb that is changed has to be changed in those plans too, or its performers
would go on with the old steps while its callers get the new ones. The performers' own steps stay what was activated: what
their scripts say by now is not looked at. What comes out is verified like any plan, and that is what tells whether the
change breaks a performer.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import NoReturn

import attrs

from actionlang.diagnostics.catalogue import plans as codes
from actionlang.diagnostics.diagnostic import ActionLangError, Code, Diagnostic
from actionlang.metadata.tables import Choice, Table
from actionlang.plan.effects import effects_of
from actionlang.plan.plan import StepPlan, Verb
from actionlang.plan.walk import mentions, type_choices, type_tables
from actionlang.runtime.plans import Plan


def relink(performer: StepPlan, changed: Iterable[StepPlan], *, kept: Collection[str] | None = None) -> Plan:
    """A performer's plan with the verbs of `changed` as these plans have them, and what those perform in turn.

    `kept` is for changed plans that are older than the performer's, of an earlier version: these verbs stay as the performer has
    them, as do all tables.
    Raises ActionLangError when the performer could not run so: an argument is missing, an output is gone.
    """
    plans = tuple(changed)
    in_order = (performer, *plans) if kept is None else (*plans, performer)
    tables = {table.name: table for plan in in_order for table in plan.tables}
    choices = {choice.name: choice for plan in in_order for choice in plan.choices}
    try:
        return _linked(performer.entry, _verbs(performer, plans, kept or ()), tables, choices)
    except KeyError as missing:
        _refuse(codes.UNKNOWN_IN_PLAN, f"The plan of {performer.entry} uses {missing.args[0]}, which is there no more.")


def plan_within(plan: StepPlan, verb: str) -> Plan:
    """The plan of a verb that another plan performs: what compiling it would have given."""
    tables = {table.name: table for table in plan.tables}
    choices = {choice.name: choice for choice in plan.choices}
    return _linked(verb, {each.name: each for each in plan.verbs}, tables, choices)


def _linked(entry: str, verbs: Mapping[str, Verb], tables: Mapping[str, Table], choices: Mapping[str, Choice]) -> Plan:
    """The plan of a verb, out of all that it may need. Raises KeyError when something is missing, ActionLangError."""
    linked: dict[str, Verb] = {}
    _link(entry, verbs, tables, linked, ())
    needed, needed_choices = _needed(linked.values(), tables)
    return Plan.of(
        StepPlan(
            entry,
            tuple(linked[name] for name in sorted(linked)),
            tuple(tables[name] for name in sorted(needed)),
            tuple(choices[name] for name in sorted(needed_choices) if name in choices),
        )
    )


def _verbs(performer: StepPlan, plans: tuple[StepPlan, ...], kept: Collection[str]) -> dict[str, Verb]:
    """The verbs by name: the performer's own steps; else those that the changed plans are of; else what these perform."""
    own = {verb.name: verb for verb in performer.verbs}
    inner = {verb.name: verb for plan in plans for verb in plan.verbs if verb.name not in own or verb.name not in kept}
    entries = {plan.entry: plan.verb for plan in plans}
    return {**own, **inner, **entries, performer.entry: own[performer.entry]}


def _link(
    name: str, verbs: Mapping[str, Verb], tables: Mapping[str, Table], linked: dict[str, Verb], within: tuple[str, ...]
) -> None:
    """Add a verb to those that are linked, with its effects, behind those that it performs. Raises KeyError."""
    if name in within:
        circle = " performs ".join([*within[within.index(name) :], name])
        _refuse(codes.ENDLESS_PLAN, f"Verbs would perform each other without end: {circle}.")
    if name in linked:
        return
    verb = verbs[name]
    for inner in sorted(mentions(verb).verbs):
        _link(inner, verbs, tables, linked, (*within, name))
    linked[name] = attrs.evolve(verb, effects=effects_of(verb, linked, tables))


def _needed(verbs: Iterable[Verb], tables: Mapping[str, Table]) -> tuple[set[str], set[str]]:
    """The tables and choices that verbs mention, and those that these mention in turn; of unknown ones the verifier tells."""
    needed: set[str] = set()
    choices: set[str] = set()
    pending: list[str] = []
    for verb in verbs:
        mentioned = mentions(verb)
        pending += mentioned.tables
        choices |= mentioned.choices
    while pending:
        name = pending.pop()
        if name in tables and name not in needed:
            needed.add(name)
            for column in tables[name].columns:
                pending += type_tables(column.type)
                choices.update(type_choices(column.type))
    return needed, choices


def _refuse(code: Code, message: str) -> NoReturn:
    raise ActionLangError(Diagnostic(code, message)) from None
