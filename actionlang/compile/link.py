"""Checked modules to plans: a verb with all that it performs, and the metadata that all of them mention."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import attrs

from actionlang.check.program import CheckedModule
from actionlang.check.verbs import Hook
from actionlang.compile.hooked import with_hooks
from actionlang.metadata.tables import Choice, Table
from actionlang.plan import steps as s
from actionlang.plan.plan import StepPlan, Verb
from actionlang.plan.walk import Mentions, mentions, type_choices, type_tables


class Linker:
    """Makes plans out of a program's modules; what a verb mentions is worked out once.

    Here verbs meet what other modules hang on them: hooks, and overrides of their steps.
    """

    def __init__(self, modules: Mapping[str, CheckedModule]) -> None:
        self.verbs: dict[str, Verb] = {}
        self.tables: dict[str, Table] = {}
        self.choices: dict[str, Choice] = {}
        self._hooks: list[Hook] = []
        self._overrides: dict[str, str] = {}
        self._linked: dict[str, tuple[Verb, Mentions]] = {}
        for module in modules.values():
            self.verbs.update(module.verbs)
            self.tables.update(module.tables)
            self.choices.update(module.choices)
            self._hooks += module.hooks
            self._overrides.update(module.overrides)

    def plan(self, entry: Verb) -> StepPlan:
        """The plan of a verb or test."""
        entry, mentioned = self._link(entry)
        verbs = {entry.name: entry}
        tables: set[str] = set()
        choices: set[str] = set()
        pending = [mentioned]
        while pending:
            mentioned = pending.pop()
            tables |= mentioned.tables
            choices |= mentioned.choices
            for name in mentioned.verbs - verbs.keys():
                verbs[name], inner = self._link_known(name)
                pending.append(inner)
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
            _, mentioned = self._link_known(pending.pop())
            tables |= mentioned.tables
            pending += mentioned.verbs - seen
            seen |= mentioned.verbs
        return tables

    def _link_known(self, name: str) -> tuple[Verb, Mentions]:
        linked = self._linked.get(name)
        if linked is None:
            linked = self._linked[name] = self._link(self.verbs[name])
        return linked

    def _link(self, verb: Verb) -> tuple[Verb, Mentions]:
        """A verb as it runs in this program, and what it mentions."""
        if self._hooks:
            verb = attrs.evolve(verb, steps=with_hooks(verb.steps, self._hooks))
        override = self._overrides.get(verb.name)
        if override is not None:
            place = s.Place(verb.line, 1, verb.line, 1)
            verb = attrs.evolve(verb, steps=(s.Unavailable(place, "override", override), *verb.steps))
        return verb, mentions(verb)

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
