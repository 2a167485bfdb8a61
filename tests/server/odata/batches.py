"""Batches as clients write them, and their responses as clients read them."""

from __future__ import annotations

import json
import re
from typing import Any

import attrs
from starlette.datastructures import Headers

from actionlang.server.identity.identity import Identity
from actionlang.server.messages import Request, Response
from actionlang.server.odata.door import ODataDoor
from tests.server.world import somebody

ROOT = "/api/data/v9.2"
BASE = "http://desk.example"


@attrs.frozen
class Told:
    """One response of a batch."""

    status: int
    body: Any
    headers: dict[str, str]
    id: str | None = None
    change_set: bool = False

    @property
    def code(self) -> str | None:
        """The code of an error."""
        return self.body["error"]["code"] if self.status >= 400 else None


def part(line: str, body: object = None, id_: str | None = None, **headers: str) -> str:
    """A request of a multipart."""
    told = {"Content-Type": "application/json", **{name.replace("_", "-"): value for name, value in headers.items()}}
    lines = ["Content-Type: application/http", "Content-Transfer-Encoding: binary"]
    lines += [] if id_ is None else [f"Content-ID: {id_}"]
    lines += ["", f"{line} HTTP/1.1", *(f"{name}: {value}" for name, value in told.items()), ""]
    lines += [] if body is None else [body if isinstance(body, str) else json.dumps(body)]
    return "\r\n".join(lines)


def multipart(*parts: str, boundary: str = "batch_1") -> str:
    """A multipart of parts."""
    return "".join(f"--{boundary}\r\n{each}\r\n" for each in parts) + f"--{boundary}--\r\n"


def change_set(*parts: str, boundary: str = "changes_1") -> str:
    """A part that is a change set."""
    return f"Content-Type: multipart/mixed; boundary={boundary}\r\n\r\n" + multipart(*parts, boundary=boundary)


def sent(
    door: ODataDoor,
    body: str | bytes,
    *,
    kind: str = "multipart/mixed; boundary=batch_1",
    who: Identity | None = None,
    path: str = f"{ROOT}/$batch",
    base: str = BASE,
    **headers: str,
) -> Response:
    """The response to a batch."""
    told = {"content-type": kind, **{name.replace("_", "-"): value for name, value in headers.items()}}
    data = body if isinstance(body, bytes) else body.encode()
    return door(Request("POST", path, "", Headers(told), data, who or somebody("ann"), base))


def sent_json(door: ODataDoor, *requests: dict[str, Any], **options: Any) -> Response:
    """The response to a batch in JSON."""
    return sent(door, json.dumps({"requests": requests}), kind="application/json", **options)


def told(response: Response) -> list[Told]:
    """The responses in a batch's response."""
    kind = response.headers["Content-Type"]
    if kind == "application/json":
        return [
            Told(each["status"], each.get("body"), each["headers"], each["id"], "atomicityGroup" in each)
            for each in json.loads(response.body)["responses"]
        ]
    return list(_parts(response.body.decode(), kind.partition("boundary=")[2]))


def _parts(text: str, boundary: str, change_set: bool = False) -> Any:
    pieces = text.split(f"--{boundary}")
    assert pieces[0] == ""
    assert pieces[-1] == "--\r\n"
    for piece in pieces[1:-1]:
        inner = re.match(r"\r\nContent-Type: multipart/mixed; boundary=(\S+)\r\n\r\n", piece)
        if inner:
            yield from _parts(piece[inner.end() :], inner[1], change_set=True)
            continue
        mime, http, body = piece.removesuffix("\r\n").lstrip().split("\r\n\r\n", 2)
        status, *lines = http.split("\r\n")
        headers = dict(line.lower().split(": ", 1) for line in lines)
        id_ = re.search(r"Content-ID: (.*)", mime)
        found = re.fullmatch(r"HTTP/1\.1 (\d{3}) .+", status)
        assert found, status
        data = json.loads(body) if body else None
        yield Told(int(found[1]), data, headers, id_[1].strip() if id_ else None, change_set)
