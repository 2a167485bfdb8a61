"""A `$metadata` document in XML (OData CSDL XML Representation 4.01)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from xml.sax.saxutils import quoteattr

from actionlang.server.odata import csdl_model as m

NEVER_IN_XML = re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters that no XML document can have (XML 1.0, 2.2)."""

REFERENCES = (
    ("https://oasis-tcs.github.io/odata-vocabularies/vocabularies/Org.OData.Core.V1.xml", m.CORE),
    ("https://github.com/OData/vocabularies/blob/main/OData.Community.Keys.V1.xml", "OData.Community.Keys.V1"),
)
EDMX = "http://docs.oasis-open.org/odata/ns/edmx"
EDM = "http://docs.oasis-open.org/odata/ns/edm"


def write_xml(document: m.Document) -> str:
    """The document as text."""
    lines = ['<?xml version="1.0" encoding="utf-8"?>', f'<edmx:Edmx Version="4.0" xmlns:edmx="{EDMX}">']
    for uri, namespace in REFERENCES:
        include = f'<edmx:Include Namespace="{namespace}"/>'
        lines.append(f'<edmx:Reference Uri="{uri}">{include}</edmx:Reference>')
    lines.append("<edmx:DataServices>")
    lines.append(f'<Schema{_attributes({"Namespace": document.namespace})} xmlns="{EDM}">')
    lines += [_entity(each) for each in document.entities]
    lines += [_enum(each) for each in document.enums]
    lines += [_complex(each) for each in document.complexes]
    lines += [_operation(each) for each in document.operations]
    lines.append(_container(document))
    lines += ["</Schema>", "</edmx:DataServices>", "</edmx:Edmx>"]
    return "\n".join(lines) + "\n"


def _element(name: str, attributes: Mapping[str, object], inside: Iterable[str] = ()) -> str:
    text = "".join(inside)
    start = f"<{name}{_attributes(attributes)}"
    return f"{start}>{text}</{name}>" if text else f"{start}/>"


def _attributes(attributes: Mapping[str, object]) -> str:
    return "".join(f" {name}={_quoted(value)}" for name, value in attributes.items() if value is not None)


def _quoted(value: object) -> str:
    text = ("true" if value else "false") if isinstance(value, bool) else str(value)
    return quoteattr(NEVER_IN_XML.sub(" ", text), {"\n": "&#10;", "\r": "&#13;", "\t": "&#9;"})


# ---------------------------------------------------------------------------------------------------------- types


def _used(use: m.TypeUse) -> dict[str, object]:
    """A type as attributes."""
    return {
        "Type": f"Collection({use.name})" if use.collection else use.name,
        "Nullable": None if use.nullable else False,
        "MaxLength": use.max_length,
        "Precision": use.precision,
        "Scale": use.scale,
    }


def _property(each: m.Property, name: str = "Property") -> str:
    return _element(name, {"Name": each.name, **_used(each.type)}, map(_annotation, each.annotations))


def _navigation(each: m.Navigation) -> str:
    inside = [_annotation(annotation) for annotation in each.annotations]
    if each.constraint is not None:
        holder, referred = each.constraint
        inside.append(_element("ReferentialConstraint", {"Property": holder, "ReferencedProperty": referred}))
    nullable = None if each.type.nullable or each.type.collection else False
    attributes = {"Name": each.name, **_used(each.type), "Nullable": nullable}
    return _element("NavigationProperty", attributes, inside)


def _entity(entity: m.EntityType) -> str:
    key = _element("Key", {}, (_element("PropertyRef", {"Name": name}) for name in entity.key))
    inside = [key, *map(_property, entity.properties), *map(_navigation, entity.navigations)]
    return _element("EntityType", {"Name": entity.name}, [*inside, *map(_annotation, entity.annotations)])


def _complex(each: m.ComplexType) -> str:
    inside = [*map(_property, each.properties), *map(_navigation, each.navigations)]
    return _element("ComplexType", {"Name": each.name}, [*inside, *map(_annotation, each.annotations)])


def _enum(enum: m.EnumType) -> str:
    members = (
        _element("Member", {"Name": each.name, "Value": each.value}, map(_annotation, each.annotations))
        for each in enum.members
    )
    inside = [*members, *map(_annotation, enum.annotations)]
    return _element("EnumType", {"Name": enum.name, "UnderlyingType": enum.underlying}, inside)


def _operation(each: m.Operation) -> str:
    inside = [_property(parameter, "Parameter") for parameter in each.parameters]
    if each.returns is not None:
        inside.append(_element("ReturnType", _used(each.returns)))
    attributes = {"Name": each.name, "IsBound": True if each.bound else None}
    return _element(each.kind, attributes, [*inside, *map(_annotation, each.annotations)])


def _container(document: m.Document) -> str:
    sets = (
        _element(
            "EntitySet",
            {"Name": each.name, "EntityType": each.type},
            (_element("NavigationPropertyBinding", {"Path": path, "Target": name}) for path, name in each.bindings),
        )
        for each in document.sets
    )
    imports = (
        _element(f"{each.kind}Import", {"Name": each.name, each.kind: f"{document.namespace}.{each.name}"})
        for each in document.imports
    )
    return _element("EntityContainer", {"Name": "System"}, [*sets, *imports])


# ---------------------------------------------------------------------------------------------------- annotations


def _annotation(annotation: m.Annotation) -> str:
    value = annotation.value
    if isinstance(value, bool):
        return _element("Annotation", {"Term": annotation.term, "Bool": value})
    if isinstance(value, str):
        return _element("Annotation", {"Term": annotation.term, "String": value})
    if isinstance(value, m.EnumValue):
        return _element("Annotation", {"Term": annotation.term, "EnumMember": f"{value.type}/{value.member}"})
    if isinstance(value, m.Paths):
        inside = _element("Collection", {}, map(_key, value.sets))
        return _element("Annotation", {"Term": annotation.term}, [inside])
    texts = (f"<String>{_content(text)}</String>" for text in value)
    return _element("Annotation", {"Term": annotation.term}, [_element("Collection", {}, texts)])


def _content(text: str) -> str:
    return NEVER_IN_XML.sub(" ", text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _key(properties: tuple[str, ...]) -> str:
    """An alternate key, as Dataverse has it."""
    references = (
        _element(
            "Record",
            {"Type": "OData.Community.Keys.V1.PropertyRef"},
            (
                _element("PropertyValue", {"Property": "Alias", "String": name}),
                _element("PropertyValue", {"Property": "Name", "PropertyPath": name}),
            ),
        )
        for name in properties
    )
    inside = _element("PropertyValue", {"Property": "Key"}, [_element("Collection", {}, references)])
    return _element("Record", {"Type": "OData.Community.Keys.V1.AlternateKey"}, [inside])
