"""HTTP that comes to its end in time, however slowly the other side answers.

httpx2 limits how long nothing comes, not how long it takes until all has come: whoever sends a byte now and then could keep a
deliverer at it for ever.
"""

from __future__ import annotations

import ssl
import threading
import time
from collections.abc import Iterable
from typing import Any

import httpcore2
import httpx2

SLICE = 16 * 1024
"""Bytes that are written before the clock is looked at again."""


class TimedTransport(httpx2.HTTPTransport):
    """Connections that are kept open between requests, for any number of threads. Each thread says by `begin` how long all that
    it does from then on may take."""

    def __init__(self, trust: ssl.SSLContext) -> None:
        super().__init__(verify=trust, trust_env=False)
        self._clock = _Clock()
        # httpx2 has no other way in for a network of one's own.
        self._pool = httpcore2.ConnectionPool(
            ssl_context=trust, max_connections=None, keepalive_expiry=5.0, network_backend=_Network(self._clock)
        )

    def begin(self, seconds: float) -> None:
        """From now on, this thread has so many seconds; then it gets a TimeoutException."""
        self._clock.until = time.monotonic() + seconds


class _Clock(threading.local):
    """The moment at which a thread has to be done."""

    until = 0.0

    def left(self, late: type[httpcore2.TimeoutException]) -> float:
        """Seconds until then. Raises `late` when it has come."""
        left = self.until - time.monotonic()
        if left <= 0:
            raise late("the time is over")
        return left


class _Network(httpcore2.NetworkBackend):
    def __init__(self, clock: _Clock) -> None:
        self._clock = clock
        self._plain = httpcore2.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore2.SOCKET_OPTION] | None = None,
    ) -> httpcore2.NetworkStream:
        """A connection whose every step is over in time. The limits of single steps (`timeout`) say no more than that."""
        left = self._clock.left(httpcore2.ConnectTimeout)
        return _Line(self._plain.connect_tcp(host, port, left, local_address, socket_options), self._clock)


class _Line(httpcore2.NetworkStream):
    def __init__(self, plain: httpcore2.NetworkStream, clock: _Clock) -> None:
        self._plain = plain
        self._clock = clock

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._plain.read(max_bytes, self._clock.left(httpcore2.ReadTimeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        for begin in range(0, len(buffer), SLICE):
            self._plain.write(buffer[begin : begin + SLICE], self._clock.left(httpcore2.WriteTimeout))

    def close(self) -> None:
        self._plain.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore2.NetworkStream:
        left = self._clock.left(httpcore2.ConnectTimeout)
        return _Line(self._plain.start_tls(ssl_context, server_hostname, left), self._clock)

    def get_extra_info(self, info: str) -> Any:
        return self._plain.get_extra_info(info)
