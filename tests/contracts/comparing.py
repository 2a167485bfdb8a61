"""Contracts of scripts, and what is found when two of them are compared."""

from __future__ import annotations

import datetime as dt
from functools import cache
from pathlib import Path

from actionlang.compile.contracted import contracts_of
from actionlang.compile.modules import Loader, standard_modules
from actionlang.contracts.comparing import compare
from actionlang.contracts.contracts import Contracts
from actionlang.contracts.rule import Finding
from actionlang.diagnostics.diagnostic import Severity
from actionlang.diagnostics.source import Source

TODAY = dt.date(2027, 2, 1)
ROOT = Path("/nowhere")


@cache
def standard() -> Loader:
    """The standard library, checked once."""
    loader = Loader(ROOT)
    for name in standard_modules():
        loader.load_standard(name)
    return loader


class OneScript(Loader):
    """Loads the one script of a project, which is in no file."""

    def __init__(self, text: str) -> None:
        super().__init__(ROOT)
        self.text = text
        self.checked.update(standard().checked)

    def read(self, path: Path) -> Source:
        return Source(path.name, self.text)


def loaded(text: str) -> Loader:
    """A script that must have no errors, as the module example of a project."""
    loader = OneScript(text)
    loader.load_file(ROOT / "example.act")
    errors = [found.message for found in loader.program().diagnostics if found.severity is Severity.ERROR]
    assert errors == [], text
    return loader


def contracts(text: str) -> Contracts:
    """The contracts of a script's verbs."""
    return contracts_of(loaded(text), [ROOT / "example.act"])


def found(old: str, new: str, today: dt.date = TODAY) -> tuple[Finding, ...]:
    """What callers would notice when one script took the place of another."""
    return compare(contracts(old), contracts(new), today=today)


def told(old: str, new: str, today: dt.date = TODAY) -> list[str]:
    """The rules and messages of what is found."""
    return [f"{finding.code}: {finding.message}" for finding in found(old, new, today)]
