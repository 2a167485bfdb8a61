"""Asking the OData door to read."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote, unquote

from starlette.datastructures import Headers

from actionlang.server.identity.identity import Identity
from actionlang.server.messages import Request, Response
from actionlang.server.odata.door import ODataDoor
from tests.server.world import somebody

ROOT = "/api/data/v9.2/"


def ask(door: ODataDoor, path: str, who: str | Identity = "ann", method: str = "GET", **headers: str) -> Response:
    """The response to a request; what stands behind the question mark is given as people write it."""
    path, _, query = path.partition("?")
    sent = Headers({name.replace("_", "-"): value for name, value in headers.items()})
    identity = somebody(who) if isinstance(who, str) else who
    return door(
        Request(
            method, ROOT + quote(path, safe="/()=',$-"), quote(query, safe="&=$@"), sent, b"", identity, "http://host"
        )
    )


def read(door: ODataDoor, path: str, who: str | Identity = "ann", **headers: str) -> Any:
    """The JSON of an answer that is one."""
    response = ask(door, path, who, **headers)
    assert response.status == 200, response.body
    return json.loads(response.body)


def refusal(
    door: ODataDoor, path: str, who: str | Identity = "ann", method: str = "GET", **headers: str
) -> tuple[int, str]:
    """The status and the code of a refusal."""
    response = ask(door, path, who, method, **headers)
    return response.status, json.loads(response.body)["error"]["code"]


def pages(door: ODataDoor, path: str, who: str = "ann", **headers: str) -> list[list[Any]]:
    """The rows of all pages, by following the links."""
    found: list[list[Any]] = []
    link: str | None = path
    while link is not None:
        page = read(door, link, who, **headers)
        found.append(page["value"])
        link = page.get("@odata.nextLink")
        if link is not None:
            assert link.startswith(f"http://host{ROOT}")
            link = unquote(link.removeprefix(f"http://host{ROOT}"))
    return found
