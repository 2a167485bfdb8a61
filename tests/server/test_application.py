"""The application on a socket: what it refuses before any door is asked, and what it makes of doors' answers."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from http.client import HTTPConnection, HTTPResponse
from threading import Event
from urllib.parse import urlsplit

import attrs
import pytest
from starlette.datastructures import Headers

from actionlang.runtime.database import Database
from actionlang.server.app import Application, Limits, Mounted
from actionlang.server.identity.identity import Identity
from actionlang.server.messages import Request, Response
from actionlang.server.refusal import Refusal
from actionlang.server.service import VerbCall
from tests.server.live import live
from tests.server.slow import make_touch_quick, make_touch_slow
from tests.server.world import desk, service, somebody

LIMITS = Limits(calls=2, waiting=1, body=2000, reading=0.2)


class Doors:
    """Doors of a test, and what they were asked."""

    def __init__(self) -> None:
        self.asked: list[Request] = []
        self.let_go = Event()
        self.is_held = Event()

    def echo(self, request: Request) -> Response:
        self.asked.append(request)
        if request.method == "PUT":
            raise Refusal(405, "E1123", "This can not be put.", headers={"Allow": "GET, POST"})
        return Response(200, {"Content-Type": "text/plain"}, request.body or b"hello")

    def hold(self, request: Request) -> Response:
        self.is_held.set()
        self.let_go.wait()
        return Response(204)

    def fail(self, request: Request) -> Response:
        raise RuntimeError("secret: SELECT password FROM /etc/shadow")

    @contextmanager
    def served(self, limits: Limits = LIMITS) -> Iterator[str]:
        mounted = (
            Mounted("/echo", self.echo),
            Mounted("/hold", self.hold),
            Mounted("/fail", self.fail),
            Mounted("/apart", self.echo, open=True, apart=True),
        )
        with live(Application(mounted, lambda headers, address: Identity(f"from {address}"), limits=limits)) as root:
            try:
                yield root
            finally:
                self.let_go.set()


@pytest.fixture(scope="module")
def served() -> Iterator[tuple[Doors, str]]:
    """One server for tests that need nothing of their own."""
    doors = Doors()
    with doors.served() as root:
        yield doors, root


@attrs.frozen
class Told:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def code(self) -> str:
        return str(json.loads(self.body)["error"]["code"])


def ask(root: str, method: str, path: str, body: object = None, headers: dict[str, str] | None = None) -> Told:
    connection = HTTPConnection(urlsplit(root).netloc)
    connection.request(method, path, body, headers or {})  # type: ignore[arg-type]
    return told(connection.getresponse(), connection)


def told(response: HTTPResponse, connection: HTTPConnection) -> Told:
    found = Told(response.status, {name.lower(): value for name, value in response.getheaders()}, response.read())
    connection.close()
    return found


def test_doors_are_told_what_was_asked(served: tuple[Doors, str]) -> None:
    doors, root = served
    answered = ask(root, "POST", "/echo/a%2Fb?q=%41", b"body")
    assert (answered.status, answered.body) == (200, b"body")
    request = doors.asked[-1]
    assert (request.method, request.path, request.query, request.base) == ("POST", "/echo/a%2Fb", "q=%41", root)
    assert (request.identity.subject, request.peer) == ("from 127.0.0.1", "127.0.0.1")


@pytest.mark.parametrize("path", ["/", "/ech", "/echoes", "/nothing"])
def test_nothing_there(served: tuple[Doors, str], path: str) -> None:
    answered = ask(served[1], "GET", path)
    assert (answered.status, answered.code) == (404, "E1100")


def test_head_is_get_without_the_body(served: tuple[Doors, str]) -> None:
    answered = ask(served[1], "HEAD", "/echo")
    assert (answered.status, answered.headers["content-length"], answered.body) == (200, "5", b"")
    assert served[0].asked[-1].method == "GET"


def test_options_tells_what_a_door_allows(served: tuple[Doors, str]) -> None:
    def only_put(request: Request) -> Response:
        return Response(405, {"Allow": "PUT"})

    with live(Application((Mounted("/", only_put),), lambda *_: Identity("somebody"))) as root:
        answered = ask(root, "OPTIONS", "/")
    assert (answered.status, answered.headers["allow"], answered.body) == (204, "PUT", b"")
    assert "content-length" not in answered.headers


def test_a_method_that_a_door_does_not_know(served: tuple[Doors, str]) -> None:
    answered = ask(served[1], "PUT", "/echo")
    assert (answered.status, answered.code, answered.headers["allow"]) == (405, "E1123", "GET, POST")


def test_a_method_that_nobody_knows(served: tuple[Doors, str]) -> None:
    answered = ask(served[1], "PROPFIND", "/echo")
    assert (answered.status, answered.code) == (501, "E1101")
    assert "POST" in answered.headers["allow"]


def test_what_goes_wrong_inside_is_nobodys_business(
    served: tuple[Doors, str], caplog: pytest.LogCaptureFixture
) -> None:
    answered = ask(served[1], "GET", "/fail")
    assert (answered.status, answered.code) == (500, "E0809")
    assert b"secret" not in answered.body and b"Error" not in answered.body
    (incident,) = [record for record in caplog.records if record.name == "actionlang.server"]
    assert incident.run in answered.body.decode()  # type: ignore[attr-defined]


# --------------------------------------------------------------------------------------------------------------- bodies


def test_a_body_that_says_it_is_too_large(served: tuple[Doors, str]) -> None:
    connection = HTTPConnection(urlsplit(served[1]).netloc)
    connection.request("POST", "/echo", b"x" * 2001)
    first = connection.getresponse()
    assert (first.status, json.loads(first.read())["error"]["code"]) == (413, "E1102")
    connection.request("POST", "/echo", b"x" * 2000)
    assert told(connection.getresponse(), connection).status == 200


def test_a_body_that_turns_out_to_be_too_large(served: tuple[Doors, str]) -> None:
    connection = HTTPConnection(urlsplit(served[1]).netloc)
    connection.request(
        "POST", "/echo", iter([b"x" * 1500, b"x" * 501]), {"Transfer-Encoding": "chunked"}, encode_chunked=True
    )
    answered = told(connection.getresponse(), connection)
    assert (answered.status, answered.code, answered.headers["connection"]) == (413, "E1102", "close")


def test_a_body_that_does_not_come(served: tuple[Doors, str]) -> None:
    connection = HTTPConnection(urlsplit(served[1]).netloc)
    connection.putrequest("POST", "/echo")
    connection.putheader("Content-Length", "10")
    connection.endheaders(b"half")
    answered = told(connection.getresponse(), connection)
    assert (answered.status, answered.code, answered.headers["connection"]) == (408, "E1103", "close")


def test_nobody_sends_much() -> None:
    """Whoever may not call is told so before a body is read that would take memory."""
    asked: list[str] = []

    def authenticate(headers: Headers, _: str) -> Identity:
        asked.append(headers["x-who"])
        if headers["x-who"] == "nobody":
            raise Refusal(401, "E1111", "This needs credentials.")
        return Identity("somebody")

    doors = Doors()
    mounted = (Mounted("/echo", doors.echo), Mounted("/open", doors.echo, open=True))
    with live(Application(mounted, authenticate, limits=attrs.evolve(LIMITS, body=200_000))) as root:
        for path, who, status in (("/echo", "nobody", 401), ("/open", "nobody", 413), ("/nowhere", "nobody", 413)):
            connection = HTTPConnection(urlsplit(root).netloc)
            connection.putrequest("POST", path)
            connection.putheader("X-Who", who)
            connection.putheader("Content-Length", "100000")
            connection.endheaders(b"the beginning")
            assert told(connection.getresponse(), connection).status == status
        assert ask(root, "POST", "/echo", b"x" * 100_000, {"X-Who": "somebody"}).status == 200
    assert asked == ["nobody", "somebody"]


def test_a_caller_who_goes_away_has_called_nothing(served: tuple[Doors, str]) -> None:
    doors, root = served
    parts = urlsplit(root)
    with socket.create_connection((parts.hostname or "", parts.port or 0)) as sending:
        sending.sendall(b"POST /echo/gone HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nhalf")
    assert ask(root, "GET", "/echo/after").status == 200
    assert not any(request.path == "/echo/gone" for request in doors.asked)


# -------------------------------------------------------------------------------------------------------- room and time


def test_when_there_is_too_much_to_do() -> None:
    doors = Doors()
    with doors.served(Limits(calls=1, waiting=0)) as root, ThreadPoolExecutor(1) as callers:
        held = callers.submit(ask, root, "GET", "/hold")
        doors.is_held.wait()
        refused = ask(root, "GET", "/hold")
        assert (refused.status, refused.code, refused.headers["retry-after"]) == (503, "E1105", "1")
        assert ask(root, "GET", "/apart").status == 200
        doors.let_go.set()
        assert held.result().status == 204
        assert ask(root, "GET", "/hold").status == 204


@pytest.mark.parametrize("kind", ["sqlite", "postgres"])
def test_a_call_that_takes_too_long_is_undone(kind: str) -> None:
    with desk(kind) as database:
        calls = service(database)
        calls.call(VerbCall("TakeSample", somebody("ann"), arguments={"code": "S"}))
        make_touch_slow(database)

        def touch(request: Request) -> Response:
            calls.call(VerbCall("Touch", somebody("ann"), "S"))
            return Response(204)

        limits = Limits(seconds=0.2)
        with live(Application((Mounted("/", touch),), lambda *_: somebody("ann"), limits=limits)) as root:
            answered = ask(root, "POST", "/")
            assert (answered.status, answered.code) == (504, "E1104")
            assert _outcomes(database) == ["done", "failed"]
            make_touch_quick(database)
            assert ask(root, "POST", "/").status == 204


def _outcomes(database: Database) -> list[str]:
    return sorted(str(each.outcome) for each in database.log.runs())
