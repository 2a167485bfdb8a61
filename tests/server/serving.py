"""`actionlang serve` as a process of its own, and clients that keep their connections."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from threading import Condition, Event, Thread
from typing import IO, Any, Self
from urllib.parse import urlsplit

import attrs

ACTIONLANG = (sys.executable, "-c", "import sys; from actionlang.cli.main import main; sys.exit(main())")
ROOT = "/api/data/v9.2"
QUIET = """
mcp = false

[observing]
requests = false

[identity]
anonymous = "ann@example.com"
calls_per_second = 0
"""
"""Settings with which calls without credentials are Ann's, as many as she likes, and leave no line in the log."""


class Log:
    """What a server logs, line by line, as it comes."""

    def __init__(self, stream: IO[str]) -> None:
        self._lines: list[str] = []
        self._changed = Condition()
        self._thread = Thread(target=self._read, args=(stream,))
        self._thread.start()

    def _read(self, stream: IO[str]) -> None:
        for line in stream:
            with self._changed:
                self._lines.append(line)
                self._changed.notify_all()

    def close(self) -> None:
        """Wait for the end of it."""
        self._thread.join()

    def count(self, words: str) -> int:
        """How many lines have these words."""
        return sum(words in line for line in self._lines)

    def workers(self) -> list[int]:
        """The ids of the processes that have begun to answer, in that order."""
        return [int(found[1]) for line in self._lines if (found := re.search(r"worker (\d+) answers", line))]

    def wait_for(self, words: str, times: int = 1) -> None:
        """Wait until so many lines have these words."""
        with self._changed:
            assert self._changed.wait_for(lambda: self.count(words) >= times, timeout=60), "".join(self._lines)


@attrs.frozen(eq=False)
class Serve:
    """A server that answers: its process, and where it is."""

    process: subprocess.Popen[str]
    told: dict[str, Any]
    log: Log

    @property
    def address(self) -> str:
        return urlsplit(str(self.told["address"])).netloc

    def connected(self) -> HTTPConnection:
        return HTTPConnection(self.address, timeout=60)

    def ask(self, method: str, path: str, body: object = None) -> tuple[int, Any]:
        """A call on a connection of its own: the status, and what the body's JSON says."""
        connection = self.connected()
        try:
            return ask(connection, method, path, body)
        finally:
            connection.close()

    def end(self, number: signal.Signals = signal.SIGTERM) -> int:
        """Ask it to end; gives its exit code."""
        self.process.send_signal(number)
        return self.process.wait()


def ask(connection: HTTPConnection, method: str, path: str, body: object = None) -> tuple[int, Any]:
    """A call: the status, and what the body's JSON says."""
    text = None if body is None else json.dumps(body)
    connection.request(method, path, text, {"Content-Type": "application/json"})
    response = connection.getresponse()
    told = response.read()
    return response.status, json.loads(told) if told else None


@contextmanager
def serve(folder: Path, url: str, *options: str, settings: str = "") -> Iterator[Serve]:
    """A server of a database, started in a folder."""
    config = folder / "server.toml"
    config.write_text(settings + QUIET, "utf-8")
    command = [*ACTIONLANG, "serve", "--json", "--port", "0", "--db", url, "--config", str(config)]
    pipe = subprocess.PIPE
    with subprocess.Popen([*command, *options], cwd=folder, stdout=pipe, stderr=pipe, text=True) as process:
        assert process.stdout is not None and process.stderr is not None
        log = Log(process.stderr)
        try:
            line = process.stdout.readline()
            if not line:
                log.wait_for("error")
            yield Serve(process, json.loads(line), log)
        finally:
            process.terminate()
            log.close()


class Load:
    """Clients that call all the time, each on a connection that it keeps for as long as the server does. A call is lost that is not
    answered, or not as it should be."""

    def __init__(self, server: Serve, clients: int, call: Any) -> None:
        self._server, self._call = server, call
        self._enough = Event()
        self.calls = 0
        self.lost: list[str] = []
        self._threads = [Thread(target=self._go_on, args=(number,)) for number in range(clients)]

    def _go_on(self, number: int) -> None:
        connection = self._server.connected()
        while not self._enough.is_set():
            try:
                self._call(connection, number)
            except (OSError, HTTPException, AssertionError) as error:
                self.lost.append(repr(error))
                connection.close()
            self.calls += 1
        connection.close()

    def __enter__(self) -> Self:
        for each in self._threads:
            each.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._enough.set()
        for each in self._threads:
            each.join()
