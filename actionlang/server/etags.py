"""ETags of rows and the conditions that requests make with them (RFC 9110, section 13).

An ETag is the version of a row, written weak as Dataverse writes it: W/"a5b93f0c2d17e846". OData has clients send what they got
in If-Match whether it is weak or not, so both are compared by what stands in the quotes.
"""

from __future__ import annotations

import re

from starlette.datastructures import Headers

from actionlang.diagnostics.catalogue.run import ROW_CHANGED
from actionlang.diagnostics.catalogue.server import WRONG_CONDITION
from actionlang.server.refusal import Refusal
from actionlang.server.statuses import BAD_REQUEST, PRECONDITION

ETAG = re.compile(r'(?:W/)?"([\x21\x23-\x7e]*)"')
LIST = re.compile(rf"\s*{ETAG.pattern}\s*(?:,\s*{ETAG.pattern}\s*)*")
VERSION = re.compile("[0-9a-f]{16}")
ANY = "*"
NOTHING = "null"
"""Dataverse tells its clients to send this as If-None-Match with every request, against caches ("Compose HTTP requests")."""


def etag_of(version: str) -> str:
    """The ETag of a row's version."""
    return f'W/"{version}"'


def expected_of(headers: Headers) -> str | None:
    """The version that a request expects its row to have, by If-Match; None where any will do (`*`, or no header).

    Raises Refusal: 400 (E1146) where the header is wrong or lists several, 412 where it is no ETag that a row ever had.
    """
    given = _sent(headers, "If-Match")
    if given is None or given == ANY:
        return None
    found = ETAG.findall(given)
    if len(found) > 1:
        raise _wrong("If-Match", "names several versions", "name the one that you have seen")
    if not VERSION.fullmatch(found[0]):
        hint = "read the row again, and send its @odata.etag as it is"
        raise Refusal(PRECONDITION, ROW_CHANGED.id, "The row has no such version as If-Match names.", hint=hint)
    return str(found[0])


def is_unchanged(headers: Headers, version: str) -> bool:
    """Whether whoever reads a row has this version of it already, by If-None-Match: then the answer is 304.

    Raises Refusal (400, E1146) where the header is wrong.
    """
    if headers.get("If-None-Match") == NOTHING:
        return False
    given = _sent(headers, "If-None-Match")
    if given is None:
        return False
    return given == ANY or version in ETAG.findall(given)


def _sent(headers: Headers, name: str) -> str | None:
    given = ", ".join(headers.getlist(name)).strip()
    if not given:
        return None
    if given != ANY and not LIST.fullmatch(given):
        raise _wrong(name, "is no ETag", 'send the @odata.etag of the row as it is, like W/"a5b93f0c2d17e846", or *')
    return given


def _wrong(name: str, what: str, hint: str) -> Refusal:
    return Refusal(BAD_REQUEST, WRONG_CONDITION.id, f"The header {name} {what}.", hint=hint, target=name)
