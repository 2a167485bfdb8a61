"""Values between two units, as JSON texts: what a background run's row keeps."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

import attrs

from actionlang.engine.interpreter.calls import default_value
from actionlang.engine.json_form import from_json, to_json
from actionlang.engine.schema import Schema
from actionlang.engine.unit import Unit
from actionlang.metadata import types as t
from actionlang.metadata.tables import Table
from actionlang.plan.plan import Parameter, Verb
from actionlang.runtime.json_text import json_member, json_object
from actionlang.runtime.masking import names_sensitive_rows


def with_defaults(parameters: Iterable[Parameter], given: Mapping[str, Any], unit: Unit) -> dict[str, Any]:
    """What a call has given, as language values: what it has left out has its default, or is empty."""
    return {
        each.name: given.get(each.name)
        if each.name in given or each.default is None
        else default_value(each.default, each.type)([unit])
        for each in parameters
    }


def values_text(parameters: Iterable[Parameter], values: Mapping[str, Any], known: str | None = None) -> str:
    """Values by name, added to those that are known already."""
    found = json.loads(known or "{}") | {each.name: _to_kept(values[each.name], each.type) for each in parameters}
    return json.dumps(found, ensure_ascii=False)


def _to_kept(value: Any, type_: t.Type) -> Any:
    """A value as JSON data. JSON itself is kept as its text: a null in it is not empty, and no digit of a number is lost."""
    return value if isinstance(type_, t.Json) else to_json(value, type_)


def masked_text(parameters: Iterable[Parameter], values: Mapping[str, Any], schema: Schema) -> str:
    """Values by name for people to read: what is sensitive is masked."""
    members = [
        json_member(each.name, each.type, each.sensitive or names_sensitive_rows(each.type, schema.tables))
        for each in parameters
    ]
    return json_object(members, [values[each.name] for each in parameters])


def returned_values(text: str | None, outputs: Iterable[Parameter], schema: Schema) -> dict[str, Any]:
    """What a run returned as language values; what is sensitive was not kept, and is empty."""
    data = json.loads(text or "{}")
    return {
        each.name: None if _is_not_kept(each, schema.tables) else from_json(data.get(each.name), each.type, schema)
        for each in outputs
    }


def told_outputs(verb: Verb, tables: Mapping[str, Table]) -> tuple[Parameter, ...]:
    """The outputs of a verb as those are told them who have called or started it: of a background action some are always empty,
    whatever it promises other verbs."""
    if verb.kind != "background":
        return verb.outputs
    return tuple(attrs.evolve(each, optional=each.optional or _is_not_kept(each, tables)) for each in verb.outputs)


def _is_not_kept(output: Parameter, tables: Mapping[str, Table]) -> bool:
    """Whether an output is masked once the run is done."""
    return output.sensitive or names_sensitive_rows(output.type, tables)


def read_values(text: str | None, parameters: Iterable[Parameter], schema: Schema) -> dict[str, Any]:
    """The values of these parameters as language values; those that are not among what is kept are empty."""
    data = json.loads(text or "{}")
    return {each.name: _from_kept(data.get(each.name), each.type, schema) for each in parameters}


def _from_kept(data: Any, type_: t.Type, schema: Schema) -> Any:
    return data if isinstance(type_, t.Json) else from_json(data, type_, schema)
