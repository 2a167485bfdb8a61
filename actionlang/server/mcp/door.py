"""The verbs in use as tools, and rows as resources, for agents: a server of the Model Context Protocol, whatever carries it.

Handlers run on the event loop and wait there for threads in which the database is asked. Who calls is found out for each message.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from importlib.metadata import version
from typing import Any, TypeVar

from mcp.server.caching import CacheHint
from mcp.server.context import ServerRequestContext
from mcp.server.lowlevel.server import NotificationOptions, Server
from mcp.server.models import InitializationOptions
from mcp.shared.exceptions import MCPError
from mcp_types import (
    INTERNAL_ERROR,
    INVALID_PARAMS,
    INVALID_REQUEST,
    CallToolRequestParams,
    CallToolResult,
    ListResourcesResult,
    ListResourceTemplatesResult,
    ListToolsResult,
    PaginatedRequestParams,
    ReadResourceRequestParams,
    ReadResourceResult,
    ResourceTemplate,
    TextResourceContents,
)

from actionlang.server.background_runs import KIND as BACKGROUND
from actionlang.server.catalog import catalog_of
from actionlang.server.identity.identity import Identity
from actionlang.server.mcp.addresses import template_of
from actionlang.server.mcp.allowed import callable_verbs, readable_tables
from actionlang.server.mcp.background import TEMPLATE as BACKGROUND_RUNS
from actionlang.server.mcp.background import read_run
from actionlang.server.mcp.calling import ToolCall, call_tool, refused
from actionlang.server.mcp.changed import Changed
from actionlang.server.mcp.rows import read_row
from actionlang.server.mcp.surface import Surface
from actionlang.server.mcp.tools import tool_of
from actionlang.server.refusal import Refusal
from actionlang.server.service import Service, refusing

LOGGER = logging.getLogger("actionlang.server.mcp")

JSON = "application/json"
NOT_FOUND = 404
INTERNAL = 500

INSTRUCTIONS = """\
Each tool is a verb of this organization: it is done wholly or not at all, with the rights of whoever is logged in. Rows are named
by a key (CAS-1). Tools that act take dry_run, to see first what they would change, and idempotency_key, with which a call can be
repeated safely. Rows that tools return can be read as resources: actionlang://cases/KEY. Errors have a code, a message and often
a hint that says how to go on."""

Context = ServerRequestContext[Any, Any]
Made = TypeVar("Made")
InThread = Callable[[Callable[[], Any]], Awaitable[Any]]
"""Has a function called in a thread, and waits for it. Raises Refusal where there is no room for it."""


class AgentsDoor:
    """The server of the protocol for one process. `who` finds out who sent a message, in a thread; `in_thread` calls what waits
    for the database. `changed` tells those who are connected when something was activated."""

    def __init__(self, service: Service, who: Callable[[Context], Identity], in_thread: InThread) -> None:
        self._service = service
        self._who = who
        self._in_thread = in_thread
        self._surface: Surface | None = None
        self.changed = Changed(lambda: service.snapshot().generation, in_thread)
        self.server = _Server(
            "actionlang",
            version=version("actionlang"),
            title="ActionLang",
            instructions=INSTRUCTIONS,
            # What is offered depends on who asks, and is asked for again when it may have changed.
            cache_hints={
                "tools/list": CacheHint(),
                "resources/templates/list": CacheHint(),
                "resources/read": CacheHint(),
            },
            get_tool_input_schema=lambda _: None,
            on_list_tools=self._list_tools,
            on_call_tool=self._call_tool,
            on_list_resources=self._list_resources,
            on_list_resource_templates=self._list_templates,
            on_read_resource=self._read_resource,
            on_subscriptions_listen=self.changed.listen,
        )
        # Instead of the SDK's own, which makes spans beside those of the server.
        self.server.middleware[:] = [self.changed.remember]

    def surface(self) -> Surface:
        """All that is served now. Raises Refusal."""
        with refusing():
            catalog = catalog_of(self._service.snapshot())
        known = self._surface
        if known is None or known.catalog is not catalog:
            known = self._surface = Surface.of(catalog)
        return known

    # ------------------------------------------------------------------------------------------------------------- tools

    async def _list_tools(self, context: Context, _: PaginatedRequestParams | None) -> ListToolsResult:
        def listed() -> ListToolsResult:
            identity = self._who(context)
            surface = self.surface()
            verbs = callable_verbs(identity, self._service, surface)
            return ListToolsResult(tools=[tool_of(each, surface) for each in verbs])

        return await self._done(listed)

    async def _call_tool(self, context: Context, params: CallToolRequestParams) -> CallToolResult:
        def called() -> CallToolResult | None:
            call = ToolCall(params.name, params.arguments or {}, self._who(context))
            return call_tool(call, self._service, self.surface())

        try:
            with refusing():
                made: CallToolResult | None = await self._in_thread(called)
        except Refusal as refusal:
            return refused(refusal)
        if made is None:
            raise MCPError(INVALID_PARAMS, f"There is no tool {params.name[:100]!r}.")
        return made

    # --------------------------------------------------------------------------------------------------------- resources

    async def _list_resources(self, _: Context, __: PaginatedRequestParams | None) -> ListResourcesResult:
        """None: there may be millions of rows. Templates say how they are addressed."""
        return ListResourcesResult(resources=[])

    async def _list_templates(self, context: Context, _: PaginatedRequestParams | None) -> ListResourceTemplatesResult:
        def listed() -> ListResourceTemplatesResult:
            identity = self._who(context)
            surface = self.surface()
            verbs = callable_verbs(identity, self._service, surface)
            return ListResourceTemplatesResult(
                resource_templates=[
                    ResourceTemplate(
                        name=surface.catalog.names.entity_type(table.name),
                        title=table.label or table.short_name,
                        description=table.doc or None,
                        uri_template=template_of(table, surface),
                        mime_type=JSON,
                    )
                    for table in readable_tables(identity, self._service, surface)
                ]
                + ([BACKGROUND_RUNS] if any(each.plan.verb.kind == BACKGROUND for each in verbs) else [])
            )

        return await self._done(listed)

    async def _read_resource(self, context: Context, params: ReadResourceRequestParams) -> ReadResourceResult:
        address = str(params.uri)

        def read() -> ReadResourceResult:
            identity, surface = self._who(context), self.surface()
            text = read_run(address, identity, self._service, surface)
            if text is None:
                text = read_row(address, identity, self._service.database, surface)
            return ReadResourceResult(contents=[TextResourceContents(uri=address, mime_type=JSON, text=text)])

        return await self._done(read)

    async def _done(self, function: Callable[[], Made]) -> Made:
        """What a function gives. Raises MCPError where it raises Refusal."""
        try:
            with refusing():
                made: Made = await self._in_thread(function)
        except Refusal as refusal:
            raise _protocol_error(refusal) from None
        return made


class _Server(Server[Any]):
    """The SDK's, that says to clients of all versions of the protocol that lists may change."""

    def create_initialization_options(
        self,
        notification_options: NotificationOptions | None = None,
        experimental_capabilities: dict[str, dict[str, Any]] | None = None,
        extensions: dict[str, dict[str, Any]] | None = None,
    ) -> InitializationOptions:
        """See `Server`."""
        options = notification_options or NotificationOptions(tools_changed=True, resources_changed=True)
        return super().create_initialization_options(options, experimental_capabilities, extensions)


def _protocol_error(refusal: Refusal) -> MCPError:
    """A refusal as an error of the protocol, which has no number of its own for what is not there (2026-07-28, Resources)."""
    data = {"code": refusal.code, "status": refusal.status} | ({"hint": refusal.hint} if refusal.hint else {})
    number = INVALID_PARAMS if refusal.status == NOT_FOUND else INVALID_REQUEST
    if refusal.status >= INTERNAL:
        number = INTERNAL_ERROR
    return MCPError(number, f"{refusal.code}: {refusal.message}", data)
