"""Background actions as tools: called, they are started; how far one has come is a resource, `actionlang://background-runs/ID`."""

from __future__ import annotations

import json
from typing import Any

from mcp_types import CallToolResult, ResourceLink, ResourceTemplate, TextContent

from actionlang.durable.kept_values import returned_values
from actionlang.durable.runs import DONE, FAILED, BackgroundRun
from actionlang.engine.times import iso_datetime
from actionlang.server.background_runs import find_run, prepared_of
from actionlang.server.identity.identity import Identity
from actionlang.server.mcp.addresses import SCHEME
from actionlang.server.mcp.surface import Surface
from actionlang.server.odata.values import NONE, Writing
from actionlang.server.service import Answer, Service, failure_of
from actionlang.server.value_schemas import Schema

PREFIX = f"{SCHEME}background-runs/"
"""No set of rows has a hyphen in its name."""

JSON = "application/json"
WRITING = Writing(metadata=NONE)

PROPERTIES: Schema = {
    "started": {
        "type": ["string", "null"],
        "description": "The resource that tells how far it has come; null where it was only tried out.",
    }
}
TEMPLATE = ResourceTemplate(
    name="background-run",
    title="Background run",
    description="A background action that you have started: its state, what it returned, or why it failed.",
    uri_template=f"{PREFIX}{{run}}",
    mime_type=JSON,
)


def told_of_start(answer: Answer) -> CallToolResult:
    """What came of starting a background action."""
    result = answer.result
    address = None if result.run is None else f"{PREFIX}{result.run}"
    told: dict[str, Any] = {
        "started": address,
        "run": result.run,
        "dry_run": result.dry_run,
        "replayed": result.replayed,
    }
    if result.warnings:
        told["warnings"] = list(result.warnings)
    links = [] if address is None else [ResourceLink(name="run", uri=address, mime_type=JSON)]
    return CallToolResult(content=[TextContent(text=json.dumps(told)), *links], structured_content=told)


def read_run(address: str, identity: Identity, service: Service, surface: Surface) -> str | None:
    """The run at an address, as JSON; None where that is the address of none that these credentials have started.

    Raises Refusal.
    """
    if not address.startswith(PREFIX):
        return None
    run = find_run(address.removeprefix(PREFIX), identity, service)
    if run is None:
        return None
    members = {"verb": run.verb.rpartition(".")[2], "state": run.state, "made": iso_datetime(run.made)}
    if run.due is not None and not run.is_taken:
        members["goes_on"] = iso_datetime(run.due)
    if run.ended is not None:
        members["ended"] = iso_datetime(run.ended)
    text = ",".join(f"{json.dumps(name)}:{json.dumps(value)}" for name, value in members.items())
    return "{" + text + "".join(f",{each}" for each in _outcome(run, service, surface)) + "}"


def _outcome(run: BackgroundRun, service: Service, surface: Surface) -> list[str]:
    """What a run returned, or why it failed, as members of an object."""
    if run.outcome == FAILED:
        refusal = failure_of(str(run.code), str(run.message), run.id)
        return [f'"error":{json.dumps({"code": refusal.code, "message": refusal.message})}']
    if run.outcome != DONE:
        return []
    prepared = prepared_of(run, service, surface.catalog)
    outputs = returned_values(run.kept, prepared.verb.outputs, prepared.active.plan.schema)
    return [f'"outputs":{{{",".join(prepared.members(outputs, WRITING))}}}']
