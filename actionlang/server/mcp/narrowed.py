"""Schemas of values as agents are told of them: without what only clients of OData need.

Models and their hosts take no signs in names (`queue@odata.bind`), and do better with one way to say something. What a narrowed
schema takes, the schema that it was made of takes, too.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from actionlang.server.value_schemas import Schema

SIGN = "@"
ALTERNATIVES = ("anyOf", "oneOf", "allOf")


def narrowed(schema: Schema) -> Schema:
    """A schema without members that have a sign in their names, and without definitions that nothing refers to any more."""
    told: Schema = _narrowed({name: part for name, part in schema.items() if name != "$defs"})
    definitions = {name: _narrowed(part) for name, part in schema.get("$defs", {}).items()}
    used = _used(told, definitions)
    return told | ({"$defs": {name: definitions[name] for name in definitions if name in used}} if used else {})


def _narrowed(schema: Any) -> Any:
    if isinstance(schema, list):
        return [_narrowed(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    told: Schema = {}
    for name, part in _plain_number(schema).items():
        if name == "properties":
            told[name] = {each: _narrowed(inner) for each, inner in part.items() if SIGN not in each}
        elif name == "patternProperties":
            if not _names_signs(part):
                told[name] = {each: _narrowed(inner) for each, inner in part.items()}
        elif name in ALTERNATIVES:
            ways = [_narrowed(each) for each in part if not _asks_for_signs(each)]
            if name == "allOf":
                told |= _all_of(ways, told)
            elif ways:
                told[name] = ways
        elif name == "not":
            if not _names_signs(part):
                told[name] = _narrowed(part)
        else:
            told[name] = part if name in ("default", "enum", "const", "examples") else _narrowed(part)
    return told


def _plain_number(schema: Schema) -> Schema:
    """A whole number only as a number: models need no texts for those."""
    kinds = schema.get("type")
    if not isinstance(kinds, list) or "integer" not in kinds or "string" not in kinds:
        return schema
    left = [kind for kind in kinds if kind != "string"]
    others = {name: part for name, part in schema.items() if name not in ("type", "pattern")}
    return {"type": left[0] if len(left) == 1 else left, **others}


def _all_of(ways: list[Schema], told: Schema) -> Schema:
    """What is left of conditions that all hold: that one of a single way is needed is that it is needed."""
    needed: list[str] = list(told.get("required", ()))
    others: list[Schema] = []
    for way in ways:
        alternatives = way.get("oneOf")
        if alternatives is not None and len(alternatives) == 1 and alternatives[0].keys() == {"required"}:
            needed += alternatives[0]["required"]
        elif way:
            others.append(way)
    found: Schema = {"required": needed} if needed else {}
    return found | ({"allOf": others} if others else {})


def _asks_for_signs(schema: Any) -> bool:
    return isinstance(schema, dict) and any(SIGN in name for name in schema.get("required", ()))


def _names_signs(schema: Any) -> bool:
    """Whether a condition is about members that have signs in their names."""
    return SIGN in str(schema)


def _used(told: Schema, definitions: Mapping[str, Schema]) -> set[str]:
    used: set[str] = set()
    waiting = [told]
    while waiting:
        for reference in _references(waiting.pop()):
            if reference not in used and reference in definitions:
                used.add(reference)
                waiting.append(definitions[reference])
    return used


def _references(schema: Any) -> list[str]:
    if isinstance(schema, list):
        return [found for each in schema for found in _references(each)]
    if not isinstance(schema, dict):
        return []
    found = [schema["$ref"].rpartition("/")[2]] if isinstance(schema.get("$ref"), str) else []
    return found + [each for part in schema.values() for each in _references(part)]
