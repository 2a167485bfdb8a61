"""Deliverers in processes of their own that meet their end on the way: `python -m tests.delivery.child`.

Reads requests from its input, a line of JSON each, and forks for each: everything is imported by then, so that a process is there
at once. A child delivers what is due at START; it is killed after the statement of the number that the request names (0: never).
Answers with the child's process id when it has begun, and with how it ended when it has.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import attrs
import sqlalchemy as sa

# All that a deliverer needs is imported before the first fork.
import actionlang.delivery.webhook
import actionlang.engine.sql.postgres
import actionlang.runtime.opening_postgres  # noqa: F401
from actionlang.delivery.deliverer import Deliverer, Pace
from actionlang.delivery.secret import SecretPlace
from actionlang.runtime.database import Database
from tests.delivery.conftest import subscribe
from tests.delivery.outbox import START, emit, make_tables

ROOT = Path(__file__).parents[2]


def deliver(url: str, workers: int, statement: int) -> None:
    """Deliver what is due; be killed after a statement."""
    count = 0

    def counted(*_: object) -> None:
        nonlocal count
        count += 1
        if count == statement:
            os.kill(os.getpid(), signal.SIGKILL)

    with Database.connect(url) as database:
        sa.event.listen(database.engine, "after_cursor_execute", counted)
        Deliverer(database, pace=Pace(workers=workers), now=lambda: START).run_once()
    print(json.dumps({"count": count}), flush=True)


def serve() -> None:
    """Fork for each request."""
    with Database.connect("sqlite://") as warm:
        make_tables(warm)
        subscribe(warm, "http://localhost:9/", SecretPlace("env", "DESK_SECRET"))
        emit(warm)
        Deliverer(warm).run_once()
    for line in sys.stdin:
        request = json.loads(line)
        child = os.fork()
        if child == 0:
            status = 1
            try:
                deliver(**request)
                status = 0
            finally:
                os._exit(status)
        print(json.dumps({"pid": child}), flush=True)
        _, ended = os.waitpid(child, 0)
        print(json.dumps({"ended": os.waitstatus_to_exitcode(ended)}), flush=True)


@attrs.frozen
class Children:
    """A program that starts them."""

    process: subprocess.Popen[str]

    def begin(self, url: str, *, workers: int = 1, statement: int = 0) -> int:
        """Start one; gives its process id."""
        assert self.process.stdin is not None
        request = {"url": url, "workers": workers, "statement": statement}
        print(json.dumps(request), file=self.process.stdin, flush=True)
        return int(self._read("pid")["pid"])

    def end(self) -> tuple[int, int | None]:
        """How it ended, and how many statements it ran if it came to its end."""
        count: int | None = None
        while True:
            read = self._read()
            if "ended" in read:
                return read["ended"], count
            count = read.get("count")

    def _read(self, *wanted: str) -> dict[str, Any]:
        assert self.process.stdout is not None
        read: dict[str, Any] = json.loads(self.process.stdout.readline())
        assert set(wanted) <= set(read), read
        return read


@contextmanager
def children() -> Iterator[Children]:
    """What starts them."""
    with subprocess.Popen(
        [sys.executable, "-m", "tests.delivery.child"],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        yield Children(process)
        assert process.stdin is not None
        process.stdin.close()


if __name__ == "__main__":
    serve()
