"""Responses that refuse: for each operation the statuses that can come, and the codes that come with them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import attrs

from actionlang.diagnostics.catalogue import by_id
from actionlang.durable.parts import Parts
from actionlang.plan import expressions as e
from actionlang.plan import steps as s
from actionlang.plan.plan import StepPlan
from actionlang.plan.walk import nodes
from actionlang.runtime.plans import Plan
from actionlang.server.value_schemas import Schema

ERROR = "odata.error"

ERROR_SCHEMA: Schema = {
    "type": "object",
    "title": "Why a request is refused",
    "properties": {
        "error": {
            "type": "object",
            "properties": {
                "code": {"type": "string", "description": "A code of the reference of errors, such as E0701."},
                "message": {"type": "string", "description": "What is wrong, for people."},
                "target": {"type": "string", "description": "The argument, header or option that is meant."},
                "details": {
                    "type": "array",
                    "description": "Each thing that is wrong, where there are several.",
                    "items": {
                        "type": "object",
                        "properties": {
                            "code": {"type": "string"},
                            "message": {"type": "string"},
                            "target": {"type": "string"},
                        },
                        "required": ["code", "message"],
                    },
                },
                "innererror": {
                    "type": "object",
                    "description": "What else helps: a hint, and the id of the run in the log.",
                    "properties": {"hint": {"type": "string"}, "run": {"type": "string"}},
                },
            },
            "required": ["code", "message"],
        }
    },
    "required": ["error"],
}

WORDS: Mapping[int, str] = {
    400: "The request can not be understood.",
    401: "Credentials are missing, or do not hold.",
    403: "The caller may not do this.",
    404: "There is no such row or verb within the caller's reach.",
    406: "No form of the answer fits `Accept`.",
    409: "The data, as they are now, do not allow it.",
    412: "The row is another than `If-Match` says.",
    413: "The body is too large.",
    415: "The body is of a media type that is not taken.",
    422: "The request is understood, and refused for what it asks.",
    429: "Too many requests.",
    500: "The server failed; the message has the number of the incident in its log.",
    501: "The server does not answer such questions.",
    503: "The server can not do this at the moment. It is worth to try again.",
    504: "It took too long. Nothing was changed.",
}

ALWAYS: Mapping[int, tuple[str, ...]] = {
    406: ("E1126",),
    429: ("E1114",),
    500: ("E0809",),
    503: ("E0802", "E0803", "E0804", "E0814", "E0815", "E0816", "E1105"),
    504: ("E1104", "E0976"),
}
"""What any operation may be refused with, besides what is wrong with its credentials."""

CREDENTIALS: Mapping[int, tuple[str, ...]] = {400: ("E1113",), 401: ("E1111", "E1112")}
WITH_BODY: Mapping[int, tuple[str, ...]] = {400: ("E1124",), 413: ("E1102",), 415: ("E1126",)}

SHARED: Mapping[int, tuple[str, ...]] = {**ALWAYS, 401: CREDENTIALS[401], 413: WITH_BODY[413], 415: WITH_BODY[415]}
NAMES = {
    401: "NoCredentials", 406: "NotAcceptable", 413: "TooLarge", 415: "WrongMediaType", 429: "TooOften",
    500: "Failed", 503: "Unavailable", 504: "TooLate",
}  # fmt: skip
"""Responses that are the same wherever they come, and what they are called."""

RETRY: Schema = {
    "Retry-After": {"description": "Seconds after which it is worth to try again.", "schema": {"type": "integer"}}
}
CHALLENGE: Schema = {"WWW-Authenticate": {"description": "How to show who calls.", "schema": {"type": "string"}}}

Codes = dict[int, list[str]]
"""Codes by the status that they come with."""


def joined(*parts: Mapping[int, Iterable[str]]) -> Codes:
    """All codes of several parts, each once, in order of statuses."""
    found: Codes = {}
    for part in parts:
        for status, codes in part.items():
            known = found.setdefault(status, [])
            known += [code for code in codes if code not in known]
    return dict(sorted(found.items()))


def responses(codes: Mapping[int, Sequence[str]], examples: Mapping[int, Schema] | None = None) -> Schema:
    """Responses by status, as an operation has them; `examples` are named examples by status. Those that are the same everywhere
    are referred to."""
    found: Schema = {}
    for status, several in codes.items():
        given = (examples or {}).get(status)
        shared = given is None and tuple(several) == SHARED.get(status)
        reference = {"$ref": f"#/components/responses/{NAMES.get(status)}"}
        found[str(status)] = reference if shared else _response(status, several, given)
    return found


def shared_responses() -> Schema:
    """The definitions of those that are referred to."""
    return {NAMES[status]: _response(status, codes, None) for status, codes in sorted(SHARED.items())}


def _response(status: int, codes: Sequence[str], examples: Schema | None) -> Schema:
    content: Schema = {"schema": {"$ref": f"#/components/schemas/{ERROR}"}}
    if examples:
        content["examples"] = examples
    told = {"description": "\n".join((WORDS[status], "", *(f"- `{code}` {title(code)}" for code in codes))).rstrip()}
    headers = RETRY if status in (429, 503) else CHALLENGE if status == 401 else None
    return told | ({"headers": headers} if headers else {}) | {"content": {"application/json": content}}


def title(code: str) -> str:
    """What a code stands for, in a few words."""
    known = by_id(code)
    return "" if known is None else known.title


# ----------------------------------------------------------------------------------------------------------------- verbs

COMPUTED = ("E0704", "E0705", "E0706", "E0707", "E0708", "E0709", "E0718", "E0719")
RIGHTS = ("E0730", "E0731", "E0732", "E0733", "E0716", "E1110", "E1116")


def codes_of(plan: StepPlan) -> Codes:
    """What a verb itself can be refused with, by what it and the verbs that it performs do."""
    found = [node for verb in plan.verbs for node in nodes(verb.steps)]
    kinds = {type(node) for node in found}
    effects, verb = plan.verb.effects, plan.verb
    writes, is_action = not effects.writes_nothing, not verb.kind.endswith("function")
    return joined(
        {400: ("E1121", "E1125", "E1126", *(("E1145",) if is_action else ())), 403: RIGHTS},
        {404: ("E1122", *(("E1120", "E0703") if verb.binding else ()), *(("E0702",) if _finds(found, plan) else ()))},
        {409: tuple(_conflicts(kinds, writes, is_action))} if writes or is_action else {},
        {400: ("E1146",), 412: ("E0725",)} if verb.binding else {},
        {422: tuple(_refusals(kinds, plan, writes, is_action))},
    )


def codes_of_start(plan: Plan) -> Codes:
    """What starting a background action can be refused with; what its units fail with is told by the state of the run."""
    asking = Parts(plan).asking.steps
    return codes_of(attrs.evolve(asking, verbs=(asking.verb,)))


def _finds(found: Iterable[object], plan: StepPlan) -> bool:
    """Whether a verb looks for rows that may not be there."""
    has_rows = any("row " in f" {parameter.type}" for parameter in plan.verb.inputs)
    return has_rows or any(isinstance(node, s.Find | e.RowByKey) for node in found)


def _conflicts(kinds: set[type], writes: bool, is_action: bool) -> Iterator[str]:
    if writes:
        yield from ("E0711", "E0712")
        yield from ("E0713",) if s.Delete in kinds else ()
        yield from ("E0714",) if s.Move in kinds else ()
        yield "E0720"
    if is_action:
        yield "E0819"


def _refusals(kinds: set[type], plan: StepPlan, writes: bool, is_action: bool) -> Iterator[str]:
    if kinds & {s.Require, s.Fail, s.Find}:
        yield "E0701"
    yield from COMPUTED
    yield from ("E0710",) if writes else ()
    yield from () if is_action else ("E0717",)
    yield from ("E0974",) if any(verb.kind.startswith("extern") for verb in plan.verbs) or writes else ()
    yield from ("E0813",) if is_action else ()


def refused(code: str, message: str) -> dict[str, Any]:
    """The body of a refusal, as an example."""
    return {"error": {"code": code, "message": message}}
