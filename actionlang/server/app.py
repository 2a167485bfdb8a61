"""The ASGI application: reads requests, finds out who calls, has a door answer in a thread, sends what it answers."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from functools import lru_cache

import attrs
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from actionlang.diagnostics.catalogue.server import NOTHING_THERE, UNKNOWN_METHOD
from actionlang.runtime.time_limit import limited
from actionlang.server.body import SMALL, Gone, counted, is_small, read_body, see_that_it_fits
from actionlang.server.headers import headers_of
from actionlang.server.identity.identity import Identity
from actionlang.server.messages import Door, Request, Response
from actionlang.server.observing.observer import NOT_OBSERVED, Observed, Observer
from actionlang.server.refusal import Refusal
from actionlang.server.service import refusing
from actionlang.server.threads import Threads

Authenticate = Callable[[Headers, str], Identity]
"""Finds out who calls, from headers and the caller's address. It may wait for the database. Raises Refusal."""

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
NEVER_ALLOWED = ("TRACE", "CONNECT", "QUERY")
"""Methods that HTTP has and this server has not (RFC 9110, 15.5.6); others are unknown to it (15.6.2)."""

NO_CONTENT, NOT_FOUND, NOT_ALLOWED, UNKNOWN = 204, 404, 405, 501

NOBODY = Identity("anonymous", anonymous=True)

IDENTITY = "actionlang.identity"
"""Where a mounted application finds who calls: in the scope's `state`."""


@attrs.frozen
class Mounted:
    """A door and the path that it is below; `open` ones are for everybody. What is `apart` answers also when all threads are
    busy."""

    prefix: str
    door: Door
    open: bool = False
    apart: bool = False


@attrs.frozen
class MountedApplication:
    """An ASGI application and the path that it is below. `lifespan` is entered when the server starts."""

    prefix: str
    application: ASGIApp
    lifespan: Callable[[], AbstractAsyncContextManager[object]] | None = None


@attrs.frozen
class Limits:
    """What requests may take: calls at once and calls waiting, bytes of a body, seconds that a call may take and that the body of
    a request may keep waiting for."""

    calls: int = 16
    waiting: int = 200
    body: int = 4 * 1024 * 1024
    seconds: float = 30.0
    reading: float = 20.0


class Application:
    """Serves the doors that are mounted, the first whose path fits. `base` is the root of the server as callers see it, where
    that is not what they ask for (`Host`)."""

    def __init__(
        self,
        doors: Sequence[Mounted | MountedApplication],
        authenticate: Authenticate,
        *,
        limits: Limits | None = None,
        observer: Observer = NOT_OBSERVED,
        base: str | None = None,
    ) -> None:
        self._doors = tuple(doors)
        self._authenticate = authenticate
        self._limits = limits = limits or Limits()
        self._observer = observer
        self._base = base
        patience = max(limits.seconds, 1.0)
        self._threads = Threads("calls", limits.calls, limits.waiting, patience)
        self._apart = Threads("apart", 4, limits.waiting, patience)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection's scope, as ASGI 3 has it."""
        if scope["type"] == "lifespan":
            await self._live(receive, send)
        elif scope["type"] == "http":
            await self._serve(scope, receive, send)

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        observed = self._observer.begin(scope)
        path = path_of(scope)
        mounted = next((each for each in self._doors if is_below(path, each.prefix)), None)
        if mounted is not None:
            observed.mounted(mounted.prefix)
        try:
            see_method(scope["method"])
            if isinstance(mounted, MountedApplication):
                await self._hand_over(mounted, scope, receive, send, observed)
                return
            is_known = mounted is not None and not mounted.open
            identity = None
            if is_known and not is_small(scope):
                identity = await self._identified(scope, observed)
            most = self._limits.body if is_known else min(SMALL, self._limits.body)
            body = await read_body(scope, receive, most, self._limits.reading)
            threads = self._apart if mounted is not None and mounted.apart else self._threads
            with refusing():
                response = await threads.call(lambda: self._answer(mounted, scope, path, body, observed, identity))
        except Gone:
            observed.gone()
            return
        except Refusal as refusal:
            response = refused(refusal)
        response = for_options(response) if scope["method"] == "OPTIONS" else response
        await send_response(observed.ended(response), scope["method"], send)

    async def _identified(self, scope: Scope, observed: Observed) -> Identity:
        """Who calls, found out in a thread before anything else is done. Raises Refusal."""
        peer = scope["client"][0] if scope.get("client") else ""

        def authenticate() -> Identity:
            with limited(self._limits.seconds), refusing():
                return self._authenticate(headers_of(scope), peer)

        identity = await self._threads.call(authenticate)
        observed.subject = identity.subject
        return identity

    def _answer(
        self,
        mounted: Mounted | None,
        scope: Scope,
        path: str,
        body: bytes,
        observed: Observed,
        identity: Identity | None,
    ) -> Response:
        if mounted is None:
            raise Refusal(NOT_FOUND, NOTHING_THERE.id, "There is nothing at this address.")
        headers = headers_of(scope)
        peer = scope["client"][0] if scope.get("client") else None
        with limited(self._limits.seconds), refusing():
            if identity is None:
                identity = NOBODY if mounted.open else self._authenticate(headers, peer or "")
            observed.subject = identity.subject
            method = "GET" if scope["method"] == "HEAD" else scope["method"]
            query = scope["query_string"].decode("ascii", "replace")
            base = self._base or f"{scope['scheme']}://{headers.get('host', '')}"
            return mounted.door(Request(method, path, query, headers, body, identity, base, peer))

    async def _hand_over(
        self, mounted: MountedApplication, scope: Scope, receive: Receive, send: Send, observed: Observed
    ) -> None:
        """Have an application answer, which is told who calls."""
        see_that_it_fits(scope, self._limits.body)
        identity = await self._identified(scope, observed)
        scope.setdefault("state", {})[IDENTITY] = identity
        try:
            await mounted.application(scope, counted(receive, self._limits.body), observed.watching(send))
        finally:
            observed.finished()

    async def _live(self, receive: Receive, send: Send) -> None:
        async with AsyncExitStack() as stack:
            await receive()
            for each in self._doors:
                if isinstance(each, MountedApplication) and each.lifespan is not None:
                    await stack.enter_async_context(each.lifespan())
            await send({"type": "lifespan.startup.complete"})
            await receive()
        self._threads.close()
        self._apart.close()
        await send({"type": "lifespan.shutdown.complete"})


def path_of(scope: Scope) -> str:
    """The path as it was sent."""
    sent: bytes = scope.get("raw_path") or scope["path"].encode()
    return sent.decode("ascii", "replace")


def is_below(path: str, prefix: str) -> bool:
    """Whether a path is a door's or below it."""
    return path.startswith(prefix) and (len(path) == len(prefix) or prefix.endswith("/") or path[len(prefix)] == "/")


def see_method(method: str) -> None:
    """Raises Refusal for a method that is for no address."""
    if method not in METHODS:
        message = f"There is no such method here; there are {', '.join(METHODS)}."
        status = NOT_ALLOWED if method in NEVER_ALLOWED else UNKNOWN
        raise Refusal(status, UNKNOWN_METHOD.id, message, headers={"Allow": ", ".join(METHODS)})


def for_options(response: Response) -> Response:
    """The answer to OPTIONS, which a door need not know: its refusal of the method names those that there are."""
    allowed = {name: value for name, value in response.headers.items() if name.lower() == "allow"}
    return Response(NO_CONTENT, allowed) if response.status == NOT_ALLOWED and allowed else response


def refused(refusal: Refusal) -> Response:
    """A refusal in OData's form, which is as good as any where no protocol has another."""
    told = {"error": {"code": refusal.code, "message": refusal.message}}
    headers = {"Content-Type": "application/json", **refusal.headers}
    return Response(refusal.status, headers, json.dumps(told).encode(), refusal.run, refusal.verb, refusal.code)


@lru_cache(maxsize=1000)
def _sent(name: str) -> bytes:
    return name.lower().encode("latin-1")


async def send_response(response: Response, method: str, send: Send) -> None:
    """Send a response. One to HEAD tells how long the body would be that it does not have."""
    headers = [(_sent(name), value.encode("latin-1")) for name, value in response.headers.items()]
    if response.status != NO_CONTENT:
        headers.append((b"content-length", str(len(response.body)).encode()))
    await send({"type": "http.response.start", "status": response.status, "headers": headers})
    await send({"type": "http.response.body", "body": b"" if method == "HEAD" else response.body})
