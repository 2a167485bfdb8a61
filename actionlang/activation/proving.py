"""The tests that drafts have to pass: those in their own scripts, and those of the project's other scripts that perform one of
them, or a verb that they perform."""

from __future__ import annotations

from collections.abc import Callable

from actionlang.activation.drafts import Drafts
from actionlang.diagnostics.catalogue.registry import TESTS_FAILED
from actionlang.diagnostics.diagnostic import ActionLangError, Diagnostic
from actionlang.testing.cases import Case
from actionlang.testing.collecting import collect
from actionlang.testing.results import CaseResult, Results, run

Tell = Callable[[list[CaseResult]], None]


def prove(drafts: Drafts, tell: Tell = lambda tests: None) -> Results:
    """Run the tests, and have what they call recorded; `tell` is given those of each script as soon as they have been run.

    Raises ActionLangError with what failed, when a test did, or when Ctrl-C came before the end.
    """
    results = run(_cases(drafts), recording=True, tell=tell)
    failed = results.failed
    if not failed and not results.interrupted:
        return results
    count = f"{len(failed)} of {results.planned} test{'' if results.planned == 1 else 's'} failed"
    message = f"Nothing was activated: {count if failed else 'the tests were interrupted'}."
    told = [test.outcome.diagnostic for test in failed if test.outcome.diagnostic is not None]
    raise ActionLangError(
        Diagnostic(TESTS_FAILED, message, hint="mend the verbs or the tests; actionlang test runs all tests"), *told
    )


def _cases(drafts: Drafts) -> list[Case]:
    if not drafts.scripts:
        return []
    cases = collect(drafts.places).cases
    if drafts.asked is None:
        return list(cases)
    verbs = {verb.name for plan in drafts.plans for verb in plan.steps.verbs}
    return [case for case in cases if _is_asked(case, drafts) or any(each.name in verbs for each in case.plan.verbs)]


def _is_asked(case: Case, drafts: Drafts) -> bool:
    return drafts.asked is not None and (drafts.project.root / case.verb.source).resolve() in drafts.asked
