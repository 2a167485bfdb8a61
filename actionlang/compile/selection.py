"""Which scripts a command is about: those of the project around, or those under the paths given."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import attrs

from actionlang.compile.project import FILE_NAME, Project, find_project, read_project, scripts_under
from actionlang.diagnostics.catalogue import project as codes
from actionlang.diagnostics.diagnostic import ActionLangError, Diagnostic


@attrs.frozen
class Selection:
    """A project and those of its scripts that are asked for, as absolute paths. `asked` is what was asked for, by which the
    cache knows the selection again."""

    project: Project
    scripts: tuple[Path, ...]
    asked: tuple[Path, ...]

    def needed(self) -> Selection:
        """The same. Raises ActionLangError when there is no script in it."""
        if self.scripts:
            return self
        places = " or ".join(map(_shown, self.asked))
        hint = "A script's name ends in .act. To begin with an example: actionlang new NAME"
        raise ActionLangError(Diagnostic(codes.NO_SCRIPTS, f"There are no scripts in {places}.", hint=hint))


def select(paths: Sequence[Path] = ()) -> Selection:
    """The scripts under some paths, files or folders; without paths those of the project that the current folder is in.

    The project is the one around the first path. A folder with a project file stands for the sources that file names.
    Raises ActionLangError when a path is not there or the project file can not be used.
    """
    if not paths:
        project = find_project(Path.cwd())
        return Selection(project, project.scripts(), project.sources)
    asked = tuple(path.absolute() for path in paths)
    found: set[Path] = set()
    for path, given in zip(asked, paths, strict=True):
        if (path / FILE_NAME).is_file():
            found.update(read_project(path / FILE_NAME).scripts())
        else:
            found.update(script.resolve() for script in scripts_under(path, given))
    first = asked[0] if asked[0].is_dir() else asked[0].parent
    return Selection(find_project(first), tuple(sorted(found)), asked)


def _shown(path: Path) -> str:
    """A path from the current folder, where it is inside it."""
    here = Path.cwd()
    if path == here:
        return "this folder"
    return str(path.relative_to(here) if path.is_relative_to(here) else path)
