"""A program's verbs as they run in it: with the layers that overrides put above them, and the hooks that are hung on them.

The checker looks at one module at a time, which does not know what modules that import it, or stand beside it, hang on its verbs
and tables. Here all of a program is known: verbs get their steps and effects anew where that changes them, and what does not
hold any more is complained of.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import attrs

from actionlang.check.hung import Hook, Hung, TableHooks
from actionlang.check.program import CheckedModule
from actionlang.compile.around import around
from actionlang.compile.circles import in_order_of_calls
from actionlang.compile.hooked import with_hooks
from actionlang.compile.inheriting import with_inherited
from actionlang.compile.layers import ORIGINAL, Layer, Order, Unclear, layers_of
from actionlang.compile.rechecking import Rechecked
from actionlang.compile.standard import standard_modules
from actionlang.diagnostics.diagnostic import Diagnostic
from actionlang.lint.agreed import Agreed
from actionlang.metadata.tables import Table
from actionlang.plan.effects import effects_of
from actionlang.plan.plan import Verb
from actionlang.plan.verify import flaw_in
from actionlang.plan.verify_place import Contents
from actionlang.plan.woven import INHERITED, layer_name, written_name


@attrs.frozen(eq=False)
class Woven:
    """A program's verbs, hooks and layers among them, and its tests, by full name.

    `layers` has, for each verb that is overridden, its layers, the one that callers get last. `steps_of` says which verb has the
    steps that a verb, override or hook of a module was written with, where that is not the one of its name. `problems` are what
    is wrong with all of it together; then the verbs are good for nothing. Without hooks and overrides nothing `is_changed`.
    `again` has the modules that were checked again, now that all of it is known.
    """

    verbs: Mapping[str, Verb]
    is_changed: bool = False
    tests: Mapping[str, Verb] = attrs.field(factory=dict)
    layers: Mapping[str, tuple[Layer, ...]] = attrs.field(factory=dict)
    steps_of: Mapping[str, str] = attrs.field(factory=dict)
    hooks: TableHooks = attrs.field(factory=lambda: TableHooks(()))
    problems: tuple[Diagnostic, ...] = ()
    again: Mapping[str, CheckedModule] = attrs.field(factory=dict)

    def entry(self, verb: Verb, tables: Mapping[str, Table]) -> Verb:
        """A verb of a module, a test, or what was typed at a prompt, as it runs in this program."""
        name = written_name(verb.name) if verb.kind == "override" else verb.name
        known = self.verbs.get(name) or self.tests.get(name)
        return known or linked_in(verb, self.hooks, self.verbs, tables)

    def hung_on(self, module: CheckedModule) -> Hung:
        """What the program does to a module."""
        effects = {name: verb.effects for name, verb in self.verbs.items()}
        for replaced, own in module.overrides.items():
            layers = [layer_name(replaced, layer.module) for layer in self.layers[replaced]]
            effects[layer_name(replaced, INHERITED)] = effects[layers[layers.index(own) - 1]]
        return Hung(self.hooks, effects)


def weave(modules: Mapping[str, CheckedModule], declared: Sequence[str] = (), agreed: Agreed | None = None) -> Woven:
    """What all modules of a program make of its verbs together. `declared` is the order of layers, the topmost last. `agreed` is
    what the project has agreed that verbs may do; with it, lints look at verbs as they are in this program."""
    if not any(module.hooks or module.overrides for module in modules.values()):
        return Woven({name: verb for module in modules.values() for name, verb in module.verbs.items()})
    woven = put_together(modules, declared)
    if woven.problems:
        return woven
    again: dict[str, CheckedModule] = {}
    problems: list[Diagnostic] = []
    for name, found in _changed(woven, modules).items():
        only_flawed = agreed is None or name in standard_modules()
        changed = [each.verb for each in found if each.flawed or not only_flawed]
        if changed:
            rechecked = Rechecked.of(modules[name], modules, woven.hung_on(modules[name]))
            again[name] = rechecked.module if agreed is None else rechecked.linted(woven.verbs, woven.hooks, agreed)
            problems += rechecked.complaints(changed, woven.verbs, woven.layers, modules)
    if not again:
        return woven
    if not problems:
        woven = put_together({**modules, **again}, declared)
    return attrs.evolve(woven, problems=tuple(problems), again=again)


def put_together(modules: Mapping[str, CheckedModule], declared: Sequence[str]) -> Woven:
    """A program's verbs with its layers and hooks, whether what they rely on holds with these or not."""
    return _Weaving(modules, declared).run()


@attrs.frozen
class _Changed:
    """A verb or test that is another one in its program than it is by itself; a `flawed` one relies on what does not hold."""

    verb: Verb
    flawed: bool


def _changed(woven: Woven, modules: Mapping[str, CheckedModule]) -> dict[str, list[_Changed]]:
    """The verbs and tests that hooks and overrides change, by their modules."""
    tables = {name: table for module in modules.values() for name, table in module.tables.items()}
    choices = {name: choice for module in modules.values() for name, choice in module.choices.items()}
    contents = Contents(woven.verbs, tables, choices)
    homes = {module.source.name: module for module in modules.values()}
    found: dict[str, list[_Changed]] = {}
    for verb in (*woven.verbs.values(), *woven.tests.values()):
        home = homes[verb.source]
        if home.verbs.get(verb.name) != verb:
            changed = _Changed(verb, flaw_in(verb, contents) is not None)
            found.setdefault(home.name, []).append(changed)
    return found


class _Weaving:
    """One program being put together."""

    def __init__(self, modules: Mapping[str, CheckedModule], declared: Sequence[str]) -> None:
        self.modules = modules
        self.order = Order(modules, declared)
        ordered = [modules[name] for name in self.order.names]
        self.ordered = ordered
        self.hooks: list[Hook] = [hook for module in ordered for hook in module.hooks]
        self.table_hooks = TableHooks(self.hooks)
        self.verbs: dict[str, Verb] = {name: verb for module in ordered for name, verb in module.verbs.items()}
        self.tables: dict[str, Table] = {name: each for module in ordered for name, each in module.tables.items()}
        self.layers: dict[str, tuple[Layer, ...]] = {}
        self.steps_of: dict[str, str] = {}
        self.tests: dict[str, Verb] = {}
        self.problems: list[Diagnostic] = []

    def run(self) -> Woven:
        """Layers first, then the hooks on verbs, then those on tables."""
        self._lay_overrides()
        self._hang_on_verbs()
        self.verbs.update((hook.verb.name, hook.verb) for hook in self.hooks)
        if not self.problems:
            self._link()
        return Woven(self.verbs, True, self.tests, self.layers, self.steps_of, self.table_hooks, tuple(self.problems))

    # ------------------------------------------------------------------------------------------------------------ layers

    def _lay_overrides(self) -> None:
        overrides: dict[str, list[Layer]] = {}
        for module in self.ordered:
            for replaced, own in module.overrides.items():
                overrides.setdefault(replaced, []).append(Layer(module.verbs[own], module.name, ""))
        for name, found in overrides.items():
            home = name.rpartition(".")[0]
            layers = layers_of(Layer(self.verbs[name], home, ORIGINAL), found, self.order)
            if isinstance(layers, Unclear):
                self.problems.append(layers.diagnostic(self.modules))
            else:
                self.layers[name] = layers
                self._lay(name, layers)

    def _lay(self, name: str, layers: tuple[Layer, ...]) -> None:
        """Put the layers of a verb under their names: the topmost gets that of the verb."""
        original, top = layers[0].verb, layers[-1].verb
        below = layer_name(name, layers[0].module)
        self.verbs[below] = attrs.evolve(original, name=below)
        self.steps_of[name] = below
        for layer in layers[1:]:
            own = layer.verb.name
            self.verbs[own] = attrs.evolve(with_inherited(layer.verb, below), kind="action")
            below = own
        self.steps_of[top.name] = name
        self.verbs[name] = attrs.evolve(
            self.verbs.pop(top.name),
            name=name,
            requires=tuple(dict.fromkeys((*original.requires, *top.requires))),
            system=original.system or top.system,
            deprecated=original.deprecated if top.deprecated is None else top.deprecated,
            until=original.until if top.deprecated is None else top.until,
            doc=top.doc or original.doc,
        )

    # ------------------------------------------------------------------------------------------------------------- hooks

    def _hang_on_verbs(self) -> None:
        hooked: dict[str, list[Hook]] = {}
        for hook in self.hooks:
            if hook.event == "perform":
                hooked.setdefault(hook.target, []).append(hook)
        for name, hooks in hooked.items():
            layers = self.layers.get(name)
            inner = layers[-1].verb.name if layers else layer_name(name, name.rpartition(".")[0])
            written = next((mine for mine, has in self.steps_of.items() if has == name), name)
            verb = self.verbs[name]
            self.verbs[inner] = attrs.evolve(verb, name=inner)
            self.steps_of[written] = inner
            self.verbs[name] = around(verb, inner, hooks)

    # ----------------------------------------------------------------------------------------------------------- linking

    def _link(self) -> None:
        """Give verbs and tests the steps of the hooks that they set off, and all of them the effects that they have so."""
        ordered = in_order_of_calls(self.verbs, self.table_hooks, self.modules)
        if isinstance(ordered, Diagnostic):
            self.problems.append(ordered)
            return
        linked: dict[str, Verb] = {}
        for name in ordered:
            linked[name] = linked_in(self.verbs[name], self.table_hooks, linked, self.tables)
        self.verbs = {name: linked[name] for name in self.verbs}
        for module in self.ordered:
            for test in module.tests:
                self.tests[test.name] = linked_in(test, self.table_hooks, linked, self.tables)


def linked_in(verb: Verb, hooks: TableHooks, linked: Mapping[str, Verb], tables: Mapping[str, Table]) -> Verb:
    """A verb with the hooks that its steps set off, and with its effects; `linked` has all that it performs, hooks included."""
    if hooks.set_off_in(verb.steps):
        verb = attrs.evolve(verb, steps=with_hooks(verb, hooks, linked))
    return attrs.evolve(verb, effects=effects_of(verb, linked, tables))
