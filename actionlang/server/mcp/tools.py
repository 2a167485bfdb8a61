"""A verb as a tool: its name, what it says of itself, what it takes and what it gives."""

from __future__ import annotations

from typing import Any

import attrs
from mcp_types import Tool, ToolAnnotations

from actionlang.metadata.types import Row
from actionlang.metadata.wire_names import WireNames
from actionlang.plan.plan import Verb
from actionlang.registry.active import Active
from actionlang.server.background_runs import KIND as BACKGROUND
from actionlang.server.mcp.addresses import keys_of
from actionlang.server.mcp.background import PROPERTIES as STARTED_PROPERTIES
from actionlang.server.mcp.hints import Hints
from actionlang.server.mcp.many import properties_of_many, takes_many
from actionlang.server.mcp.narrowed import narrowed
from actionlang.server.mcp.surface import Surface
from actionlang.server.row_schemas import Definitions
from actionlang.server.schemas import DIALECT, IN_DEFINITIONS, input_schema, output_schema
from actionlang.server.value_schemas import Schema, accepted

GIVEN = "given"
LONGEST_KEY = 160
"""See `server.idempotency`."""


@attrs.frozen
class OwnParameters:
    """What a tool takes besides its verb's parameters, by the names that are free: the row that the verb is on (None where it is
    on none), whether it is only to be tried out, and the key that makes a repeated call do nothing (None where nothing is
    written)."""

    on: str | None
    dry_run: str | None
    key: str | None

    @staticmethod
    def of(verb: Verb) -> OwnParameters:
        """Those of a verb."""
        taken = {WireNames.property(each.name) for each in verb.inputs}
        acts = not verb.kind.endswith("function")
        return OwnParameters(
            _free("on", taken) if verb.binding is not None else None,
            _free("dry_run", taken) if acts else None,
            _free("idempotency_key", taken) if acts else None,
        )


def _free(name: str, taken: set[str]) -> str:
    while name in taken:
        name = f"_{name}"
    return name


def tool_of(active: Active, surface: Surface) -> Tool:
    """A verb's tool. It is made once a version."""
    made = surface.tools.get(active.plan.hash)
    if made is None:
        made = surface.tools[active.plan.hash] = _tool(active, surface)
    return made


def _tool(active: Active, surface: Surface) -> Tool:
    verb = active.plan.verb
    hints = Hints.of(active.plan.steps)
    return Tool(
        name=surface.tool_names[active.name],
        title=verb.short_name,
        description=_description(active),
        input_schema=inputs_of(verb, surface),
        output_schema=outputs_of(verb, surface),
        annotations=ToolAnnotations(
            title=verb.short_name,
            read_only_hint=hints.read_only,
            destructive_hint=hints.destructive,
            idempotent_hint=hints.idempotent,
            open_world_hint=hints.open_world,
        ),
    )


def _description(active: Active) -> str:
    """What the script says of the verb, what it is on, and that it should not be called any more."""
    verb = active.plan.verb
    told = [verb.doc or f"{verb.short_name} of {verb.name.rpartition('.')[0]}."]
    if verb.binding is not None:
        short = verb.binding.table.rpartition(".")[2]
        many = ", or on a list of them: as one unit, all or none" if takes_many(verb) else ""
        told.append(f"It is called on a row of {short}{many}.")
    if verb.kind == BACKGROUND:
        told.append("It is started, and goes on by itself: read the resource that is returned to see what came of it.")
    if verb.effects.emits:
        told.append(f"It emits {', '.join(name.rpartition('.')[2] for name in verb.effects.emits)}.")
    if verb.effects.starts:
        told.append(
            f"It starts {', '.join(name.rpartition('.')[2] for name in verb.effects.starts)} in the background."
        )
    if active.deprecated is not None:
        told.append(f"Deprecated: {active.deprecated}")
    return "\n\n".join(told)


def inputs_of(verb: Verb, surface: Surface) -> Schema:
    """What a tool takes."""
    schema = dict(input_schema(verb, surface.catalog))
    definitions = Definitions(surface.catalog, IN_DEFINITIONS)
    own, required = OwnParameters.of(verb), list(schema.get("required", ()))
    properties: Schema = {}
    if own.on is not None and verb.binding is not None:
        row = definitions.row_given(Row((verb.binding.table,)).tables)
        short = verb.binding.table.rpartition(".")[2]
        about = f"The {short} that it is called on, by a key of it."
        if takes_many(verb):
            row = {"anyOf": [row, {"type": "array", "items": row}]}
            about = f"The {short} that it is called on, by a key of it, or a list of such."
        properties[own.on] = row | {"description": about}
        required.insert(0, own.on)
    properties |= schema["properties"]
    if own.dry_run is not None:
        told = "Try it out: nothing is kept, and the answer says what would be changed."
        properties[own.dry_run] = {"type": "boolean", "default": False, "description": told}
    if own.key is not None:
        told = "Any text that is new for each thing to be done: a repeated call with the same one gives the first answer again."
        properties[own.key] = {"type": "string", "minLength": 1, "maxLength": LONGEST_KEY, "description": told}
    made = schema.get("$defs", {}) | definitions.made
    schema |= {"properties": properties, "$defs": {name: _by_key(name, each, surface) for name, each in made.items()}}
    if required:
        schema["required"] = required
    return narrowed(schema)


def _by_key(name: str, definition: Schema, surface: Surface) -> Schema:
    """A definition; of a row as it is given only that it is named by the value of a key, where it has one of one column."""
    type_, dot, kind = name.rpartition(".")
    table = surface.catalog.names.table_of_type(type_) if dot and kind == GIVEN else None
    if table is None:
        return definition
    known = surface.catalog.tables[table]
    keys = [key[0] for key in keys_of(known) if len(key) == 1 and not isinstance(key[0].type, Row)]
    if not keys:
        return definition
    ways = [accepted(key.type) | {"description": f"Its {WireNames.property(key.name)}."} for key in keys]
    return {"title": f"A row of {known.short_name}, by a key of it", **(ways[0] if len(ways) == 1 else {"anyOf": ways})}


def outputs_of(verb: Verb, surface: Surface) -> Schema:
    """What a tool gives: the verb's outputs, and what is to be known of the run."""
    outputs = narrowed(output_schema(verb, surface.catalog))
    definitions = outputs.pop("$defs", {})
    outputs.pop("$schema", None)
    properties: dict[str, Any] = {"outputs": outputs}
    required = ["outputs"]
    if not verb.kind.endswith("function"):
        properties |= RUN_PROPERTIES
        required += ["run", "dry_run", "replayed"]
    if verb.kind == BACKGROUND:
        # What it returns is told by the resource.
        del properties["outputs"]
        properties |= STARTED_PROPERTIES
        required[0] = "started"
        definitions = {}
    if takes_many(verb):
        properties |= properties_of_many(outputs)
        required.remove("outputs")
    schema: Schema = {"$schema": DIALECT, "type": "object", "properties": properties, "required": required}
    return schema | ({"$defs": definitions} if definitions else {})


VALUE: Schema = {"description": "A value: a row is the address of its resource, a sensitive one is ***."}

CHANGE: Schema = {
    "type": "object",
    "properties": {
        "row": {"type": "string", "description": "The row, as the address of a resource."},
        "operation": {"enum": ["create", "update", "delete", "assign", "move"]},
        "before": {"type": "object", "additionalProperties": VALUE},
        "after": {"type": "object", "additionalProperties": VALUE},
    },
    "required": ["operation"],
}

RUN_PROPERTIES: Schema = {
    "run": {"type": ["string", "null"], "description": "The run's id in the log; null where it was only tried out."},
    "dry_run": {"type": "boolean", "description": "Whether it was only tried out."},
    "replayed": {
        "type": "boolean",
        "description": "Whether an earlier call with the same key acted, and not this one.",
    },
    "changes": {
        "type": "array",
        "items": CHANGE,
        "description": "What would be changed, as far as the caller may read it.",
    },
    "hidden_changes": {"type": "integer", "description": "Changes of rows that the caller may not read."},
    "warnings": {"type": "array", "items": {"type": "string"}},
}
