"""Checked modules to plans: a verb with all that it performs, and the metadata that all of them mention."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from actionlang.check.program import CheckedModule
from actionlang.compile.layers import Layer
from actionlang.compile.weaving import weave
from actionlang.diagnostics.diagnostic import ActionLangError, Diagnostic
from actionlang.lint.agreed import Agreed
from actionlang.metadata.tables import Choice, Table
from actionlang.plan.plan import StepPlan, Verb
from actionlang.plan.walk import Mentions, mentions, type_choices, type_tables


class Linker:
    """Makes plans out of a program's modules; what a verb mentions is worked out once.

    Here verbs meet what other modules hang on them: hooks, and overrides of their steps. `layers` is the order of these, as the
    project declares it, the topmost last. `problems` are what is wrong with the modules together. With `agreed`, what the project
    has agreed that verbs may do, lints look at verbs as they are in this program.
    """

    def __init__(
        self, modules: Mapping[str, CheckedModule], layers: Sequence[str] = (), agreed: Agreed | None = None
    ) -> None:
        self._modules = modules
        self.tables: dict[str, Table] = {}
        self.choices: dict[str, Choice] = {}
        for module in modules.values():
            self.tables.update(module.tables)
            self.choices.update(module.choices)
        self._woven = weave(modules, layers, agreed)
        self.verbs = self._woven.verbs
        self.problems = self._woven.problems
        self._mentions: dict[str, Mentions] = {}

    def needed(self) -> Linker:
        """The same. Raises ActionLangError with all problems, when there are any."""
        if self.problems:
            raise ActionLangError(*self.problems)
        return self

    def diagnostics(self, module: CheckedModule) -> tuple[Diagnostic, ...]:
        """What there is to say of a module in this program."""
        return self._woven.again.get(module.name, module).diagnostics

    def callable(self, modules: Iterable[str]) -> list[Verb]:
        """The verbs that some modules have, as callers get them: their own, and those that they override, by name."""
        found: dict[str, Verb] = {}
        for name in modules:
            module = self._modules[name]
            own = [verb.name for verb in module.verbs.values() if verb.kind != "override"]
            found.update((each, self.verbs[each]) for each in (*own, *module.overrides))
        return [found[name] for name in sorted(found)]

    def written(self, modules: Iterable[str]) -> list[Verb]:
        """The verbs that have the steps which some modules were written with: of their own verbs, overrides and hooks."""
        names = [
            name
            for module in (self._modules[each] for each in modules)
            for name in (*module.verbs, *(hook.verb.name for hook in module.hooks))
        ]
        return [self.verbs[self._woven.steps_of.get(name, name)] for name in names]

    def layers(self, verb: str) -> tuple[Layer, ...]:
        """The layers of a verb by full name, the original first, the one that callers get last; none if nobody overrides it."""
        return self._woven.layers.get(verb, ())

    def plan(self, entry: Verb) -> StepPlan:
        """The plan of a verb or test; of an override that of the verb it overrides. Raises ActionLangError when the modules do
        not fit together."""
        self.needed()
        if self._woven.is_changed:
            entry = self._woven.entry(entry, self.tables)
        verbs = {entry.name: entry}
        tables: set[str] = set()
        choices: set[str] = set()
        pending = [mentions(entry)]
        while pending:
            mentioned = pending.pop()
            tables |= mentioned.tables
            choices |= mentioned.choices
            for name in mentioned.verbs - verbs.keys():
                verbs[name] = self.verbs[name]
                pending.append(self._mentioned(name))
        self._close(tables, choices)
        return StepPlan(
            entry.name,
            tuple(verbs[name] for name in sorted(verbs)),
            tuple(self.tables[name] for name in sorted(tables)),
            tuple(self.choices[name] for name in sorted(choices)),
        )

    def tables_of(self, verbs: Iterable[str]) -> set[str]:
        """The tables that verbs mention, or those mention that they perform."""
        tables: set[str] = set()
        pending = list(verbs)
        seen = set(pending)
        while pending:
            mentioned = self._mentioned(pending.pop())
            tables |= mentioned.tables
            pending += mentioned.verbs - seen
            seen |= mentioned.verbs
        return tables

    def _mentioned(self, name: str) -> Mentions:
        known = self._mentions.get(name)
        if known is None:
            known = self._mentions[name] = mentions(self.verbs[name])
        return known

    def _close(self, tables: set[str], choices: set[str]) -> None:
        """Add the tables and choices that the tables' columns mention in turn."""
        pending = list(tables)
        while pending:
            for column in self.tables[pending.pop()].columns:
                for name in type_tables(column.type):
                    if name not in tables:
                        tables.add(name)
                        pending.append(name)
                choices.update(type_choices(column.type))
