"""Two runs at once, one of them held at a statement of its choice while the other goes on: no clock decides what is tested."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import attrs

from actionlang.diagnostics.diagnostic import ActionLangError
from actionlang.runtime.database import Database
from actionlang.runtime.result import Result
from actionlang.runtime.retry import Retry

Call = Callable[[Database], Result]
LONG = 60.0
"""Seconds after which a test that waits for another thread is stuck."""


class Steered:
    """A driver's cursor that tells of each statement before it is executed."""

    def __init__(self, cursor: Any, before: Callable[[str], None]) -> None:
        self._cursor = cursor
        self._before = before

    def execute(self, statement: str, *parameters: Any, **how: Any) -> Any:
        self._before(statement)
        return self._cursor.execute(statement, *parameters, **how)

    def executemany(self, statement: str, *parameters: Any) -> Any:
        self._before(statement)
        return self._cursor.executemany(statement, *parameters)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._cursor, name)


@contextmanager
def steered(url: str, before: Callable[[str], None], **settings: Any) -> Iterator[Database]:
    """A database whose one connection tells of each statement."""
    with Database.connect(url, connections=1, **settings) as database:
        connection, session = database.take_turn()
        session.cursor = Steered(session.cursor, before)
        database.end_turn(connection)
        yield database


@attrs.define
class Ended:
    """How a run ended: what it gave, or the code it failed with; and how often it was begun."""

    result: Result | None = None
    code: str | None = None
    begun: int = 0

    def end(self, call: Call, database: Database) -> None:
        """Run it to its end."""
        try:
            self.result = call(database)
        except ActionLangError as error:
            self.code = error.diagnostics[0].code.id


def meanwhile(
    url: str, first: Call, at: str, second: Call, *, retry: Retry | None = None, until_waiting: bool = False
) -> tuple[Ended, Ended]:
    """Begin `first`; when it comes to a statement that begins with `at`, for the first time, run `second`: to its end, or, on SQLite,
    where writers wait, to its beginning (so too where it has to wait, with `until_waiting`). Then let both go on to their ends."""
    one, other = Ended(), Ended()
    far_enough = threading.Event()
    waits = until_waiting or url.startswith("sqlite")
    held = threading.Event()
    settings: dict[str, Any] = {} if retry is None else {"retry": retry}

    def before_second(statement: str) -> None:
        if statement.startswith("BEGIN"):
            other.begun += 1
            if waits:
                far_enough.set()

    def run_second() -> None:
        try:
            with steered(url, before_second, **settings) as database:
                other.end(second, database)
        finally:
            far_enough.set()

    thread = threading.Thread(target=run_second)

    def before_first(statement: str) -> None:
        one.begun += statement.startswith("BEGIN")
        if statement.startswith(at) and not held.is_set():
            held.set()
            thread.start()
            assert far_enough.wait(LONG)

    with steered(url, before_first, **settings) as database:
        one.end(first, database)
        assert held.is_set(), f"the first run never came to {at}"
        thread.join(LONG)
    return one, other


def in_threads(jobs: list[Callable[[], None]]) -> None:
    """Do all at once, from one moment on; an error in one is raised here."""
    errors: list[BaseException] = []
    gate = threading.Barrier(len(jobs))

    def do(job: Callable[[], None]) -> None:
        try:
            gate.wait(LONG)
            job()
        except BaseException as error:  # noqa: BLE001 - told by the main thread
            errors.append(error)

    threads = [threading.Thread(target=do, args=(job,)) for job in jobs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if errors:
        raise errors[0]
