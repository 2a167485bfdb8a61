"""A request as it is kept to be answered later, and a response to it, as texts. No credentials are among what is kept: who calls
was found out before."""

from __future__ import annotations

import json
from typing import Any

from starlette.datastructures import Headers

from actionlang.access.kept_caller import read_caller, write_caller
from actionlang.server.idempotency import HEADER, REPLAYED
from actionlang.server.identity.identity import Identity
from actionlang.server.messages import Request, Response

KEPT_HEADERS = frozenset(
    {"accept", "content-type", "idempotency-key", "if-match", "odata-maxversion", "odata-version", "prefer"}
)
"""What is kept of a request's headers: what has a meaning for the answer."""


def write_request(request: Request) -> str:
    """A request as a text."""
    headers = [[name, value] for name, value in request.headers.items() if name.lower() in KEPT_HEADERS]
    return json.dumps(
        {
            "method": request.method,
            "path": request.path,
            "query": request.query,
            "headers": headers,
            "body": request.body.decode(),
            "base": request.base,
            "identity": _identity(request.identity),
        }
    )


def read_request(text: str, key: str) -> Request:
    """The request of such a text. Where it named no key for what it does, `key` is that."""
    kept = json.loads(text)
    headers = [(name.lower(), value) for name, value in kept["headers"]]
    if HEADER.lower() not in dict(headers):
        headers.append((HEADER.lower(), key))
    raw = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers]
    return Request(
        kept["method"],
        kept["path"],
        kept["query"],
        Headers(raw=raw),
        kept["body"].encode(),
        _read_identity(kept["identity"]),
        kept["base"],
    )


def names_key(text: str) -> bool:
    """Whether the client gave a key for what it does."""
    return any(name.lower() == HEADER.lower() for name, _ in json.loads(text)["headers"])


def write_response(response: Response, *, own_key: bool) -> str:
    """A response as a text. That it was replayed is not told where the key was not the client's."""
    headers = {name: value for name, value in response.headers.items() if not (own_key and name == REPLAYED)}
    return json.dumps({"status": response.status, "headers": headers, "body": response.body.decode()})


def read_response(text: str) -> Response:
    """The response of such a text."""
    kept = json.loads(text)
    return Response(kept["status"], kept["headers"], kept["body"].encode())


def _identity(identity: Identity) -> dict[str, Any]:
    return {
        "subject": identity.subject,
        "caller": write_caller(identity.caller),
        "scopes": None if identity.scopes is None else sorted(identity.scopes),
        "anonymous": identity.anonymous,
        "origin": None if identity.origin is None else _identity(identity.origin),
        "key": identity.key,
    }


def _read_identity(kept: dict[str, Any]) -> Identity:
    scopes = None if kept["scopes"] is None else frozenset(kept["scopes"])
    origin = None if kept["origin"] is None else _read_identity(kept["origin"])
    return Identity(kept["subject"], read_caller(kept["caller"]), scopes, kept["anonymous"], origin, kept.get("key"))
