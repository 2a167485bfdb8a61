"""systemd starts the server with a socket, and is told how it does: both as sd_listen_fds(3) and sd_notify(3) say."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path

import pytest

from actionlang.server.listening import listening_socket
from actionlang.server.notifying import READY, STOPPING, notify, reloading
from tests.server.serving import ACTIONLANG, QUIET, Log, ask
from tests.server.world import desk_url

HANDING_OVER = (
    sys.executable,
    "-c",
    """
import os, sys
os.dup2(int(sys.argv[1]), 3)
os.environ.update(LISTEN_FDS="1", LISTEN_PID=str(os.getpid()))
os.execv(sys.argv[2], sys.argv[2:])
""",
)
"""Begins a program with a socket as systemd does."""


@contextmanager
def listening_for_news(address: str) -> Iterator[socket.socket]:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listening:
        listening.bind(address)
        listening.settimeout(60)
        yield listening


@pytest.mark.parametrize("is_abstract", [False, True], ids=["path", "abstract"])
def test_systemd_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, is_abstract: bool) -> None:
    name = f"actionlang-{os.getpid()}" if is_abstract else str(tmp_path / "notify")
    monkeypatch.setenv("NOTIFY_SOCKET", f"@{name}" if is_abstract else name)
    with listening_for_news(f"\0{name}" if is_abstract else name) as news:
        for state in (READY, reloading(), STOPPING):
            notify(state)
        assert news.recv(100) == b"READY=1"
        assert re.fullmatch(rb"RELOADING=1\nMONOTONIC_USEC=[0-9]{4,}", news.recv(100))
        assert news.recv(100) == b"STOPPING=1"


def test_nobody_is_told_where_nobody_listens(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NOTIFY_SOCKET", raising=False)
    notify(READY)
    for address in ("", str(tmp_path / "nothing"), "@nothing", "x" * 200):
        monkeypatch.setenv("NOTIFY_SOCKET", address)
        notify(READY)


@pytest.mark.parametrize(
    "variables",
    [{}, {"LISTEN_FDS": "1", "LISTEN_PID": "1"}, {"LISTEN_FDS": "0", "LISTEN_PID": str(os.getpid())}],
    ids=["none", "another's", "no socket"],
)
def test_a_socket_that_is_not_this_processs_is_left_alone(variables: dict[str, str]) -> None:
    with listening_socket("127.0.0.1", 0, variables) as made:
        assert made.fileno() > 3
        assert made.getsockname()[0] == "127.0.0.1"


@pytest.mark.process
@pytest.mark.parametrize("workers", [1, 2])
def test_a_server_that_systemd_starts(tmp_path: Path, workers: int) -> None:
    (tmp_path / "server.toml").write_text(f"workers = {workers}\n{QUIET}")
    with (
        desk_url("postgres" if workers > 1 else "sqlite") as url,
        listening_for_news(str(tmp_path / "notify")) as news,
        socket.create_server(("127.0.0.1", 0)) as handed_over,
    ):
        # The port that it would listen on itself does not count.
        words = ("serve", "--json", "--port", "1", "--db", url, "--config", "server.toml")
        with subprocess.Popen(
            [*HANDING_OVER, str(handed_over.fileno()), *ACTIONLANG, *words],
            cwd=tmp_path,
            env={**os.environ, "NOTIFY_SOCKET": str(tmp_path / "notify")},
            pass_fds=(handed_over.fileno(),),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        ) as process:
            assert process.stdout is not None and process.stderr is not None
            log = Log(process.stderr)
            try:
                host, port = handed_over.getsockname()
                assert json.loads(process.stdout.readline())["address"] == f"http://{host}:{port}"
                assert news.recv(100) == b"READY=1"
                _is_alive(port)
                if workers > 1:
                    process.send_signal(signal.SIGHUP)
                    assert news.recv(100).startswith(b"RELOADING=1\nMONOTONIC_USEC=")
                    assert news.recv(100) == b"READY=1"
                    _is_alive(port)
                process.terminate()
                assert news.recv(100) == b"STOPPING=1"
                assert process.wait() == 0
            finally:
                process.terminate()
                log.close()
        # It is systemd's: who comes now waits in it for the next server.
        socket.create_connection(handed_over.getsockname()).close()
        handed_over.accept()[0].close()


def _is_alive(port: int) -> None:
    connection = HTTPConnection("127.0.0.1", port, timeout=60)
    try:
        assert ask(connection, "GET", "/healthz")[0] == 200
    finally:
        connection.close()
