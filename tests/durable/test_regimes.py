"""A background run is held to rules of access if whoever started it was, whoever goes on with it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import sqlalchemy as sa

from actionlang import Background, Hosting, Policy, Verbs
from actionlang.runtime.background import BACKGROUND
from actionlang.runtime.database import Database
from tests.access.office import SCRIPT, Office, grants, office
from tests.registry.board import activate, install

VERBS = """
background action Twice on job < update job set title = "once"; update job set title = "twice" >
action Ask on job < start Twice() on job >
"""


@pytest.fixture(params=["sqlite", "server"])
def desk(request: pytest.FixtureRequest) -> Iterator[Office]:
    """An office in which Ann may do everything with jobs."""
    with office(request.param) as opened:
        install(opened.free)
        activate(opened.free, SCRIPT + VERBS, "Twice", "Ask", name="example")
        opened.allow(grants(job="all"))
        yield opened


def under(desk: Office, hosting: Hosting) -> Background:
    """The runs of the same database, seen by another program."""
    return Background(Verbs.open(Database.of(desk.free.engine, hosting=hosting), max_age=0.0))


@pytest.fixture
def ruled(desk: Office) -> Background:
    return under(desk, Hosting(policy=Policy()))


@pytest.fixture
def free(desk: Office) -> Background:
    return under(desk, Hosting())


def outcomes(background: Background) -> list[tuple[bool, str | None, str | None]]:
    return [(run.ruled, run.outcome, run.code) for run in reversed(background.list())]


def test_what_nobody_holds_to_rules_is_done_by_a_worker_that_has_some(free: Background, ruled: Background) -> None:
    free.start("Twice", on="ANN")
    free.start("Twice", on="ANN", caller="bob@x.org")
    assert ruled.work_once() == 2
    assert outcomes(ruled) == [(False, "done", None)] * 2


def test_what_is_held_to_rules_is_so_by_a_worker_that_has_none(
    desk: Office, free: Background, ruled: Background
) -> None:
    ruled.start("Twice", on="ANN", caller="ann@x.org")
    desk.allow(grants())
    assert free.work_once() == 1
    assert outcomes(free) == [(True, "failed", "E0730")]
    desk.allow(grants(job="all"))
    free.retry(free.list()[0].id)
    assert free.work_once() == 1
    assert outcomes(free) == [(True, "done", None)]


def test_what_a_verb_starts_is_held_as_the_verb_was(desk: Office, free: Background, ruled: Background) -> None:
    ruled.verbs.perform("Ask", on="ANN", caller="ann@x.org")
    free.verbs.perform("Ask", on="ANN", caller="ann@x.org")
    desk.allow(grants())
    assert free.work_once() == 2
    assert sorted(outcomes(free), key=str) == [(False, "done", None), (True, "failed", "E0730")]


def test_the_two_take_turns_on_the_same_connections(desk: Office, free: Background, ruled: Background) -> None:
    for number in range(6):
        (ruled if number % 2 else free).start("Twice", on="ANN", caller="ann@x.org")
    assert ruled.work_once() == 6
    with desk.free.connection() as connection:
        counted = sa.select(BACKGROUND.c.outcome, sa.func.count()).group_by(BACKGROUND.c.outcome)
        assert connection.execute(counted).all() == [("done", 6)]
