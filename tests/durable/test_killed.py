"""Workers that are killed (SIGKILL) at statement after statement, and at any, until all is done: each unit is made once."""

from __future__ import annotations

import signal
from collections import Counter
from collections.abc import Iterator
from random import Random

import pytest

from tests.durable.bench import Bench
from tests.durable.child import CHILD
from tests.forking import Children, children

pytestmark = pytest.mark.process

VERBS = """
background action Do (name text(20)) <
  let greeting = "{name} 1";
  perform Say(text: greeting);
  stage "Second" < wait 0 seconds; perform Say(text: "{name} 2"); start Follow(name: name) >
  perform Say(text: "{name} 3 {greeting}")
>
action Follow (name text(20)) < perform Say(text: "{name} followed") >
"""

MOST_STATEMENTS = 150
"""More than it takes to make all units of one run and of what it starts."""

ENDED = """
    SELECT pg_terminate_backend(pid, 60000) FROM pg_stat_activity
    WHERE datname = current_database() AND state <> 'idle' AND pid <> pg_backend_pid()
"""
"""Ends what a killed process was doing: the server notices by itself, but perhaps later, and until then rows are locked."""


@pytest.fixture(scope="module")
def started() -> Iterator[Children]:
    with children(CHILD) as ready:
        yield ready


def all_of(name: str) -> list[str]:
    """What a run leaves behind, with what it starts."""
    return [f"{name} 1", f"{name} 2", f"{name} 3 {name} 1", f"{name} followed"]


def see_the_end(here: Bench) -> None:
    """The server is done with whoever was killed."""
    if here.database.dialect.name == "postgresql":
        here.ask(ENDED)


def assert_each_unit_once(here: Bench, names: list[str]) -> None:
    assert Counter(here.said) == Counter(text for name in names for text in all_of(name))
    runs = here.background.list()
    assert Counter((run.verb, run.state) for run in runs) == {
        ("bench.Do", "done"): len(names),
        ("bench.Follow", "done"): len(names),
    }
    # One that asks and six units; one that begins and one unit.
    recorded = here.ask("SELECT verb, outcome, count(*) FROM actionlang_run GROUP BY verb, outcome")
    assert sorted(recorded) == [("bench.Do", "done", 6 * len(names)), ("bench.Follow", "done", 2 * len(names))]


STEP = {"sqlite": 7, "postgresql": 9}
"""Not every one: units are alike, and so all places in them have their turn, some in one, some in another."""


def test_killed_after_one_statement_after_another(url: str, here: Bench, started: Children) -> None:
    """After a statement is also before the next one, and after BEGIN is also after the commit before that."""
    here.use(VERBS)
    names = []
    for statement in range(1, MOST_STATEMENTS, STEP[here.database.dialect.name]):
        names.append(f"r{statement}")
        here.start("Do", name=names[-1])
        ended = started.run(url=url, statement=statement)
        assert ended.code in {0, -signal.SIGKILL}
        see_the_end(here)
        here.do("UPDATE actionlang_background SET due = made WHERE ended IS NULL")
        here.work()
        if ended.code == 0:
            break
    assert_each_unit_once(here, names)
    assert 40 < statement < MOST_STATEMENTS - 9


def test_killed_again_and_again_until_all_is_done(url: str, here: Bench, started: Children) -> None:
    here.use(VERBS)
    random = Random(8)
    names = [f"n{number}" for number in range(3)]
    for name in names:
        here.start("Do", name=name)
    killed = 0
    while here.background.list(states=("waiting", "running")):
        ended = started.run(url=url, statement=random.randint(5, 70), lease=0.0)
        see_the_end(here)
        killed += ended.code == -signal.SIGKILL
    assert killed > 1
    assert_each_unit_once(here, names)
