"""Tables and choices of a document that the server of ActionLang made: with its annotations they are the very ones that it was
made of, but for the names of modules, and for what they are called in a database.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import attrs

from actionlang.metadata import types as t
from actionlang.metadata.default_text import read_default
from actionlang.metadata.sources.dataverse_annotations import Notes, notes_of
from actionlang.metadata.sources.dataverse_model import Csdl, EntityType, EnumType, Property
from actionlang.metadata.sources.dataverse_names import Names
from actionlang.metadata.sources.dataverse_said import holds, said_of, text_of, texts_of
from actionlang.metadata.sources.dataverse_types import column_type
from actionlang.metadata.sources.dataverse_xml import Element
from actionlang.metadata.tables import Choice, Column, Default, Member, Moves, Table
from actionlang.metadata.wire_names import read


def type_of(said: Mapping[str, Element], names: Names) -> t.Type | None:
    """The type that is said, of tables and choices by the names that they have now; None where none is said that is known."""
    text = text_of(said, "Type")
    if text is None:
        return None
    try:
        return _renamed(t.parse_type(text), names)
    except (ValueError, KeyError):
        return None


def _renamed(type_: t.Type, names: Names) -> t.Type:
    if isinstance(type_, t.ListOf):
        return t.ListOf(_renamed(type_.item, names))
    if isinstance(type_, t.Row):
        return t.Row(tuple(names.said[name] for name in type_.tables))
    if isinstance(type_, t.Choice | t.Choices):
        return attrs.evolve(type_, name=names.said[type_.name])
    return type_


def make_own_table(csdl: Csdl, names: Names, entity: EntityType) -> Table:
    """The table that an entity type stands for: its columns in their order."""
    full = names.tables[entity.name]
    notes = notes_of(csdl, entity.annotations, entity.name)
    said = said_of(csdl, entity.annotations)
    keys = _columns_of(notes.keys)
    uniques = _columns_of(notes_of(csdl, _as_keys(said)).keys)
    columns = tuple(_column(csdl, names, entity, each, keys, uniques) for each in entity.properties)
    short = full.rpartition(".")[2]
    return Table(full, short, columns, keys, uniques, text_of(said, "Label"), notes.doc)


def _as_keys(said: Mapping[str, Element]) -> Sequence[Element]:
    """What is unique, as if it were keys: it is written alike."""
    if "Unique" not in said:
        return ()
    element = said["Unique"]
    attributes = {**element.attributes, "Term": "OData.Community.Keys.V1.AlternateKeys"}
    return (Element(element.name, attributes, element.place, element.children, element.text),)


def _columns_of(sets: tuple[tuple[str, ...], ...]) -> tuple[tuple[str, ...], ...]:
    return tuple(tuple(column_name(path) for path in paths) for paths in sets)


def column_name(name: str) -> str:
    """The column that a property is called after: `owner` of `_owner_value`."""
    return read(name[1 : -len("_value")] if name.startswith("_") and name.endswith("_value") else name)


def _column(
    csdl: Csdl,
    names: Names,
    entity: EntityType,
    each: Property,
    keys: tuple[tuple[str, ...], ...],
    uniques: tuple[tuple[str, ...], ...],
) -> Column:
    name = column_name(each.name)
    said = said_of(csdl, each.annotations)
    notes: Notes = notes_of(csdl, each.annotations)
    type_ = type_of(said, names) or column_type(each.type, each.facets, csdl, names).type
    moves = tuple(map(_moves, texts_of(said, "Moves"))) if "Moves" in said else None
    primary = each.name in entity.key
    return Column(
        name,
        type_,
        name,
        required=not each.nullable and not primary and moves is None,
        unique=(name,) in uniques,
        key=(name,) in keys,
        primary=primary,
        default=_default(said, type_),
        readonly=notes.readonly,
        sensitive=holds(said, "Sensitive"),
        hierarchy=holds(said, "Hierarchy"),
        moves=moves,
        doc=notes.doc,
    )


def _default(said: Mapping[str, Element], type_: t.Type) -> Default | None:
    text = text_of(said, "Default")
    if text is None:
        return None
    try:
        return read_default(type_, text)
    except ValueError:
        return None


def _moves(text: str) -> Moves:
    """The moves out of a state, `open:done,cancelled`."""
    state, _, targets = text.partition(":")
    return Moves(read(state), tuple(read(each) for each in targets.split(",") if each))


def make_own_choice(enum: EnumType, full: str, csdl: Csdl) -> Choice:
    """The choice that an enumeration stands for."""
    unnumbered = holds(said_of(csdl, enum.annotations), "Unnumbered")
    members = tuple(
        Member(read(name), None if unnumbered else value, text_of(said_of(csdl, enum.said.get(name, ())), "Label"))
        for name, value, _ in enum.members
    )
    return Choice(full, members, notes_of(csdl, enum.annotations, enum.name).doc)
