"""What is around the application on the way from and to callers: proxies, names of the server, other sites' pages, headers that
keep browsers from doing harm."""

from __future__ import annotations

import json
from collections.abc import Iterable
from ipaddress import ip_address, ip_network
from typing import Any, cast
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.middleware.cors import CORSMiddleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from actionlang.diagnostics.catalogue.server import UNKNOWN_HOST
from actionlang.server.headers import headers_of
from actionlang.server.settings import ServerSettings

MISDIRECTED = 421
PROBES = ("/healthz", "/readyz", "/metrics")
"""What watches a server calls it by its number."""

THIS_MACHINE = ("localhost", "127.0.0.1", "[::1]")

ALWAYS: tuple[tuple[bytes, bytes], ...] = (
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"no-referrer"),
    (b"cache-control", b"no-store"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
    (b"cross-origin-resource-policy", b"same-origin"),
)
"""Headers of every answer that does not have them already, as OWASP's REST Security Cheat Sheet has them."""

STRICT = (b"strict-transport-security", b"max-age=31536000")
"""For answers that go out by TLS (RFC 6797)."""

EXPOSED = (
    "Allow", "AsyncResult", "Deprecation", "ETag", "Idempotency-Replayed", "Location", "Mcp-Session-Id", "OData-EntityId",
    "OData-Version", "Preference-Applied", "Retry-After", "Sunset", "Warning", "X-Request-Id",
)  # fmt: skip
"""Headers of answers that pages of other sites may read, where they may call."""


def surrounded(application: ASGIApp, settings: ServerSettings) -> ASGIApp:
    """The application with all that the settings put around it."""
    around: ASGIApp = application
    if settings.cors_origins:
        around = CORSMiddleware(
            around,
            allow_origins=settings.cors_origins,
            allow_methods=("GET", "POST", "PATCH", "PUT", "DELETE"),
            # Clients made for Dataverse send headers of their own. Credentials are none that a browser adds by itself.
            allow_headers=["*"],
            expose_headers=EXPOSED,
        )
    around = Hosts(around, hosts_of(settings))
    around = SafeHeaders(around, shared=bool(settings.cors_origins))
    if settings.proxies:
        # uvicorn describes ASGI's messages more closely than Starlette does.
        forwarded = ProxyHeadersMiddleware(cast("Any", around), list(settings.proxies))
        around = ForwardedHost(cast("ASGIApp", forwarded), settings.proxies)
    return around


def hosts_of(settings: ServerSettings) -> tuple[str, ...]:
    """The names that the server is called by. On this machine alone it is called as this machine is: so no page of another site
    can reach it by a name that it has pointed here (DNS rebinding)."""
    own = (_in_a_header(urlsplit(settings.public_url).hostname or ""),) if settings.public_url else ()
    if settings.hosts:
        return (*settings.hosts, *own)
    return (*THIS_MACHINE, _in_a_header(settings.host), *own) if settings.is_loopback else ("*",)


def _in_a_header(host: str) -> str:
    """A host as it stands in `Host`."""
    return f"[{host}]" if ":" in host else host


class Hosts:
    """Answers 421 to requests for another host (RFC 9110, 15.5.20)."""

    def __init__(self, application: ASGIApp, hosts: Iterable[str]) -> None:
        self._application = application
        self._names = frozenset(each.lower() for each in hosts if not each.startswith("*"))
        self._below = tuple(each[1:].lower() for each in hosts if each.startswith("*."))
        self._any = "*" in hosts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """See ASGI."""
        if scope["type"] != "http" or self._is_meant(scope):
            await self._application(scope, receive, send)
            return
        message = "The server is not known by this name. Its operator can add it to the setting hosts."
        body = json.dumps({"error": {"code": UNKNOWN_HOST.id, "message": message}}).encode()
        headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
        await send({"type": "http.response.start", "status": MISDIRECTED, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    def _is_meant(self, scope: Scope) -> bool:
        """Whether a request is for this server. One that names two hosts is for none: a proxy may have looked at the other."""
        hosts = headers_of(scope).getlist("host")
        try:
            urlsplit(f"//{''.join(hosts)}")
        except ValueError:
            return False
        if len(hosts) > 1:
            return False
        return self._any or scope["path"] in PROBES or self._is_known("".join(hosts))

    def _is_known(self, host: str) -> bool:
        name = host.lower()
        # The port is behind the last colon, but for those of an address in brackets.
        if not name.endswith("]"):
            name = name.rpartition(":")[0] or name
        return name in self._names or name.endswith(self._below)


class SafeHeaders:
    """Gives each answer the headers that it should have. Where pages of other sites may call (`shared`), these may read it."""

    def __init__(self, application: ASGIApp, *, shared: bool) -> None:
        self._application = application
        self._always = tuple(each for each in ALWAYS if not (shared and each[0] == b"cross-origin-resource-policy"))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """See ASGI."""
        if scope["type"] != "http":
            await self._application(scope, receive, send)
            return
        always = (*self._always, STRICT) if scope["scheme"] == "https" else self._always

        async def send_safely(message: Message) -> None:
            if message["type"] == "http.response.start":
                given = message.get("headers", [])
                there = {name.lower() for name, _ in given}
                message = {**message, "headers": [*given, *(each for each in always if each[0] not in there)]}
            await send(message)

        await self._application(scope, receive, send_safely)


class ForwardedHost:
    """Believes `X-Forwarded-Host` of a proxy that is trusted; nobody else's."""

    def __init__(self, application: ASGIApp, proxies: Iterable[str]) -> None:
        self._application = application
        self._networks = tuple(ip_network(each) for each in proxies)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """See ASGI."""
        if scope["type"] == "http":
            told = Headers(scope=scope).get("x-forwarded-host")
            if told and scope.get("client") and self._is_trusted(scope["client"][0]):
                # The last one is what the trusted proxy itself was asked for.
                host = told.rpartition(",")[2].strip().encode("latin-1")
                others = [(name, value) for name, value in scope["headers"] if name != b"host"]
                scope = {**scope, "headers": [*others, (b"host", host)]}
        await self._application(scope, receive, send)

    def _is_trusted(self, client: str) -> bool:
        address = ip_address(client)
        return any(address in network for network in self._networks)
