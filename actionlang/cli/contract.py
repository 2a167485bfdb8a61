"""A verb's contract and effects, for programs."""

from __future__ import annotations

from typing import Any

from actionlang.plan.describe import type_text
from actionlang.plan.plan import Effects, Parameter, Verb


def contract_object(verb: Verb) -> dict[str, Any]:
    """What a verb is on, takes, returns, does and needs, as JSON data. Types are as a script writes them."""
    binding = verb.binding
    return {
        "verb": verb.name,
        "kind": verb.kind,
        "on": None if binding is None else {"table": binding.table, "each": binding.each},
        "inputs": [_parameter(parameter) for parameter in verb.inputs],
        "outputs": [_parameter(parameter) for parameter in verb.outputs],
        "requires": list(verb.requires),
        "system": verb.system,
        "deprecated": verb.deprecated,
        "until": verb.until,
        "doc": verb.doc,
        "source": verb.source,
        "line": verb.line,
        "effects": _effects(verb.effects),
        "privileges": list(verb.effects.privileges),
    }


def _parameter(parameter: Parameter) -> dict[str, Any]:
    return {
        "name": parameter.name,
        "type": type_text(parameter.type),
        "required": not parameter.optional and parameter.default is None,
        "sensitive": parameter.sensitive,
        "deprecated": parameter.deprecated,
        "until": parameter.until,
        "doc": parameter.doc,
    }


def _effects(effects: Effects) -> dict[str, Any]:
    return {
        "reads": {table: list(columns) for table, columns in effects.reads},
        "updates": {table: list(columns) for table, columns in effects.updates},
        "assigns": [table for table, _ in effects.assigns],
        "moves": [table for table, _ in effects.moves],
        "creates": list(effects.creates),
        "deletes": list(effects.deletes),
        "performs": list(effects.performs),
        "emits": list(effects.emits),
        "starts": list(effects.starts),
        "deterministic": effects.deterministic,
    }
