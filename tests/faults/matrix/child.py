"""The process that a fault is tried on: `python -m tests.faults.matrix.child` forks one for each request that it reads. A request
names the work, the database, the fault and the number of the statement (0: none)."""

from __future__ import annotations

import logging
from pathlib import Path

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
from tests.forking import fork_for_requests
from tests.registry import board

CHILD = "tests.faults.matrix.child"


def work(name: str, url: str, out: str, fault: str, at: int) -> dict[str, object]:
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
    fork_for_requests(work)


if __name__ == "__main__":
    serve()
