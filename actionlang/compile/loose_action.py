"""An action written as a text by itself, over tables that are known without any script: no module, no hooks, nothing imported."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import attrs

from actionlang.check.fragment import Environment, check_fragment
from actionlang.check.names import Found, Names, Universe, short
from actionlang.diagnostics.diagnostic import ActionLangError
from actionlang.diagnostics.source import Source
from actionlang.metadata import types as t
from actionlang.metadata.tables import Choice, Table
from actionlang.plan.effects import effects_of
from actionlang.plan.plan import Parameter, StepPlan
from actionlang.plan.walk import mentions, type_choices, type_tables
from actionlang.syntax import ast
from actionlang.syntax.parser import ParsedSteps, parse


def compile_action(text: str, name: str, tables: Mapping[str, Table], choices: Mapping[str, Choice]) -> StepPlan:
    """The plan of the only action in a text, under a full name, over tables by full name. It takes texts and returns nothing.

    Raises ActionLangError when something is wrong with the text.
    """
    source = Source(f"{name.partition('.')[0]}.act", text)
    parsed = parse(source)
    if parsed.diagnostics:
        raise ActionLangError(*parsed.diagnostics)
    (declared,) = (each for each in parsed.module.declarations if isinstance(each, ast.Action))
    inputs = tuple(Parameter(each.name.text, t.Text()) for each in declared.parameters)
    names = Names()
    _add(names.tables, tables)
    _add(names.choices, choices)
    environment = Environment(name.partition(".")[0], names, Universe(dict(tables), dict(choices)), inputs)
    assert declared.body is not None
    checked = check_fragment(ParsedSteps(source, declared.body.statements, ()), environment)
    if checked.verb is None:
        raise ActionLangError(*checked.diagnostics)
    # A fragment returns the names that it bound.
    verb = attrs.evolve(checked.verb, name=name, steps=checked.verb.steps[:-1], outputs=(), line=1)
    verb = attrs.evolve(verb, effects=effects_of(verb, {}, tables))
    mentioned = mentions(verb)
    used, chosen = set(mentioned.tables), set(mentioned.choices)
    pending = list(used)
    while pending:
        for column in tables[pending.pop()].columns:
            chosen |= set(type_choices(column.type))
            new = set(type_tables(column.type)) - used
            used |= new
            pending += new
    return StepPlan(
        name,
        (verb,),
        tuple(tables[each] for each in sorted(used)),
        tuple(choices[each] for each in sorted(chosen)),
    )


def _add(found: Found, full_names: Iterable[str]) -> None:
    for full in full_names:
        found[short(full)] = (*found.get(short(full), ()), full)
