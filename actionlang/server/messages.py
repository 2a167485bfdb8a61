"""What the server's doors are given and what they answer: HTTP messages, read wholly, and nothing of a socket."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import attrs
from starlette.datastructures import Headers

from actionlang.server.identity.identity import Identity

NO_HEADERS: Mapping[str, str] = {}


@attrs.frozen
class Request:
    """A request of somebody known. `path` is as it was sent, still percent-encoded, without the query; `query` is what stands
    after the question mark, encoded too. `base` is the root of the server as the caller sees it, without a slash at its end:
    links begin with it. `peer` is the address that it came from, as far as the server knows. Names of headers are found in any
    case."""

    method: str
    path: str
    query: str
    headers: Headers
    body: bytes
    identity: Identity
    base: str
    peer: str | None = None


@attrs.frozen
class Response:
    """An answer. `headers` are those besides Content-Length. `run` is the id of the run's audit record, for the server's log;
    `verb` the full name of the verb that was called, and `code` the error code, for its metrics."""

    status: int
    headers: Mapping[str, str] = NO_HEADERS
    body: bytes = b""
    run: str | None = None
    verb: str | None = None
    code: str | None = None


Door = Callable[[Request], Response]
"""Answers requests below a path. It may wait for the database: doors are called in threads. It raises Refusal, which is told as
the door's protocol tells errors where the door itself does not."""
