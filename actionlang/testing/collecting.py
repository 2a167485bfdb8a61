"""Finding tests: scripts are checked, and each test in them gets a plan."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from importlib import resources
from pathlib import Path
from zoneinfo import ZoneInfo

import attrs

from actionlang.compile.around_selection import scripts_to_load
from actionlang.compile.link import Linker
from actionlang.compile.modules import Loader
from actionlang.compile.seen_from import seen_from
from actionlang.compile.selection import Selection, select
from actionlang.diagnostics.diagnostic import ActionLangError, Diagnostic, Severity
from actionlang.diagnostics.source import Source
from actionlang.plan.plan import Verb
from actionlang.plan.walk import mentions
from actionlang.testing.cases import Case, Suite


@attrs.frozen
class Collected:
    """The tests found, in the order of their scripts and in each of their places, and how many scripts were looked at."""

    cases: tuple[Case, ...]
    scripts: int


def collect(paths: Sequence[Path] = ()) -> Collected:
    """The tests in the scripts under some paths, or in those of the project that the current folder is in.

    Raises ActionLangError with all errors when a path is not there, there are no scripts, or one of them does not check.
    """
    cases: list[Case] = []
    errors: list[Diagnostic] = []
    scripts = 0
    selections = _selections(paths)
    if not any(selection.scripts for selection in selections):
        selections[0].needed()
    for selection in selections:
        scripts += len(selection.scripts)
        try:
            cases += _cases(selection)
        except ActionLangError as error:
            errors += error.diagnostics
    if errors:
        raise ActionLangError(*errors)
    return Collected(tuple(cases), scripts)


def _selections(paths: Sequence[Path]) -> list[Selection]:
    """The scripts asked for, project by project."""
    if not paths:
        return [select()]
    found: dict[Path, Selection] = {}
    for selection in (select([path]) for path in paths):
        root = selection.project.root
        known = found.get(root, Selection(selection.project, (), ()))
        scripts = tuple(sorted({*known.scripts, *selection.scripts}))
        found[root] = Selection(selection.project, scripts, (*known.asked, *selection.asked))
    return list(found.values())


def _cases(selection: Selection) -> list[Case]:
    """The tests of one project. Raises ActionLangError."""
    loader = Loader(selection.project.root)
    loader.load_files(scripts_to_load(selection))
    program = loader.program()
    errors = [found for found in program.diagnostics if found.severity is Severity.ERROR]
    if errors:
        raise ActionLangError(*seen_from(Path.cwd(), errors, loader.root))
    wanted = set(selection.scripts)
    modules = sorted((path, name) for name, path in loader.names.items() if path in wanted)
    tests = [test for _, name in modules for test in program.modules[name].tests]
    zone = ZoneInfo(selection.project.time_zone)
    linker = Linker(program.modules, selection.project.layers)
    if linker.problems:
        raise ActionLangError(*seen_from(Path.cwd(), linker.problems, loader.root))
    suite = Suite(_sources(loader), zone, tuple(_measured(loader, linker, tests)), _files(loader))
    return [Case(linker.plan(test), suite) for test in tests]


def _measured(loader: Loader, linker: Linker, tests: Iterable[Verb]) -> Iterable[Verb]:
    """The verbs whose coverage counts: the project's own, with its hooks; of scripts that hold nothing but tests, those of the
    modules whose verbs the tests perform."""
    own = linker.written(name for name in loader.names if name in loader.checked)
    if own:
        return own
    performed = {name.rpartition(".")[0] for test in tests for name in mentions(test).verbs}
    return linker.written(sorted(performed))


def _sources(loader: Loader) -> dict[str, Source]:
    """The text of each script under the name that leads there from the current folder, by the name that plans have for it."""
    found: dict[str, Source] = {}
    for name, module in loader.checked.items():
        path, source = loader.names.get(name), module.source
        shown = source.name if path is None else Path(os.path.relpath(path)).as_posix()
        found[source.name] = Source(shown, source.text)
    return found


def _files(loader: Loader) -> dict[str, Path]:
    """The file of each script, by the name it is shown under."""
    standard = Path(str(resources.files("actionlang.stdlib")))
    return {
        module.source.name: loader.names.get(name) or standard / f"{name}.act"
        for name, module in loader.checked.items()
    }
