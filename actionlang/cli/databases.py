"""The database that a command works on: that of `--db`, else that of the project."""

from __future__ import annotations

import logging
from zoneinfo import ZoneInfo

from actionlang.compile.project import FILE_NAME, Project
from actionlang.diagnostics.catalogue import project as codes
from actionlang.diagnostics.diagnostic import ActionLangError, Diagnostic
from actionlang.runtime.database import Database
from actionlang.runtime.hosting import PLAIN, Hosting


def open_database(
    given: str | None,
    project: Project,
    *,
    create: bool = False,
    busy_timeout: float | None = None,
    hosting: Hosting = PLAIN,
) -> Database:
    """Open it; `create` makes a file that is not there, `busy_timeout` is how many seconds to wait for other writers, `hosting`
    what is added to runs.

    Raises ActionLangError when neither names a database, or it can not be opened.
    """
    tell_errors_only()
    url = url_of(given, project)
    zone = ZoneInfo(project.time_zone)
    if busy_timeout is None:
        return Database.connect(url, create=create, zone=zone, hosting=hosting)
    return Database.connect(url, create=create, zone=zone, busy_timeout=busy_timeout, hosting=hosting)


def tell_errors_only() -> None:
    """Where nobody asks for logs, Python prints warnings of libraries, with tracebacks: of a connection that was lost its pool
    says that it could not roll back on it, its driver that it could not close it. The command's own error says what is wrong.
    """
    for name in ("sqlalchemy", "psycopg"):
        logger = logging.getLogger(name)
        if not logger.handlers:
            logger.addHandler(logging.NullHandler())


def url_of(given: str | None, project: Project) -> str:
    """The database's URL. Raises ActionLangError when there is none."""
    url = given or project.database
    if url is None:
        message = "Which database? Neither --db nor a project file names one."
        hint = f'add --db sqlite:///data.db, or the line database = "sqlite:///data.db" to {FILE_NAME}'
        raise ActionLangError(Diagnostic(codes.NO_DATABASE, message, hint=hint))
    return url if "://" in url else f"sqlite:///{url}"
