"""Results for CI servers and programs, and choosing what is run."""

from __future__ import annotations

import json
import re
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actionlang.plan import steps as s
from actionlang.testing.cases import Case
from actionlang.testing.json_report import to_json
from actionlang.testing.junit import to_junit
from actionlang.testing.report import coverage_report, failure, line_of_file, line_of_test, summary
from actionlang.testing.results import CaseResult, Results
from actionlang.testing.selection import select
from actionlang.testing.sharing import run_all
from tests.engine.building import lit, place, verb
from tests.testing.building import case, fails, holds

ESCALATE = verb(name="desk.Escalate")
CASES = [
    case(holds(), title="An open case goes up", line=1),
    case(fails(), title="a closed case stays", line=9),
    case(
        s.Perform(place(), "desk.Escalate", None, (), None), verbs=(ESCALATE,), title="Einstraße", file="other/more.act"
    ),
]


def results(*cases: Case, planned: int | None = None) -> Results:
    tests = tuple(map(CaseResult, cases, run_all(cases, jobs=1)))
    return Results(tests, 0.0834, len(cases) if planned is None else planned)


@pytest.mark.parametrize(
    ("choices", "chosen"),
    [
        ([], [0, 1, 2]),
        (["case"], [0, 1]),
        (["CASE open"], [0]),
        (["open", "closed"], [0, 1]),
        (["escalate"], [2]),
        (["Escalate EINSTRASSE"], [2]),
        (["desk.act closed"], [1]),
        (["more"], [2]),
        (["nothing"], []),
        (["case nothing", "more"], [2]),
        ([" "], [0, 1, 2]),
    ],
)
def test_choosing(choices: list[str], chosen: list[int]) -> None:
    assert select(CASES, choices) == [CASES[number] for number in chosen]


def test_summary() -> None:
    assert summary(results(*CASES)) == "2 passed, 1 failed in 0.08 s"
    assert summary(results(CASES[0])) == "1 passed in 0.08 s"
    assert summary(results(CASES[1])) == "1 failed in 0.08 s"
    assert summary(results(CASES[0], planned=5)) == "1 passed, 4 not run in 0.08 s"


def test_colours_are_only_added() -> None:
    found = results(*CASES)
    for write in (
        lambda color: line_of_file("a.act", found.tests, 8, color),
        lambda color: line_of_test(found.tests[1], color),
        lambda color: failure(found.tests[1], color),
        lambda color: summary(found, color),
        lambda color: coverage_report(found.coverage(), color),
    ):
        assert re.sub("\x1b\\[[0-9;]*m", "", write(True)) == write(False)


def test_a_title_stays_in_its_line_and_obeys_nobody() -> None:
    found = results(case(fails(), title="two\nlines \x1b[31m"))
    assert failure(found.tests[0]).splitlines()[0] == 'FAILED  desk.act:1  "two lines <U+001B>[31m"'
    assert line_of_test(found.tests[0]).startswith("  FAILED  two lines <U+001B>[31m (")


def test_junit() -> None:
    root = ET.fromstring(to_junit(results(*CASES)))
    assert root.attrib == {"name": "actionlang", "tests": "3", "failures": "1", "errors": "0", "time": "0.083400"}
    first, second = root.findall("testsuite")
    assert (first.get("name"), first.get("tests"), first.get("failures")) == ("desk.act", "2", "1")
    assert (second.get("name"), second.get("tests"), second.get("failures")) == ("other/more.act", "1", "0")
    passed, failed = first.findall("testcase")
    assert (passed.get("classname"), passed.get("name"), passed.get("line")) == ("desk", "An open case goes up", "1")
    assert list(passed) == []
    complaint = failed.find("failure")
    assert complaint is not None
    assert (complaint.get("type"), complaint.get("message")) == ("E0701", "as written")
    assert complaint.text is not None
    assert "--> desk.act:1:3" in complaint.text


@given(st.text())
def test_junit_can_hold_any_title_and_message(text: str) -> None:
    made = case(s.Fail(place(), lit(text)), title=text, file=text)
    root = ET.fromstring(to_junit(results(made)))
    said = root.find("testsuite/testcase/failure")
    assert said is not None
    assert said.get("message") is not None


def test_json() -> None:
    found = json.loads(to_json(results(*CASES, planned=4), None))
    assert {key: found[key] for key in ("passed", "failed", "not_run", "seconds", "coverage")} == {
        "passed": 2,
        "failed": 1,
        "not_run": 1,
        "seconds": 0.0834,
        "coverage": None,
    }
    assert [test["outcome"] for test in found["tests"]] == ["passed", "failed", "passed"]
    assert found["tests"][0]["diagnostic"] is None
    failed = found["tests"][1]
    assert (failed["file"], failed["line"], failed["title"]) == ("desk.act", 9, "a closed case stays")
    assert failed["diagnostic"]["code"] == "E0701"
    assert failed["diagnostic"]["place"]["line"] == 1


def test_json_holds_what_was_covered() -> None:
    do = verb(s.If(place(2), (s.Branch(lit(False), (s.Stop(place(3)),)),), ()), name="desk.Do")
    made = case(s.Perform(place(), "desk.Do", None, (), None), verbs=(do,))
    found = Results((CaseResult(made, next(run_all([made], measuring=True))),), 0.0, 1)
    coverage = json.loads(to_json(found, found.coverage()))["coverage"]
    assert coverage == {
        "percent": 50.0,
        "steps": {"covered": 1, "total": 2},
        "branches": {"covered": 1, "total": 2},
        "verbs": [
            {
                "verb": "desk.Do",
                "file": "desk.act",
                "line": 1,
                "steps": {"covered": 1, "total": 2},
                "branches": {"covered": 1, "total": 2},
                "missed": [
                    {"line": 2, "column": 3, "what": "never so: if (false)"},
                    {"line": 3, "column": 3, "what": "never run: stop"},
                ],
            }
        ],
    }
