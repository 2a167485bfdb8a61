"""Writing down what the verbs of a project may do: `actionlang check --agree`."""

from __future__ import annotations

import os
from difflib import unified_diff
from pathlib import Path

from actionlang.cli.fmt import write_whole
from actionlang.cli.output import write
from actionlang.compile.around_selection import scripts_to_load
from actionlang.compile.link import Linker
from actionlang.compile.modules import Loader
from actionlang.compile.seen_from import seen_from
from actionlang.compile.selection import Selection
from actionlang.diagnostics.catalogue.project import CAN_NOT_WRITE
from actionlang.diagnostics.diagnostic import ActionLangError, Diagnostic, Severity
from actionlang.lint.agreed import FILE_NAME, agreement
from actionlang.plan.plan import Effects


def agree(selection: Selection) -> None:
    """Write what the verbs of a project may do now, and show what is new in that.

    Raises ActionLangError with the errors in the scripts, if there are any, or when the file can not be written.
    """
    text = agreement(_effects(selection))
    file = selection.project.root / FILE_NAME
    name = Path(os.path.relpath(file)).as_posix()
    old = file.read_text("utf-8", errors="replace") if file.is_file() else ""
    if text == old:
        write(f"{name} is up to date.")
        return
    try:
        file.touch()
    except OSError as error:
        hint = "see who may write to it and to its folder"
        message = f"{name} can not be written: {error.strerror}."
        raise ActionLangError(Diagnostic(CAN_NOT_WRITE, message, hint=hint)) from None
    write_whole(file, text, name)
    write("\n".join(unified_diff(old.splitlines(), text.splitlines(), name, name, n=1, lineterm="")))
    write(f"\nWrote {name}: have the change reviewed like that of a script.")


def _effects(selection: Selection) -> dict[str, Effects]:
    """What each verb of the project does. Raises ActionLangError with the errors in the scripts, if there are any."""
    loader = Loader(selection.project.root)
    loader.load_files(scripts_to_load(selection))
    errors = [each for each in loader.program().diagnostics if each.severity is Severity.ERROR]
    if errors:
        raise ActionLangError(*seen_from(Path.cwd(), errors, loader.root))
    linker = Linker(loader.checked, selection.project.layers)
    if linker.problems:
        raise ActionLangError(*seen_from(Path.cwd(), linker.problems, loader.root))
    own = [name for name in loader.checked if loader.names.get(name) in set(selection.scripts)]
    return {verb.name: verb.effects for verb in linker.callable(own)}
