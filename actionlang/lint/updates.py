"""A column that is updated twice, and nothing has read it in between."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import attrs

from actionlang.diagnostics.catalogue import lints as codes
from actionlang.diagnostics.diagnostic import Diagnostic
from actionlang.diagnostics.fix import Fix
from actionlang.lint.removing import removal
from actionlang.lint.script import Script
from actionlang.lint.walking import bodies_of
from actionlang.metadata import types as t
from actionlang.metadata.tables import Table
from actionlang.plan import expressions as e
from actionlang.plan import steps as s
from actionlang.plan.effects import effects_of
from actionlang.plan.expression_text import expression_text
from actionlang.plan.facts import path_of, plain
from actionlang.plan.plan import Verb

Column = tuple[str, str]
"""A table and a column of it."""

GOES_ON = (s.Let, s.Require, s.Move, s.Create)
"""Steps behind which the verb goes on, or all that it did is undone; they change no column that an update may."""


@attrs.frozen
class Written:
    """A step that has set a column of a row, by the row's path."""

    path: tuple[str, ...]
    step: s.Update | s.Assign


def repeated_updates(script: Script) -> Iterator[Diagnostic]:
    """Updates and assigns whose value another one replaces before anything can have read it."""
    hooked = {hook.target for hook in script.checked.hooks if hook.event in ("update", "assign")}
    for verb in (*script.written(), *script.checked.tests):
        for steps in _sequences(verb.steps):
            if sum(isinstance(step, s.Update | s.Assign) for step in steps) > 1:
                yield from _Sequence(script, verb, hooked).run(steps)


def _sequences(steps: Iterable[s.Step]) -> Iterator[list[s.Step]]:
    """Steps that stand one after another; a stage's are among those around it."""
    found = list(_without_stages(steps))
    yield found
    for step in found:
        for body in bodies_of(step):
            yield from _sequences(body)


def _without_stages(steps: Iterable[s.Step]) -> Iterator[s.Step]:
    for step in steps:
        if isinstance(step, s.Stage):
            yield from _without_stages(step.body)
        else:
            yield step


class _Sequence:
    """Goes through steps, and keeps which columns have been set that nothing has read yet."""

    def __init__(self, script: Script, verb: Verb, hooked: set[str]) -> None:
        self.script = script
        self.universe = script.checked.universe
        self.verb = attrs.evolve(verb, binding=None)
        self.hooked = hooked
        self.written: dict[Column, Written] = {}

    def run(self, steps: Iterable[s.Step]) -> Iterator[Diagnostic]:
        """What is set in vain."""
        for step in steps:
            if self.written:
                self._forget_read(step)
            if isinstance(step, s.Update | s.Assign):
                yield from self._write(step)
            elif isinstance(step, s.Create):
                self._forget(column for column in self.written if column[0] == step.table)
            elif not isinstance(step, GOES_ON):
                self.written.clear()

    def _forget_read(self, step: s.Step) -> None:
        alone = attrs.evolve(self.verb, steps=(step,))
        reads = effects_of(alone, self.universe.verbs, self.universe.tables).reads
        self._forget((table, column) for table, columns in reads for column in columns)

    def _forget(self, columns: Iterable[Column]) -> None:
        for column in list(columns):
            self.written.pop(column, None)

    def _write(self, step: s.Update | s.Assign) -> Iterator[Diagnostic]:
        path = path_of(step.row)
        assert isinstance(step.row.type, t.Row)
        table = self.universe.tables[step.row.type.tables[0]]
        columns = [(table.name, name) for name in _columns(step, table)]
        names = plain(path) if path is not None and table.name not in self.hooked else ()
        again = [(column, self.written[column]) for column in columns if column in self.written]
        replaced = [(name, before) for (_, name), before in again if before.path == names]
        if replaced:
            yield self._complaint(step, replaced, table)
        self._forget(columns)
        if names and not any(part in names[1:] for _, part in columns):
            self.written.update((column, Written(names, step)) for column in columns)

    def _complaint(self, step: s.Update | s.Assign, replaced: list[tuple[str, Written]], table: Table) -> Diagnostic:
        name, before = replaced[0]
        row = expression_text(step.row)
        message = f"{row}.{name} is set again before anything has read what it was set to."
        first = self.script.span(before.step.place)
        places = ((first, "set in vain here"),)
        hint = "Leave the first one out, or see whether another column or another row was meant."
        fixes = self._fixes(before.step, {each for each, _ in replaced}, table)
        span = self.script.span(step.place)
        return self.script.diagnostic(codes.REPEATED_UPDATE, span, message, hint, because=places, fixes=fixes)

    def _fixes(self, step: s.Update | s.Assign, replaced: set[str], table: Table) -> tuple[Fix, ...]:
        """Removal of the first step, if all that it sets is set again; safe if it can not have failed."""
        if not replaced.issuperset(_columns(step, table)):
            return ()
        never_fails = isinstance(step, s.Update) and all(
            isinstance(value, e.Literal) and not table.by_name[name].unique and not table.by_name[name].key
            for name, value in step.values
        )
        edit = removal(self.script.source.text, self.script.span(step.place))
        return (Fix("Remove the first one", (edit,), safe=never_fails and isinstance(step.row, e.Local)),)


def _columns(step: s.Update | s.Assign, table: Table) -> tuple[str, ...]:
    if isinstance(step, s.Update):
        return tuple(name for name, _ in step.values)
    return () if table.owner is None else (table.owner.name,)
