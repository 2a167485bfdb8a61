"""Every case on every engine: each gives what the case says, and all of them the same to the last detail."""

from __future__ import annotations

from functools import cache

import pytest

from tests.conformance.asking import Asked, asked
from tests.conformance.comparing import everything, seen, wanted
from tests.conformance.format import Case, case_files, cases
from tests.conformance.scripts import complaints
from tests.engines.call import Outcome
from tests.engines.registry import ENGINES, IN_THE_DATABASE, ONE_ROW_ONLY, REFERENCE, engine

RUN = list(cases("run", "value"))
PAIRS = [(case, name) for case in RUN for name in ENGINES if "on_each" not in case.data or name not in ONE_ROW_ONLY]
REFUSED = list(cases("refused"))


@pytest.mark.parametrize(("case", "name"), PAIRS, ids=str)
def test_case(case: Case, name: str) -> None:
    for each in _asked_of(name, case):
        outcome = reference(each) if name == REFERENCE else engine(name).run(each.call)
        assert seen(outcome, each.expected) == wanted(each.expected, outcome), told(case, each, name)
        if name != REFERENCE:
            known = reference(each)
            assert everything(outcome) == everything(known), f"{told(case, each, name)}\nunlike {REFERENCE}"


@pytest.mark.parametrize("case", REFUSED, ids=str)
def test_refused(case: Case) -> None:
    source = next(file.source for file in case_files() if file.name == case.file)
    script = f"{source}\n{case.data['source']}"
    told = complaints(script, case.data.get("modules", {}), case.data.get("layers", ()))
    found = sorted(told, key=lambda one: one.primary.span.start if one.primary else 0)
    assert [one.code.id for one in found] == case.data["refused"], "\n".join(one.message for one in found)


def _asked_of(name: str, case: Case) -> tuple[Asked, ...]:
    """The calls of a case that an engine has to answer: without those that only the reference's own code would."""
    calls = asked(case)
    return calls[1:] if len(calls) > 1 and name in IN_THE_DATABASE else calls


@cache
def reference(each: Asked) -> Outcome:
    """What the reference gives."""
    return engine(REFERENCE).run(each.call)


def told(case: Case, each: Asked, name: str) -> str:
    """Which case it is, for whoever reads the failure."""
    return f"\n{case.file}: {case.name} ({each.how}) on {name}:\n{case.data.get('source') or case.data.get('expression') or case.data.get('verb')}"
