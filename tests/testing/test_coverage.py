"""What coverage counts: steps and the ways they can go, never lines."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from actionlang.metadata import types as t
from actionlang.plan import expressions as e
from actionlang.plan import steps as s
from actionlang.testing.cases import Suite
from actionlang.testing.coverage import Part, VerbCoverage, covered, overall, percent, total
from actionlang.testing.lcov import to_lcov
from actionlang.testing.missed import missed_words
from actionlang.testing.results import CaseResult, Results
from actionlang.testing.sharing import run_all
from tests.engine.building import CASE, INTEGER, compare, let, lit, local, place, query, verb
from tests.testing.building import case, suite

NUMBER = local("number", INTEGER)


def when(is_: int, *body: s.Step) -> s.Branch:
    return s.Branch(compare(NUMBER, "=", lit(is_)), body)


def fail(line: int) -> s.Fail:
    return s.Fail(place(line), lit("No."))


def items(*values: int) -> e.ListLiteral:
    return e.ListLiteral(t.ListOf(INTEGER), False, tuple(map(lit, values)))


CHOOSE = s.If(place(2), (when(1, let("a", lit(1), 3)), when(2, let("b", lit(1), 4), let("c", lit(1), 4))), ())
LOOP = s.ForEachItem(place(6), "item", e.ListLiteral(t.ListOf(INTEGER), False, (NUMBER,)), (let("d", lit(1), 7),))
ROWS = s.ForEachRow(place(8), query(CASE, "c"), (let("f", lit(1), 9),))
TRY = s.Attempt(place(10), (s.If(place(11), (when(3, fail(12)),), ()),), (let("g", lit(1), 13),))
STAGE = s.Stage(place(14), "Last", (let("h", lit(1), 15),))


def measured(*steps: s.Step, calls: tuple[int, ...] = (), jobs: int = 1) -> VerbCoverage:
    """The coverage of a verb of these steps by a test a call, each with a number."""
    do = verb(*steps, name="desk.Do", inputs={"number": INTEGER})
    within = suite(do)
    cases = [
        case(s.Perform(place(30), "desk.Do", None, (("number", lit(call)),), None), verbs=(do,), within=within)
        for call in calls
    ]
    tests = tuple(map(CaseResult, cases, run_all(cases, jobs=jobs, measuring=True)))
    found = Results(tests, 0.0, len(tests)).coverage() if tests else covered(within, [])
    assert len(found) == 1
    return found[0]


MISSED: list[tuple[s.Step, tuple[int, ...], str, str, list[str]]] = [
    (CHOOSE, (), "0/4", "0/3", [
        "2 never run: if (number = 1)", "3 never run: let a = 1", "4 never run: let b = 1", "4 never run: let c = 1",
    ]),
    (CHOOSE, (1,), "2/4", "1/3", [
        "2 never so: else if (number = 2) in: if (number = 1)", "2 always so, never else: if (number = 1)",
        "4 never run: let b = 1", "4 never run: let c = 1",
    ]),
    (CHOOSE, (2, 5), "3/4", "2/3", ["2 never so: if (number = 1)", "3 never run: let a = 1"]),
    (CHOOSE, (1, 2, 3), "4/4", "3/3", []),
    (LOOP, (1,), "2/2", "1/2", ["6 never had nothing to go through: for each item in (number,)"]),
    (ROWS, (1,), "1/2", "1/2", ["8 never had a row or item: for each c in case", "9 never run: let f = 1"]),
    (TRY, (1,), "2/4", "2/4", ["10 never failed: attempt", "11 never so: if (number = 3)", "12 never run: fail \"No.\"",
                               "13 never run: let g = 1"]),
    (TRY, (3,), "4/4", "2/4", ["10 never went well: attempt", "11 always so, never else: if (number = 3)"]),
    (TRY, (3, 1), "4/4", "4/4", []),
    (STAGE, (1,), "2/2", "0/0", []),
]  # fmt: skip


@pytest.mark.parametrize(("step", "calls", "steps", "branches", "missed"), MISSED)
def test_what_was_covered(step: s.Step, calls: tuple[int, ...], steps: str, branches: str, missed: list[str]) -> None:
    for jobs in (1, 2):
        found = measured(step, calls=calls, jobs=jobs)
        assert (str(found.steps), str(found.branches)) == (steps, branches)
        assert [f"{point.step.place.line} {missed_words(point)}" for point in found.missed] == missed


def laid_out(step: Any, line: int) -> Any:
    """The same steps, all on one line."""
    if isinstance(step, tuple):
        return tuple(laid_out(each, line) for each in step)
    if not isinstance(step, s.Step | s.Branch):
        return step
    changes = {"place": place(line)} if isinstance(step, s.Step) else {}
    inside = {
        name: laid_out(getattr(step, name), line) for name in ("body", "branches", "otherwise") if hasattr(step, name)
    }
    return attrs.evolve(step, **changes, **inside)


@given(
    st.lists(st.sampled_from([CHOOSE, LOOP, ROWS, TRY, STAGE]), min_size=1, unique_by=id),
    st.lists(st.integers(0, 3), max_size=3),
)
def test_the_layout_does_not_matter(steps: list[s.Step], calls: list[int]) -> None:
    apart = measured(*steps, calls=tuple(calls))
    together = measured(*laid_out(tuple(steps), 1), calls=tuple(calls))
    assert apart.hits == together.hits
    assert (apart.steps, apart.branches) == (together.steps, together.branches)


def test_equal_steps_are_counted_apart() -> None:
    twins = s.If(place(2), (when(1, let("a", lit(1), 3)),), (let("a", lit(1), 3),))
    found = measured(twins, calls=(1,))
    assert found.hits == (1, 1, 0, 1, 0)


@pytest.mark.parametrize("kind", ["extern action", "test"])
def test_what_can_not_be_run_here_is_left_out(kind: str) -> None:
    assert covered(suite(verb(let("a", lit(1)), name="desk.Do", kind=kind)), []) == []


def test_verbs_without_steps_are_left_out() -> None:
    assert covered(suite(verb(name="desk.Do")), []) == []


def test_only_measured_verbs_are_told() -> None:
    do = verb(let("a", lit(1)), name="desk.Do")
    tested = case(s.Perform(place(), "desk.Do", None, (), None), verbs=(do,), within=suite())
    assert Results((CaseResult(tested, next(run_all([tested], measuring=True))),), 0.0, 1).coverage() == []


@pytest.mark.parametrize(
    ("part", "per_cent"), [((0, 0), 100), ((0, 3), 0), ((2, 3), 66.6), ((1999, 2000), 99.9), ((7, 7), 100)]
)
def test_per_cent_is_rounded_down(part: tuple[int, int], per_cent: float) -> None:
    assert percent(Part(*part)) == per_cent


def test_overall_counts_steps_and_branches() -> None:
    found = measured(CHOOSE, calls=(1,))
    assert overall([found]) == percent(total([found.steps, found.branches])) == 42.8


# ------------------------------------------------------------------------------------------------------------ LCOV


def lcov(*verbs: VerbCoverage) -> str:
    return to_lcov(verbs, Path("/project"))


def test_lcov() -> None:
    assert lcov(measured(CHOOSE, LOOP, calls=(1, 1, 5))) == (
        "TN:\n"
        "SF:verbs/desk.act\n"
        "FN:1,desk.Do\n"
        "FNDA:3,desk.Do\n"
        "FNF:1\n"
        "FNH:1\n"
        "BRDA:2,0,0,2\n"
        "BRDA:2,0,1,0\n"
        "BRDA:2,0,2,1\n"
        "BRDA:6,0,0,3\n"
        "BRDA:6,0,1,0\n"
        "BRF:5\n"
        "BRH:3\n"
        "DA:2,3\n"
        "DA:3,2\n"
        "DA:4,0\n"
        "DA:6,3\n"
        "DA:7,3\n"
        "LF:5\n"
        "LH:4\n"
        "end_of_record\n"
    )  # fmt: skip


def test_lcov_adds_up_the_steps_of_a_line_and_tells_their_branches_apart() -> None:
    found = lcov(measured(*laid_out((CHOOSE, LOOP), 5), calls=(1,)))
    assert "DA:5,4\n" in found
    assert "LF:1\nLH:1\n" in found
    assert [line for line in found.splitlines() if line.startswith("BRDA")] == [
        "BRDA:5,0,0,1", "BRDA:5,0,1,0", "BRDA:5,0,2,0", "BRDA:5,1,0,1", "BRDA:5,1,1,0",
    ]  # fmt: skip


def test_lcov_of_a_step_never_run() -> None:
    found = lcov(measured(LOOP))
    assert "BRDA:6,0,0,-\nBRDA:6,0,1,-\nBRF:2\nBRH:0\nDA:6,0\nDA:7,0\nLF:2\nLH:0\n" in found


def test_lcov_has_a_record_a_script() -> None:
    first = measured(STAGE, calls=(1,))
    elsewhere = Suite(files={"desk.act": Path("/elsewhere/desk.act")})
    found = lcov(attrs.evolve(first, suite=elsewhere), first, attrs.evolve(first, suite=elsewhere))
    assert [line for line in found.splitlines() if line.startswith("SF")] == [
        "SF:/elsewhere/desk.act",
        "SF:verbs/desk.act",
    ]
    assert found.count("FNDA:1,desk.Do") == 3
