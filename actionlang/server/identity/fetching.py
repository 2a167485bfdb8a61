"""Asking an issuer for a JSON document, without being led elsewhere and without waiting for long."""

from __future__ import annotations

import json
from collections.abc import Callable
from time import monotonic
from typing import Any
from urllib.request import HTTPHandler, HTTPSHandler, OpenerDirector, ProxyHandler, Request

from actionlang.server.identity.settings import LOOPBACK, see_address

LARGEST = 512 * 1024
AT_ONCE = 64 * 1024

Fetch = Callable[[str, float], dict[str, Any]]
"""Gives the JSON object at an address within so many seconds. Raises OSError or ValueError."""


def fetch(url: str, timeout: float) -> dict[str, Any]:
    """The JSON object at an address. Redirects are not followed: they could lead past what was checked of the address.

    Raises OSError where it can not be had in time, ValueError where it is none, or too large.
    """
    deadline = monotonic() + timeout
    opener = OpenerDirector()
    see_address(url)
    request = Request(url, headers={"Accept": "application/json", "User-Agent": "ActionLang"})  # noqa: S310 - seen to be of the web
    is_near = request.host.rpartition("@")[2].partition(":")[0].strip("[]") in LOOPBACK or request.host.startswith(
        "[::1]"
    )
    for handler in (ProxyHandler({} if is_near else None), HTTPHandler(), HTTPSHandler()):
        opener.add_handler(handler)
    with opener.open(request, timeout=timeout) as response:
        if response.status != 200:
            raise OSError(f"the answer was {response.status}")
        body = b""
        while chunk := response.read1(AT_ONCE):
            body += chunk
            if len(body) > LARGEST:
                raise ValueError("the document is too large")
            if monotonic() > deadline:
                raise TimeoutError("the document came too slowly")
    found = json.loads(body)
    if not isinstance(found, dict):
        raise ValueError("the document is no object")
    return found
