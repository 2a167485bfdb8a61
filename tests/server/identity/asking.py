"""A server whose door tells who calls, and questions to it over its socket."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlsplit

import attrs

from actionlang.access.caller import Caller
from actionlang.runtime.database import Database
from actionlang.server.app import Application, Mounted
from actionlang.server.identity.authenticator import Authenticator
from actionlang.server.identity.settings import IdentitySettings
from actionlang.server.messages import Request, Response
from actionlang.server.service import VerbCall
from tests.server.live import live
from tests.server.world import service


@attrs.frozen
class Told:
    """An answer of a server."""

    status: int
    headers: Mapping[str, str]
    text: str

    @property
    def data(self) -> Any:
        return json.loads(self.text)

    @property
    def code(self) -> str:
        return str(self.data["error"]["code"])


@attrs.frozen
class Asking:
    """Where to ask."""

    base: str

    def __call__(self, path: str = "/who", method: str = "GET", token: str | None = None, **headers: str) -> Told:
        """Ask; names of headers are written with _ for -."""
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        if token is not None:
            given["Authorization"] = f"Bearer {token}"
        return self.raw(path, method, list(given.items()))

    def raw(self, path: str, method: str, headers: list[tuple[str, str]], body: bytes = b"") -> Told:
        """Ask with exactly these headers."""
        connection = HTTPConnection(urlsplit(self.base).netloc, timeout=20)
        try:
            connection.putrequest(method, path, skip_host=any(name.lower() == "host" for name, _ in headers))
            for name, value in headers:
                connection.putheader(name, value)
            connection.putheader("Content-Length", str(len(body)))
            connection.endheaders(body)
            answer = connection.getresponse()
            return Told(answer.status, dict(answer.getheaders()), answer.read().decode())
        finally:
            connection.close()


@contextmanager
def asking(database: Database, settings: IdentitySettings, **more: Any) -> Iterator[Asking]:
    """A server with two doors: `/who` tells who calls, `/call/VERB` calls a verb on the row that the query names."""
    verbs = service(database)

    def who(request: Request) -> Response:
        identity = request.identity
        roles = identity.caller.roles if isinstance(identity.caller, Caller) else ()
        told = {"subject": identity.subject, "scopes": sorted(identity.scopes or ()), "roles": roles}
        return Response(200, {}, json.dumps(told).encode())

    def call(request: Request) -> Response:
        row = request.query or None
        arguments = json.loads(request.body) if request.body else {}
        answer = verbs.call(VerbCall(request.path.rpartition("/")[2], request.identity, row, arguments))
        return Response(200, {}, json.dumps({"run": answer.result.run}).encode())

    doors = [Mounted("/who", who), Mounted("/call", call)]
    with live(Application(doors, Authenticator(database, settings, **more))) as base:
        yield Asking(base)
