"""The doors of `/openapi.json`, which shows callers what they may see, and of `/docs`, a page that shows it to people."""

from __future__ import annotations

import json
from collections import OrderedDict
from collections.abc import Mapping
from hashlib import sha256
from importlib.resources import files
from threading import Lock

import attrs

from actionlang.registry.examples import examples_of
from actionlang.server.catalog import catalog_of
from actionlang.server.messages import Request, Response
from actionlang.server.odata.calling import wrong_method
from actionlang.server.odata.resources import nothing
from actionlang.server.odata.settings import ODataSettings
from actionlang.server.openapi.document import About, Seen, document
from actionlang.server.service import Service, refusing

DOCUMENT, PAGE = "/openapi.json", "/docs"
READS = ("GET", "HEAD")
MOST_KEPT = 16
"""Documents that are kept: one for each set of verbs that callers see."""


@attrs.frozen
class _Made:
    body: bytes
    etag: str


class DocumentDoor:
    """Answers with the OpenAPI document of what the caller's credentials go as far as."""

    def __init__(self, service: Service, settings: ODataSettings, about: About) -> None:
        self._service = service
        self._settings = settings
        self._about = about
        self._made: OrderedDict[object, _Made] = OrderedDict()
        self._lock = Lock()

    def __call__(self, request: Request) -> Response:
        """The document, or 304 where the caller has it. Raises Refusal."""
        _see_read(request)
        made = self._document(request)
        headers = {"ETag": made.etag, "Cache-Control": "private, no-cache", "Vary": "Authorization, X-Api-Key"}
        if request.headers.get("if-none-match") == made.etag:
            return Response(304, headers)
        return Response(200, {"Content-Type": "application/json", **headers}, made.body)

    def _document(self, request: Request) -> _Made:
        with refusing():
            catalog = catalog_of(self._service.snapshot(), self._settings.namespace)
            verbs = tuple(each for each in catalog.verbs.values() if request.identity.allows(f"verb:{each.name}"))
            with self._service.database.connection() as connection:
                examples = examples_of(connection, [each.plan.hash for each in verbs])
        seen = Seen(verbs, request.identity.allows("read"))
        name = (catalog.generation, tuple(each.name for each in verbs), seen.rows, request.base, repr(examples))
        known = self._made.get(name)
        if known is None:
            about = attrs.evolve(self._about, server=request.base)
            body = json.dumps(document(catalog, seen, about, examples), ensure_ascii=False).encode()
            known = _Made(body, f'"{sha256(body).hexdigest()[:32]}"')
            self._keep(name, known)
        return known

    def _keep(self, name: object, made: _Made) -> None:
        with self._lock:
            self._made[name] = made
            while len(self._made) > MOST_KEPT:
                self._made.popitem(last=False)


POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; "
    "form-action 'none'; base-uri 'none'; frame-ancestors 'none'"
)
"""The page has all that it needs from this server, and sends nothing to any other."""

ASSETS: Mapping[str, tuple[str, str]] = {
    "": ("page.html", "text/html; charset=utf-8"),
    "/viewer.css": ("viewer.css", "text/css; charset=utf-8"),
    "/viewer.js": ("viewer.js", "text/javascript; charset=utf-8"),
}
"""Files of the page, by what stands behind its path."""


class PageDoor:
    """Answers with the page and what belongs to it. It is the same for everybody, and holds nothing: what it shows it asks for
    with the credentials of whoever looks at it."""

    def __init__(self) -> None:
        self._made = {path: _asset(*asset) for path, asset in ASSETS.items()}

    def __call__(self, request: Request) -> Response:
        """A file of the page. Raises Refusal."""
        _see_read(request)
        made = self._made.get(request.path.removeprefix(PAGE).rstrip("/"))
        if made is None:
            raise nothing("There is nothing at this address.")
        response = made
        if request.headers.get("if-none-match") == response.headers["ETag"]:
            return attrs.evolve(response, status=304, body=b"")
        return response


def _asset(name: str, kind: str) -> Response:
    body = files("actionlang.server.openapi").joinpath("assets", name).read_bytes()
    headers = {
        "Content-Type": kind,
        "ETag": f'"{sha256(body).hexdigest()[:32]}"',
        "Cache-Control": "no-cache",
        "Content-Security-Policy": POLICY,
    }
    return Response(200, headers, body)


def _see_read(request: Request) -> None:
    if request.method not in READS:
        raise wrong_method("This is only read.", READS)
