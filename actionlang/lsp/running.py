"""Running tests from the editor, on a database in memory, with the texts as they are there."""

from __future__ import annotations

from collections.abc import Iterator
from zoneinfo import ZoneInfo

import attrs

from actionlang.compile.link import Linker
from actionlang.diagnostics.diagnostic import Diagnostic, Severity
from actionlang.lsp.analysed import Analysed
from actionlang.lsp.problems import told_in
from actionlang.lsp.refusal import Refused
from actionlang.lsp.workspace import Found
from actionlang.testing.cases import Case, Suite
from actionlang.testing.running import Outcome, Runner


@attrs.frozen
class Tested:
    """A test that was run, and how it went."""

    case: Case
    outcome: Outcome

    @property
    def title(self) -> str:
        """What the test is called."""
        return self.case.title


def cases_of(found: Found, title: str | None) -> list[Case]:
    """The tests of a script, or those of one title. Raises Refused where there are none, or the script has errors."""
    found.analysis.complete()
    module = found.module
    needed = [module, *_imported(module, found)]
    for each in needed:
        if _has_errors(each):
            raise Refused(f"{each.source.name} has errors: mend them first, then run the test.")
    tests = [test for test in module.checked.tests if title in (None, test.doc)]
    if not tests:
        raise Refused(f"There is no test {title!r} in {module.source.name}." if title else "There are no tests here.")
    # Other scripts of the project may hang something on what the test does.
    sound = [each for each in found.analysis.modules.values() if not _has_errors(each)]
    sources = {each.source.name: each.source for each in sound}
    linker = Linker({each.name: each.checked for each in sound}, found.analysis.house.layers)
    if linker.problems:
        raise Refused(f"The scripts do not fit together: {linker.problems[0].message}")
    suite = Suite(sources, ZoneInfo(found.workspace.time_zone(found.document)))
    return [Case(linker.plan(test), suite) for test in tests]


def run(cases: list[Case]) -> list[Tested]:
    """Run tests one after another."""
    runner = Runner()
    return [Tested(case, runner.run(case)) for case in cases]


def summary(tested: list[Tested]) -> str:
    """How the tests went, in a line, and why those failed that did."""
    failed = [each for each in tested if not each.outcome.passed]
    if len(tested) == 1:
        seconds = tested[0].outcome.seconds
        first = f'"{tested[0].title}" failed' if failed else f'"{tested[0].title}" passed in {seconds * 1000:.0f} ms'
    else:
        first = f"{len(tested) - len(failed)} of {len(tested)} tests passed"
    return ": ".join([first, "; ".join(_reason(each, len(tested)) for each in failed)]) if failed else f"{first}."


def _reason(tested: Tested, of: int) -> str:
    diagnostic = tested.outcome.diagnostic
    message = "" if diagnostic is None else diagnostic.message
    return message if of == 1 else f'"{tested.title}" failed: {message}'


def failures(tested: list[Tested]) -> list[Diagnostic]:
    """What the tests that failed say, each pointing into the script that the test stands in."""
    return [
        told_in((each.case.file,), each.outcome.diagnostic) for each in tested if each.outcome.diagnostic is not None
    ]


def _has_errors(module: Analysed) -> bool:
    return any(found.severity is Severity.ERROR and not found.code.is_lint for found in module.checked.diagnostics)


def _imported(module: Analysed, found: Found) -> Iterator[Analysed]:
    """The modules that a module imports, and those that they do."""
    seen: set[str] = set()
    pending = list(module.imports)
    while pending:
        name = pending.pop()
        known = found.analysis.modules.get(name)
        if known is not None and name not in seen:
            seen.add(name)
            pending += known.imports
            yield known
