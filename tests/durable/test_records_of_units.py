"""Which runs of the log the units of a background run were."""

from __future__ import annotations

from actionlang.durable.runs import UnitOf
from tests.durable.bench import Bench

TWO = """
background action Two < perform Say(text: "one"); perform Say(text: "two") >
action Ask < start Two() >
"""


def test_each_unit_is_found_from_both_sides(here: Bench) -> None:
    here.use(TWO, "Two")
    run = here.run("Two")
    runs = here.background.runs
    first, second = runs.units(run.id)
    assert [here.database.log.run(each).outcome for each in (first, second)] == ["done", "done"]
    assert runs.parts([run.id, first, second]) == {first: UnitOf(run.id, 1), second: UnitOf(run.id, 2)}


def test_one_that_a_verb_started_has_its_beginning_too(here: Bench) -> None:
    here.use(TWO, "Two", "Ask")
    asked = here.background.verbs.perform("Ask").run
    assert asked is not None
    here.work()
    (run,) = here.background.list()
    runs = here.background.runs
    begun, *units = runs.units(run.id)
    assert [runs.parts([each])[each].unit for each in (begun, *units)] == [0, 1, 2]
    assert runs.parts([asked]) == {}


def test_a_unit_that_fails_is_none_of_it(here: Bench) -> None:
    here.use('background action Fails < perform Say(text: "one"); fail "no" >', "Fails")
    run = here.run("Fails")
    assert (run.outcome, len(here.background.runs.units(run.id))) == ("failed", 1)


def test_they_are_forgotten_with_the_run(here: Bench) -> None:
    here.use(TWO, "Two")
    run = here.run("Two")
    other = here.run("Two")
    here.set(run.id, ended="2026-01-01T00:00:00.000000Z")
    assert here.background.forget() == 1
    assert (here.background.runs.units(run.id), len(here.background.runs.units(other.id))) == ((), 2)
    assert here.ask("SELECT COUNT(*) FROM actionlang_background_unit") == [(2,)]
