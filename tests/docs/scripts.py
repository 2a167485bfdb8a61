"""Checking the scripts on a page, and running the tests in them."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from actionlang.compile.link import Linker
from actionlang.compile.modules import Loader, standard_modules
from actionlang.diagnostics.diagnostic import Diagnostic
from actionlang.diagnostics.source import Source
from actionlang.testing.cases import Case, Suite
from actionlang.testing.running import Runner

NAME = "example"
STEPS = "import helpdesk;\n\naction Example on case <\n{}\n>\n"


@cache
def _standard() -> Loader:
    """The standard library, checked once for all pages."""
    loader = Loader(Path("/nowhere"))
    for name in standard_modules():
        loader.load_standard(name)
    return loader


def _loaded(text: str) -> Loader:
    loader = Loader(Path("/nowhere"))
    loader.checked.update(_standard().checked)
    loader.load_source(NAME, Source(f"{NAME}.act", text), None)
    return loader


def check(text: str) -> tuple[Diagnostic, ...]:
    """What is wrong with a script."""
    return _loaded(text).program().diagnostics


def check_steps(text: str) -> tuple[Diagnostic, ...]:
    """What is wrong with statements out of a verb on a case. That a name is not used says nothing: it may be later on."""
    return tuple(found for found in check(STEPS.format(text)) if found.code.id != "unused-name")


def failures(text: str) -> list[Diagnostic]:
    """Runs the tests of a script that checks; why those failed that did."""
    modules = _loaded(text).program().modules
    linker, runner = Linker(modules), Runner()
    cases = [Case(linker.plan(test), Suite()) for test in modules[NAME].tests]
    outcomes = [runner.run(case) for case in cases]
    return [outcome.diagnostic for outcome in outcomes if outcome.diagnostic is not None]
