"""A worker that is asked to stop: it finishes the unit that is under way, and leaves the run to others."""

from __future__ import annotations

from threading import Event

from actionlang.durable.working import Working
from tests.durable.bench import Bench

THREE = """
background action Do < perform Say(text: "a"); perform Say(text: "b"); perform Say(text: "c") >
"""


def test_the_unit_that_is_under_way_is_the_last_one(here: Bench) -> None:
    here.use(THREE)
    run, stop = here.start("Do"), Event()
    stop.set()
    assert Working(here.background.verbs, here.background.runs).make_one(stop) is not None
    found = here.find(run)
    assert (found.state, found.position, here.said) == ("waiting", 1, ["a"])
    assert here.background.work_once(stop=stop) == 0
    assert here.background.work_once() == 1
    assert (here.find(run).state, here.said) == ("done", ["a", "b", "c"])
