"""What a module's names stand for: its own declarations, what its imports bring, and everything by full name."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import attrs

from actionlang.check.spelling import nearest
from actionlang.metadata.tables import Choice, Table
from actionlang.metadata.types import Type
from actionlang.plan.plan import Parameter, Verb


@attrs.frozen
class HostFunction:
    """One overload of a function that the host implements (an `extern function`)."""

    name: str
    parameters: tuple[Parameter, ...]
    result: Type
    optional: bool
    doc: str

    @property
    def overload(self) -> str:
        """What tells same-named functions apart: the parameters' types."""
        return ",".join(str(parameter.type) for parameter in self.parameters)


@attrs.define
class Universe:
    """Everything that checked modules declare, by full name; host functions by their name. Grows as modules are checked."""

    tables: dict[str, Table] = attrs.field(factory=dict)
    choices: dict[str, Choice] = attrs.field(factory=dict)
    verbs: dict[str, Verb] = attrs.field(factory=dict)
    functions: dict[str, tuple[HostFunction, ...]] = attrs.field(factory=dict)

    def include(self, other: Universe) -> None:
        """Add what another one has."""
        self.tables.update(other.tables)
        self.choices.update(other.choices)
        self.verbs.update(other.verbs)
        self.functions.update(other.functions)


Found = dict[str, tuple[str, ...]]
"""Short name to the full names it may stand for."""


@attrs.define
class Names:
    """The short names that can be used in a module, and what a module that imports it gets; `module` is its full name."""

    tables: Found = attrs.field(factory=dict)
    choices: Found = attrs.field(factory=dict)
    verbs: Found = attrs.field(factory=dict)
    functions: frozenset[str] = frozenset()
    modules: dict[str, Names] = attrs.field(factory=dict)
    module: str = ""


def import_names(imports: Mapping[str, Names]) -> Names:
    """What a module can see through its imports, by qualifier."""
    names = Names(modules=dict(imports))
    for module in imports.values():
        for mine, theirs in (
            (names.tables, module.tables),
            (names.choices, module.choices),
            (names.verbs, module.verbs),
        ):
            for name, full in theirs.items():
                known = mine.get(name)
                mine[name] = full if known is None or known == full else tuple(dict.fromkeys((*known, *full)))
        names.functions |= module.functions
    return names


def suggest(wrong: str, names: Iterable[str]) -> str | None:
    """A hint with the name most like a wrong one, or None when none is near."""
    found = nearest(wrong, names)
    return f"Did you mean {found}?" if found else None


def short(full: str) -> str:
    """The last part of a full name."""
    return full.rpartition(".")[2]


def listed(names: Iterable[str], word: str = "or") -> str:
    """Names as a sentence lists them: `a, b or c`."""
    parts = list(names)
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} {word} {parts[-1]}" if parts else "nothing"
