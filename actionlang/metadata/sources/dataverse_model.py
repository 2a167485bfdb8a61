"""What a `$metadata` document says, in its own terms: types, properties, operations, each with its place.

Terms and rules: OData Common Schema Definition Language (CSDL) XML Representation 4.01.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import attrs

from actionlang.metadata.sources.dataverse_xml import Element, Place


@attrs.frozen
class TypeUse:
    """A type as an element refers to it: full name (`Edm.String`, `Microsoft.Dynamics.CRM.account`), one or a collection."""

    name: str
    collection: bool = False

    @property
    def short(self) -> str:
        """The name without its namespace."""
        return self.name.rpartition(".")[2]

    def __str__(self) -> str:
        return f"a collection of {self.short}" if self.collection else self.short


@attrs.frozen
class Facets:
    """What may stand behind a type: the longest text, digits in all and behind the point (None: nothing is said)."""

    length: int | None = None
    precision: int | None = None
    scale: int | None = None


@attrs.frozen
class Property:
    """A property of an entity or complex type, or a parameter of an operation."""

    name: str
    type: TypeUse
    nullable: bool
    facets: Facets
    place: Place
    annotations: tuple[Element, ...] = ()


@attrs.frozen
class Navigation:
    """A navigation property. `constraints` pairs the properties that hold the reference with those that they refer to."""

    name: str
    type: TypeUse
    partner: str | None
    constraints: tuple[tuple[str, str], ...]
    place: Place
    annotations: tuple[Element, ...] = ()
    nullable: bool = True


@attrs.frozen
class EntityType:
    """An entity type; `base` is the full name of the type it is a kind of, `key` the names of its own key properties."""

    name: str
    base: str | None
    abstract: bool
    key: tuple[str, ...]
    properties: tuple[Property, ...]
    navigations: tuple[Navigation, ...]
    place: Place
    annotations: tuple[Element, ...] = ()


@attrs.frozen
class ComplexType:
    """A complex type: properties without a key."""

    name: str
    base: str | None
    properties: tuple[Property, ...]
    navigations: tuple[Navigation, ...]
    place: Place
    annotations: tuple[Element, ...] = ()

    @property
    def parts(self) -> tuple[Property | Navigation, ...]:
        """All that is in a value of it."""
        return (*self.properties, *self.navigations)


@attrs.frozen
class EnumType:
    """An enumeration; with `flags` a value is any number of its members. `said` are the members' annotations by name."""

    name: str
    flags: bool
    members: tuple[tuple[str, int, Place], ...]
    place: Place
    annotations: tuple[Element, ...] = ()
    said: Mapping[str, tuple[Element, ...]] = {}


@attrs.frozen
class TypeDefinition:
    """Another name for a primitive type."""

    name: str
    underlying: str
    facets: Facets
    place: Place


@attrs.frozen
class Operation:
    """An action or function. The first parameter of a bound one is what it is called on."""

    kind: str
    name: str
    bound: bool
    parameters: tuple[Property, ...]
    returns: Property | None
    place: Place
    annotations: tuple[Element, ...] = ()


@attrs.define(eq=False)
class Csdl:
    """A whole document. Types are by full name; `aliases` are other names of namespaces; `targeted` has the annotations that
    stand apart from what they are about, by target."""

    name: str
    aliases: dict[str, str] = attrs.field(factory=dict)
    entities: dict[str, EntityType] = attrs.field(factory=dict)
    complexes: dict[str, ComplexType] = attrs.field(factory=dict)
    enums: dict[str, EnumType] = attrs.field(factory=dict)
    definitions: dict[str, TypeDefinition] = attrs.field(factory=dict)
    operations: list[Operation] = attrs.field(factory=list)
    targeted: dict[str, list[Element]] = attrs.field(factory=dict)

    def full(self, name: str) -> str:
        """A qualified name with the namespace in place of its alias."""
        namespace, dot, short = name.rpartition(".")
        return f"{self.aliases.get(namespace, namespace)}{dot}{short}"

    def kinds(self, name: str) -> Iterator[EntityType]:
        """An entity type and those that it is a kind of, nearest first."""
        found = self.entities.get(name)
        while found is not None:
            yield found
            found = self.entities.get(found.base) if found.base else None

    def complex_kinds(self, name: str) -> Iterator[ComplexType]:
        """The same for a complex type."""
        found = self.complexes.get(name)
        while found is not None:
            yield found
            found = self.complexes.get(found.base) if found.base else None
