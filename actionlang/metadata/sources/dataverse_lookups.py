"""Which property of a table holds what its single-valued navigation properties lead to.

Dataverse keeps a lookup in a property `_x_value` and has a navigation property for each table that it may refer to:
`x_account`, `x_contact`. Most say by a referential constraint which property it is; those of a kind of activity do not, and go
by their names.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import attrs

from actionlang.metadata.sources.dataverse_model import Csdl, EntityType, Navigation, Property, TypeUse


@attrs.frozen
class Lookups:
    """`held` has the navigation properties of each property that holds a reference; `alone` those that none holds; `of_key`
    those that follow the primary key itself."""

    held: dict[str, tuple[Navigation, ...]]
    alone: tuple[Navigation, ...]
    of_key: tuple[Navigation, ...]


def lookups_of(csdl: Csdl, entity: EntityType, properties: Mapping[str, Property], key: tuple[str, ...]) -> Lookups:
    """Sort an entity type's single-valued navigation properties, its own and those of what it is a kind of."""
    held: dict[str, list[Navigation]] = {}
    of_key: list[Navigation] = []
    unclear: list[Navigation] = []
    for navigation in navigations_of(csdl, entity):
        if navigation.type.collection:
            continue
        holder = navigation.constraints[0][0] if len(navigation.constraints) == 1 else None
        if holder is None or holder not in properties:
            unclear.append(navigation)
        elif key == (holder,):
            of_key.append(navigation)
        else:
            held.setdefault(holder, []).append(navigation)
    alone: list[Navigation] = []
    for navigation in unclear:
        holder = _named_after(navigation, properties) or _alike(navigation, held)
        if holder is None:
            alone.append(navigation)
        elif holder in key:
            of_key.append(navigation)
        else:
            held.setdefault(holder, []).append(navigation)
    return Lookups({name: tuple(found) for name, found in held.items()}, tuple(alone), tuple(of_key))


def navigations_of(csdl: Csdl, entity: EntityType) -> Iterator[Navigation]:
    """The navigation properties of an entity type and of what it is a kind of; of two of one name the nearer."""
    seen: set[str] = set()
    for kind in csdl.kinds(entity.name):
        for navigation in kind.navigations:
            if navigation.name not in seen:
                seen.add(navigation.name)
                yield navigation


def _named_after(navigation: Navigation, properties: Mapping[str, Property]) -> str | None:
    """The property whose name, or whose `x` in `_x_value`, a navigation property's name begins with: the longest."""
    by_letters = {name.casefold(): name for name in properties}
    words = navigation.name.casefold().split("_")
    for count in range(len(words), 0, -1):
        beginning = "_".join(words[:count])
        for name in (f"_{beginning}_value", beginning):
            found = by_letters.get(name)
            if found is not None and properties[found].type == TypeUse("Edm.Guid"):
                return found
    return None


def _alike(navigation: Navigation, held: Mapping[str, list[Navigation]]) -> str | None:
    """The one property that refers to the same table already and whose name begins like the navigation property's: `sla_task_sla`
    is what `_slaid_value` holds."""
    word = navigation.name.casefold().partition("_")[0]
    found = [
        name
        for name, others in held.items()
        if name.casefold().lstrip("_").startswith(word) and any(each.type == navigation.type for each in others)
    ]
    return found[0] if len(found) == 1 else None
