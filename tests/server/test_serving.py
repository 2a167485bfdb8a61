"""One process that ends: nothing is lost of what is under way or on connections that are open, and nobody is waited for too long."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from threading import Event, Thread
from typing import Self

import attrs

from actionlang.runtime.time_limit import held_to_time
from actionlang.server.app import Application, Mounted
from actionlang.server.identity.identity import Identity
from actionlang.server.messages import Request, Response
from actionlang.server.protocol import MOST_IN_HEAD
from actionlang.server.serving import Serving, Told
from actionlang.server.settings import ServerSettings

PATIENT = ServerSettings(drain=60.0, stop_timeout=60.0)


class Held:
    """A server with a door that answers when it is let go."""

    def __init__(self, settings: ServerSettings = PATIENT) -> None:
        self.is_held, self.let_go, self.is_ending = Event(), Event(), Event()
        doors = (Mounted("/hold", self._hold), Mounted("/work", self._work), Mounted("/", self._quick))
        application = Application(doors, lambda *_: Identity("x"))
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.address = self._listening.getsockname()
        self.serving = Serving(application, settings, Told(stopping=self.is_ending.set))
        self._thread = Thread(target=self.serving.run, kwargs={"sockets": [self._listening]})

    def _hold(self, request: Request) -> Response:
        self.is_held.set()
        self.let_go.wait()
        return Response(200, {}, b"held")

    def _work(self, request: Request) -> Response:
        stopped = Event()
        with held_to_time(stopped.set):
            self.is_held.set()
            stopped.wait()
        return Response(504, {}, b"stopped")

    def _quick(self, request: Request) -> Response:
        return Response(200, {}, b"quick")

    def connected(self) -> HTTPConnection:
        """A connection on which a call was answered already."""
        connection = HTTPConnection(*self.address)
        connection.request("GET", "/")
        assert connection.getresponse().read() == b"quick"
        return connection

    def has_ended(self) -> None:
        """Wait until it is over."""
        self._thread.join()

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.let_go.set()
        self.serving.stop(at_once=True)
        self.serving.stop(at_once=True)
        self._thread.join()
        self._listening.close()


def test_what_is_under_way_is_answered() -> None:
    with Held() as server:
        connection = HTTPConnection(*server.address)
        connection.request("GET", "/hold")
        server.is_held.wait()
        server.serving.stop()
        server.is_ending.wait()
        server.let_go.set()
        response = connection.getresponse()
        assert (response.read(), response.getheader("connection")) == (b"held", "close")
        server.has_ended()


def test_open_connections_are_answered_once_more() -> None:
    with Held() as server:
        connections = [server.connected() for _ in range(3)]
        server.serving.stop()
        server.is_ending.wait()
        for connection in connections:
            connection.request("GET", "/")
            response = connection.getresponse()
            assert (response.read(), response.getheader("connection")) == (b"quick", "close")
        server.has_ended()


def test_new_connections_are_left_to_others() -> None:
    with Held() as server:
        other = server._listening.dup()
        kept = server.connected()
        server.serving.stop()
        server.is_ending.wait()
        new = HTTPConnection(*server.address)
        new.connect()
        kept.request("GET", "/")
        assert kept.getresponse().read() == b"quick"
        server.has_ended()
        accepted, _ = other.accept()
        for each in (accepted, other, new):
            each.close()


def test_ctrl_c_does_not_wait_for_idle_connections() -> None:
    with Held() as server:
        connection = server.connected()
        server.serving.stop(at_once=True)
        server.has_ended()
        connection.close()


def test_asked_twice_it_stops_calls_and_says_so() -> None:
    with Held() as server:
        connection = HTTPConnection(*server.address)
        connection.request("GET", "/work")
        server.is_held.wait()
        server.serving.stop(at_once=True)
        server.serving.stop(at_once=True)
        response = connection.getresponse()
        assert (response.status, response.read()) == (504, b"stopped")
        server.has_ended()


def test_nobody_is_waited_for_longer_than_for_the_time_to_drain() -> None:
    with Held(ServerSettings(drain=0.05)) as server:
        connection = server.connected()
        server.serving.stop()
        server.has_ended()
        connection.close()


@contextmanager
def _sending(server: Held) -> Iterator[socket.socket]:
    with socket.create_connection(server.address) as sending:
        yield sending


def test_a_head_without_an_end_is_refused() -> None:
    with Held() as server, _sending(server) as sending:
        sending.sendall(b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX: ")
        sending.sendall(b"x" * (MOST_IN_HEAD + 1))
        assert sending.recv(1000).startswith(b"HTTP/1.1 431 ")


def test_a_large_body_is_no_large_head() -> None:
    with Held() as server:
        connection = HTTPConnection(*server.address)
        for _ in range(2):
            connection.request("POST", "/", b"x" * (2 * MOST_IN_HEAD))
            assert connection.getresponse().read() == b"quick"
        connection.close()


def test_a_head_that_does_not_come_is_not_waited_for() -> None:
    with Held(attrs.evolve(PATIENT, read_timeout=0.1)) as server, _sending(server) as silent, _sending(server) as slow:
        slow.sendall(b"GET / HT")
        assert silent.recv(1000) == b""
        assert slow.recv(1000) == b""
