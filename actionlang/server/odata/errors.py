"""Refusals as OData tells them (OData JSON Format 4.01, section 21)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from actionlang.server.messages import NO_HEADERS, Response
from actionlang.server.refusal import Refusal

CONTENT_TYPE = "application/json; odata.metadata=minimal"


def error_body(refusal: Refusal) -> dict[str, Any]:
    """The body of an error: `code` and `message` always, `target` and `details` where there are some, and in `innererror` what
    else helps: a hint, the id of the run."""
    told: dict[str, Any] = {"code": refusal.code, "message": refusal.message}
    if refusal.target is not None:
        told["target"] = refusal.target
    if refusal.details:
        told["details"] = [
            {"code": each.code, "message": each.message} | ({} if each.target is None else {"target": each.target})
            for each in refusal.details
        ]
    inner = {name: value for name, value in (("hint", refusal.hint), ("run", refusal.run)) if value is not None}
    return {"error": told | ({"innererror": inner} if inner else {})}


def error_response(refusal: Refusal, headers: Mapping[str, str] = NO_HEADERS) -> Response:
    """A refusal as a response. Its body is JSON whatever the client accepts."""
    body = json.dumps(error_body(refusal)).encode()
    told = {"Content-Type": CONTENT_TYPE, "OData-Version": "4.0", **headers, **refusal.headers}
    return Response(refusal.status, told, body, refusal.run, refusal.verb, refusal.code)
