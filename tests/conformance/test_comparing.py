"""A case fails when anything that it speaks of came out otherwise."""

from __future__ import annotations

from typing import Any

import attrs
import pytest

from tests.conformance.asking import Expected
from tests.conformance.comparing import everything, seen, wanted
from tests.engines.call import Outcome

CHANGE = {"table": "t", "key": 1, "operation": "update", "before": {"a": 1, "b": None}, "after": {"a": 2, "b": 3}}
OUTCOME = Outcome(
    {"t": ({"n": 1, "a": 2},), "u": ()}, {"x": "1"}, (CHANGE,), None, None, {"outcome": "done", "verb": "Do"}
)
EXPECTED = Expected(
    {"t": ({"n": 1, "a": 2},), "u": ()},
    {"x": "1"},
    None,
    None,
    ({"table": "t", "before": {"a": 1}, "after": {"a": 2, "b": 3}},),
    {"outcome": "done"},
)


def test_what_is_as_expected() -> None:
    assert seen(OUTCOME, EXPECTED) == wanted(EXPECTED, OUTCOME)


def test_an_engine_without_records() -> None:
    outcome = attrs.evolve(OUTCOME, record=None)
    assert seen(outcome, EXPECTED) == wanted(EXPECTED, outcome)


@pytest.mark.parametrize(
    "changed",
    [
        {"rows": {"t": ({"n": 1, "a": 3},), "u": ()}},
        {"rows": {"t": (), "u": ()}},
        {"rows": {"t": ({"n": 1, "a": 2},), "u": ({"n": 1},)}},
        {"rows": {"t": ({"n": 1, "a": 2}, {"n": 1, "a": 2}), "u": ()}},
        {"outputs": {"x": "2"}},
        {"outputs": None, "code": "E0701", "message": "no"},
        {"changes": ()},
        {"changes": (CHANGE, CHANGE)},
        {"changes": ({**CHANGE, "after": {"a": 2, "b": None}},)},
        {"changes": ({**CHANGE, "before": {"a": 1, "b": 0}},)},
        {"record": {"outcome": "failed", "verb": "Do"}},
    ],
    ids=str,
)
def test_what_is_not(changed: dict[str, Any]) -> None:
    outcome = attrs.evolve(OUTCOME, **changed)
    assert seen(outcome, EXPECTED) != wanted(EXPECTED, outcome)


def test_a_failure_with_other_words() -> None:
    failed = attrs.evolve(OUTCOME, outputs=None, changes=(), code="E0701", message="no")
    expected = Expected(EXPECTED.rows, None, "E0701", "yes", None, None)
    assert seen(failed, expected) != wanted(expected, failed)
    assert seen(failed, attrs.evolve(expected, message=None)) == wanted(attrs.evolve(expected, message=None), failed)


@pytest.mark.parametrize("changed", [{"changes": ()}, {"outputs": {}}, {"message": "x"}, {"rows": {}}], ids=str)
def test_engines_that_differ_in_what_no_case_speaks_of(changed: dict[str, Any]) -> None:
    assert everything(attrs.evolve(OUTCOME, **changed)) != everything(OUTCOME)


def test_engines_differ_in_keeping_records() -> None:
    assert everything(attrs.evolve(OUTCOME, record=None)) == everything(OUTCOME)
