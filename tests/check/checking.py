"""Checking scripts in tests, the standard library being checked once for all of them."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from actionlang.check.program import CheckedModule
from actionlang.compile.link import Linker
from actionlang.compile.modules import Loader, standard_modules
from actionlang.diagnostics.source import Source
from actionlang.plan.verify import verify

NAME = "script"


@cache
def _standard() -> Loader:
    loader = Loader(Path("/nowhere"))
    for name in standard_modules():
        loader.load_standard(name)
    return loader


def loader_with(**sources: str) -> Loader:
    """A loader that has checked these modules, in this order."""
    loader = Loader(Path("/nowhere"))
    loader.checked.update(_standard().checked)
    for name, text in sources.items():
        loader.load_source(name, Source(f"{name}.act", text), None)
    return loader


def check(text: str) -> CheckedModule:
    """A script, checked."""
    return loader_with(**{NAME: text}).checked[NAME]


def codes(text: str) -> list[str]:
    """The codes of what is wrong with a script."""
    return [found.code.id for found in check(text).diagnostics]


def verify_all(loader: Loader, *names: str) -> int:
    """See that the plan of every verb and test of these modules would be let pass; how many there were."""
    linker = Linker(loader.checked)
    tests = [test for name in names for test in loader.checked[name].tests]
    verbs = {verb.name: verb for verb in (*linker.callable(names), *linker.written(names), *tests)}.values()
    for verb in verbs:
        verify(linker.plan(verb))
    return len(verbs)
