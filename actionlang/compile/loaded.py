"""Scripts as checked modules, all at once, for those who look at the whole of a project."""

from __future__ import annotations

from pathlib import Path

from actionlang.compile.modules import Loader
from actionlang.compile.seen_from import seen_from
from actionlang.compile.selection import Selection
from actionlang.diagnostics.diagnostic import ActionLangError, Severity


def loaded(selection: Selection) -> Loader:
    """A loader that has loaded some scripts and what they import.

    Raises ActionLangError with all their errors, as seen from the current folder, when there are any, or when there is no script.
    """
    loader = Loader(selection.needed().project.root)
    loader.load_files(selection.scripts)
    errors = [found for found in loader.program().diagnostics if found.severity is Severity.ERROR]
    if errors:
        raise ActionLangError(*seen_from(Path.cwd(), errors, loader.root))
    return loader
