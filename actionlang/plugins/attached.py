"""The plug-ins that concern one plan, and how it is bound with them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, NamedTuple

import attrs

from actionlang.diagnostics.catalogue import plugins as codes
from actionlang.diagnostics.diagnostic import ActionLangError, Diagnostic
from actionlang.engine.store import RowRef
from actionlang.engine.unit import Unit
from actionlang.metadata.types import Row
from actionlang.plan import steps as s
from actionlang.plan.plan import StepPlan, Verb
from actionlang.plan.walk import nodes
from actionlang.plan.woven import written_name
from actionlang.plugins.calls import Calls
from actionlang.plugins.registration import Registration
from actionlang.plugins.stages import AFTER_COMMIT

if TYPE_CHECKING:
    from actionlang.engine.interpreter.scope import Rules
    from actionlang.metadata.tables import Table
    from actionlang.plugins.plugins import Plugins


Perform = Callable[[Unit, object, Mapping[str, object]], Mapping[str, object]]
"""Performs a verb: in a unit, on a row, with arguments; gives its outputs."""


class Elsewhere(NamedTuple):
    """A verb of another plan, and what performs it."""

    verb: Verb
    perform: Perform


AS_SYSTEM = " as system"
"""Behind the name of a verb that a plan has a second time."""

Door = Callable[[Unit, RowRef | None, Mapping[str, object]], Mapping[str, object]]
"""Takes the row and the arguments of a run as its caller gave them; gives those that are to be held against the contract."""


@attrs.define(eq=False)
class Attached:
    """What of a host's plug-ins concerns a plan. `verbs` are the registrations on its verbs, `tables` those on what its steps do
    to tables, `externs` its verbs that the host implements. `elsewhere` is what performs the verbs of other plans, by the names
    that plug-ins have for them; set anew before each run. Where `held`, the plan's own verbs are among them: performed as callers
    call them, within the rights of whoever calls the run; `parts` are their plans. `door` calls the plug-ins before validation of
    the plan's own verb, if there are any; it is known once the plan is bound. `calls` is shared by the plans of a connection."""

    plan: StepPlan
    verbs: Mapping[str, tuple[Registration, ...]]
    tables: Mapping[tuple[str, str], tuple[Registration, ...]]
    externs: Mapping[str, Registration]
    calls: Calls
    own: Mapping[str, Verb] = attrs.field(init=False)
    elsewhere: dict[str, Elsewhere] = attrs.field(factory=dict, init=False)
    held: bool = attrs.field(default=False, init=False)
    parts: dict[str, StepPlan] = attrs.field(factory=dict, init=False)
    door: Door | None = attrs.field(default=None, init=False)

    def __attrs_post_init__(self) -> None:
        self.own = {verb.name: verb for verb in self.plan.verbs}

    def rules(self, rules: Rules) -> Rules:
        """Rules that bind the plan as these do, with the plug-ins."""
        from actionlang.plugins.rules import rules_with

        return rules_with(self, rules)

    @property
    def registrations(self) -> Iterator[Registration]:
        """All of them."""
        for found in (*self.verbs.values(), *self.tables.values()):
            yield from found
        yield from self.externs.values()

    @property
    def announces(self) -> bool:
        """Whether a run may put an event into the outbox for a plug-in."""
        return any(each.stage is AFTER_COMMIT for each in self.registrations)

    @property
    def abroad(self) -> tuple[tuple[str, Registration], ...]:
        """Verbs that plug-ins perform and that the plan does not have, each with the first that does."""
        found: dict[str, Registration] = {}
        for each in self.registrations:
            for name in each.performs:
                if name not in self.own:
                    found.setdefault(name, each)
        return tuple(found.items())

    @property
    def reason(self) -> str:
        """Why the plan is run by the interpreter, in a few words."""
        first = min(self.registrations, key=lambda each: each.rank)
        if first.stage is None:
            return f"the host implements {first.subject}"
        return f"the plug-in {first.name} is called {first.place}"

    @property
    def columns(self) -> dict[str, frozenset[str]]:
        """The columns of tables that plug-ins are shown, beside those of the key."""
        tables = {table.name: table for table in self.plan.tables}
        found: dict[str, frozenset[str]] = {}
        for name, registrations in self._shown():
            for each in registrations:
                found[name] = found.get(name, frozenset()) | _images(each, tables[name])
        return found

    def _shown(self) -> Iterator[tuple[str, tuple[Registration, ...]]]:
        """Tables whose rows plug-ins are shown."""
        for (table, _), registrations in self.tables.items():
            yield table, registrations
        for verb in self.plan.verbs:
            if verb.binding is not None:
                externs = (self.externs[verb.name],) if verb.name in self.externs else ()
                yield verb.binding.table, (*self.verbs.get(verb.name, ()), *externs)


def _images(registration: Registration, table: Table) -> frozenset[str]:
    names = [column.name for column in table.columns if not column.primary]
    return frozenset(names if registration.images is None else set(names) & set(registration.images))


def attach(plugins: Plugins | None, plan: StepPlan, calls: Calls) -> Attached | None:
    """What of a host's plug-ins concerns a plan; None where nothing does.

    Raises ActionLangError (E0972) when the plan has a verb that the host does not implement.
    """
    registrations = () if plugins is None else plugins.registrations
    names = {verb.name: known_as(verb.name) for verb in plan.verbs}
    known = set(names.values())
    externs = {verb.name: _implementation(verb, registrations) for verb in plan.verbs if verb.kind.startswith("extern")}
    on_verbs = [each for each in registrations if each.operation is None and each.stage and each.subject in known]
    done = set(_done(plan))
    tables = {
        (table, operation): found
        for table, operation in sorted({(table, operation) for table, operation, _ in done})
        if (found := _sorted(each for each in registrations if _concerned(each, table, operation, done)))
    }
    if not on_verbs and not tables and not externs:
        return None
    verbs = {name: _sorted(each for each in on_verbs if each.subject == plain) for name, plain in names.items()}
    return Attached(plan, {name: found for name, found in verbs.items() if found}, tables, externs, calls)


def known_as(name: str) -> str:
    """The full name by which a verb of a plan is known: a plan that is held to someone's rights may have it a second time, for
    where it is performed as the system."""
    return name.removesuffix(AS_SYSTEM)


def implemented_as(name: str) -> str:
    """The full name under which a host implements a verb: where an override stands above it, or hooks around it, the plan has it
    as a layer of what callers know."""
    return written_name(known_as(name))


def _sorted(found: Iterable[Registration]) -> tuple[Registration, ...]:
    return tuple(sorted(found, key=lambda each: each.rank))


def _concerned(each: Registration, table: str, operation: str, done: set[tuple[str, str, tuple[str, ...]]]) -> bool:
    """Whether a plug-in is called for something that a plan does to a table."""
    if (each.subject, each.operation) != (table, operation):
        return False
    return any(each.counts(names) for t, o, names in done if (t, o) == (table, operation))


def _done(plan: StepPlan) -> Iterator[tuple[str, str, tuple[str, ...]]]:
    """What the steps of a plan do to tables, with the columns that they set."""
    for verb in plan.verbs:
        for step in nodes(verb.steps):
            if isinstance(step, s.Create):
                yield step.table, "create", tuple(name for name, _ in step.values)
            elif isinstance(step, s.Update | s.Delete | s.Assign | s.Move):
                assert isinstance(step.row.type, Row)
                names = tuple(name for name, _ in step.values) if isinstance(step, s.Update) else ()
                yield step.row.type.tables[0], type(step).__name__.lower(), names


def _implementation(verb: Verb, registrations: tuple[Registration, ...]) -> Registration:
    for each in registrations:
        if each.stage is None and each.subject == implemented_as(verb.name):
            return each
    raise ActionLangError(not_implemented(verb))


def not_implemented(verb: Verb) -> Diagnostic:
    """The complaint about an extern verb without its implementation."""
    word = verb.kind.rpartition(" ")[2]
    name = implemented_as(verb.name)
    message = f"The host does not implement {name}, an extern {word}."
    hint = f'register a function: @plugins.implements("{name}")'
    where = f"it is declared at {verb.source} line {verb.line}"
    return Diagnostic(codes.NOT_IMPLEMENTED, message, hint=hint, notes=(where,))
