"""A tool called: its arguments as a call of the service, what comes of it as the tool's result."""

from __future__ import annotations

import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import attrs
from mcp_types import CallToolResult, ContentBlock, ResourceLink, TextContent

from actionlang.diagnostics.catalogue.server import WRONG_VALUES
from actionlang.engine.store import RowRef
from actionlang.metadata.types import ListOf, Row
from actionlang.metadata.wire_names import WireNames
from actionlang.plan.plan import Verb
from actionlang.registry.active import Active
from actionlang.server.background_runs import KIND as BACKGROUND
from actionlang.server.identity.identity import Identity
from actionlang.server.mcp.addresses import address_of, without_scheme
from actionlang.server.mcp.background import told_of_start
from actionlang.server.mcp.foreseen import foreseen
from actionlang.server.mcp.many import WRITING, takes_many, told_of_many
from actionlang.server.mcp.surface import Surface
from actionlang.server.mcp.tools import LONGEST_KEY, OwnParameters
from actionlang.server.odata.given import value_reader
from actionlang.server.odata.prepared import PreparedVerb
from actionlang.server.odata.wire import item_of
from actionlang.server.refusal import Refusal
from actionlang.server.service import Answer, Service, VerbCall
from actionlang.server.statuses import BAD_REQUEST


@attrs.frozen
class ToolCall:
    """A tool called by somebody with arguments as JSON's data."""

    tool: str
    arguments: Mapping[str, Any]
    identity: Identity


@attrs.frozen
class _Several:
    """The rows of a list."""

    rows: tuple[object, ...]


def call_tool(call: ToolCall, service: Service, surface: Surface) -> CallToolResult | None:
    """Call a verb. What goes wrong is told in the result, so that the agent can mend it. None where there is no such tool."""
    active = surface.verb(call.tool)
    if active is None or not call.identity.allows(f"verb:{active.name}"):
        return None
    try:
        prepared = surface.prepared.of(surface.catalog, active)
        read = _read(call, active, prepared, surface)
        if isinstance(read.row, _Several):
            return _told_of_several(attrs.evolve(read, row=None), read.row.rows, prepared, service, surface)
        if prepared.verb.kind == BACKGROUND:
            return told_of_start(service.start(read))
        answer = service.call(read)
        if answer.active.plan is not active.plan:
            # It was activated anew a moment ago.
            prepared = PreparedVerb(answer.active, surface.catalog.names)
        return _told(answer, prepared, call.identity, service, surface)
    except Refusal as refusal:
        return refused(refusal)


def _told_of_several(
    call: VerbCall, rows: tuple[object, ...], prepared: PreparedVerb, service: Service, surface: Surface
) -> CallToolResult:
    """Call a verb on several rows. With a key the outputs are not kept for a repeated call, and so not told. Raises Refusal."""
    outputs = bool(prepared.verb.outputs) and call.key is None
    return told_of_many(service.call_many(call, rows, outputs=outputs), prepared, surface)


def _read(call: ToolCall, active: Active, prepared: PreparedVerb, surface: Surface) -> VerbCall:
    """Raises Refusal."""
    verb, given = active.plan.verb, exact(dict(call.arguments))
    own = OwnParameters.of(verb)
    for each in verb.inputs:
        name = WireNames.property(each.name)
        if isinstance(item_of(each.type), Row) and name in given:
            given[name] = without_scheme(given[name], surface)
    row = _row(without_scheme(given.pop(own.on, None), surface), own.on, prepared) if own.on is not None else None
    dry_run = given.pop(own.dry_run, False) if own.dry_run is not None else False
    key = given.pop(own.key, None) if own.key is not None else None
    if not isinstance(dry_run, bool):
        raise _wrong(verb, str(own.dry_run), "true or false")
    if key is not None and (
        not isinstance(key, str) or not key.strip() or len(key) > LONGEST_KEY or not key.isprintable()
    ):
        raise _wrong(verb, str(own.key), f"1 to {LONGEST_KEY} characters")
    return VerbCall(active.name, call.identity, row, prepared.arguments(given), key, dry_run=dry_run)


def _row(data: object, name: str, prepared: PreparedVerb) -> object:
    """The row that a verb is called on, or several where it takes a list and one is given."""
    binding = prepared.verb.binding
    assert binding is not None
    if data is None:
        short = binding.table.rpartition(".")[2]
        raise _wrong(prepared.verb, name, f"a {short}, by a key of it")
    row = Row((binding.table,))
    try:
        if isinstance(data, list) and takes_many(prepared.verb):
            return _Several(value_reader(ListOf(row), prepared.wire)(data))  # type: ignore[arg-type]
        return value_reader(row, prepared.wire)(data)
    except ValueError as error:
        raise _wrong(prepared.verb, name, str(error)) from None


def _wrong(verb: Verb, name: str, takes: str) -> Refusal:
    return Refusal(BAD_REQUEST, WRONG_VALUES.id, f"`{name}` takes {takes}.", target=name, verb=verb.name)


def exact(data: Any) -> Any:
    """JSON's data with numbers as they were written: binary fractions are what their shortest digits say."""
    if isinstance(data, float):
        return Decimal(repr(data))
    if isinstance(data, list):
        return [exact(each) for each in data]
    if isinstance(data, dict):
        return {name: exact(each) for name, each in data.items()}
    return data


def _told(
    answer: Answer, prepared: PreparedVerb, identity: Identity, service: Service, surface: Surface
) -> CallToolResult:
    """The text has numbers with all of their digits; the structured form is for programs."""
    result = answer.result
    outputs = "{" + ",".join(prepared.members(result.outputs, WRITING)) + "}"
    members = {"outputs": outputs}
    if not prepared.verb.kind.endswith("function"):
        members |= {
            "run": json.dumps(result.run),
            "dry_run": json.dumps(result.dry_run),
            "replayed": json.dumps(result.replayed),
        }
        if result.dry_run:
            told = foreseen(result.changes, identity, service.database, surface)
            members |= {"changes": json.dumps(told.changes), "hidden_changes": json.dumps(told.hidden)}
        if result.warnings:
            members["warnings"] = json.dumps(list(result.warnings))
    text = "{" + ",".join(f"{json.dumps(name)}:{value}" for name, value in members.items()) + "}"
    content: list[ContentBlock] = [TextContent(text=text), *_links(answer, surface)]
    return CallToolResult(content=content, structured_content=json.loads(text))


def _links(answer: Answer, surface: Surface) -> list[ContentBlock]:
    """The rows among the outputs, as resources that can be read."""
    found: dict[RowRef, str] = {}
    for name, value in answer.result.outputs.items():
        several = isinstance(value, tuple) and not isinstance(value, RowRef)
        for each in value if several else (value,):  # type: ignore[attr-defined]
            if isinstance(each, RowRef) and each.table in surface.catalog.tables:
                found.setdefault(each, name)
    return [ResourceLink(name=name, uri=address_of(row, surface)) for row, name in found.items()]


def refused(refusal: Refusal) -> CallToolResult:
    """A refusal as the result of a tool."""
    error: dict[str, Any] = {"code": refusal.code, "message": refusal.message}
    told = {"hint": refusal.hint, "target": refusal.target, "run": refusal.run}
    error |= {name: value for name, value in told.items() if value is not None}
    if refusal.details:
        error["details"] = [
            {name: value for name, value in attrs.asdict(each).items() if value is not None} for each in refusal.details
        ]
    lines = [f"{refusal.code}: {refusal.message}", *(f"Also: {each.message}" for each in refusal.details[1:])]
    if refusal.hint is not None:
        lines.append(f"Hint: {refusal.hint}")
    return CallToolResult(
        content=[TextContent(text="\n".join(lines))], structured_content={"error": error}, is_error=True
    )
