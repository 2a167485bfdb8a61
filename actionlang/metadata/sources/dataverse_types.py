"""Types of a `$metadata` document to the language's."""

from __future__ import annotations

import attrs

from actionlang.metadata import types as t
from actionlang.metadata.sources.dataverse_model import Csdl, Facets, TypeUse
from actionlang.metadata.sources.dataverse_names import Names

PRIMITIVE: dict[str, t.Type] = {
    "Edm.Binary": t.File(),
    "Edm.Boolean": t.Boolean(),
    "Edm.Byte": t.Integer(),
    "Edm.Date": t.Date(),
    "Edm.DateTimeOffset": t.DateTime(),
    "Edm.Decimal": t.Decimal(),
    "Edm.Double": t.Float(),
    "Edm.Duration": t.Duration(),
    "Edm.Guid": t.Id(),
    "Edm.Int16": t.Integer(),
    "Edm.Int32": t.Integer(),
    "Edm.Int64": t.Integer(),
    "Edm.SByte": t.Integer(),
    "Edm.Single": t.Float(),
    "Edm.Stream": t.File(),
    "Edm.String": t.Text(),
    "Edm.TimeOfDay": t.Text(),
}

INEXACT = {"Edm.TimeOfDay": "a time of day, written as text"}
"""Primitive types that the language has only as something else."""

OPEN = ("Edm.Geography", "Edm.Geometry", "Edm.PrimitiveType", "Edm.Untyped", "Edm.ComplexType")
"""Beginnings of the names of types that have any shape."""

DATAVERSE_DECIMAL = t.Decimal(23, 10)
"""A decimal column of which nothing is said. Dataverse keeps at most ten digits behind the point and numbers up to
100,000,000,000 ("Column data types")."""

LONGEST_TEXT = 1_000_000_000
DIGITS = 38


@attrs.frozen
class Made:
    """A type of the language, and what has to be said where it is less than the document's."""

    type: t.Type
    notice: str | None = None


def column_type(use: TypeUse, facets: Facets, csdl: Csdl, names: Names) -> Made:
    """The type of a column. A column has no lists: a collection of an enumeration is `choices of`, any other `json`."""
    made = _one(use.name, facets, csdl, names)
    if use.collection:
        if isinstance(made.type, t.Choice):
            return Made(t.Choices(made.type.name))
        return Made(t.Json(), f"{use}, kept as json: a column holds no lists.")
    return Made(DATAVERSE_DECIMAL, made.notice) if made.type == t.Decimal() else made


def value_type(use: TypeUse, facets: Facets, csdl: Csdl, names: Names) -> Made:
    """The type of a parameter or output."""
    made = _one(use.name, facets, csdl, names)
    if not use.collection:
        return made
    if isinstance(made.type, t.Json):
        return Made(t.Json(), made.notice and made.notice.replace(use.short, str(use), 1))
    return Made(t.ListOf(made.type), made.notice)


def _one(name: str, facets: Facets, csdl: Csdl, names: Names) -> Made:
    """The type of one value."""
    primitive = PRIMITIVE.get(name)
    short = name.rpartition(".")[2]
    if primitive is not None:
        return Made(_sized(primitive, facets), INEXACT.get(name) and f"{INEXACT[name]}.")
    if name in names.choices:
        enum = csdl.enums[name]
        return Made(t.Choices(names.choices[name]) if enum.flags else t.Choice(names.choices[name]))
    if name in names.tables:
        return Made(t.Row((names.tables[name],)))
    if name in csdl.definitions:
        defined = csdl.definitions[name]
        own = defined.facets
        merged = Facets(
            facets.length or own.length,
            own.precision if facets.precision is None else facets.precision,
            own.scale if facets.scale is None else facets.scale,
        )
        return _one(defined.underlying, merged, csdl, names) if defined.underlying in PRIMITIVE else Made(t.Json())
    return Made(t.Json(), f"{short}, handed on as json: {_why_json(name, csdl, names)}.")


def _why_json(name: str, csdl: Csdl, names: Names) -> str:
    if name in csdl.complexes:
        return "a complex type"
    if name in names.left_out:
        return "its table was left out"
    if name in csdl.entities:
        return "a row of any table"
    if name in csdl.enums:
        return "an enumeration without members"
    if name.startswith(OPEN):
        return "of any shape"
    return "a type that the document does not declare"


def _sized(type_: t.Type, facets: Facets) -> t.Type:
    if isinstance(type_, t.Text) and facets.length is not None and 1 <= facets.length <= LONGEST_TEXT:
        return t.Text(facets.length)
    precision, scale = facets.precision, facets.scale
    if isinstance(type_, t.Decimal) and precision is not None and scale is not None:
        return t.Decimal(precision, scale) if 1 <= precision <= DIGITS and scale <= precision else type_
    return type_
