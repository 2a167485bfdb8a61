"""What is documented: the verbs, tables, choices and tests of a project, and what they use of the standard library."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import attrs

from actionlang.check.program import CheckedModule
from actionlang.compile.compiled import NEVER_ALONE
from actionlang.compile.link import Linker
from actionlang.compile.loaded import loaded
from actionlang.compile.modules import CORE, Loader
from actionlang.compile.own_tables import own_tables
from actionlang.compile.selection import Selection
from actionlang.diagnostics.source import Source
from actionlang.documentation.excerpts import excerpts
from actionlang.graph.touching import own_effects
from actionlang.metadata.tables import Choice, Table
from actionlang.plan.plan import Effects, StepPlan, Verb
from actionlang.plan.walk import mentions

LEFT_OUT = "prelude"
"""What every script has without asking is documented elsewhere."""


@attrs.frozen(eq=False)
class Subject:
    """What is documented, each by its full name.

    `own` are the modules of the project, in the order of their names; all else is of the standard library. `texts` has the part
    of a script that declares a verb, table, choice or test; `own_effects` what a verb's own steps do, without what others do that
    it performs. `outcomes` say how tests went, where they were run: why one failed, or None.
    """

    title: str
    own: tuple[str, ...]
    verbs: Mapping[str, Verb]
    plans: Mapping[str, StepPlan] = attrs.field(repr=False)
    tables: Mapping[str, Table]
    choices: Mapping[str, Choice]
    tests: Mapping[str, Verb]
    texts: Mapping[str, str] = attrs.field(repr=False)
    own_effects: Mapping[str, Effects] = attrs.field(repr=False)
    outcomes: Mapping[str, str | None] | None = None

    @property
    def modules(self) -> tuple[str, ...]:
        """The modules that anything documented is of, the project's own first."""
        names = (*self.verbs, *self.tables, *self.choices)
        found = {module_of(name) for name in names}
        return (*(name for name in self.own if name in found), *sorted(found - set(self.own)))

    def performers(self, name: str) -> list[str]:
        """The verbs that perform a verb themselves."""
        return [verb for verb, effects in self.own_effects.items() if name in effects.performs]

    def starters(self, name: str) -> list[str]:
        """The verbs that start a verb themselves."""
        return [verb for verb, effects in self.own_effects.items() if name in effects.starts]

    def tests_of(self, name: str) -> list[str]:
        """The tests that perform a verb themselves."""
        return [test for test, verb in self.tests.items() if name in mentions(verb).verbs]


def module_of(name: str) -> str:
    """The module of a full name."""
    return name.rpartition(".")[0]


def read_subject(selection: Selection, *, with_outcomes: bool = False) -> Subject:
    """What there is to document in some scripts; `with_outcomes` runs their tests.

    Raises ActionLangError with all errors of the scripts, when there are any, or when there is no script.
    """
    loader = loaded(selection)
    linker = Linker(loader.checked, selection.project.layers).needed()
    own = sorted(name for name, path in loader.names.items() if path is not None and name in loader.checked)
    verbs = _verbs(loader, linker, own)
    plans = {name: linker.plan(verb) for name, verb in verbs.items()}
    linked = {name: plan.verb for name, plan in plans.items()}
    tables = {table.name: table for table in sorted(own_tables(linker), key=lambda table: table.name)}
    modules = [module for name, module in sorted(loader.checked.items()) if name != LEFT_OUT]
    # The states of a table are a choice, too, but have no name that a script could say.
    choices = {
        name: choice
        for module in modules
        for name, choice in sorted(module.choices.items())
        if module_of(name) == module.name
    }
    tests = {test.name: test for module in modules for test in module.tests}
    known = {verb.name: verb for plan in plans.values() for verb in plan.verbs}
    return Subject(
        selection.project.root.name,
        tuple(own),
        linked,
        plans,
        tables,
        choices,
        tests,
        _texts(modules, linker),
        {name: own_effects(verb, known, linker.tables) for name, verb in linked.items()},
        _outcomes(selection) if with_outcomes else None,
    )


def _verbs(loader: Loader, linker: Linker, own: Iterable[str]) -> dict[str, Verb]:
    """The verbs of all modules, by name; of what every script has without asking only what is performed."""
    own = set(own)
    found = {
        verb.name: verb
        for verb in linker.callable(name for name in loader.checked if name in own or name not in (LEFT_OUT, CORE))
        if verb.kind not in NEVER_ALONE
    }
    performed = {verb.name: verb for each in found.values() for verb in linker.plan(each).verbs}
    return dict(sorted({**performed, **found}.items()))


def _texts(modules: Iterable[CheckedModule], linker: Linker) -> dict[str, str]:
    found: dict[str, str] = {}
    for module in modules:
        source: Source = module.source
        lines = {verb.line: verb.name for verb in (*linker.written([module.name]), *module.tests)}
        found.update(excerpts(source, module.name, lines))
    return found


def _outcomes(selection: Selection) -> dict[str, str | None]:
    """How the project's tests go: why each failed, or None."""
    from actionlang.diagnostics.render import render
    from actionlang.testing.collecting import collect
    from actionlang.testing.results import run

    results = run(collect(selection.asked).cases)
    return {
        result.case.verb.name: None if result.outcome.diagnostic is None else render(result.outcome.diagnostic, False)
        for result in results.tests
    }
