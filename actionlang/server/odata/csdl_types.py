"""Types of the language as those of CSDL, and what has to be said beside them.

A choice with numbers is an integer, as Dataverse has it, because its values are numbers in JSON; its members are in an EnumType.
What a type is to the language is said beside it wherever CSDL's does not say it.
"""

from __future__ import annotations

import attrs

from actionlang.metadata import types as t
from actionlang.metadata.tables import Choice
from actionlang.server.odata.csdl_model import OWN, VARIABLE, Annotation, TypeUse
from actionlang.server.odata.lookup_keys import key_type
from actionlang.server.odata.wire import Wire

LARGEST_INT32 = 2**31 - 1
MONEY = TypeUse("Edm.Decimal", precision=19, scale=4)

SIMPLE: dict[type[t.Type], TypeUse] = {
    t.Integer: TypeUse("Edm.Int64"),
    t.Money: MONEY,
    t.Float: TypeUse("Edm.Double"),
    t.Boolean: TypeUse("Edm.Boolean"),
    t.Date: TypeUse("Edm.Date"),
    t.DateTime: TypeUse("Edm.DateTimeOffset", precision=6),
    t.Duration: TypeUse("Edm.Duration", precision=6),
    t.Id: TypeUse("Edm.Guid"),
    t.Json: TypeUse("Edm.Untyped"),
    t.File: TypeUse("Edm.Stream"),
}
SAID = (t.Money, t.Choice, t.Choices)
"""Types that CSDL's do not tell apart from others."""


def type_use(type_: t.Type, wire: Wire, *, nullable: bool) -> TypeUse:
    """A type as a parameter, an output or a column has it. Lookups of columns are properties of their own kind."""
    if isinstance(type_, t.ListOf):
        return attrs.evolve(_one(type_.item, wire), collection=True, nullable=False)
    return attrs.evolve(_one(type_, wire), nullable=nullable)


def _one(type_: t.Type, wire: Wire) -> TypeUse:
    if isinstance(type_, t.Text):
        return TypeUse("Edm.String", max_length=type_.length)
    if isinstance(type_, t.Decimal):
        if type_.precision is None:
            return TypeUse("Edm.Decimal", scale=VARIABLE)
        return TypeUse("Edm.Decimal", precision=type_.precision, scale=type_.scale)
    if isinstance(type_, t.Choice):
        choice = wire.choice(type_.name)
        return TypeUse(underlying(choice) if choice.numbered else "Edm.String")
    if isinstance(type_, t.Choices):
        return TypeUse("Edm.String")
    if isinstance(type_, t.Row):
        return TypeUse(wire.type_name(type_.tables[0]) if len(type_.tables) == 1 else "Edm.EntityType")
    return SIMPLE[type(type_)]


def underlying(choice: Choice) -> str:
    """The type of a choice's numbers."""
    fits = all(-LARGEST_INT32 - 1 <= (member.number or 0) <= LARGEST_INT32 for member in choice.members)
    return "Edm.Int32" if fits else "Edm.Int64"


def key_use(type_: t.Row, wire: Wire, *, nullable: bool) -> TypeUse:
    """The type of the property that holds the key of the row that a lookup leads to."""
    inner = key_type(type_, wire)
    return TypeUse("Edm.String", nullable=nullable) if inner is None else type_use(inner, wire, nullable=nullable)


def said_of(type_: t.Type) -> tuple[Annotation, ...]:
    """What is said beside a type where CSDL's tells too little."""
    inner = type_.item if isinstance(type_, t.ListOf) else type_
    several = isinstance(inner, t.Row) and len(inner.tables) > 1
    if isinstance(inner, SAID) or several:
        return (Annotation(f"{OWN}.Type", str(type_)),)
    return ()
