"""What a `$metadata` document says, whatever it is written in: XML or JSON (OData CSDL 4.01)."""

from __future__ import annotations

import attrs

CORE = "Org.OData.Core.V1"
KEYS = "OData.Community.Keys.V1.AlternateKeys"
OWN = "ActionLang.V1"
"""The vocabulary of what CSDL has no words for; `docs/reference/http.md` has its terms."""

VARIABLE = "variable"


@attrs.frozen
class Paths:
    """Sets of properties, as the term for alternate keys has them."""

    sets: tuple[tuple[str, ...], ...]


@attrs.frozen
class EnumValue:
    """A member of an enumeration of a vocabulary."""

    type: str
    member: str


AnnotationValue = str | bool | tuple[str, ...] | Paths | EnumValue


@attrs.frozen
class Annotation:
    """A statement about what it stands in."""

    term: str
    value: AnnotationValue


@attrs.frozen
class TypeUse:
    """A type with its facets. `name` is qualified."""

    name: str
    collection: bool = False
    nullable: bool = True
    max_length: int | None = None
    precision: int | None = None
    scale: int | str | None = None


@attrs.frozen
class Property:
    """A property of a type, or a parameter of an operation."""

    name: str
    type: TypeUse
    annotations: tuple[Annotation, ...] = ()


@attrs.frozen
class Navigation:
    """A navigation property; `constraint` pairs the property that holds the key with the one that it refers to."""

    name: str
    type: TypeUse
    constraint: tuple[str, str] | None = None
    annotations: tuple[Annotation, ...] = ()


@attrs.frozen
class EntityType:
    """An entity type."""

    name: str
    key: tuple[str, ...]
    properties: tuple[Property, ...]
    navigations: tuple[Navigation, ...]
    annotations: tuple[Annotation, ...] = ()


@attrs.frozen
class ComplexType:
    """A complex type."""

    name: str
    properties: tuple[Property, ...]
    navigations: tuple[Navigation, ...]
    annotations: tuple[Annotation, ...] = ()


@attrs.frozen
class Member:
    """A member of an enumeration."""

    name: str
    value: int
    annotations: tuple[Annotation, ...] = ()


@attrs.frozen
class EnumType:
    """An enumeration."""

    name: str
    underlying: str
    members: tuple[Member, ...]
    annotations: tuple[Annotation, ...] = ()


@attrs.frozen
class Operation:
    """An action or function (`kind`); the first parameter of a bound one is what it is on."""

    kind: str
    name: str
    bound: bool
    parameters: tuple[Property, ...]
    returns: TypeUse | None
    annotations: tuple[Annotation, ...] = ()


@attrs.frozen
class EntitySet:
    """An entity set; `bindings` pair navigation properties with the sets that they lead to."""

    name: str
    type: str
    bindings: tuple[tuple[str, str], ...]


@attrs.frozen
class Document:
    """A whole document of one schema and one container."""

    namespace: str
    entities: tuple[EntityType, ...]
    enums: tuple[EnumType, ...]
    complexes: tuple[ComplexType, ...]
    operations: tuple[Operation, ...]
    sets: tuple[EntitySet, ...]

    @property
    def imports(self) -> tuple[Operation, ...]:
        """The operations that are called by themselves."""
        return tuple(each for each in self.operations if not each.bound)
