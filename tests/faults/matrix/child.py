"""The process that a fault is tried on: `python -m tests.faults.matrix.child` forks one for each request that it reads, so that all
is imported by then. A request names the work, the database, the fault and the number of the statement (0: none)."""

from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import attrs

# All that is needed is imported before the first fork.
import actionlang.engine.sql.postgres
import actionlang.runtime.opening_postgres  # noqa: F401
from actionlang.diagnostics.diagnostic import ActionLangError
from actionlang.runtime.database import Database
from actionlang.runtime.retry import Retry
from tests.faults.matrix import scene
from tests.faults.matrix.counting import Counter
from tests.faults.matrix.meeting import FAULTS
from tests.faults.matrix.works import BY_NAME
from tests.registry import board

ROOT = Path(__file__).parents[3]


def work(name: str, url: str, out: str, fault: str, at: int) -> dict[str, Any]:
    """Do a work, with a fault at a statement; says how many there were and how it ended."""
    counter = Counter(at, FAULTS[fault] if at else lambda send, _: send())
    counter.install()
    told = "done"
    try:
        with Database.connect(url, retry=Retry(attempts=1, queue=False)) as database:
            BY_NAME[name].do(database, Path(out))
    except ActionLangError as error:
        told = error.diagnostics[0].code.id
    return {"count": counter.count, "told": told}


def serve() -> None:
    """Fork for each request."""
    # Its pool tells of connections that it can not put back.
    logging.getLogger("sqlalchemy.pool").addHandler(logging.NullHandler())
    scene.plan("Close")
    board.drafts(board.LOUD)
    for line in sys.stdin:
        request = json.loads(line)
        os.environ.update(request.pop("environment"))
        child = os.fork()
        if child == 0:
            status = 1
            try:
                print(json.dumps(work(**request)), flush=True)
                status = 0
            finally:
                os._exit(status)
        _, ended = os.waitpid(child, 0)
        print(json.dumps({"ended": os.waitstatus_to_exitcode(ended)}), flush=True)


@attrs.frozen
class Ended:
    """How a child ended: with which code of the system's, having counted how many statements, telling what of its work."""

    code: int
    count: int | None
    told: str | None


@attrs.frozen
class Children:
    """A program that starts them."""

    process: subprocess.Popen[str]

    def run(self, environment: dict[str, str], **request: Any) -> Ended:
        """Have one work until it ends, one way or the other."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        print(json.dumps({**request, "environment": environment}), file=self.process.stdin, flush=True)
        told: dict[str, Any] = {}
        while True:
            read = json.loads(self.process.stdout.readline())
            if "ended" in read:
                return Ended(read["ended"], told.get("count"), told.get("told"))
            told = read


@contextmanager
def children() -> Iterator[Children]:
    """What starts them."""
    with subprocess.Popen(
        [sys.executable, "-m", "tests.faults.matrix.child"],
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
