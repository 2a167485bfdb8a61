"""What is around the application: names of the server, proxies that are believed, headers of every answer, pages of other sites."""

from __future__ import annotations

import re
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import resources
from urllib.parse import urlsplit

import pytest

from actionlang.server.app import Application, Mounted
from actionlang.server.identity.identity import Identity
from actionlang.server.messages import Request, Response
from actionlang.server.settings import ServerSettings
from actionlang.server.surroundings import ALWAYS, surrounded
from tests.server.live import live
from tests.server.test_application import Told, ask


@contextmanager
def served(settings: ServerSettings) -> Iterator[str]:
    """A server that answers with the root that it is seen at."""

    def base(request: Request) -> Response:
        return Response(200, {"Content-Type": "text/plain"}, f"{request.base} {request.peer}".encode())

    with live(surrounded(Application((Mounted("/", base),), lambda *_: Identity("x")), settings)) as root:
        yield root


def _asked(settings: ServerSettings, headers: dict[str, str]) -> Told:
    with served(settings) as root:
        return ask(root, "GET", "/", headers=headers)


@pytest.mark.parametrize(
    ("settings", "host", "is_known"),
    [
        (ServerSettings(), "127.0.0.1:8000", True),
        (ServerSettings(), "localhost", True),
        (ServerSettings(), "[::1]:8000", True),
        (ServerSettings(), "[::1]", True),
        (ServerSettings(), "127.0.0.2:8000", False),
        (ServerSettings(host="127.0.0.2"), "127.0.0.2:8000", True),
        (ServerSettings(public_url="http://[fd00::1]:8000", hosts=("localhost",)), "[fd00::1]:8000", True),
        (ServerSettings(), "evil.example.com", False),
        (ServerSettings(), "localhost.evil.example.com", False),
        (ServerSettings(host="0.0.0.0"), "anything.example.com", True),
        (ServerSettings(host="0.0.0.0"), "[::1", False),
        (ServerSettings(hosts=("verbs.example.com",)), "VERBS.example.com:443", True),
        (ServerSettings(hosts=("verbs.example.com",)), "localhost", False),
        (ServerSettings(hosts=("*.example.com",)), "a.b.example.com", True),
        (ServerSettings(hosts=("*.example.com",)), "example.com", False),
        (ServerSettings(public_url="https://verbs.example.com/"), "verbs.example.com", True),
    ],
)
def test_hosts(settings: ServerSettings, host: str, is_known: bool) -> None:
    answered = _asked(settings, {"Host": host})
    assert answered.status == (200 if is_known else 421)
    assert is_known or answered.code == "E1106"


@pytest.mark.parametrize("settings", [ServerSettings(), ServerSettings(host="0.0.0.0")])
def test_two_hosts_are_none(settings: ServerSettings) -> None:
    with served(settings) as root:
        parts = urlsplit(root)
        with socket.create_connection((parts.hostname or "", parts.port or 0)) as sending:
            sending.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\nHost: evil.example.com\r\nConnection: close\r\n\r\n")
            assert sending.makefile("rb").readline().split()[1] == b"421"


def test_probes_may_use_any_name() -> None:
    with served(ServerSettings()) as root:
        assert ask(root, "GET", "/healthz", headers={"Host": "10.0.0.7:8000"}).status == 200
        assert ask(root, "GET", "/healthz", headers={"Host": "["}).status == 421
        assert ask(root, "GET", "/healthz/x", headers={"Host": "10.0.0.7:8000"}).status == 421


FORWARDED = {"X-Forwarded-Host": "verbs.example.com", "X-Forwarded-Proto": "https", "X-Forwarded-For": "203.0.113.7"}


def test_a_proxy_that_is_trusted_is_believed() -> None:
    settings = ServerSettings(proxies=("127.0.0.0/8",), hosts=("verbs.example.com",))
    answered = _asked(settings, FORWARDED)
    assert answered.body == b"https://verbs.example.com 203.0.113.7"
    assert answered.headers["strict-transport-security"] == "max-age=31536000"


def test_another_one_is_not() -> None:
    answered = _asked(ServerSettings(proxies=("10.0.0.0/8",)), FORWARDED)
    assert answered.body.startswith(b"http://127.0.0.1:")
    assert answered.body.endswith(b" 127.0.0.1")
    assert "strict-transport-security" not in answered.headers


def test_nobody_is_believed_where_nothing_is_said() -> None:
    assert _asked(ServerSettings(), FORWARDED).body.endswith(b" 127.0.0.1")


def test_headers_of_every_answer() -> None:
    with served(ServerSettings()) as root:
        for answered in (ask(root, "GET", "/"), ask(root, "GET", "/", headers={"Host": "evil.example.com"})):
            for name, value in ALWAYS:
                assert answered.headers[name.decode()] == value.decode()
            assert "server" not in answered.headers
            assert "access-control-allow-origin" not in answered.headers


def test_pages_of_other_sites() -> None:
    with served(ServerSettings(cors_origins=("https://app.example.com",))) as root:
        asked = {"Origin": "https://app.example.com", "Access-Control-Request-Method": "POST"}
        allowed = ask(root, "OPTIONS", "/", headers={**asked, "Access-Control-Request-Headers": "prefer"})
        assert (allowed.status, allowed.headers["access-control-allow-origin"]) == (200, "https://app.example.com")
        refused = ask(root, "OPTIONS", "/", headers={**asked, "Origin": "https://evil.example.com"})
        assert (refused.status, refused.headers.get("access-control-allow-origin")) == (400, None)
        assert ask(root, "GET", "/", headers=asked).headers["access-control-allow-origin"] == "https://app.example.com"


def test_pages_may_send_what_our_own_client_and_those_for_dataverse_send() -> None:
    runtime = resources.files("actionlang.clients.typescript").joinpath("runtime")
    transport = "".join(runtime.joinpath(name).read_text("utf-8") for name in ("transport.ts", "started.ts"))
    ours = {*re.findall(r'headers\["([\w-]+)"\] =', transport), "Accept", "Content-Type", "OData-Version"}
    assert {"X-Api-Key", "Authorization", "Idempotency-Key", "If-Match", "Prefer"} <= ours
    theirs = ("OData-MaxVersion", "CallerObjectId", "MSCRM.SuppressDuplicateDetection", "Consistency")
    with served(ServerSettings(cors_origins=("https://app.example.com",))) as root:
        asked = {"Origin": "https://app.example.com", "Access-Control-Request-Method": "POST"}
        names = ", ".join((*sorted(ours), *theirs))
        allowed = ask(root, "OPTIONS", "/", headers={**asked, "Access-Control-Request-Headers": names})
        assert allowed.status == 200, allowed.body
        assert allowed.headers["access-control-allow-headers"] == names
        read = ask(root, "GET", "/", headers=asked).headers["access-control-expose-headers"].split(", ")
        needed = {*re.findall(r'headers\.get\("([\w-]+)"\)', transport)} - {"content-type"}
        assert {"Retry-After", "Location", "AsyncResult"} <= needed <= {*read}
        assert {"ETag", "Location", "Idempotency-Replayed", "Deprecation", "Mcp-Session-Id"} <= {*read}
