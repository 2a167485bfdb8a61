"""What all clients can do: be made, for a server and somebody who calls it, and be closed."""

from __future__ import annotations

from collections.abc import Callable
from types import TracebackType
from typing import ClassVar, Self, TypeVar

import httpx2 as httpx

from ._started import AsyncStarted, Started, run_of
from ._transport import AsyncToken, AsyncTransport, Call, Target, Token, Transport
from ._values import Data

R = TypeVar("R")

SERVICE = "/api/data/v9.2/"


class BaseClient:
    """Calls a server. `url` is the server's root (`https://verbs.example.com`). Credentials are a bearer token (or what
    gives one, asked before each request) or an API key. `retries` says how often a call is made again that was not
    answered: each call that could act has a key, so that it acts once. `timeout` is in seconds. `http` is a client of
    one's own, with proxies or certificates; who gave it closes it."""

    _namespace: ClassVar[str]
    _agent: ClassVar[str]

    def __init__(
        self,
        url: str,
        *,
        token: Token | None = None,
        api_key: str | None = None,
        retries: int = 3,
        timeout: float = 30.0,
        http: httpx.Client | None = None,
    ) -> None:
        self._owned = http is None
        target = target_of(url, self._namespace, self._agent, retries)
        self._transport = Transport(http or httpx.Client(timeout=timeout), target, token, api_key)

    def close(self) -> None:
        """Close the connections."""
        if self._owned:
            self._transport.http.close()

    def _start(self, call: Call, read: Callable[[Data], R]) -> Started[R]:
        answer = self._transport.answer(self._transport.target.request(call))
        return Started(run_of(answer), self._transport, read)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, _: type[BaseException] | None, __: BaseException | None, ___: TracebackType | None) -> None:
        self.close()


class AsyncBaseClient:
    """The same for programs that do several things at once. What gives a token may be a coroutine function."""

    _namespace: ClassVar[str]
    _agent: ClassVar[str]

    def __init__(
        self,
        url: str,
        *,
        token: AsyncToken | None = None,
        api_key: str | None = None,
        retries: int = 3,
        timeout: float = 30.0,
        http: httpx.AsyncClient | None = None,
    ) -> None:
        self._owned = http is None
        target = target_of(url, self._namespace, self._agent, retries)
        self._transport = AsyncTransport(http or httpx.AsyncClient(timeout=timeout), target, token, api_key)

    async def close(self) -> None:
        """Close the connections."""
        if self._owned:
            await self._transport.http.aclose()

    async def _start(self, call: Call, read: Callable[[Data], R]) -> AsyncStarted[R]:
        answer = await self._transport.answer(self._transport.target.request(call))
        return AsyncStarted(run_of(answer), self._transport, read)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, _: type[BaseException] | None, __: BaseException | None, ___: TracebackType | None
    ) -> None:
        await self.close()


def target_of(url: str, namespace: str, agent: str, retries: int) -> Target:
    """Where the service of a server is; the address of the service itself may be given, too."""
    root = url.rstrip("/") + "/"
    return Target(root if root.endswith(SERVICE) else root.removesuffix("/") + SERVICE, namespace, agent, retries)
