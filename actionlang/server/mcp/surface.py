"""All that agents see of what is served at one moment: made once a catalog."""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import blake2b

import attrs
from mcp_types import Tool

from actionlang.engine.schema import Schema
from actionlang.registry.active import Active
from actionlang.server.catalog import Catalog
from actionlang.server.odata.prepared import PreparedVerbs
from actionlang.server.odata.wire import Wire

LONGEST_NAME = 64
"""Hosts take no longer names of tools."""


@attrs.frozen(eq=False)
class Surface:
    """A catalog, the names of tools by full names of verbs, and what values of all its tables are read and written by; `prepared`
    are what reads and writes those of verbs, `tools` the tools that were told of, by the hash of the plan."""

    catalog: Catalog
    tool_names: Mapping[str, str]
    wire: Wire
    prepared: PreparedVerbs = attrs.field(factory=PreparedVerbs)
    tools: dict[str, Tool] = attrs.field(factory=dict)

    @staticmethod
    def of(catalog: Catalog) -> Surface:
        """The surface of a catalog."""
        tool_names = {name: tool_name(catalog.names.verb(name)) for name in catalog.verbs}
        return Surface(catalog, tool_names, Wire(Schema(catalog.tables, catalog.choices), catalog.names))

    def verb(self, tool: str) -> Active | None:
        """The verb that a tool is; None where there is none."""
        return next((self.catalog.verbs[verb] for verb, name in self.tool_names.items() if name == tool), None)


def tool_name(verb: str) -> str:
    """What a verb's tool is called: as the verb on the wire. Names that are too long are cut, and made unique again."""
    if len(verb) <= LONGEST_NAME:
        return verb
    return f"{verb[: LONGEST_NAME - 9]}_{blake2b(verb.encode(), digest_size=4).hexdigest()}"
