"""No generated program reads or writes a row that a simple oracle of the rules forbids, and all engines see it the same way.

That nothing is read is seen by what comes of it: rows that the caller can not read get other values, and more such rows are put
in; the program must come to the same. `programs.py` runs as many more programs as one likes; see LOG.md.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from actionlang.access.needs import missing, needs_of
from actionlang.access.restricting import restrict
from tests.access.contest import AccessContest
from tests.access.trying import case_of, everything, rows_of

SEED = 2026
ON_ENGINES = range(110)
IN_MEMORY = range(1000, 1100)


@pytest.fixture(scope="module")
def contest() -> Iterator[AccessContest]:
    opened = AccessContest()
    yield opened
    opened.close()


def test_programs_do_only_what_the_rules_allow_on_every_engine(contest: AccessContest) -> None:
    for number in ON_ENGINES:
        wrong = contest.wrong_with(SEED, number)
        assert wrong == [], wrong[0]
    counts = contest.counts
    assert counts["restricted"] > len(ON_ENGINES) / 3
    assert counts["came to something else than without rules"] > counts["restricted"] / 4
    assert counts["ended: done"] > counts["restricted"] / 6
    assert counts["ended: E0731"] >= 3
    assert counts["refused before the first step"] >= 3
    for name in ("sqlite-set", "postgres-set", "server"):
        assert counts[f"{name}: ran"] >= 2, counts


def test_programs_do_only_what_the_rules_allow(contest: AccessContest) -> None:
    for number in IN_MEMORY:
        wrong = contest.wrong_with(SEED, number, engines=False)
        assert wrong == [], wrong[0]


def test_whoever_may_do_everything_runs_the_plan_itself() -> None:
    rows = rows_of(SEED, 30)
    for number in range(3000, 3040):
        case = case_of(SEED, number, rows)
        if case is not None:
            rights = everything(case.rights.user)
            assert missing(needs_of(case.program.plan), rights) == ()
            assert restrict(case.program.plan, rights) is case.program.plan
