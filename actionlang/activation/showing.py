"""Examples of how verbs are called, picked from what their tests did: few, short, none twice, those that went well first."""

from __future__ import annotations

import json
from collections.abc import Iterable

import attrs

from actionlang.activation.drafts import Drafts
from actionlang.registry.examples import Example, Examples
from actionlang.testing.recording import Call
from actionlang.testing.results import Results

MOST_THAT_WENT_WELL = 3
MOST_THAT_FAILED = 3


def examples_from(drafts: Drafts, tests: Results) -> Examples:
    """The examples of the drafts' verbs, by the hashes of their plans; a verb that no test called has an empty list. Tests that
    failed show nothing."""
    called: dict[str, list[Example]] = {}
    for test in tests.tests:
        for call in test.outcome.calls if test.outcome.passed else ():
            called.setdefault(call.verb, []).append(_example(test.case.title, call))
    return {plan.hash: _picked(called.get(plan.verb.name, ())) for plan in drafts.plans}


def _example(test: str, call: Call) -> Example:
    known = {field.name: getattr(call, field.name) for field in attrs.fields(Call) if field.name != "verb"}
    return Example(test, **known)


def _picked(found: Iterable[Example]) -> tuple[Example, ...]:
    different: dict[str, Example] = {}
    for example in found:
        different.setdefault(_likeness(example), example)
    well = [each for each in different.values() if each.code is None]
    failed: dict[str | None, Example] = {}
    for each in different.values():
        if each.code is not None:
            failed.setdefault(each.message, each)
    return (*well[:MOST_THAT_WENT_WELL], *list(failed.values())[:MOST_THAT_FAILED])


def _likeness(example: Example) -> str:
    """What two examples have in common that show the same."""
    return json.dumps([example.arguments, example.code, example.message], sort_keys=True)
