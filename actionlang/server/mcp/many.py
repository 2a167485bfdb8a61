"""A tool called on a list of rows: all of them in one unit, as OData's clients call a verb on a set."""

from __future__ import annotations

import json

from mcp_types import CallToolResult, ContentBlock, ResourceLink, TextContent

from actionlang.plan.plan import Verb
from actionlang.runtime.many import ManyResult
from actionlang.server.mcp.addresses import address_of
from actionlang.server.mcp.surface import Surface
from actionlang.server.odata.prepared import PreparedVerb
from actionlang.server.odata.values import NONE, Writing
from actionlang.server.value_schemas import Schema

WRITING = Writing(metadata=NONE)


def takes_many(verb: Verb) -> bool:
    """Whether a verb may be called on a list of rows."""
    return verb.binding is not None and verb.binding.each


def properties_of_many(outputs: Schema) -> Schema:
    """What a tool gives besides when it was called on a list; `outputs` is what the verb gives for one row."""
    row = {"type": "string", "description": "The row, as the address of a resource."}
    item: Schema = {"type": "object", "properties": {"row": row, "outputs": outputs}, "required": ["row", "outputs"]}
    return {
        "each": {
            "type": "array",
            "items": item,
            "description": "Of a list: the outputs for each row, in the order of their keys; not with an idempotency key.",
        },
        "rows": {"type": "integer", "description": "Of a list: on how many rows it was done, or tried."},
        "changed": {"type": "integer", "description": "Of a list: how many changes of rows that made, or would make."},
    }


def told_of_many(result: ManyResult, prepared: PreparedVerb, surface: Surface) -> CallToolResult:
    """What came of a call on a list of rows, as text and in the structured form, and links to the rows."""
    members = {"rows": json.dumps(result.rows), "changed": json.dumps(result.changes)}
    links: list[ContentBlock] = []
    if result.outputs is not None:
        each = []
        for row, outputs in result.outputs:
            address = address_of(row, surface)
            each.append(f'{{"row":{json.dumps(address)},"outputs":{{{",".join(prepared.members(outputs, WRITING))}}}}}')
            links.append(ResourceLink(name="on", uri=address))
        members["each"] = f"[{','.join(each)}]"
    if not prepared.verb.kind.endswith("function"):
        members |= {
            "run": json.dumps(next(iter(result.runs), None)),
            "dry_run": json.dumps(result.dry_run),
            "replayed": json.dumps(result.replayed),
        }
    text = "{" + ",".join(f"{json.dumps(name)}:{value}" for name, value in members.items()) + "}"
    return CallToolResult(content=[TextContent(text=text), *links], structured_content=json.loads(text))
