"""The background runs of the database that a command works on."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from actionlang.diagnostics.catalogue.database import DATABASE_DIFFERS
from actionlang.diagnostics.diagnostic import ActionLangError, Diagnostic

if TYPE_CHECKING:
    from actionlang.compile.project import Project
    from actionlang.durable.background import Background
    from actionlang.runtime.hosting import Hosting


@contextmanager
def opened(db: str | None, project: Project, hosting: Hosting | None = None) -> Iterator[Background]:
    """The background runs of the database, open for as long as this lasts.

    Raises ActionLangError when it can not be opened, has no registry, or no table of background runs.
    """
    from actionlang.cli.databases import open_database
    from actionlang.durable.background import Background
    from actionlang.registry.verbs import Verbs
    from actionlang.runtime.background import BACKGROUND
    from actionlang.runtime.hosting import PLAIN
    from actionlang.runtime.own_tables import HINT

    with open_database(db, project, hosting=hosting or PLAIN) as database:
        background = Background(Verbs.open(database))
        if not background.runs.are_there:
            message = f"The database has no table {BACKGROUND.name}, which background runs need."
            raise ActionLangError(Diagnostic(DATABASE_DIFFERS, message, hint=HINT))
        yield background
