"""Reading the body of a request: all of it, not more than is allowed, in time."""

from __future__ import annotations

import asyncio

from starlette.types import Message, Receive, Scope

from actionlang.diagnostics.catalogue.server import BODY_TOO_LARGE, UNREADABLE
from actionlang.server.headers import headers_of
from actionlang.server.refusal import Refusal

SMALL = 64 * 1024
"""Bytes of a body that is read of anybody. What is larger is kept in memory only for whoever may call."""

BAD, TOO_SLOW, TOO_LARGE = 400, 408, 413

WHOLE = "actionlang.whole"
"""What the scope of a request has that was there with all of its body before it was served: nothing is waited for then."""


class Gone(Exception):
    """Who sent the request went away before it was there."""


async def read_body(scope: Scope, receive: Receive, most: int, seconds: float) -> bytes:
    """The whole body. `most` is how many bytes it may have, `seconds` how long may pass without any.

    Raises Refusal where it is too large or comes too slowly, Gone where its sender is gone.
    """
    see_that_it_fits(scope, most)
    chunks: list[bytes] = []
    size = 0
    while True:
        message = await receive() if WHOLE in scope else await _in_time(receive, seconds)
        if message["type"] == "http.disconnect":
            raise Gone
        chunk = message.get("body", b"")
        size += len(chunk)
        if size > most:
            raise too_large(most, {"Connection": "close"})
        chunks.append(chunk)
        if not message.get("more_body", False):
            return b"".join(chunks) if len(chunks) > 1 else chunk


async def _in_time(receive: Receive, seconds: float) -> Message:
    try:
        async with asyncio.timeout(seconds):
            return await receive()
    except TimeoutError:
        told = f"The rest of the request did not come within {seconds:g} seconds."
        raise Refusal(TOO_SLOW, UNREADABLE.id, told, headers={"Connection": "close"}) from None


def see_that_it_fits(scope: Scope, most: int) -> None:
    """Raises Refusal for a body that says of itself that it is too large."""
    told = headers_of(scope).get("content-length")
    if told is not None and told.isdecimal() and int(told) > most:
        raise too_large(most)


def is_small(scope: Scope) -> bool:
    """Whether a body says of itself that it is small, or there is none."""
    headers = headers_of(scope)
    told = headers.get("content-length", "0")
    return "transfer-encoding" not in headers and told.isdecimal() and int(told) <= SMALL


def counted(receive: Receive, most: int) -> Receive:
    """What reads a body for an application that reads by itself: one that is larger ends as if its sender were gone."""
    size = 0

    async def receive_counted() -> Message:
        nonlocal size
        message = await receive()
        size += len(message.get("body", b""))
        return message if size <= most else {"type": "http.disconnect"}

    return receive_counted


def too_large(most: int, headers: dict[str, str] | None = None) -> Refusal:
    """What is said of a body that is too large. Unless the connection is closed, the rest of it is read and forgotten."""
    message = f"The body of a request may have {most:,} bytes here."
    return Refusal(TOO_LARGE, BODY_TOO_LARGE.id, message, headers=headers or {})
