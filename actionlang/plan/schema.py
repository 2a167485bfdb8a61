"""The JSON Schema of plans, made from the classes that plans consist of, so that the two never part.

`actionlang.plan-1.schema.json` beside this module is what `schema_text` gives; a test holds it to that, and writes it anew with
UPDATE_GOLDEN=1.
"""

from __future__ import annotations

import json
from typing import Any

from actionlang.metadata import tables
from actionlang.plan import expressions, plan, shape, steps

IDENTIFIER = "urn:actionlang:plan:1"
NODES = (
    plan.Verb,
    plan.Parameter,
    plan.Binding,
    plan.Effects,
    tables.Table,
    tables.Column,
    tables.Moves,
    tables.Choice,
    tables.Member,
    expressions.Query,
    expressions.Ordering,
    steps.Branch,
)
"""Classes whose objects have no tag."""

SIMPLE_TYPES = "integer|money|float|boolean|date|datetime|duration|id|json|file|empty"
TYPE = (
    r"(list of )*"
    rf"({SIMPLE_TYPES}|text(\([0-9]+\))?|decimal(\([0-9]+,[0-9]+\))?|(choice|choices|row|outputs) [^?]+)"
)
WORDS: dict[tuple[type, str], tuple[str, ...]] = {
    (plan.Verb, "kind"): (
        "action",
        "function",
        "background",
        "extern action",
        "extern function",
        "test",
    ),
    (expressions.Compare, "operator"): ("=", "!=", "<", "<=", ">", ">="),
    (expressions.Arithmetic, "operator"): ("+", "-", "*", "/"),
    (expressions.Aggregate, "kind"): ("count", "exists", "sum", "min", "max", "average"),
    (steps.Unavailable, "feature"): (
        "background",
        "start",
        "wait",
        "extern",
        "file",
    ),
}
"""Members that hold one of a few words."""


def plan_schema() -> dict[str, Any]:
    """The schema, JSON Schema 2020-12."""
    whole = _object(plan.StepPlan)
    whole["properties"] = {
        "format": {"const": plan.FORMAT},
        "hash": {
            "type": "string",
            "pattern": "^sha256:[0-9a-f]{64}$",
            "description": "SHA-256 of the plan's canonical text without the line of this member.",
        },
        **whole["properties"],
    }
    whole["required"] = ["format", "hash", *whole["required"]]
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": IDENTIFIER,
        "title": "ActionLang step plan, version 1",
        **whole,
        "$defs": _definitions(),
    }


def _definitions() -> dict[str, Any]:
    found: dict[str, Any] = {
        "type": {
            "type": "string",
            "pattern": f"^{TYPE}$",
            "description": "A type, as `str(type)` writes it.",
        },
        "typeOrEmpty": {
            "type": "string",
            "pattern": rf"^{TYPE}\??$",
            "description": "A type; a ? behind it says that the value may be empty.",
        },
        "place": {
            "type": "array",
            "items": {"type": "integer"},
            "minItems": 4,
            "maxItems": 4,
            "description": "Line, column, end line, end column; the end is exclusive.",
        },
        "constant": {
            "type": ["string", "integer", "boolean", "array"],
            "items": {"type": ["string", "integer", "boolean"]},
            "description": "A constant of the type that stands beside it: numbers with decimals as strings, dates and "
            "times in ISO 8601, durations in microseconds, integers beyond 2^53 as strings.",
        },
        "default": {
            "oneOf": [
                _closed({"function": {"enum": ["now", "today"]}}, ["function"]),
                _closed({"value": {"anyOf": [{"$ref": "#/$defs/constant"}, {"type": "null"}]}}, ["value"]),
            ],
            "description": "A constant, or a function that is fixed for a run.",
        },
    }
    for family, name in ((shape.EXPRESSION, "expression"), (shape.STEP, "step")):
        tags = shape.classes_of(family)
        found[name] = {"anyOf": [{"$ref": f"#/$defs/{name}.{tag}"} for tag in tags]}
        found.update({f"{name}.{tag}": _object(cls) for tag, cls in tags.items()})
    found.update({shape.tag_of(cls): _object(cls) for cls in NODES})
    return found


def _closed(properties: dict[str, Any], required: list[str]) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": required, "additionalProperties": False}


def _object(cls: type) -> dict[str, Any]:
    family = shape.family_of(cls)
    properties: dict[str, Any] = {} if family is None else {family.tag: {"const": shape.tag_of(cls)}}
    required = [] if family is None else [family.tag]
    for member in shape.members_of(cls):
        words = WORDS.get((cls, member.name))
        properties[member.name] = {"enum": list(words)} if words else _of_kind(member.kind)
        if member.required:
            required.append(member.name)
    doc = " ".join((cls.__doc__ or "").split())
    described = {} if doc.startswith("Method generated") or not doc else {"description": doc}
    return {**described, **_closed(properties, required)}


def _of_kind(kind: shape.Kind) -> dict[str, Any]:
    if isinstance(kind, shape.Scalar):
        return {"type": {str: "string", int: "integer", bool: "boolean"}[kind.python]}
    if isinstance(kind, shape.Many):
        return {"type": "array", "items": _of_kind(kind.item)}
    if isinstance(kind, shape.Row):
        items = [_of_kind(item) for item in kind.items]
        return {"type": "array", "prefixItems": items, "minItems": len(items), "maxItems": len(items)}
    if isinstance(kind, shape.Part):
        return {"anyOf": [{"type": "string"}, {"$ref": "#/$defs/expression"}]}
    return {"$ref": f"#/$defs/{_definition_of(kind)}"}


def _definition_of(kind: shape.Kind) -> str:
    if isinstance(kind, shape.Node):
        return shape.tag_of(kind.cls)
    if isinstance(kind, shape.TypeText):
        return "typeOrEmpty" if kind.with_optional else "type"
    if isinstance(kind, shape.Family):
        return "expression" if kind == shape.EXPRESSION else "step"
    return {shape.Value: "constant", shape.Constant: "default", shape.FourNumbers: "place"}[type(kind)]


def schema_text() -> str:
    """The schema as its file holds it."""
    return json.dumps(plan_schema(), indent=2, ensure_ascii=False) + "\n"
