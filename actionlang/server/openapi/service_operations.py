"""Operations of the service itself: what there is, batches of requests, calls that are answered later."""

from __future__ import annotations

from collections.abc import Iterator

from actionlang.server.openapi.failures import ALWAYS, CREDENTIALS, WITH_BODY, joined, responses
from actionlang.server.value_schemas import Schema, nullable

SERVICE = "Service"
OWN = joined(CREDENTIALS, ALWAYS, {400: ("E1121", "E1126"), 403: ("E1116",)})

CALL: Schema = {
    "name": "call",
    "in": "path",
    "required": True,
    "description": "The call's id, as `Location` has it.",
    "schema": {"type": "string", "format": "uuid"},
}

LATER_HEADERS: Schema = {
    "AsyncResult": {
        "description": "The status of the answer.",
        "schema": {"type": "string", "pattern": "^[1-5][0-9]{2}$"},
    }
}

_NAME: Schema = {"type": "string", "pattern": "^[!-~]{1,100}$"}

BATCH_REQUEST: Schema = {
    "type": "object",
    "properties": {
        "id": _NAME | {"description": "Its name in the batch, which no other has; the answer has it, too."},
        "method": _NAME | {"description": "`GET` or `POST`."},
        "url": {
            "type": "string",
            "pattern": "^[!-~]{1,2000}$",
            "description": "Below the root of the service: `cases(...)/Escalate`; `$1/...` begins with what request 1 gave.",
        },
        "headers": {
            "type": ["object", "null"],
            "properties": {"content-type": {"const": "application/json"}},
            "propertyNames": {"pattern": "^[a-z][a-z0-9-]{0,60}$"},
            "additionalProperties": {"type": "string", "pattern": "^[ -~]*$"},
        },
        "body": {"type": "object", "description": "The body, in JSON."},
        "dependsOn": {
            "type": ["array", "null"],
            "items": _NAME,
            "description": "Requests before it that must have succeeded.",
        },
        "atomicityGroup": nullable(_NAME)
        | {"description": "Requests of one group are done together, or none of them is."},
    },
    "required": ["id", "method", "url"],
    "additionalProperties": False,
}

BATCH_ANSWER: Schema = {
    "type": "object",
    "properties": {
        "id": {"type": "string"},
        "status": {"type": "integer"},
        "headers": {"type": "object", "additionalProperties": {"type": "string"}},
        "body": {},
    },
    "required": ["status"],
}

BATCH_EXAMPLE: Schema = {
    "requests": [
        {"id": "1", "method": "post", "url": "Escalate", "body": {}, "headers": {"content-type": "application/json"}},
        {"id": "2", "method": "get", "url": "cases?$top=1", "dependsOn": ["1"]},
    ]
}


def of_service(*, asynchronous: bool) -> Iterator[tuple[str, str, Schema]]:
    """Path below the root of the service, method, and operation."""
    yield "/", "get", _service_document()
    yield "/$metadata", "get", _metadata()
    yield "/$batch", "post", _batch()
    if asynchronous:
        yield "/$calls({call})", "get", _state()
        yield "/$calls({call})", "delete", _forget()


def _service_document() -> Schema:
    entry: Schema = {
        "type": "object",
        "properties": {"name": {"type": "string"}, "kind": {"type": "string"}, "url": {"type": "string"}},
        "required": ["name", "url"],
    }
    members: Schema = {"@odata.context": {"type": "string"}, "value": {"type": "array", "items": entry}}
    schema = {"type": "object", "properties": members, "required": ["value"]}
    return {
        "operationId": "service.document",
        "tags": [SERVICE],
        "summary": "What there is",
        "responses": {"200": _content("Tables and functions, by name and address.", schema), **responses(OWN)},
    }


def _metadata() -> Schema:
    formats: Schema = {
        "name": "$format",
        "in": "query",
        "description": "The form that is wanted, where `Accept` does not say.",
        "schema": {"type": "string", "enum": ["xml", "json", "application/xml", "application/json"]},
    }
    found = {
        "description": "The tables, choices and verbs, as CSDL 4.01.",
        "content": {
            "application/xml": {"schema": {"type": "string"}},
            "application/json": {"schema": {"type": "object"}},
        },
    }
    return {
        "operationId": "service.metadata",
        "tags": [SERVICE],
        "summary": "What there is, in the form that OData clients read",
        "parameters": [formats],
        "responses": {"200": found, "304": {"description": "It is as it was."}, **responses(OWN)},
    }


def _batch() -> Schema:
    requests: Schema = {
        "type": "object",
        "properties": {"requests": {"type": "array", "items": BATCH_REQUEST, "maxItems": 1000}},
        "required": ["requests"],
    }
    answers: Schema = {
        "type": "object",
        "properties": {"responses": {"type": "array", "items": BATCH_ANSWER}},
        "required": ["responses"],
    }
    content: Schema = {"application/json": {"schema": requests, "example": BATCH_EXAMPLE}}
    return {
        "operationId": "service.batch",
        "tags": [SERVICE],
        "summary": "Several requests in one",
        "description": "In JSON, or in multipart/mixed as OData has it. Requests of one change set are done together, "
        "or none is.",
        "requestBody": {"required": True, "content": content},
        "responses": {
            "200": _content("The answers, in the order of the requests.", answers),
            **responses(joined(OWN, WITH_BODY, {400: ("E1140", "E1141", "E1142")})),
        },
    }


def _state() -> Schema:
    found = {
        "description": "The answer itself; its status is in `AsyncResult`.",
        "headers": LATER_HEADERS,
        "content": {"application/json": {"schema": {"type": "object"}}},
    }
    return {
        "operationId": "calls.state",
        "tags": [SERVICE],
        "summary": "What became of a call that is answered later",
        "parameters": [CALL],
        "responses": {
            "200": found,
            "202": {"description": "It is not there yet."},
            **responses(joined(OWN, {404: ("E1127",)})),
        },
    }


def _forget() -> Schema:
    return {
        "operationId": "calls.forget",
        "tags": [SERVICE],
        "summary": "Take back a call that is answered later, or forget its answer",
        "parameters": [CALL],
        "responses": {
            "204": {"description": "It is not made, or its answer is forgotten."},
            **responses(joined(OWN, {404: ("E1127",), 409: ("E1127",)})),
        },
    }


def _content(about: str, schema: Schema) -> Schema:
    return {"description": about, "content": {"application/json": {"schema": schema}}}
