"""What the prompt knows while something is typed: the names there are, and what they stand for."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import attrs

from actionlang.check.names import Names, Universe
from actionlang.metadata import types as t
from actionlang.metadata.tables import Table
from actionlang.plan.plan import Verb


def _unknown_state(_: str) -> str | None:
    return None


@attrs.frozen
class Scene:
    """The names of all that is loaded and declared; the types of the locals bound so far. `state_of` tells the status of the row
    that a local names, None when it has none."""

    universe: Universe
    names: Names
    locals: Mapping[str, t.Type] = attrs.field(factory=dict)
    state_of: Callable[[str], str | None] = _unknown_state

    def table(self, name: str) -> Table | None:
        """A table by its short name."""
        full = self.names.tables.get(name)
        return self.universe.tables[full[0]] if full else None

    def verb(self, name: str) -> Verb | None:
        """A verb by its short name."""
        full = self.names.verbs.get(name)
        return self.universe.verbs[full[0]] if full else None

    def members(self, type_: t.Type | None) -> tuple[str, ...]:
        """The members of a choice or status, in declared order; none for any other type."""
        if isinstance(type_, t.Choice | t.Choices) and type_.name in self.universe.choices:
            return tuple(self.universe.choices[type_.name].by_name)
        return ()

    def columns(self, type_: t.Type | None) -> dict[str, t.Type]:
        """The columns that can be read from a row: those that all its tables have."""
        if not isinstance(type_, t.Row):
            return {}
        tables = [self.universe.tables[name] for name in type_.tables if name in self.universe.tables]
        if not tables:
            return {}
        common = set.intersection(*(set(table.by_name) for table in tables))
        return {column.name: column.type for column in tables[0].columns if column.name in common}
