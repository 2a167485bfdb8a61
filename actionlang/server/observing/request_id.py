"""The id of a request: the one that its sender gave it, or a new one."""

from __future__ import annotations

import re
from uuid import uuid4

HEADER = "X-Request-Id"

_USABLE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:+/=@-]{0,127}")


def request_id(given: str | None) -> str:
    """The id that a request has from its sender if it is one that may stand in logs and headers, else a new one."""
    return given if given is not None and _USABLE.fullmatch(given) else str(uuid4())
