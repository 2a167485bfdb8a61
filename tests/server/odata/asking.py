"""Requests to the door, as the tests write them, and what came of them as a golden file shows it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable

from starlette.datastructures import Headers

from actionlang.server.messages import Request, Response
from tests.server.world import somebody

ROOT = "/api/data/v9.2"
BASE = "https://desk.example"

IDS = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
"""Ids of runs, of rows that runs made, and of calls: another one each time."""

Ask = Callable[..., Response]


def asked(
    method: str, address: str, body: object = None, *, who: str = "ann", base: str = BASE, **headers: str
) -> Request:
    """A request below the root. `body` is JSON's data, or bytes as they are."""
    path, _, query = address.partition("?")
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    if body is not None:
        named = {"Content-Type": "application/json", **named}
    data = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
    return Request(method, f"{ROOT}{path}", query, Headers(named), data, somebody(who), base)


def shown(request: Request, response: Response) -> str:
    """A request with what came of it, as text; ids that are made anew each time are left out."""
    query = f"?{request.query}" if request.query else ""
    lines = [f"{request.method} {request.path}{query}"]
    lines += [f"{name}: {value}" for name, value in request.headers.items() if name != "content-type"]
    lines += [request.body.decode()] if request.body else []
    lines += ["", f"{response.status}", *(f"{name}: {value}" for name, value in response.headers.items())]
    lines += [response.body.decode()] if response.body else []
    return _without_ids("\n".join(lines)) + "\n"


def _without_ids(text: str) -> str:
    return IDS.sub(lambda found: found[0] if found[0].startswith("00000000-") else "<id>", text)
