"""Doing what `actionlang test` was asked for."""

from __future__ import annotations

import sys
from functools import partial
from pathlib import Path

import attrs

from actionlang.cli.failures import PROBLEMS
from actionlang.cli.main import INTERRUPTED
from actionlang.cli.output import wants_color, write
from actionlang.diagnostics.catalogue.project import CAN_NOT_WRITE, NO_TESTS
from actionlang.diagnostics.diagnostic import ActionLangError, Diagnostic
from actionlang.testing.collecting import Collected, collect
from actionlang.testing.coverage import VerbCoverage, overall
from actionlang.testing.json_report import to_json
from actionlang.testing.junit import to_junit
from actionlang.testing.lcov import to_lcov
from actionlang.testing.report import coverage_report, failure, line_of_file, line_of_test, summary
from actionlang.testing.results import CaseResult, Results, run
from actionlang.testing.selection import select


@attrs.frozen
class Wanted:
    """What is to be told of the results, and where."""

    verbose: bool
    coverage: bool
    fail_under: float | None
    lcov: Path | None
    junit: Path | None
    as_json: bool

    @property
    def measuring(self) -> bool:
        """Whether coverage is needed."""
        return self.coverage or self.fail_under is not None or self.lcov is not None


def perform(paths: tuple[Path, ...], words: tuple[str, ...], jobs: int | None, want: Wanted) -> int:
    """Find tests, run them, tell of the results; gives the exit code. Raises ActionLangError when there is nothing to run or a
    report can not be written."""
    collected = collect(paths)
    cases = select(collected.cases, words)
    if not cases:
        raise ActionLangError(_nothing_found(collected, words, paths))
    color = wants_color(sys.stdout)
    tell = _quiet if want.as_json else partial(_tell, max(len(case.file) for case in cases), want.verbose, color)
    results = run(cases, jobs=jobs, measuring=want.measuring, tell=tell)
    return _report(results, want, color)


def _quiet(tests: list[CaseResult]) -> None:
    """Tell nothing: what is printed is one JSON document."""


def _tell(width: int, verbose: bool, color: bool, tests: list[CaseResult]) -> None:
    write(line_of_file(tests[0].case.file, tests, width, color))
    if verbose:
        for each in tests:
            write(line_of_test(each, color))
    sys.stdout.flush()


def _report(results: Results, want: Wanted, color: bool) -> int:
    """Tell of the results in all ways wanted; gives the exit code."""
    verbs = results.coverage() if want.measuring else None
    if want.as_json:
        write(to_json(results, verbs))
    else:
        write(_shown(results, verbs if want.coverage else None, color))
    if want.junit is not None:
        _write(want.junit, to_junit(results))
    if want.lcov is not None and verbs is not None:
        _write(want.lcov, to_lcov(verbs, Path.cwd()).encode())
    if results.interrupted:
        return INTERRUPTED
    return PROBLEMS if results.failed or _too_little(verbs, want) else 0


def _shown(results: Results, verbs: list[VerbCoverage] | None, color: bool) -> str:
    parts = [failure(each, color) for each in results.failed]
    if verbs is not None:
        parts.append(coverage_report(verbs, color))
    between = [f"\n{part}" for part in parts]
    return "\n".join([*between, *([""] if parts else []), summary(results, color)])


def _too_little(verbs: list[VerbCoverage] | None, want: Wanted) -> bool:
    """Whether less is covered than has to be, having said so."""
    if verbs is None or want.fail_under is None or overall(verbs) >= want.fail_under:
        return False
    told = f"{overall(verbs):.1f} % of steps and branches are covered, less than {want.fail_under:g} %."
    print(told, file=sys.stderr)
    return True


def _nothing_found(collected: Collected, words: tuple[str, ...], paths: tuple[Path, ...]) -> Diagnostic:
    there = len(collected.cases)
    if there:
        which = " or ".join(f'"{each}"' for each in words)
        message = f"No test has {which} in its title, its file's name or the verbs it performs."
        hint = f"there {'is one test' if there == 1 else f'are {there} tests'}: actionlang test -v lists them"
        return Diagnostic(NO_TESTS, message, hint=hint)
    places = ", ".join(map(str, paths)) or "this project"
    hint = 'write one in any script: test "it does what it should" < perform Verb() >'
    return Diagnostic(NO_TESTS, f"There are no tests in {places}.", hint=hint)


def _write(path: Path, data: bytes) -> None:
    """Write a report. Raises ActionLangError when that can not be done."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    except OSError as error:
        message = f"{path} can not be written: {error.strerror}."
        raise ActionLangError(Diagnostic(CAN_NOT_WRITE, message)) from None
