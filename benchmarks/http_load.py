"""Load over HTTP: so many connections that stay open, on each one request after another, each answer's time taken."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Iterator, Sequence
from time import perf_counter
from typing import cast

import attrs
import uvloop


@attrs.frozen
class Load:
    """What came of it: seconds in all, seconds of each answer in ascending order, and how many answers were of each status; `lost`
    requests had none."""

    seconds: float
    latencies: tuple[float, ...]
    statuses: dict[int, int]
    lost: int

    @property
    def throughput(self) -> float:
        """Answers a second."""
        return len(self.latencies) / self.seconds

    def percentile(self, percent: float) -> float:
        """Milliseconds in which so many of a hundred answers had come."""
        return self.latencies[min(len(self.latencies) - 1, int(len(self.latencies) * percent / 100))] * 1000


class _Connection(asyncio.Protocol):
    """One connection, on which requests follow one another."""

    def __init__(self, requests: Iterator[bytes], done: Callable[[], None], load: _Tally) -> None:
        self._requests, self._done, self._load = requests, done, load
        self._transport: asyncio.Transport
        self._answer = b""
        self._sent = 0.0
        self._waiting = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # Of uvloop's own kind, which is no subclass.
        self._transport = cast("asyncio.Transport", transport)
        self._next()

    def data_received(self, data: bytes) -> None:
        self._answer += data
        head, found, body = self._answer.partition(b"\r\n\r\n")
        if not found or len(body) < _length(head):
            return
        self._load.latencies.append(perf_counter() - self._sent)
        status = int(head[9:12])
        self._load.statuses[status] = self._load.statuses.get(status, 0) + 1
        self._waiting, self._answer = False, b""
        self._next()

    def connection_lost(self, _: Exception | None) -> None:
        self._load.lost += self._waiting
        self._done()

    def _next(self) -> None:
        request = next(self._requests, None)
        if request is None:
            self._transport.close()
            return
        self._waiting, self._sent = True, perf_counter()
        self._transport.write(request)


class _Tally:
    def __init__(self) -> None:
        self.latencies: list[float] = []
        self.statuses: dict[int, int] = {}
        self.lost = 0


def _length(head: bytes) -> int:
    for line in head.split(b"\r\n"):
        if line[:15].lower() == b"content-length:":
            return int(line[15:])
    return 0


def post(port: int, path: str, body: bytes, headers: Sequence[str] = ()) -> bytes:
    """A request as it is sent."""
    lines = (
        f"POST {path} HTTP/1.1",
        f"Host: 127.0.0.1:{port}",
        "Content-Type: application/json",
        f"Content-Length: {len(body)}",
        *headers,
    )
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def load(port: int, requests: Iterable[bytes], connections: int) -> Load:
    """Send all requests to a port of this machine, over so many connections, each taking the next one when its answer is there."""

    async def run() -> Load:
        loop = asyncio.get_running_loop()
        waiting = iter(requests)
        tally, open_, ended = _Tally(), connections, asyncio.Event()

        def done() -> None:
            nonlocal open_
            open_ -= 1
            if not open_:
                ended.set()

        began = perf_counter()
        for _ in range(connections):
            await loop.create_connection(lambda: _Connection(waiting, done, tally), "127.0.0.1", port)
        await ended.wait()
        return Load(perf_counter() - began, tuple(sorted(tally.latencies)), tally.statuses, tally.lost)

    return uvloop.run(run())
