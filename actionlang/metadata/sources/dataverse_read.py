"""A `$metadata` document to what it says."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from io import BufferedReader

from actionlang.diagnostics.catalogue.documents import WRONG_METADATA
from actionlang.diagnostics.diagnostic import ActionLangError
from actionlang.metadata.emit import writable
from actionlang.metadata.sources.dataverse_model import (
    ComplexType,
    Csdl,
    EntityType,
    EnumType,
    Facets,
    Navigation,
    Operation,
    Property,
    TypeDefinition,
    TypeUse,
)
from actionlang.metadata.sources.dataverse_xml import Element, Place, read_schemas, trouble

COLLECTION = "Collection("
ONCE = "Leave one of the two out."
WHOLE = re.compile(r"-?[0-9]{1,19}", re.ASCII)
SIZE = re.compile(r"[0-9]{1,9}", re.ASCII)


def read_csdl(file: BufferedReader, name: str) -> Csdl:
    """What a document says. `name` is for messages.

    Raises ActionLangError when it is no `$metadata` document, or contradicts itself.
    """
    reading = _Reading(name)
    for element in read_schemas(file, name):
        reading.take(element)
    reading.check_bases()
    return reading.csdl


class _Reading:
    """One document being read."""

    def __init__(self, name: str) -> None:
        self.csdl = Csdl(name)
        self.namespace = ""
        self.taking: Mapping[str, Callable[[Element], None]] = {
            "Include": self.include,
            "Schema": self.schema,
            "EntityType": self.entity,
            "ComplexType": self.complex,
            "EnumType": self.enum,
            "TypeDefinition": self.definition,
            "Action": self.operation,
            "Function": self.operation,
            "Annotations": self.annotations,
        }

    def take(self, element: Element) -> None:
        """One element of the document; what says nothing about tables and operations is passed over."""
        take = self.taking.get(element.name)
        if take is not None:
            take(element)

    def wrong(self, place: Place, what: str, hint: str | None = None) -> ActionLangError:
        """An error for a document that contradicts itself."""
        return trouble(WRONG_METADATA, f"{self.csdl.name}: {place}: {what}.", hint)

    # ---------------------------------------------------------------------------------------------------- namespaces

    def include(self, element: Element) -> None:
        """`<edmx:Include Namespace=... Alias=...>`."""
        alias = element.attributes.get("Alias")
        if alias:
            self.csdl.aliases[alias] = element.attributes.get("Namespace", alias)

    def schema(self, element: Element) -> None:
        """The beginning of a schema."""
        self.namespace = self.given(element, "Namespace")
        self.include(element)

    def annotations(self, element: Element) -> None:
        """Annotations that say themselves what they are about."""
        target = self.given(element, "Target")
        path, slash, rest = target.partition("/")
        self.csdl.targeted.setdefault(f"{self.csdl.full(path)}{slash}{rest}", []).extend(element.all("Annotation"))

    # --------------------------------------------------------------------------------------------------------- types

    def entity(self, element: Element) -> None:
        """`<EntityType>`."""
        name = self.declared(element)
        keys = tuple(self.given(each, "Name") for key in element.all("Key") for each in key.all("PropertyRef"))
        self.csdl.entities[name] = EntityType(
            name,
            self.base(element),
            self.says(element, "Abstract"),
            keys,
            self.properties(element),
            self.navigations(element),
            element.place,
            tuple(element.all("Annotation")),
        )

    def complex(self, element: Element) -> None:
        """`<ComplexType>`."""
        name = self.declared(element)
        self.csdl.complexes[name] = ComplexType(
            name,
            self.base(element),
            self.properties(element),
            self.navigations(element),
            element.place,
            tuple(element.all("Annotation")),
        )

    def enum(self, element: Element) -> None:
        """`<EnumType>`. Members without a value are numbered on (CSDL 4.01, section 10.2.2)."""
        name = self.declared(element)
        members: list[tuple[str, int, Place]] = []
        for member in element.all("Member"):
            value = member.attributes.get("Value")
            after = members[-1][1] + 1 if members else 0
            members.append((self.named(member), after if value is None else self.number(member, value), member.place))
        flags = self.says(element, "IsFlags")
        annotations = tuple(element.all("Annotation"))
        said = {member.attributes["Name"]: tuple(member.all("Annotation")) for member in element.all("Member")}
        self.csdl.enums[name] = EnumType(name, flags, tuple(members), element.place, annotations, said)

    def definition(self, element: Element) -> None:
        """`<TypeDefinition>`."""
        name = self.declared(element)
        underlying = self.csdl.full(self.given(element, "UnderlyingType"))
        self.csdl.definitions[name] = TypeDefinition(name, underlying, self.facets(element), element.place)

    def base(self, element: Element) -> str | None:
        base = element.attributes.get("BaseType")
        return self.csdl.full(base) if base else None

    def properties(self, element: Element) -> tuple[Property, ...]:
        return tuple(self.property(each, self.named(each)) for each in element.all("Property"))

    def property(self, element: Element, name: str) -> Property:
        return Property(
            name,
            self.type(element),
            self.says(element, "Nullable", otherwise=True),
            self.facets(element),
            element.place,
            tuple(element.all("Annotation")),
        )

    def navigations(self, element: Element) -> tuple[Navigation, ...]:
        return tuple(
            Navigation(
                self.named(each),
                self.type(each),
                each.attributes.get("Partner"),
                tuple(
                    (self.given(constraint, "Property"), self.given(constraint, "ReferencedProperty"))
                    for constraint in each.all("ReferentialConstraint")
                ),
                each.place,
                tuple(each.all("Annotation")),
                self.says(each, "Nullable", otherwise=True),
            )
            for each in element.all("NavigationProperty")
        )

    # ---------------------------------------------------------------------------------------------------- operations

    def operation(self, element: Element) -> None:
        """`<Action>` and `<Function>`. Several of one name are overloads."""
        returns = next(element.all("ReturnType"), None)
        self.csdl.operations.append(
            Operation(
                element.name,
                self.named(element),
                self.says(element, "IsBound"),
                tuple(self.property(each, self.named(each)) for each in element.all("Parameter")),
                None if returns is None else self.property(returns, "result"),
                element.place,
                tuple(element.all("Annotation")),
            )
        )

    # ---------------------------------------------------------------------------------------------------- attributes

    def declared(self, element: Element) -> str:
        """The full name of a type; there may be one of a name."""
        name = f"{self.namespace}.{self.named(element)}"
        csdl = self.csdl
        for known in (csdl.entities, csdl.complexes, csdl.enums, csdl.definitions):
            if name in known:
                first = known[name].place
                raise self.wrong(element.place, f"{name} is declared a second time, after {first}", ONCE)
        return name

    def named(self, element: Element) -> str:
        name = self.given(element, "Name")
        if not writable(name) or "." in name:
            raise self.wrong(element.place, f"<{element.name}> is named {name!r}, which is no name")
        return name

    def given(self, element: Element, attribute: str) -> str:
        value = element.attributes.get(attribute)
        if not value:
            raise self.wrong(element.place, f"<{element.name}> has no {attribute}")
        return value

    def says(self, element: Element, attribute: str, *, otherwise: bool = False) -> bool:
        value = element.attributes.get(attribute)
        if value is None:
            return otherwise
        if value not in ("true", "false", "1", "0"):
            raise self.wrong(element.place, f"{attribute} is {value!r}, neither true nor false")
        return value in ("true", "1")

    def number(self, element: Element, value: str) -> int:
        if WHOLE.fullmatch(value) and -(2**63) <= int(value) < 2**63:
            return int(value)
        raise self.wrong(element.place, f"<{element.name}> has {value[:40]!r} where a whole number is expected")

    def facets(self, element: Element) -> Facets:
        """Facets that are numbers; `max`, `variable` and `floating` say as much as nothing."""
        found = [element.attributes.get(name, "") for name in ("MaxLength", "Precision", "Scale")]
        return Facets(*(int(value) if SIZE.fullmatch(value) else None for value in found))

    def type(self, element: Element) -> TypeUse:
        written = self.given(element, "Type")
        if written.startswith(COLLECTION) and written.endswith(")"):
            return TypeUse(self.csdl.full(written[len(COLLECTION) : -1]), collection=True)
        return TypeUse(self.csdl.full(written))

    # --------------------------------------------------------------------------------------------------------- bases

    def check_bases(self) -> None:
        """See that no type is a kind of itself, and that each base is there."""
        for types in (self.csdl.entities, self.csdl.complexes):
            sound: set[str] = set()
            for name in types:
                seen: dict[str, None] = {}
                at: str | None = name
                while at is not None and at not in sound:
                    if at in seen:
                        raise self.wrong(types[at].place, f"{at} is a kind of itself", "Mend its BaseType.")
                    seen[at] = None
                    base = types[at].base
                    if base is not None and base not in types:
                        raise self.wrong(types[at].place, f"{at} is a kind of {base}, which is not in the document")
                    at = base
                sound.update(seen)
