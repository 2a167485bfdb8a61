"""What the types of a `$metadata` document are called in a script."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from fnmatch import fnmatchcase

import attrs

from actionlang.metadata.emit import TYPE_NAMES
from actionlang.metadata.sources.dataverse_model import Csdl, EntityType, EnumType
from actionlang.metadata.sources.dataverse_said import own_name

CORE = "core."
"""Begins the names of tables that every database of the language has."""


class Unique:
    """Gives each name once, capital and small letters being the same, as databases have it; `reserved` ones never."""

    def __init__(self, reserved: Iterable[str] = ()) -> None:
        self.reserved = frozenset(reserved)
        self.taken: set[str] = set()

    def take(self, wanted: str) -> str:
        """The name wanted, or one with a number behind it."""
        name, number = wanted, 1
        while name in self.reserved or name.casefold() in self.taken:
            number += 1
            name = f"{wanted}_{number}"
        self.taken.add(name.casefold())
        return name


@attrs.frozen
class Names:
    """Full names of tables and choices by the full name of the type that each is made from. `left_out` are the entity types
    that were not asked for; `said` has the names by those that a document of our own says; `there` are the entity types of tables
    that are there already."""

    module: str
    tables: dict[str, str]
    choices: dict[str, str]
    left_out: frozenset[str]
    said: Mapping[str, str] = {}
    there: frozenset[str] = frozenset()


def name_types(csdl: Csdl, module: str, patterns: Sequence[str] = ()) -> Names:
    """Name all that becomes a table or choice, in the order of names, whatever the document's order.

    Only entity types whose name fits one of the patterns become tables; all, if there are none. One without properties
    (`crmbaseentity`) says nothing of itself and becomes none.
    """
    unique = Unique(TYPE_NAMES)
    with_columns = [each for each in csdl.entities.values() if has_columns(csdl, each)]
    wanted = [each for each in with_columns if not patterns or _fits(each, patterns)]
    left_out = frozenset(each.name for each in with_columns) - {each.name for each in wanted}
    types: list[EntityType | EnumType] = [*with_columns, *csdl.enums.values()]
    said = {each.name: name for each in types if (name := own_name(csdl, each))}
    there = frozenset(each.name for each in with_columns if said.get(each.name, "").startswith(CORE))
    tables = {name: said[name] for name in there}
    for name in _ordered({each.name for each in wanted} - there):
        tables[name] = f"{module}.{unique.take(_short(said.get(name, name)))}"
    by_said = {said[name]: full for name, full in tables.items() if name in said}
    choices: dict[str, str] = {}
    for name in _ordered(each.name for each in csdl.enums.values() if each.members):
        owner, _, short = said.get(name, name).rpartition(".")
        # The choice of a status column belongs to its table.
        choices[name] = f"{by_said[owner]}.{short}" if owner in by_said else f"{module}.{unique.take(short)}"
    by_said |= {said[name]: full for name, full in choices.items() if name in said}
    return Names(module, tables, choices, left_out - there, by_said, there)


def has_columns(csdl: Csdl, entity: EntityType) -> bool:
    """Whether an entity type has a property, its own or of what it is a kind of."""
    return any(kind.properties for kind in csdl.kinds(entity.name))


def _fits(entity: EntityType, patterns: Sequence[str]) -> bool:
    short = _short(entity.name)
    return any(fnmatchcase(short, pattern) for pattern in patterns)


def _ordered(names: Iterable[str]) -> list[str]:
    return sorted(names, key=lambda name: (_short(name).casefold(), name))


def _short(name: str) -> str:
    return name.rpartition(".")[2]
