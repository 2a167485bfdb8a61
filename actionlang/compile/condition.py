"""Conditions given from outside of a script, as on a command line: `(case.status = open)`, checked against what a plan knows."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NoReturn

from actionlang.check.fragment import Environment, check_query_input
from actionlang.check.names import Found, HostFunction, Names, Universe, short
from actionlang.diagnostics.catalogue import types as codes
from actionlang.diagnostics.catalogue.project import WRONG_ARGUMENT
from actionlang.diagnostics.diagnostic import ActionLangError, Diagnostic, Label
from actionlang.diagnostics.source import Source, Span
from actionlang.metadata import types as t
from actionlang.plan import expressions as e
from actionlang.plan.host_functions import host_functions
from actionlang.plan.plan import Parameter, StepPlan
from actionlang.plan.steps import Return
from actionlang.syntax.parser import parse_query

SOURCE = "--where"


def read_condition(text: str, plan: StepPlan) -> e.Expression:
    """The condition that a text stands for, about the row that a plan's verb is on, by the name the verb has for it. It can
    name the tables, choices and functions that the plan knows.

    Raises ActionLangError when it is none, or the verb is on no row.
    """
    binding = plan.verb.binding
    if binding is None:
        message = f"{plan.verb.short_name} is not on a row, so there is nothing to choose."
        raise ActionLangError(Diagnostic(WRONG_ARGUMENT, message, hint="leave the condition out"))
    source = Source(SOURCE, text)
    row = Parameter(binding.row, t.Row((binding.table,)))
    module = plan.verb.name.rpartition(".")[0]
    environment = Environment(module, _names(plan), _universe(plan), (row,))
    checked = check_query_input(parse_query(source), environment)
    if checked.verb is None:
        raise ActionLangError(*checked.diagnostics)
    step = checked.verb.steps[-1]
    if checked.query is not None or not isinstance(step, Return):
        _refuse(source, f"This asks for rows of a table; what is wanted is a condition on `{binding.row}`.")
    condition = step.values[0][1]
    if condition.type != t.Boolean() or condition.optional:
        _refuse(source, f"This is {condition.type}, not a condition.")
    if len(checked.verb.steps) > 1:
        _refuse(source, "This asks for what this host does not have yet.")
    return condition


def _refuse(source: Source, message: str) -> NoReturn:
    label = Label(source, Span(0, len(source.text)))
    raise ActionLangError(Diagnostic(codes.WRONG_TYPE, message, label, hint='write it like "(case.status = open)"'))


def _universe(plan: StepPlan) -> Universe:
    functions: dict[str, list[HostFunction]] = {}
    for (name, _), signature in host_functions().items():
        parameters = tuple(Parameter(f"value{n}", each) for n, each in enumerate(signature.parameters, 1))
        functions.setdefault(name, []).append(HostFunction(name, parameters, signature.result, False, ""))
    return Universe(
        {table.name: table for table in plan.tables},
        {choice.name: choice for choice in plan.choices},
        {},
        {name: tuple(overloads) for name, overloads in functions.items()},
    )


def _names(plan: StepPlan) -> Names:
    names = Names(functions=frozenset(name for name, _ in host_functions()))
    _add(names.tables, (table.name for table in plan.tables))
    _add(names.choices, (choice.name for choice in plan.choices))
    return names


def _add(found: Found, full_names: Iterable[str]) -> None:
    for full in full_names:
        found[short(full)] = (*found.get(short(full), ()), full)
