"""The properties of entity types: what a table's columns are on the wire, there and back.

A lookup is two or more properties, as Dataverse has it: `_owner_value` holds the key of the row that it leads to, and a
navigation property for each table leads to the row itself: `owner` for a lookup to one table, `owner_user` and `owner_team` for
one to several.
"""

from __future__ import annotations

from collections.abc import Mapping

import attrs

from actionlang.metadata.tables import Column, Table
from actionlang.metadata.types import Row
from actionlang.metadata.wire_names import WireNames


@attrs.frozen
class Navigation:
    """A navigation property: its name, the lookup, the table that it leads to."""

    name: str
    column: Column
    table: str


@attrs.frozen
class Properties:
    """A table's properties by name. `plain` are those that hold values, `keys` those that hold keys of rows, `navigations` those
    that lead to rows; `names` are the names of columns' own properties, plain or key."""

    plain: Mapping[str, Column]
    keys: Mapping[str, Column]
    navigations: Mapping[str, Navigation]
    names: Mapping[str, str]

    @staticmethod
    def of(table: Table, names: WireNames) -> Properties:
        """Those of a table."""
        plain: dict[str, Column] = {}
        keys: dict[str, Column] = {}
        navigations: dict[str, Navigation] = {}
        columns = tuple(table.by_name)
        for column in table.columns:
            if not isinstance(column.type, Row):
                plain[names.property(column.name)] = column
                continue
            keys[names.key_property(column.name)] = column
            for target in column.type.tables:
                several = len(column.type.tables) > 1
                name = names.navigation(column.name, target, columns) if several else names.property(column.name)
                navigations[name] = Navigation(name, column, target)
        own = {column.name: name for name, column in (*plain.items(), *keys.items())}
        return Properties(plain, keys, navigations, own)

    def hint(self, name: str) -> str | None:
        """What may be meant by a lookup to several tables that is named like one to a single table."""
        meant = [each.name for each in self.navigations.values() if WireNames.property(each.column.name) == name]
        return f"write {' or '.join(meant)}" if meant else None

    def column(self, name: str) -> Column | None:
        """The column that a property holds the value or the key of."""
        return self.plain.get(name) or self.keys.get(name)
