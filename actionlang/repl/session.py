"""`actionlang repl`: from scripts and a database to a prompt, and to an exit code."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from actionlang.compile.selection import Selection
from actionlang.repl.screen import Screen
from actionlang.repl.workspace import Workspace

if TYPE_CHECKING:
    from actionlang.repl.evaluator import Evaluator

FINE, PROBLEMS = 0, 1
IN_MEMORY = "sqlite://"


def run_repl(selection: Selection, url: str | None = None) -> int:
    """Load scripts, open the database, or without a URL one in memory, and answer what is typed, or what comes through a pipe,
    until it ends.

    Gives the exit code: 0, or 1 when something that came through a pipe failed. Raises ActionLangError when the scripts have
    errors, the database can not be opened or lacks the scripts' tables; ModuleNotFoundError when a library that this needs is
    not installed.
    """
    screen = Screen.of_process()
    # Before anything is loaded: a library that only a terminal needs may be missing.
    converse = _conversation() if sys.stdin.isatty() and sys.stdout.isatty() else None
    workspace = Workspace(selection)
    screen.complain(*workspace.warnings)

    from actionlang.repl.evaluator import Evaluator
    from actionlang.repl.piped import answer_all
    from actionlang.repl.work import Work
    from actionlang.runtime.database import Database

    with Database.connect(url or IN_MEMORY, zone=ZoneInfo(selection.project.time_zone)) as database:
        if url is None:
            database.tables.create(workspace.schema())
        with Work(database, workspace.own_schema() if url else None) as work:
            evaluator = Evaluator(workspace, work, screen, in_memory=url is None)
            if converse is not None:
                converse(evaluator)
                return FINE
            return FINE if answer_all(sys.stdin, evaluator) else PROBLEMS


def _conversation() -> Callable[[Evaluator], None]:
    from actionlang.repl.terminal import converse

    return converse
