"""Entity types to tables."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

import attrs

from actionlang.metadata import types as t
from actionlang.metadata.emit import TYPE_NAMES, Notice
from actionlang.metadata.sources.dataverse_annotations import NOTHING, Notes, notes_of
from actionlang.metadata.sources.dataverse_lookups import Lookups, lookups_of, navigations_of
from actionlang.metadata.sources.dataverse_model import Csdl, EntityType, Navigation, Property, TypeUse
from actionlang.metadata.sources.dataverse_names import Names, Unique
from actionlang.metadata.sources.dataverse_own import make_own_table
from actionlang.metadata.sources.dataverse_said import own_name
from actionlang.metadata.sources.dataverse_types import column_type
from actionlang.metadata.sources.dataverse_xml import Place
from actionlang.metadata.tables import Column, Table

SERVER_SETS = frozenset(
    """
    createdby createdon createdonbehalfby exchangerate modifiedby modifiedon modifiedonbehalfby owningbusinessunit
    owningteam owninguser versionnumber
    """.split()
)
"""Columns that Dataverse itself keeps on each row. A document saved without annotations does not say so."""

BASE = "_base"
"""Ends the name of an amount's double in the organisation's own currency, which Dataverse computes. Nothing else in the document
tells money from other decimals."""

OWNER = "ownerid"
OWNERS = frozenset({"principal", "systemuser", "team"})
CORE_TABLES = frozenset({"user", "team", "membership", "note", "notification"})
"""Tables of the module `core`, which every database of the language has."""

ID = Column("id", t.Id(), "id", primary=True)
"""The primary key of a table that names none."""

WITHOUT_KEY = (t.Choices, t.Json, t.File, t.Float)
IMMUTABLE = "Set when the row is created, and not changed after that."


@attrs.frozen
class MadeTable:
    """A table, and what has to be said of it."""

    table: Table
    notices: tuple[Notice, ...]


class Tables:
    """Makes the tables of a document."""

    def __init__(self, csdl: Csdl, names: Names) -> None:
        self.csdl = csdl
        self.names = names
        self.referred = _referred(csdl)
        self.singles: dict[str, frozenset[str]] = {}

    def make(self) -> list[MadeTable]:
        """All tables, in the order of their names."""
        names = (name for name in self.names.tables if name not in self.names.there)
        return [self._make(self.csdl.entities[name]) for name in names]

    def _make(self, entity: EntityType) -> MadeTable:
        if own_name(self.csdl, entity) is not None:
            return MadeTable(make_own_table(self.csdl, self.names, entity), ())
        return _TableMaking(self, entity).make()

    def rows_of(self, use: TypeUse) -> tuple[str, ...]:
        """The tables whose rows a reference to a type may lead to. An abstract type that is only a key stands for its kinds."""
        entity = self.csdl.entities.get(use.name)
        only_key = entity is not None and entity.key and {each.name for each in entity.properties} == set(entity.key)
        if entity is not None and entity.abstract and only_key:
            kinds = (each.name for each in self.csdl.entities.values() if each.base == use.name)
            return tuple(self.names.tables[each] for each in kinds if each in self.names.tables)
        return (self.names.tables[use.name],) if use.name in self.names.tables else ()

    def singles_of(self, use: TypeUse) -> frozenset[str]:
        """The names of a type's navigation properties that lead to one row."""
        found = self.singles.get(use.name)
        if found is None:
            entity = self.csdl.entities.get(use.name)
            all_of_it = () if entity is None else navigations_of(self.csdl, entity)
            found = self.singles[use.name] = frozenset(each.name for each in all_of_it if not each.type.collection)
        return found


def _referred(csdl: Csdl) -> dict[str, str]:
    """The property that all references to a type name, where they name one."""
    found: dict[str, Counter[str]] = {}
    for entity in csdl.entities.values():
        for navigation in entity.navigations:
            for _, property_name in navigation.constraints:
                found.setdefault(navigation.type.name, Counter())[property_name] += 1
    return {name: next(iter(counts)) for name, counts in found.items() if len(counts) == 1}


class _TableMaking:
    """One table being made."""

    def __init__(self, tables: Tables, entity: EntityType) -> None:
        self.tables = tables
        self.csdl = csdl = tables.csdl
        self.names = tables.names
        self.entity = entity
        self.full = tables.names.tables[entity.name]
        self.notices: list[Notice] = []
        self.properties: dict[str, Property] = {}
        for kind in csdl.kinds(entity.name):
            for each in kind.properties:
                self.properties.setdefault(each.name, each)
        self.key = self._key()
        self.lookups: Lookups = lookups_of(csdl, entity, self.properties, self.key)
        # A column called `id` is the primary key, or there is none of that name.
        self.unique = Unique(() if "id" in self.key else ("id",))
        self.columns: dict[str, Column] = {}
        self.amounts = self._amounts()

    def make(self) -> MadeTable:
        """The table with its columns: the primary key, the others in the order of names, and last what the server sets."""
        for name in sorted(self.properties, key=lambda name: (_bare(name).casefold(), name)):
            self._add(self.properties[name])
        for navigation in sorted(self.lookups.alone, key=lambda each: each.name):
            self._add_alone(navigation)
        self._tell_of_navigations()
        columns = self._with_primary()
        ranked = sorted(columns, key=lambda column: (not column.primary, column.readonly))
        keys = self._alternate_keys()
        single = {each[0] for each in keys if len(each) == 1}
        ranked = [attrs.evolve(each, key=True) if each.name in single else each for each in ranked]
        if ranked == [ID]:
            # A script does not say what every table has, and a table without a word would be none.
            ranked = [attrs.evolve(ID, doc="The only column that the document gives it.")]
        notes = notes_of(self.csdl, self.entity.annotations, self.entity.name)
        self._tell_of_kind()
        return MadeTable(Table(self.full, self._stored(), tuple(ranked), keys, doc=notes.doc), tuple(self.notices))

    def _stored(self) -> str:
        """The table's name in a database: its own, but for those that `core` has already."""
        short, own = _short(self.full), _short(self.entity.name)
        if short != own:
            self._say(f"{own} is called {short} here: its own name is taken.", self.entity.place)
        if short.casefold() in CORE_TABLES:
            self._say(f"stored under another name, because core has a table {short.casefold()}.", self.entity.place)
            return f"dataverse_{short}"
        return own if own in TYPE_NAMES else short

    def _say(self, text: str, place: Place | None, column: str | None = None) -> None:
        self.notices.append(Notice(text if place is None else f"{_capital(str(place))}: {text}", self.full, column))

    # --------------------------------------------------------------------------------------------------------- keys

    def _key(self) -> tuple[str, ...]:
        """The properties of the primary key. What all references to the type name goes before its own key: a team's key is
        `ownerid`, which it has from `principal`, and what refers to a team says `teamid`."""
        key = next((kind.key for kind in self.csdl.kinds(self.entity.name) if kind.key), ())
        referred = self.tables.referred.get(self.entity.name)
        if len(key) == 1 and referred in self.properties and self.properties[referred].type == TypeUse("Edm.Guid"):
            return (referred,)
        return tuple(name for name in key if name in self.properties)

    def _with_primary(self) -> list[Column]:
        """The columns with a primary key: the document's, if all of it can be one, else a column `id`."""
        primary = [column for column in self.columns.values() if column.primary]
        if primary and len(primary) == len(self.key):
            return list(self.columns.values())
        told = "The document gives it no key that could be a primary key: it has a column id here."
        self._say(told, self.entity.place)
        for name, column in self.columns.items():
            required = name in self.properties and not self.properties[name].nullable
            self.columns[name] = plain = attrs.evolve(column, primary=False, required=required)
            if column.name == "id":
                free = self.unique.take("id")
                self.columns[name] = attrs.evolve(plain, name=free, stored=free)
                said = [attrs.evolve(each, column=free) if each.column == "id" else each for each in self.notices]
                self.notices = said
                self._say(f"its own id is called {free} here.", self.entity.place, free)
        return [ID, *self.columns.values()]

    def _alternate_keys(self) -> tuple[tuple[str, ...], ...]:
        found: list[tuple[str, ...]] = []
        for kind in self.csdl.kinds(self.entity.name):
            for paths in notes_of(self.csdl, kind.annotations, kind.name).keys:
                columns = [self.columns.get(path) for path in paths]
                names = tuple(column.name for column in columns if column and not isinstance(column.type, WITHOUT_KEY))
                if len(names) < len(paths):
                    self._say(f"A key of {', '.join(paths)} is left out: not all of these can be in a key.", kind.place)
                elif names not in found and names != self.key:
                    found.append(names)
        return tuple(found)

    def _amounts(self) -> frozenset[str]:
        """The properties that are money."""
        decimals = {name for name, each in self.properties.items() if each.type == TypeUse("Edm.Decimal")}
        doubled = {name for name in decimals if name + BASE in decimals}
        return frozenset(doubled | {name + BASE for name in doubled})

    # ------------------------------------------------------------------------------------------------------- columns

    def _add(self, each: Property) -> None:
        """The column of a property."""
        navigations = self.lookups.held.get(each.name, ())
        bare = _bare(each.name)
        name = self.unique.take(bare)
        notes = self._notes(each.name, each.annotations)
        if bare != each.name or navigations:
            # That a property `_x_value` is read-only says only that it is set through its navigation property.
            led = [self._notes(navigation.name, navigation.annotations) for navigation in navigations]
            readonly = any(note.readonly for note in led)
            doc = notes.doc or next((note.doc for note in led if note.doc), "")
            notes = attrs.evolve(notes, readonly=readonly, doc=doc)
            type_ = self._lookup_type(each, navigations, bare, name)
        else:
            type_ = self._plain_type(each, name)
        primary = each.name in self.key and not isinstance(type_, WITHOUT_KEY)
        self.columns[each.name] = Column(
            name,
            type_,
            name,
            required=not each.nullable and not primary,
            primary=primary,
            readonly=not primary and (notes.readonly or bare in SERVER_SETS or self._is_computed(each.name)),
            doc=_described(notes),
        )
        if name != bare:
            self._say(f"{each.name} is called {name} here: its own name is taken.", each.place, name)

    def _notes(self, name: str, annotations: Iterable[object]) -> Notes:
        targets = (f"{kind.name}/{name}" for kind in self.csdl.kinds(self.entity.name))
        target = next((each for each in targets if each in self.csdl.targeted), "")
        return notes_of(self.csdl, annotations, target) if annotations or target else NOTHING  # type: ignore[arg-type]

    def _is_computed(self, name: str) -> bool:
        return name in self.amounts and name.endswith(BASE)

    def _plain_type(self, each: Property, name: str) -> t.Type:
        if each.name in self.amounts:
            return t.Money()
        made = column_type(each.type, each.facets, self.csdl, self.names)
        if made.notice:
            self._say(f"{name} is {made.notice}", each.place, name)
        return made.type

    def _lookup_type(self, each: Property, navigations: tuple[Navigation, ...], bare: str, name: str) -> t.Type:
        """The type of a lookup: an owner, the tables it may refer to, or an id where these are not known."""
        if bare == OWNER and navigations and all(found.type.short in OWNERS for found in navigations):
            return t.OWNER
        if not navigations:
            self._say(f"{name}: the document does not say to which table it refers.", each.place, name)
            return t.Id()
        rows = sorted({row for found in navigations for row in self.tables.rows_of(found.type)}, key=str.casefold)
        lost = sorted({found.type.short for found in navigations if not self.tables.rows_of(found.type)})
        if lost:
            told = "any table" if lost == ["crmbaseentity"] else f"{', '.join(lost)}, not imported"
            self._say(f"{name} also refers to {told}." if rows else f"{name} refers to {told}.", each.place, name)
        if len(rows) > 1 and each.name in self.key:
            self._say(f"{name} refers to {', '.join(map(_short, rows))}; a key refers to one table.", each.place, name)
            return t.Id()
        return t.Row(tuple(rows)) if rows else t.Id()

    def _add_alone(self, navigation: Navigation) -> None:
        """A column for a reference that no property holds."""
        rows = self.tables.rows_of(navigation.type)
        if not rows:
            self._say(f"{navigation.name} refers to {navigation.type.short}, not imported.", navigation.place)
            return
        name = self.unique.take(navigation.name)
        notes = self._notes(navigation.name, navigation.annotations)
        readonly = notes.readonly or navigation.name in SERVER_SETS
        self.columns[name] = Column(name, t.Row(rows), name, readonly=readonly, doc=_described(notes))
        self._say(f"{name} is a navigation property that no property holds.", navigation.place, name)

    # ------------------------------------------------------------------------------------------------------- notices

    def _tell_of_navigations(self) -> None:
        """Say what is no column: what follows the key itself, and what leads to many rows that do not refer back by a lookup."""
        for navigation in self.lookups.of_key:
            self._say(f"{navigation.name}: the key is also that of a row of {navigation.type.short}.", navigation.place)
        for navigation in navigations_of(self.csdl, self.entity):
            # Where the other side is a lookup, that says as much.
            if navigation.type.collection and navigation.partner not in self.tables.singles_of(navigation.type):
                many = f"{navigation.name} leads to any number of {navigation.type.short}, and is no column."
                self._say(many, navigation.place)

    def _tell_of_kind(self) -> None:
        base = self.entity.base
        if base in self.names.tables:
            kind = _short(self.names.tables[base])
            self.notices.insert(0, Notice(f"A kind of {kind}, with all its columns.", self.full))


def _bare(name: str) -> str:
    """`x` of a property `_x_value`, another name as it is."""
    return name[1 : -len("_value")] if name.startswith("_") and name.endswith("_value") and len(name) > 7 else name


def _short(full: str) -> str:
    return full.rpartition(".")[2]


def _described(notes: Notes) -> str:
    return "\n".join(part for part in (notes.doc, IMMUTABLE if notes.immutable else "") if part)


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
