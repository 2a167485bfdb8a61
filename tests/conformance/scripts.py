"""Compiling the scripts of cases. The standard library is checked once for all of them."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import attrs

from actionlang.compile.link import Linker
from actionlang.compile.modules import Loader
from actionlang.compile.standard import standard_modules
from actionlang.diagnostics.diagnostic import Diagnostic, Severity
from actionlang.diagnostics.render import render
from actionlang.diagnostics.source import Source
from actionlang.engine.schema import Schema
from actionlang.metadata.tables import Choice, Table
from actionlang.plan.plan import StepPlan
from actionlang.plan.walk import type_choices, type_tables

MODULE = "example"
NOWHERE = Path("/nowhere")


@cache
def _standard() -> Loader:
    loader = Loader(NOWHERE)
    for name in standard_modules():
        loader.load_standard(name)
    return loader


def _loaded(text: str) -> Loader:
    loader = Loader(NOWHERE)
    loader.checked.update(_standard().checked)
    loader.load_source(MODULE, Source(f"{MODULE}.act", text), None)
    return loader


def complaints(text: str) -> tuple[Diagnostic, ...]:
    """What is wrong with a script, warnings included."""
    return _loaded(text).program().diagnostics


@attrs.frozen
class Script:
    """A script that checks: the tables it declares, with all that they refer to, and its plans."""

    schema: Schema
    linker: Linker

    def plan(self, verb: str) -> StepPlan:
        """The plan of one of its verbs."""
        return self.linker.plan(self.linker.verbs[f"{MODULE}.{verb}"])

    def schema_for(self, plan: StepPlan) -> Schema:
        """The script's tables and those that a plan has from elsewhere."""
        tables = {**self.schema.tables, **{table.name: table for table in plan.tables}}
        choices = {**self.schema.choices, **{choice.name: choice for choice in plan.choices}}
        return Schema(dict(sorted(tables.items())), dict(sorted(choices.items())))


def compiled(text: str) -> Script:
    """A script.

    Raises AssertionError with its errors when it has some.
    """
    loader = _loaded(text)
    errors = [found for found in loader.program().diagnostics if found.severity is Severity.ERROR]
    assert not errors, "".join(f"\n{render(error)}" for error in errors)
    linker = Linker(loader.program().modules)
    declared = [table for name, table in linker.tables.items() if name.startswith(f"{MODULE}.")]
    return Script(_closed(declared, linker), linker)


def _closed(declared: list[Table], linker: Linker) -> Schema:
    """Some tables, with the tables and choices that their columns mention in turn."""
    tables = {table.name: table for table in declared}
    choices: dict[str, Choice] = {}
    pending = list(declared)
    while pending:
        for column in pending.pop().columns:
            choices |= {name: linker.choices[name] for name in type_choices(column.type)}
            for name in type_tables(column.type):
                if name not in tables:
                    tables[name] = linker.tables[name]
                    pending.append(tables[name])
    return Schema(tables, choices)
