"""A failed run, shown in the script that it failed in."""

from __future__ import annotations

from pathlib import Path

import attrs

from actionlang.compile.project import Project
from actionlang.compile.reading import read_source
from actionlang.compile.seen_from import seen_from
from actionlang.compile.standard import FOLDER, standard_modules, standard_source
from actionlang.diagnostics.diagnostic import ActionLangError
from actionlang.diagnostics.source import Source
from actionlang.runtime.result import RunFailed


def shown_in_script(failed: RunFailed, project: Project) -> RunFailed:
    """The same failure with the line that it happened at. The verb's plan has just been made from the scripts as they are."""
    failure = failed.failure
    source = None if failure is None or failure.source is None else _source(failure.source, project)
    if failure is None or source is None:
        return failed
    place = failure.diagnostic(source).primary
    told = attrs.evolve(failed.diagnostics[0], primary=place)
    (seen,) = seen_from(Path.cwd(), (told,), project.root)
    return RunFailed(seen, failed.run, failed.recorded, failure)


def _source(name: str, project: Project) -> Source | None:
    folder, _, file = name.partition("/")
    try:
        if (project.root / name).is_file():
            return read_source(project.root / name, name)
        module = file.removesuffix(".act")
        return standard_source(module) if folder == FOLDER and module in standard_modules() else None
    except ActionLangError:
        return None
