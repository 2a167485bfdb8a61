"""Why a request is not answered as it wished: a status of HTTP, a code, and words that may go to anybody."""

from __future__ import annotations

from collections.abc import Mapping

import attrs

from actionlang.server.messages import NO_HEADERS


@attrs.frozen
class Detail:
    """One of several things that are wrong: `target` names the argument or the part of the request, None the whole."""

    code: str
    message: str
    target: str | None = None


@attrs.frozen(eq=False)
class Refusal(Exception):
    """A request that is refused. `code` is an error code (E0730); `message` and `hint` hold nothing that callers may not see:
    no SQL, no path, no place in a script. `run` is the id under which the run was recorded or logged. `headers` are those that a
    status asks for (Retry-After, WWW-Authenticate, Allow)."""

    status: int
    code: str
    message: str
    hint: str | None = None
    target: str | None = None
    details: tuple[Detail, ...] = ()
    run: str | None = None
    verb: str | None = None
    headers: Mapping[str, str] = NO_HEADERS

    def __str__(self) -> str:
        return f"{self.status} {self.code}: {self.message}"
