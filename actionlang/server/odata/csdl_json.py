"""A `$metadata` document in JSON (OData CSDL JSON Representation 4.01)."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping

from actionlang.server.odata import csdl_model as m
from actionlang.server.odata.csdl_xml import REFERENCES

Object = dict[str, object]


def write_json(document: m.Document) -> str:
    """The document as text."""
    schema: Object = {}
    schema |= {each.name: _entity(each) for each in document.entities}
    schema |= {each.name: _enum(each) for each in document.enums}
    schema |= {each.name: _complex(each) for each in document.complexes}
    for each in document.operations:
        schema[each.name] = [_operation(each)]
    schema["System"] = _container(document)
    whole: Object = {
        "$Version": "4.01",
        "$EntityContainer": f"{document.namespace}.System",
        "$Reference": {uri: {"$Include": [{"$Namespace": namespace}]} for uri, namespace in REFERENCES},
        document.namespace: schema,
    }
    return json.dumps(whole, ensure_ascii=False, indent=1)


def _used(use: m.TypeUse) -> Object:
    """A type: `Edm.String` is not named, and what is not nullable not said (CSDL JSON, 7.1 and 7.2)."""
    said: Object = {
        "$Collection": use.collection or None,
        "$Type": None if use.name == "Edm.String" else use.name,
        "$Nullable": True if use.nullable and not use.collection else None,
        "$MaxLength": use.max_length,
        "$Precision": use.precision,
        "$Scale": use.scale,
    }
    return {name: value for name, value in said.items() if value is not None}


def _property(each: m.Property) -> Object:
    return {**_used(each.type), **_annotations(each.annotations)}


def _navigation(each: m.Navigation) -> Object:
    constraint = {} if each.constraint is None else {"$ReferentialConstraint": dict([each.constraint])}
    return {"$Kind": "NavigationProperty", **_used(each.type), **constraint, **_annotations(each.annotations)}


def _members(type_: m.EntityType | m.ComplexType) -> Object:
    found = {each.name: _property(each) for each in type_.properties}
    return {**found, **{each.name: _navigation(each) for each in type_.navigations}, **_annotations(type_.annotations)}


def _entity(entity: m.EntityType) -> Object:
    return {"$Kind": "EntityType", "$Key": list(entity.key), **_members(entity)}


def _complex(each: m.ComplexType) -> Object:
    return {"$Kind": "ComplexType", **_members(each)}


def _enum(enum: m.EnumType) -> Object:
    found: Object = {"$Kind": "EnumType", "$UnderlyingType": enum.underlying}
    for each in enum.members:
        found[each.name] = each.value
        found |= {f"{each.name}{name}": value for name, value in _annotations(each.annotations).items()}
    return {**found, **_annotations(enum.annotations)}


def _operation(each: m.Operation) -> Object:
    found: Object = {"$Kind": each.kind}
    if each.bound:
        found["$IsBound"] = True
    if each.parameters:
        found["$Parameter"] = [{"$Name": parameter.name, **_property(parameter)} for parameter in each.parameters]
    if each.returns is not None:
        found["$ReturnType"] = _used(each.returns)
    return {**found, **_annotations(each.annotations)}


def _container(document: m.Document) -> Object:
    found: Object = {"$Kind": "EntityContainer"}
    for each in document.sets:
        bindings = {"$NavigationPropertyBinding": dict(each.bindings)} if each.bindings else {}
        found[each.name] = {"$Collection": True, "$Type": each.type, **bindings}
    for operation in document.imports:
        found[operation.name] = {f"${operation.kind}": f"{document.namespace}.{operation.name}"}
    return found


def _annotations(annotations: Iterable[m.Annotation]) -> Mapping[str, object]:
    return {f"@{each.term}": _value(each.value) for each in annotations}


def _value(value: m.AnnotationValue) -> object:
    if isinstance(value, m.EnumValue):
        return value.member
    if isinstance(value, m.Paths):
        return [{"Key": [{"Alias": name, "Name": name} for name in names]} for names in value.sets]
    return list(value) if isinstance(value, tuple) else value
