"""Verbs of the registry, for commands that otherwise take them from scripts."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import attrs

from actionlang.cli.databases import open_database
from actionlang.compile.project import Project
from actionlang.compile.seen_from import seen_from
from actionlang.diagnostics.source import Source
from actionlang.registry.installing import is_installed
from actionlang.registry.refusals import private
from actionlang.registry.versions import Version, version
from actionlang.runtime.result import RunFailed

if TYPE_CHECKING:
    from actionlang.registry.active import Active


def is_where_verbs_are(db: str | None, project: Project) -> bool:
    """Whether verbs are looked for in the registry without having been asked to: there are no scripts here, and there is one."""
    if project.scripts() or not (db or project.database):
        return False
    with open_database(db, project) as database, database.connection() as connection:
        return is_installed(connection)


def active_version(word: str, db: str | None, project: Project) -> Version:
    """The active version of a verb. Raises ActionLangError when there is none, it was made private, or the database fails."""
    with open_database(db, project) as database:
        found = version(database, word)
    if found.plan.verb.private:
        raise private(found.verb)
    return found


def active_verbs(db: str | None, project: Project) -> tuple[Active, ...]:
    """All active verbs. Raises ActionLangError when the database has no registry, or fails."""
    from actionlang.registry.verbs import Verbs

    with open_database(db, project) as database:
        return Verbs.open(database).list()


def shown_in_version(failed: RunFailed, found: Version) -> RunFailed:
    """The same failure with the line that it happened at, in the script that the version was made from."""
    failure = failed.failure
    text = None if failure is None or failure.source is None else found.scripts.get(failure.source)
    if failure is None or failure.source is None or text is None:
        return failed
    place = failure.diagnostic(Source(failure.source, text)).primary
    told = attrs.evolve(failed.diagnostics[0], primary=place)
    (seen,) = seen_from(Path.cwd(), (told,), Path.cwd())
    return RunFailed(seen, failed.run, failed.recorded, failure)
