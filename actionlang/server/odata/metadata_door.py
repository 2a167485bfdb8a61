"""`$metadata` and the service document: what there is, for programs that find out by themselves.

Both tell of the verbs that the caller's credentials go as far as, and of no private ones. They are made once for each set of
verbs and generation of the registry.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections import OrderedDict
from collections.abc import Callable
from threading import Lock

import attrs

from actionlang.diagnostics.catalogue.server import NO_SUCH_FORMAT, WRONG_METHOD
from actionlang.server.catalog import Catalog
from actionlang.server.messages import Request, Response
from actionlang.server.odata.csdl import document_of
from actionlang.server.odata.csdl_json import write_json
from actionlang.server.odata.csdl_xml import write_xml
from actionlang.server.odata.headers import answering, conventions_of
from actionlang.server.odata.query_options import see_known
from actionlang.server.odata.surface import surface_of
from actionlang.server.odata.urls import query_of
from actionlang.server.refusal import Refusal
from actionlang.server.service import Service

READS = ("GET", "HEAD")
UNCHANGED, NOT_ALLOWED, NOT_ACCEPTABLE = 304, 405, 406
XML, JSON = "application/xml", "application/json"
WRITERS: dict[str, Callable[..., str]] = {XML: write_xml, JSON: write_json}
MOST_KEPT = 16
RANGE = re.compile(r"\s*([^\s;,]+)\s*((?:;[^,]*)?)")
QUALITY = re.compile(r";\s*q\s*=\s*([01](?:\.[0-9]{0,3})?)")


@attrs.frozen
class _Made:
    """A document that was made, and its ETag."""

    body: bytes
    etag: str


class Metadata:
    """Answers requests for `$metadata` and the service document."""

    def __init__(self) -> None:
        self._made: OrderedDict[tuple[object, ...], _Made] = OrderedDict()
        self._making = Lock()

    def document(self, request: Request, service: Service, catalog: Catalog) -> Response:
        """The response to `GET $metadata`. Raises Refusal."""
        _see_method(request)
        query = query_of(request.query)
        see_known(query.system, ("$format",))
        accept = ",".join(request.headers.getlist("accept")).strip() or "*/*"
        kind = _accepted(query.system.get("$format", accept))
        verbs = frozenset(each.name for each in service.listed(request.identity))
        made = self._of(catalog, verbs, kind)
        sent = request.headers.get("odata-maxversion", "")
        headers = {
            "OData-Version": "4.01" if sent >= "4.01" else "4.0",
            "ETag": made.etag,
            "Cache-Control": "private, no-cache",
            "Vary": "Accept, Authorization",
        }
        if made.etag in request.headers.get("if-none-match", ""):
            return Response(UNCHANGED, headers)
        return Response(200, {"Content-Type": kind, **headers}, made.body)

    def service_document(self, request: Request, catalog: Catalog, root: str) -> Response:
        """The response to `GET` of the service's root. Raises Refusal."""
        _see_method(request)
        query = query_of(request.query)
        see_known(query.system, ("$format",))
        conventions = conventions_of(request.headers, query.system.get("$format"))
        names = sorted(catalog.names.entity_set(table) for table in catalog.tables)
        told: dict[str, object] = {"value": [{"name": name, "kind": "EntitySet", "url": name} for name in names]}
        if conventions.writing.metadata != "none":
            told = {"@odata.context": f"{root}/$metadata", **told}
        headers = {"Content-Type": conventions.content_type, **answering(conventions)}
        return Response(200, headers, json.dumps(told, ensure_ascii=False).encode())

    def _of(self, catalog: Catalog, verbs: frozenset[str], kind: str) -> _Made:
        key = (id(catalog), catalog.generation, verbs, kind)
        with self._making:
            found = self._made.get(key)
            if found is None:
                body = WRITERS[kind](document_of(surface_of(catalog), verbs)).encode()
                found = self._made[key] = _Made(body, f'"{hashlib.sha256(body).hexdigest()[:32]}"')
                if len(self._made) > MOST_KEPT:
                    self._made.popitem(last=False)
            self._made.move_to_end(key)
            return found


def _see_method(request: Request) -> None:
    if request.method not in READS:
        message = f"{request.method} is not for this address."
        raise Refusal(NOT_ALLOWED, WRONG_METHOD.id, message, headers={"Allow": ", ".join(READS)})


def _accepted(accept: str) -> str:
    """XML or JSON, whichever is wanted more; XML where that is the same. Raises Refusal."""
    best: tuple[float, str] | None = None
    for part in accept.split(","):
        found = RANGE.match(part)
        kind = KINDS.get(found[1].lower()) if found else None
        quality = QUALITY.search(part)
        wanted = float(quality[1]) if quality else 1.0
        if kind is not None and wanted and (best is None or wanted > best[0] or (wanted == best[0] and kind == XML)):
            best = (wanted, kind)
    if best is None:
        message = f"$metadata is in {XML} or {JSON}."
        raise Refusal(NOT_ACCEPTABLE, NO_SUCH_FORMAT.id, message, target="Accept")
    return best[1]


KINDS = {"xml": XML, XML: XML, "text/xml": XML, "json": JSON, JSON: JSON, "*/*": XML, "application/*": XML}
