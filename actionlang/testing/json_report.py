"""Results as JSON, for programs.

    {"passed": 12, "failed": 1, "not_run": 0, "seconds": 0.08,
     "tests": [{"file": "verbs/tests.act", "line": 3, "title": "...", "outcome": "passed" or "failed",
                "seconds": 0.001, "diagnostic": null or a diagnostic}],
     "coverage": null or {"percent": 98.2, "steps": {"covered": 54, "total": 55}, "branches": {...},
                          "verbs": [{"verb": "helpdesk.Escalate", "file": "...", "line": 3, "steps": {...},
                                     "branches": {...}, "missed": [{"line": 12, "column": 3, "what": "..."}]}]}}

Diagnostics are as `diagnostics.formats` describes them.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import attrs

from actionlang.diagnostics.formats import to_object
from actionlang.testing.coverage import VerbCoverage, overall, total
from actionlang.testing.missed import missed_words
from actionlang.testing.results import CaseResult, Results

Json = dict[str, Any]


def to_json(results: Results, verbs: Sequence[VerbCoverage] | None) -> str:
    """The results, with the coverage of verbs if there is one to tell."""
    whole = {
        "passed": results.passed,
        "failed": len(results.failed),
        "not_run": results.planned - len(results.tests),
        "seconds": round(results.seconds, 6),
        "tests": [_test(test) for test in results.tests],
        "coverage": None if verbs is None else _coverage(verbs),
    }
    return json.dumps(whole, indent=2, ensure_ascii=False)


def _test(test: CaseResult) -> Json:
    case, outcome = test.case, test.outcome
    return {
        "file": case.file,
        "line": case.line,
        "title": case.title,
        "outcome": "passed" if outcome.passed else "failed",
        "seconds": round(outcome.seconds, 6),
        "diagnostic": None if outcome.diagnostic is None else to_object(outcome.diagnostic),
    }


def _coverage(verbs: Sequence[VerbCoverage]) -> Json:
    return {
        "percent": overall(verbs),
        "steps": attrs.asdict(total(verb.steps for verb in verbs)),
        "branches": attrs.asdict(total(verb.branches for verb in verbs)),
        "verbs": [_verb(verb) for verb in verbs],
    }


def _verb(verb: VerbCoverage) -> Json:
    return {
        "verb": verb.verb.name,
        "file": verb.file,
        "line": verb.verb.line,
        "steps": attrs.asdict(verb.steps),
        "branches": attrs.asdict(verb.branches),
        "missed": [
            {"line": point.step.place.line, "column": point.step.place.column, "what": missed_words(point)}
            for point in verb.missed
        ],
    }
