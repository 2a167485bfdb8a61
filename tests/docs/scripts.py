"""Checking the scripts on a page, and running the tests in them."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path

from actionlang.compile.link import Linker
from actionlang.compile.modules import Loader, standard_modules
from actionlang.diagnostics.diagnostic import Diagnostic, Severity
from actionlang.diagnostics.source import Source
from actionlang.testing.cases import Case, Suite
from actionlang.testing.running import Runner

NAME = "example"
NO_FILES: Mapping[str, str] = {}
STEPS = "import helpdesk;\n\naction Example on case <\n{}\n>\n"


@cache
def _standard() -> Loader:
    """The standard library, checked once for all pages."""
    loader = Loader(Path("/nowhere"))
    for name in standard_modules():
        loader.load_standard(name)
    return loader


class _Beside(Loader):
    """Loads scripts whose texts are at hand, by the names of their files."""

    def __init__(self, texts: Mapping[str, str]) -> None:
        super().__init__(Path("/nowhere"))
        self._texts = texts
        self.checked.update(_standard().checked)

    def read(self, path: Path) -> Source:
        return Source(path.name, self._texts[path.name])


def _loaded(text: str, files: Mapping[str, str]) -> Loader:
    """A script, with those of the files beside it."""
    texts = {**{name: each for name, each in files.items() if name.endswith(".act")}, f"{NAME}.act": text}
    loader = _Beside(texts)
    loader.load_files(loader.root / name for name in texts)
    return loader


def check(text: str, files: Mapping[str, str] = NO_FILES) -> tuple[Diagnostic, ...]:
    """What is wrong with a script, and with what the scripts beside it hang on it."""
    loader = _loaded(text, files)
    program = loader.program()
    if any(found.severity is Severity.ERROR for found in program.diagnostics):
        return program.diagnostics
    return loader.linked(Linker(program.modules, agreed={}))


def check_steps(text: str) -> tuple[Diagnostic, ...]:
    """What is wrong with statements out of a verb on a case. That a name is not used says nothing: it may be later on."""
    return tuple(found for found in check(STEPS.format(text)) if found.code.id != "unused-name")


def failures(text: str, files: Mapping[str, str] = NO_FILES) -> list[Diagnostic]:
    """Runs the tests of a script that checks; why those failed that did."""
    modules = _loaded(text, files).program().modules
    linker, runner = Linker(modules), Runner()
    cases = [Case(linker.plan(test), Suite()) for test in modules[NAME].tests]
    outcomes = [runner.run(case) for case in cases]
    return [outcome.diagnostic for outcome in outcomes if outcome.diagnostic is not None]
