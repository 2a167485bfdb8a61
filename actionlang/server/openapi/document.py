"""The OpenAPI 3.1 document of what is served: made of the contracts of the verbs in use, never written by hand."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import attrs

from actionlang.registry.active import Active
from actionlang.registry.examples import Example
from actionlang.server.background_runs import KIND as BACKGROUND
from actionlang.server.catalog import Catalog
from actionlang.server.openapi import parameters
from actionlang.server.openapi.examples import WireExamples
from actionlang.server.openapi.failures import ERROR, ERROR_SCHEMA, shared_responses
from actionlang.server.openapi.reading import ROWS, RowOperations
from actionlang.server.openapi.service_operations import SERVICE, of_service
from actionlang.server.openapi.verbs import VerbOperations
from actionlang.server.schemas import DIALECT, Schemas
from actionlang.server.value_schemas import Schema

ROOT = "/api/data/v9.2"
COMPONENTS = "#/components/schemas/"
WELL_KNOWN = "/.well-known/openid-configuration"

ABOUT = """\
The verbs of a database, and its rows to read. The conventions are those of OData 4.01, as Dataverse speaks it.

**Values.** Exact numbers are JSON numbers with all their digits; a client whose numbers are binary asks for texts by
`Accept: application/json;IEEE754Compatible=true`, and may send texts always. Members of choices are their numbers, and are
taken by number, name or label. Rows are named by a key, or by their address: `{"@odata.id": "cases(number='CAS-1')"}`. Texts
have no U+0000.

**Once.** A call with an `Idempotency-Key` is done once, however often it is sent.

**Errors.** All have one form, with a code that never changes its meaning.
"""


@attrs.frozen
class About:
    """What a document says of the server: its root, whether calls may be answered later, issuers of tokens that it takes, whether
    credentials are needed."""

    server: str = "/"
    title: str = "Verbs"
    asynchronous: bool = True
    issuers: tuple[str, ...] = ()
    needs_credentials: bool = True


@attrs.frozen
class Seen:
    """What of a catalog somebody may see: these verbs, and whether rows."""

    verbs: tuple[Active, ...]
    rows: bool = True


def document(
    catalog: Catalog, seen: Seen, about: About, examples: Mapping[str, Sequence[Example]] | None = None
) -> dict[str, Any]:
    """The document, as JSON data. `examples` are by the hashes of plans."""
    schemas = Schemas(catalog, COMPONENTS)
    paths = _paths(_operations(catalog, seen, about, schemas, WireExamples(catalog, examples or {})))
    return {
        "openapi": "3.1.0",
        "info": {"title": about.title, "version": str(catalog.generation), "description": ABOUT},
        "jsonSchemaDialect": DIALECT,
        "servers": [{"url": about.server}],
        "security": [*({name: []} for name in _schemes(about)), *(() if about.needs_credentials else ({},))],
        "tags": list(_tags(seen)),
        "paths": paths,
        "components": {
            "schemas": {ERROR: ERROR_SCHEMA, **dict(sorted(schemas.definitions.made.items()))},
            "responses": shared_responses(),
            "parameters": parameters.SHARED,
            "securitySchemes": _schemes(about),
        },
    }


def _operations(
    catalog: Catalog, seen: Seen, about: About, schemas: Schemas, examples: WireExamples
) -> Iterator[tuple[str, str, Schema]]:
    verbs = VerbOperations(schemas, examples, asynchronous=about.asynchronous)
    for active in seen.verbs:
        yield from verbs.of(active)
    if seen.rows:
        rows = RowOperations(schemas)
        for table in catalog.tables.values():
            yield from rows.of(table)
    starts = any(active.plan.verb.kind == BACKGROUND for active in seen.verbs)
    yield from of_service(asynchronous=about.asynchronous or starts)


def _paths(operations: Iterable[tuple[str, str, Schema]]) -> Schema:
    found: dict[str, Schema] = {}
    for path, method, operation in operations:
        found.setdefault(f"{ROOT}{path}", {})[method] = operation
    return found


def _tags(seen: Seen) -> Iterator[Schema]:
    for module in dict.fromkeys(active.name.rpartition(".")[0] for active in seen.verbs):
        yield {"name": module, "description": f"Verbs of the module {module}."}
    if seen.rows:
        yield {"name": ROWS, "description": "Rows, to read. What changes them is verbs."}
    yield {"name": SERVICE, "description": "What there is, and several requests in one."}


def _schemes(about: About) -> Schema:
    """How a caller shows who calls."""
    found: Schema = {
        "bearer": {
            "type": "http",
            "scheme": "bearer",
            "bearerFormat": "JWT",
            "description": "A token of an issuer that is trusted.",
        }
    }
    for number, issuer in enumerate(about.issuers, 1):
        url = issuer if issuer.endswith(WELL_KNOWN) else f"{issuer.rstrip('/')}{WELL_KNOWN}"
        found[f"openId{number}"] = {"type": "openIdConnect", "openIdConnectUrl": url}
    found["apiKey"] = {
        "type": "apiKey",
        "in": "header",
        "name": "X-Api-Key",
        "description": "Made by `actionlang key create`.",
    }
    return found
