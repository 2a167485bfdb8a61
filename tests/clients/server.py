"""The desk on a socket, and a way to it that loses answers."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from threading import Thread

from starlette.datastructures import Headers

from actionlang.durable.background import Background
from actionlang.server.app import Application, Mounted
from actionlang.server.identity.identity import Identity
from actionlang.server.odata.door import ODataDoor
from actionlang.server.refusal import Refusal
from tests.server.live import live
from tests.server.world import desk, service, somebody

LONGEST = 1 << 20


def who(headers: Headers, _: str = "") -> Identity:
    """One of the desk's people, by a token or a key that is their name."""
    name = headers.get("authorization", "").removeprefix("Bearer ") or headers.get("x-api-key")
    if not name:
        raise Refusal(401, "E1111", "Who calls?")
    return somebody(name)


@contextmanager
def serving(kind: str = "sqlite", *, at_work: bool = False) -> Iterator[str]:
    """The root of a server of a desk of its own; it goes on with what was started where it is `at_work`."""
    with desk(kind) as database:
        door = ODataDoor(service(database))
        with live(Application([Mounted("/api/data/", door)], who)) as url, door.workers if at_work else nullcontext():
            yield url


@contextmanager
def started_by_hand(kind: str = "sqlite") -> Iterator[tuple[str, Background]]:
    """The root of a server, and what goes on with the runs that it starts, which it does not do by itself."""
    with desk(kind) as database:
        verbs = service(database)
        with live(Application([Mounted("/api/data/", ODataDoor(verbs))], who)) as url:
            yield url, verbs.background


@contextmanager
def losing(url: str, answers: list[bytes | None]) -> Iterator[str]:
    """The root of what passes requests on to a server. Each of these answers is for one request: where it is None the server's own
    is lost, and the connection broken; where it has no bytes that goes through; other bytes are sent without asking the server."""
    host, _, port = url.removeprefix("http://").partition(":")
    with socket.create_server(("127.0.0.1", 0), backlog=32) as listening:
        thread = Thread(target=_pass_on, args=(listening, (host, int(port)), answers))
        thread.start()
        own = listening.getsockname()
        try:
            yield f"http://{own[0]}:{own[1]}"
        finally:
            answers.clear()
            with socket.create_connection(own) as last:
                last.sendall(b"END\r\n\r\n")
            thread.join()


def _pass_on(listening: socket.socket, server: tuple[str, int], answers: list[bytes | None]) -> None:
    while True:
        client, _ = listening.accept()
        with client:
            request = _message(client)
            if request.startswith(b"END"):
                return
            if not request:
                continue
            planned = answers.pop(0) if answers else b""
            if planned:
                client.sendall(planned)
                continue
            with socket.create_connection(server) as upstream:
                upstream.sendall(request)
                answer = _message(upstream)
            if planned is not None:
                head, _, body = answer.partition(b"\r\n\r\n")
                client.sendall(head + b"\r\nconnection: close\r\n\r\n" + body)


def _message(connection: socket.socket) -> bytes:
    """A request or an answer, as far as its Content-Length says."""
    data = b""
    while b"\r\n\r\n" not in data:
        more = connection.recv(LONGEST)
        if not more:
            return data
        data += more
    head, _, body = data.partition(b"\r\n\r\n")
    lengths = [line.partition(b":")[2] for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")]
    while len(body) < int(lengths[0] if lengths else 0):
        more = connection.recv(LONGEST)
        assert more, "the rest of a message did not come"
        body += more
    return head + b"\r\n\r\n" + body


def answer(status: str, *headers: str, body: str = "") -> bytes:
    """An answer of something that stands before the server."""
    lines = [f"HTTP/1.1 {status}", f"content-length: {len(body)}", "connection: close", *headers]
    return ("\r\n".join(lines) + f"\r\n\r\n{body}").encode()
