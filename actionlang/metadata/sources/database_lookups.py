"""Which columns of a database make lookups: those of a foreign key to the whole primary key of a table that is imported, too."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import attrs

from actionlang.metadata.sources.database_reflection import FoundForeignKey, FoundTable


@attrs.frozen
class Keyed:
    """A table and the columns of the key that it has in the script."""

    table: FoundTable
    key: tuple[str, ...]


@attrs.frozen
class Lookup:
    """A lookup: its stored columns, in the order of the columns they refer to in the target's key; the target's stored name."""

    columns: tuple[str, ...]
    target: str


@attrs.frozen
class Lookups:
    """A table's lookups, in the order of its columns, and why other foreign keys are none."""

    lookups: tuple[Lookup, ...]
    refused: tuple[tuple[FoundForeignKey, str], ...]

    def of(self, column: str) -> Lookup | None:
        """The lookup that a column is stored for."""
        return next((lookup for lookup in self.lookups if column in lookup.columns), None)


def find_lookups(tables: Mapping[str, Keyed]) -> dict[str, Lookups]:
    """The lookups of all tables, by stored name."""
    finder = _Finder(tables)
    for name in tables:
        finder.look_at(name)
    return {name: finder.lookups(name) for name in tables}


class _Finder:
    def __init__(self, tables: Mapping[str, Keyed]) -> None:
        self.tables = tables
        self.chosen: dict[str, list[FoundForeignKey]] = {name: [] for name in tables}
        self.refused: dict[str, list[tuple[FoundForeignKey, str]]] = {name: [] for name in tables}
        self.through: dict[str, set[str]] = {name: set() for name in tables}
        """The tables that a table's key refers to."""

    def look_at(self, name: str) -> None:
        """Take or refuse each of a table's foreign keys; those of fewer columns first."""
        for key in sorted(self.tables[name].table.foreign_keys, key=lambda key: len(key.columns)):
            known = self._known(key)
            reason = self._reason(name, known)
            if reason is None:
                self.chosen[name].append(known)
                if set(known.columns) <= set(self.tables[name].key):
                    self.through[name].add(known.table)
            else:
                self.refused[name].append((key, reason))

    def _known(self, key: FoundForeignKey) -> FoundForeignKey:
        """A foreign key with the names that the table it refers to has; SQLite does not tell capitals from small letters."""
        table = _spelt(key.table, self.tables)
        if table is None:
            return key
        columns = [column.name for column in self.tables[table].table.columns]
        return attrs.evolve(key, table=table, targets=tuple(_spelt(each, columns) or each for each in key.targets))

    def _reason(self, name: str, key: FoundForeignKey) -> str | None:
        """Why a foreign key makes no lookup."""
        here, target = self.tables[name], self.tables.get(key.table)
        if target is None:
            return "which is not imported"
        if set(key.targets) != set(target.key):
            return "which is not its primary key"
        if any(set(key.columns) & set(other.columns) for other in self.chosen[name]):
            return "but a column of it is part of another lookup"
        in_key = set(key.columns) & set(here.key)
        if in_key and len(in_key) < len(set(key.columns)):
            return "but only a part of it belongs to the primary key"
        if in_key and name in self._reached(key.table):
            return "but a key can not refer to itself"
        if len({here.table.by_name[column].required for column in key.columns}) > 1 and not in_key:
            return "but only a part of it is required"
        return None

    def _reached(self, name: str) -> set[str]:
        """The tables that a table's key leads to, itself included."""
        reached, pending = {name}, [name]
        while pending:
            for target in self.through[pending.pop()] - reached:
                reached.add(target)
                pending.append(target)
        return reached

    def lookups(self, name: str) -> Lookups:
        """What was found of a table."""
        places = {column.name: at for at, column in enumerate(self.tables[name].table.columns)}
        found = [Lookup(self._in_order(key), key.table) for key in self.chosen[name]]
        found.sort(key=lambda lookup: min(places[column] for column in lookup.columns))
        return Lookups(tuple(found), tuple(self.refused[name]))

    def _in_order(self, key: FoundForeignKey) -> tuple[str, ...]:
        """A foreign key's columns in the order in which the script's key has those they refer to."""
        column_of = dict(zip(key.targets, key.columns, strict=True))
        return tuple(column_of[cell] for cell in self._key_cells(key.table))

    def _key_cells(self, name: str) -> list[str]:
        """The stored columns of a table's key as the script has them: in the table's order, those of a lookup together."""
        keyed = self.tables[name]
        cells: list[str] = []
        for column in keyed.table.columns:
            if column.name not in keyed.key or column.name in cells:
                continue
            lookup = next((each for each in self.chosen[name] if column.name in each.columns), None)
            cells += [column.name] if lookup is None else self._in_order(lookup)
        return cells


def _spelt(name: str, names: Iterable[str]) -> str | None:
    """A name as it is spelt among the names: exactly so, or else with other capitals."""
    names = list(names)
    if name in names:
        return name
    close = [each for each in names if each.lower() == name.lower()]
    return close[0] if len(close) == 1 else None
