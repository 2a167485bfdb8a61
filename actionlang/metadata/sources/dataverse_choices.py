"""Enumerations to choices, and what is only said as a comment: types that are no table and no choice."""

from __future__ import annotations

from collections.abc import Iterable

from actionlang.metadata.emit import Notice
from actionlang.metadata.sources.dataverse_annotations import notes_of
from actionlang.metadata.sources.dataverse_model import ComplexType, Csdl, EnumType, Operation
from actionlang.metadata.sources.dataverse_names import Names, has_columns
from actionlang.metadata.sources.dataverse_own import make_own_choice
from actionlang.metadata.sources.dataverse_said import own_name
from actionlang.metadata.sources.dataverse_xml import Place
from actionlang.metadata.tables import Choice, Member


def make_choice(enum: EnumType, full: str, csdl: Csdl) -> tuple[Choice, list[Notice]]:
    """The choice that an enumeration becomes. A second member of one number is only another name for the first: it is said in a
    comment."""
    if own_name(csdl, enum) is not None:
        return make_own_choice(enum, full, csdl), []
    members: dict[int, Member] = {}
    names: set[str] = set()
    notices: list[Notice] = []
    for name, value, place in enum.members:
        if value in members or name in names:
            other = members[value].name if value in members else name
            notices.append(Notice(f"{_at(place)}: {name} = {value} is left out: it is {other} once more.", full))
        else:
            members[value] = Member(name, value)
            names.add(name)
    return Choice(full, tuple(members.values()), notes_of(csdl, enum.annotations, enum.name).doc), notices


def types_without_table(csdl: Csdl, names: Names) -> list[Notice]:
    """Comments about the entity types and enumerations that become nothing."""
    notices = []
    for entity in csdl.entities.values():
        if not has_columns(csdl, entity):
            short = entity.name.rpartition(".")[2]
            kind = "abstract, and " if entity.abstract else ""
            notices.append(Notice(f"{_at(entity.place)}: {short} is {kind}without properties, so it is no table."))
    for enum in csdl.enums.values():
        if not enum.members:
            short = enum.name.rpartition(".")[2]
            notices.append(Notice(f"{_at(enum.place)}: {short} has no members, so it is no choice."))
    if names.left_out:
        notices.append(Notice(f"{len(names.left_out)} more entity types of the document were not asked for."))
    return notices


def complex_types(csdl: Csdl, operations: Iterable[Operation]) -> str:
    """A comment with the complex types, which are `json` here, and what is in each. Those that only name what an operation
    returns are the outputs of its contract already."""
    returned = {each.returns.type.name for each in operations if each.returns and not each.returns.type.collection}
    used = {part.type.name for kind in csdl.complexes.values() for part in kind.parts}
    told = [each for name, each in csdl.complexes.items() if name not in returned or name in used]
    lines = [f"{_at(each.place)}: {_told(each)}" for each in sorted(told, key=lambda each: each.name.casefold())]
    return "\n".join(("Complex types are json here. What is in them in Dataverse:", "", *lines)) if lines else ""


def _told(each: ComplexType) -> str:
    short = each.name.rpartition(".")[2]
    base = f", a kind of {each.base.rpartition('.')[2]}" if each.base else ""
    parts = [f"{part.name} {part.type}" for part in each.parts]
    return f"{short}{base}: {', '.join(parts) or 'nothing of its own'}."


def _at(place: Place) -> str:
    told = str(place)
    return told[:1].upper() + told[1:]
