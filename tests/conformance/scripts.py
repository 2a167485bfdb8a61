"""Compiling the scripts of cases. The standard library is checked once for all of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
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
NONE: Mapping[str, str] = {}


@cache
def _standard() -> Loader:
    loader = Loader(NOWHERE)
    for name in standard_modules():
        loader.load_standard(name)
    return loader


class _Beside(Loader):
    """Loads modules whose texts are at hand, as if they stood in one folder."""

    def __init__(self, texts: Mapping[str, str]) -> None:
        super().__init__(NOWHERE)
        self._texts = texts
        self.checked.update(_standard().checked)

    def read(self, path: Path) -> Source:
        return Source(path.name, self._texts[path.stem])


def _loaded(text: str, modules: Mapping[str, str]) -> Loader:
    loader = _Beside({**modules, MODULE: text})
    loader.load_files(NOWHERE / f"{name}.act" for name in (MODULE, *modules))
    return loader


def complaints(text: str, modules: Mapping[str, str] = NONE, layers: Sequence[str] = ()) -> tuple[Diagnostic, ...]:
    """What is wrong with a script and the modules beside it, warnings included."""
    program = _loaded(text, modules).program()
    if any(found.severity is Severity.ERROR for found in program.diagnostics):
        return program.diagnostics
    return (*program.diagnostics, *Linker(program.modules, layers).problems)


@attrs.frozen
class Script:
    """A script that checks: the tables it declares, with all that they refer to, and its plans."""

    schema: Schema
    linker: Linker

    def plan(self, verb: str) -> StepPlan:
        """The plan of one of its verbs; those of other modules go by their full names."""
        return self.linker.plan(self.linker.verbs[verb if "." in verb else f"{MODULE}.{verb}"])

    def schema_for(self, plan: StepPlan) -> Schema:
        """The script's tables and those that a plan has from elsewhere."""
        tables = {**self.schema.tables, **{table.name: table for table in plan.tables}}
        choices = {**self.schema.choices, **{choice.name: choice for choice in plan.choices}}
        return Schema(dict(sorted(tables.items())), dict(sorted(choices.items())))


def compiled(text: str, modules: Mapping[str, str] = NONE, layers: Sequence[str] = ()) -> Script:
    """A script, in a program with the modules beside it.

    Raises AssertionError with its errors when it has some.
    """
    loader = _loaded(text, modules)
    errors = [found for found in loader.program().diagnostics if found.severity is Severity.ERROR]
    assert not errors, "".join(f"\n{render(error)}" for error in errors)
    linker = Linker(loader.program().modules, layers)
    errors += linker.problems
    assert not errors, "".join(f"\n{render(error)}" for error in errors)
    declared = [table for name, table in linker.tables.items() if name.rpartition(".")[0] in (MODULE, *modules)]
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
