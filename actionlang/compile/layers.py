"""Layers: in which order modules come, and which of several overrides of a verb stands above the others, and why."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import attrs

from actionlang.check.program import CheckedModule
from actionlang.compile.places import line_of
from actionlang.diagnostics.catalogue import statements as codes
from actionlang.diagnostics.diagnostic import Diagnostic
from actionlang.plan.plan import Verb

ORIGINAL = "the original"


@attrs.frozen
class Layer:
    """One layer of a verb: what a module says it does, and why it stands where it stands."""

    verb: Verb
    module: str
    why: str


@attrs.frozen
class Unclear:
    """Two modules that override the same verb, and nothing says which of them is above."""

    verb: str
    one: Layer
    other: Layer

    def diagnostic(self, modules: Mapping[str, CheckedModule]) -> Diagnostic:
        """The complaint."""
        names = f'"{self.one.module}", "{self.other.module}"'
        message = f"{self.one.module} and {self.other.module} both override {self.verb}; nothing says which is above."
        hint = f"Write layers = [{names}] in actionlang.toml: the last one wins. Or import one from the other."
        places = (line_of(self.one.verb, modules, f"{self.one.module} overrides it here"),)
        return Diagnostic(codes.LAYERS_UNCLEAR, message, line_of(self.other.verb, modules), places, hint)


class Order:
    """The order of a program's modules: each behind those that it imports, otherwise as `declared`, otherwise by name. It does
    not depend on the order in which scripts were loaded."""

    def __init__(self, modules: Mapping[str, CheckedModule], declared: Sequence[str]) -> None:
        self._modules = modules
        self._declared = {name: number for number, name in enumerate(declared)}
        self._imported: dict[str, frozenset[str]] = {}
        self.names: list[str] = []
        for name in sorted(modules, key=lambda name: (self._declared.get(name, -1), name)):
            self._add(name)

    def _add(self, name: str) -> frozenset[str]:
        """Put a module behind its imports; all that it imports, by itself or through others."""
        known = self._imported.get(name)
        if known is None:
            imports = [each for each in self._modules[name].imports if each in self._modules]
            known = frozenset(imports).union(*map(self._add, imports))
            self._imported[name] = known
            self.names.append(name)
        return known

    def why_above(self, upper: str, lower: str) -> str | None:
        """Why a module's override stands above another's; None when it does not, or nothing says so."""
        if upper in self._declared and lower in self._declared:
            behind = self._declared[upper] > self._declared[lower]
            return f"stands behind {lower} in layers of actionlang.toml" if behind else None
        return f"{upper} imports {lower}" if lower in self._imported[upper] else None


def layers_of(original: Layer, overrides: Sequence[Layer], order: Order) -> tuple[Layer, ...] | Unclear:
    """A verb's layers, the original first, the one that callers get last; or why their order is unclear."""
    ranked = sorted(
        overrides,
        key=lambda layer: sum(order.why_above(layer.module, other.module) is not None for other in overrides),
    )
    found = [original]
    for number, layer in enumerate(ranked):
        why = f"overrides what {original.module} wrote"
        for below in ranked[:number]:
            reason = order.why_above(layer.module, below.module)
            if reason is None:
                return Unclear(original.verb.name, below, layer)
            why = reason
        found.append(attrs.evolve(layer, why=why))
    return tuple(found)
