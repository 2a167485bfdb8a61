"""A program that runs Escalate and meets its end on the way: `python -m tests.faults.child FILE WAY STATEMENT`.

WAY is what happens at the statement of that number (the first is 1): `killed before` or `killed inside` it, `interrupted before` or
`interrupted after` it. Without one (`none 0`) it says how many statements there are.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from typing import Any

from actionlang.runtime.database import Database
from actionlang.runtime.result import RunInterrupted
from tests.runtime.desk import ESCALATE_PLAN, NOW


class Counting:
    """A driver's cursor that calls back before and after each statement."""

    def __init__(self, cursor: Any, before: Callable[[int], None], after: Callable[[int], None]) -> None:
        self._cursor = cursor
        self._before = before
        self._after = after
        self.count = 0

    def execute(self, *statement: Any) -> None:
        self._counted(self._cursor.execute, statement)

    def executemany(self, *statement: Any) -> None:
        self._counted(self._cursor.executemany, statement)

    def _counted(self, do: Callable[..., object], statement: tuple[Any, ...]) -> None:
        self.count += 1
        self._before(self.count)
        do(*statement)
        self._after(self.count)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._cursor, name)


def end_by(signal_: int) -> None:
    os.kill(os.getpid(), signal_)


def main(path: str, way: str, number: int) -> None:
    """Run Escalate."""
    with Database.connect(f"sqlite:///{path}") as database:
        connection, session = database.take_turn()
        driver = session.driver

        def before(count: int) -> None:
            if count != number:
                return
            if way == "killed before":
                end_by(signal.SIGKILL)
            elif way == "killed inside":
                # Called by the database's virtual machine after its second instruction.
                driver.set_progress_handler(lambda: end_by(signal.SIGKILL), 2)  # type: ignore[attr-defined]
            elif way == "interrupted before":
                end_by(signal.SIGINT)

        def after(count: int) -> None:
            if way == "interrupted after" and count == number:
                end_by(signal.SIGINT)

        session.cursor = counting = Counting(session.cursor, before, after)
        database.end_turn(connection)
        try:
            ESCALATE_PLAN.run(database, on="CAS-1", reason="smoke", at=NOW)
        except RunInterrupted as interrupted:
            print(interrupted, interrupted.committed)
            raise
        print(counting.count)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
