"""Batches in JSON (OData JSON Format 4.01, section 19)."""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode
from binascii import Error as Base64Error
from collections.abc import Mapping
from decimal import Decimal
from itertools import groupby
from typing import Any

from starlette.datastructures import Headers

from actionlang.server.messages import Response
from actionlang.server.odata.batch_multipart import HEADER_NAME
from actionlang.server.odata.batch_parts import Batch, ChangeSetPart, Counting, Done, DoneChangeSet, Part, bad_batch
from actionlang.server.odata.json_body import parse_json

KIND = "application/json"
DEPTH = 3
"""What a batch adds to the depth of its bodies."""

MEMBERS = frozenset({"id", "method", "url", "headers", "body", "dependsOn", "atomicityGroup"})


def read_json(body: bytes, most: int, deepest: int) -> Batch:
    """A batch from its body. Raises Refusal."""
    data = parse_json(body, deepest + DEPTH)
    requests = data.get("requests") if isinstance(data, dict) else None
    if not isinstance(requests, list):
        hint = 'write {"requests": [{"id": "1", "method": "post", "url": "Escalate", "body": {}}]}'
        raise bad_batch("The batch has no list of requests.", hint, "requests")
    counting = Counting(most)
    found: list[tuple[str | None, Part]] = []
    for number, request in enumerate(requests):
        counting.one_more()
        found.append(_part(request, f"requests/{number}"))
    batch: list[Part | ChangeSetPart] = []
    for group, members in groupby(found, key=lambda each: each[0]):
        parts = tuple(part for _, part in members)
        batch += parts if group is None else (ChangeSetPart(group, parts),)
    return tuple(batch)


def _part(data: Any, place: str) -> tuple[str | None, Part]:
    if not isinstance(data, dict):
        raise bad_batch("A request of the batch is no object.", target=place)
    for name in data:
        if name not in MEMBERS and "@" not in name:
            raise bad_batch(f"Requests of a batch have no member {name[:40]} here.", target=f"{place}/{name[:40]}")
    group = data.get("atomicityGroup")
    if group is not None:
        group = _text(data, "atomicityGroup", place)
    headers = _headers(data.get("headers"), f"{place}/headers")
    after = data.get("dependsOn") or []
    if not isinstance(after, list) or not all(isinstance(each, str) for each in after):
        raise bad_batch("dependsOn is no list of ids.", target=f"{place}/dependsOn")
    body, headers = _body(data, headers, f"{place}/body")
    method = _text(data, "method", place).upper()
    return group, Part(_text(data, "id", place), method, _text(data, "url", place), headers, body, tuple(after))


def _text(data: Mapping[str, object], name: str, place: str) -> str:
    value = data.get(name)
    if isinstance(value, str) and value.strip() and len(value) <= 4000 and value.isprintable():
        return value
    raise bad_batch(f"A request of the batch has no {name}, or one that is no text.", target=f"{place}/{name}")


def _headers(data: object, place: str) -> Headers:
    raw = []
    if not isinstance(data, dict | None):
        raise bad_batch("The headers of a request are no object.", target=place)
    for name, value in (data or {}).items():
        if not HEADER_NAME.fullmatch(name) or not isinstance(value, str) or not value.isprintable():
            raise bad_batch("A header of a request is no text.", target=f"{place}/{name[:40]}")
        raw.append((name.lower().encode("ascii"), value.encode("latin-1", "replace")))
    return Headers(raw=raw)


def _body(data: Mapping[str, object], headers: Headers, place: str) -> tuple[bytes, Headers]:
    """The body, as it would have been sent by itself, and the headers that say what it is."""
    if "body" not in data:
        return b"", headers
    body, kind = data["body"], headers.get("content-type")
    if kind is None:
        headers = Headers(raw=[*headers.raw, (b"content-type", KIND.encode())])
    if kind is None or kind.partition(";")[0].strip().lower() == KIND:
        # Arguments are never a text by themselves: it is JSON that was written before, as some clients do.
        return (_encoded(body, place) if isinstance(body, str) else json_bytes(body)), headers
    if not isinstance(body, str):
        raise bad_batch("A body that is not in JSON is a text.", target=place)
    if kind.strip().lower().startswith("text/"):
        return _encoded(body, place), headers
    try:
        return urlsafe_b64decode(body + "=" * (-len(body) % 4)), headers
    except (Base64Error, ValueError):
        raise bad_batch("A body that is neither JSON nor text is a text in base64url.", target=place) from None


def _encoded(body: str, place: str) -> bytes:
    try:
        return body.encode()
    except UnicodeEncodeError:
        raise bad_batch("A body has a character that no text can have.", target=place) from None


def json_bytes(data: object) -> bytes:
    """JSON data that `parse_json` gave, with all digits of its numbers."""
    return _json(data).encode()


def _json(data: object) -> str:
    if isinstance(data, dict):
        return "{" + ",".join(f"{json.dumps(name)}:{_json(value)}" for name, value in data.items()) + "}"
    if isinstance(data, list):
        return "[" + ",".join(map(_json, data)) + "]"
    return str(data) if isinstance(data, Decimal) else json.dumps(data)


# ------------------------------------------------------------------------------------------------------------ responses


def write_json(done: list[Done | DoneChangeSet]) -> bytes:
    """Responses as the body of a batch's response."""
    responses = [
        _response(one, each.change_set.id if isinstance(each, DoneChangeSet) else None)
        for each in done
        for one in (each.done if isinstance(each, DoneChangeSet) else (each,))
    ]
    return b'{"responses":[' + b",".join(responses) + b"]}"


def _response(done: Done, group: str | None) -> bytes:
    response = done.response
    told: dict[str, object] = {"id": done.part.id}
    if group is not None:
        told["atomicityGroup"] = group
    told |= {"status": response.status, "headers": {name.lower(): value for name, value in response.headers.items()}}
    text = json.dumps(told)[:-1].encode()
    return text + (b',"body":' + _written(response) if response.body else b"") + b"}"


def _written(response: Response) -> bytes:
    """A body as a member: JSON as it is, what else there is as a text."""
    kind = next((value for name, value in response.headers.items() if name.lower() == "content-type"), KIND)
    if kind.partition(";")[0].strip().lower() == KIND:
        return response.body
    return json.dumps(response.body.decode("utf-8", "replace")).encode()
