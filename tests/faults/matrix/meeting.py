"""Faults: what happens at a statement."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from typing import Any

import psutil
import psycopg

from tests.faults.matrix.counting import Send

Meet = Callable[[Send, Any], Any]


def _kill() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def killed_inside(send: Send, connection: Any) -> Any:
    """It is gone while SQLite works on it: after the second instruction of its virtual machine."""
    connection.set_progress_handler(_kill, 2)
    return send()


def killed_after(send: Send, connection: Any) -> Any:
    """It is gone when the statement is done, before it has heard of it."""
    send()
    _kill()


def cut_before(send: Send, connection: Any) -> Any:
    """The server ends the connection before the statement."""
    _cut(connection)
    return send()


def cut_after(send: Send, connection: Any) -> Any:
    """The server does the statement and ends the connection before the answer has come."""
    send()
    _cut(connection)
    _notice(connection)


def stopped_after(send: Send, connection: Any) -> Any:
    """The server does the statement and stops at once before the answer has come."""
    send()
    _stop(connection)
    _notice(connection)


def _cut(connection: psycopg.Connection) -> None:
    with psycopg.connect(os.environ["MATRIX_ADMIN"], autocommit=True) as admin:
        admin.execute("SELECT pg_terminate_backend(%s, 60000)", (connection.info.backend_pid,))


def _stop(connection: psycopg.Connection) -> None:
    """What `pg_ctl stop -m immediate` does: the server and all its processes go, and leave the disk as it is."""
    server = psutil.Process(int(os.environ["MATRIX_SERVER"]))
    backend = connection.info.backend_pid
    server.send_signal(signal.SIGQUIT)
    server.wait(60)
    if psutil.pid_exists(backend):
        psutil.Process(backend).wait(60)


def _notice(connection: psycopg.Connection) -> None:
    """Raise what the driver raises when it waits for an answer in vain."""
    connection.cursor().execute("SELECT 1")


FAULTS: dict[str, Meet] = {
    "killed inside": killed_inside,
    "killed after": killed_after,
    "connection cut before": cut_before,
    "connection cut after": cut_after,
    "server stopped after": stopped_after,
}
"""By name. "Before" and "after" are said of the statement."""
