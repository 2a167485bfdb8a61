"""Running tests and keeping how they went."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from itertools import groupby
from time import perf_counter

import attrs

from actionlang.testing.cases import Case, Suite
from actionlang.testing.coverage import Hits, VerbCoverage, covered
from actionlang.testing.running import Outcome
from actionlang.testing.sharing import run_all


@attrs.frozen
class CaseResult:
    """A test and how it went."""

    case: Case
    outcome: Outcome


@attrs.frozen
class Results:
    """Tests in their order, those that were run at least, and how many seconds that took. `planned` is how many there were to
    run."""

    tests: tuple[CaseResult, ...]
    seconds: float
    planned: int

    @property
    def interrupted(self) -> bool:
        """Whether Ctrl-C kept some from being run."""
        return len(self.tests) < self.planned

    @property
    def failed(self) -> tuple[CaseResult, ...]:
        """Those that failed."""
        return tuple(test for test in self.tests if not test.outcome.passed)

    @property
    def passed(self) -> int:
        """How many passed."""
        return len(self.tests) - len(self.failed)

    def by_file(self) -> Iterator[tuple[str, list[CaseResult]]]:
        """Tests by the script they stand in."""
        for file, tests in groupby(self.tests, key=lambda test: test.case.file):
            yield file, list(tests)

    def coverage(self) -> list[VerbCoverage]:
        """What the tests covered of each verb, project by project."""
        hits: dict[int, tuple[Suite, list[Hits]]] = {}
        for test in self.tests:
            hits.setdefault(id(test.case.suite), (test.case.suite, []))[1].append(test.outcome.hits)
        return [verb for suite, its in hits.values() for verb in covered(suite, its)]


def run(
    cases: Sequence[Case],
    *,
    jobs: int | None = None,
    measuring: bool = False,
    recording: bool = False,
    tell: Callable[[list[CaseResult]], None] = lambda tests: None,
) -> Results:
    """Run tests in `jobs` processes (see `run_all`). `tell` is given the tests of each script as soon as they have been run.
    Ctrl-C ends it early."""
    began = perf_counter()
    tests: list[CaseResult] = []
    told = 0
    try:
        with closing(run_all(cases, jobs=jobs, measuring=measuring, recording=recording)) as outcomes:
            for number, (case, outcome) in enumerate(zip(cases, outcomes, strict=True), 1):
                tests.append(CaseResult(case, outcome))
                if number == len(cases) or cases[number].file != case.file:
                    tell(tests[told:])
                    told = number
    except KeyboardInterrupt:
        # The processes are stopped; what was run so far is told.
        if told < len(tests):
            tell(tests[told:])
    return Results(tuple(tests), perf_counter() - began, len(cases))
