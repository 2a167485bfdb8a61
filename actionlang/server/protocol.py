"""HTTP on one connection: uvicorn's, that also minds how long and how large the head of a request is."""

from __future__ import annotations

import asyncio
from typing import Any, cast

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from actionlang.server.body import WHOLE

MOST_IN_HEAD = 64 * 1024
"""Bytes that a request line and its headers may have, as uvicorn has it with h11."""

TOO_LARGE = b"HTTP/1.1 431 Request Header Fields Too Large\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"


class Together:
    """A transport that sends what is written in one step of the loop at once: the head of a response and its body, which would
    be two packets. All else is the transport's own."""

    def __init__(self, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop) -> None:
        self._transport = transport
        self._loop = loop
        self._written: list[bytes] = []

    def __getattr__(self, name: str) -> Any:
        """What the transport has."""
        return getattr(self._transport, name)

    def write(self, data: bytes) -> None:
        """See `asyncio.WriteTransport`."""
        if not self._written:
            self._loop.call_soon(self._send)
        self._written.append(data)

    def close(self) -> None:
        """See `asyncio.BaseTransport`."""
        self._send()
        self._transport.close()

    def _send(self) -> None:
        if self._written:
            data, self._written = b"".join(self._written), []
            self._transport.write(data)


class Protocol(HttpToolsProtocol):
    """One connection. `idle_since` is since when nothing is answered on it, on the loop's clock."""

    def __init__(self, *arguments: Any, **more: Any) -> None:
        super().__init__(*arguments, **more)
        self.idle_since = self.loop.time()
        self._is_in_head = True
        self._head = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """See `asyncio.Protocol`."""
        super().connection_made(cast("asyncio.Transport", Together(transport, self.loop)))

    @property
    def is_idle(self) -> bool:
        """Whether no request is answered at the moment. The head of one may be on its way."""
        answered: RequestResponseCycle | None = self.cycle
        return answered is None or answered.response_complete

    @property
    def is_begun(self) -> bool:
        """Whether a part of a request's head is there, or nothing was ever sent."""
        return self.is_idle and self.timeout_keep_alive_task is None

    def leave(self) -> None:
        """Close the connection once what is answered on it is answered."""
        if not self.is_idle:
            self.cycle.keep_alive = False

    def data_received(self, data: bytes) -> None:
        """See `asyncio.Protocol`."""
        if self.is_idle and self._head == 0:
            self.idle_since = self.loop.time()
        if self._is_in_head:
            self._head += len(data)
        super().data_received(data)
        if self._is_in_head and self._head > MOST_IN_HEAD and not self.transport.is_closing():
            self.transport.write(TOO_LARGE)
            self.transport.close()

    def on_message_begin(self) -> None:
        """A request begins."""
        self._is_in_head = True
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        """All headers are there."""
        self._is_in_head, self._head = False, 0
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        """The whole request is there; what comes now is the head of the next one."""
        cast("dict[str, object]", self.scope)[WHOLE] = True
        super().on_message_complete()
        self._is_in_head, self._head = True, 0

    def on_response_complete(self) -> None:
        """It is answered."""
        self.idle_since = self.loop.time()
        super().on_response_complete()
