"""Two operators activate at once, in processes of their own, while callers' runs are under way: all of it is safe."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

import attrs
import pytest

from actionlang import Verbs
from actionlang.plan.codec import encode
from actionlang.registry.history import history
from actionlang.registry.versions import version
from actionlang.runtime.database import Database
from actionlang.runtime.log import RunRecord
from tests.registry.board import activate, active, ask, board, drafts

ROOT = Path(__file__).parents[2]
EACH = 8
"""Activations of each operator."""

CALLERS = 3

MARKS = """
table note < number integer required key; text text(200) required >
action Mark (number integer) < create note set number = number, text = "nobody" >
action Marks (number integer) < perform Mark(number: number) >
"""


def script(who: str, number: int) -> str:
    """The script as an operator has it at a time."""
    return MARKS.replace("nobody", f"{who} {number}")


def work_of(who: str, *verbs: str) -> str:
    """What an operator activates, one after another."""
    plans = [[encode(draft.plan.steps).decode() for draft in drafts(script(who, turn), *verbs)] for turn in range(EACH)]
    return json.dumps(plans)


@attrs.frozen
class Call:
    """A call by name: when it began and ended, and its run."""

    verb: str
    began: datetime
    ended: datetime
    run: str


@contextmanager
def callers(database: Database, found: list[Call], wrong: list[Exception]) -> Iterator[None]:
    """Threads that call by name until the block is left; each has called at least once when it is entered."""
    over = threading.Event()
    called = [threading.Event() for _ in range(CALLERS)]

    def work(caller: int) -> None:
        verbs = Verbs.open(database, max_age=0)
        number = caller
        try:
            while not over.is_set():
                began, verb = datetime.now(UTC), "Mark" if number % 2 else "Marks"
                run = verbs.perform(verb, number=number).run
                assert run is not None
                found.append(Call(verb, began, datetime.now(UTC), run))
                number += CALLERS
                called[caller].set()
        except Exception as error:  # noqa: BLE001
            wrong.append(error)
            called[caller].set()

    threads = [threading.Thread(target=work, args=(caller,)) for caller in range(CALLERS)]
    for thread in threads:
        thread.start()
    for each in called:
        each.wait(60)
    try:
        yield
    finally:
        over.set()
        for thread in threads:
            thread.join()


def operator(url: str, who: str) -> subprocess.Popen[str]:
    """A process of its own."""
    command = [sys.executable, "-m", "tests.registry.operator", url, who]
    return subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def both_at_once(url: str) -> list[tuple[datetime, datetime, dict[str, int]]]:
    """What both did: when each activation began and had ended, and the versions it made active."""
    work = {"ada": work_of("ada"), "bob": work_of("bob", "Mark")}
    processes = {who: operator(url, who) for who in work}
    outputs: dict[str, str] = {}
    threads = [
        threading.Thread(target=lambda who=who: outputs.update({who: processes[who].communicate(work[who], 120)[0]}))
        for who in work
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [process.returncode for process in processes.values()] == [0, 0]
    return [
        (datetime.fromisoformat(began), datetime.fromisoformat(ended), moved)
        for text in outputs.values()
        for began, ended, moved in json.loads(text)
    ]


@pytest.mark.process
def test_two_operators_while_runs_are_under_way(url: str) -> None:
    with board(url) as setting_up:
        activate(setting_up, MARKS)
    found: list[Call] = []
    wrong: list[Exception] = []
    with Database.connect(url, busy_timeout=60) as database:
        with callers(database, found, wrong):
            done = both_at_once(url)
        assert wrong == []
        assert len(done) == 2 * EACH
        see_that_the_registry_is_whole(database)
        see_that_calls_got_what_was_active(database, found, done)


def see_that_the_registry_is_whole(database: Database) -> None:
    """No version twice, none left out, one active row a verb, and each activation goes on from where the one before ended."""
    generations = [number for (number,) in ask(database, "SELECT number FROM actionlang_activation ORDER BY number")]
    assert generations == list(range(1, 2 * EACH + 2))
    assert ask(database, "SELECT generation FROM actionlang_registry") == [(2 * EACH + 1,)]
    moments = [moment for (moment,) in ask(database, "SELECT moment FROM actionlang_activation ORDER BY number")]
    assert moments == sorted(moments, key=str)
    for verb in ("Mark", "Marks"):
        numbers = [n for (n,) in ask(database, f"SELECT number FROM actionlang_version WHERE verb = 'board.{verb}'")]
        assert sorted(map(int, map(str, numbers))) == list(range(1, len(numbers) + 1))
        events = list(reversed(history(database, verb)))
        assert all(later.move.before == earlier.move.after for earlier, later in pairwise(events))
        assert active(database)[verb] == events[-1].move.after
    mark, marks = version(database, "Mark").plan.steps, version(database, "Marks").plan.steps
    assert mark.verb in marks.verbs, "what it performs is what callers get"


def see_that_calls_got_what_was_active(
    database: Database, found: list[Call], done: list[tuple[datetime, datetime, dict[str, int]]]
) -> None:
    """Each run's record has the hash of a version that was active at some moment between the beginning and the end of the call."""
    assert len(found) > CALLERS
    hashes = {
        str(plan_hash): (str(verb), int(str(number)))
        for plan_hash, verb, number in ask(database, "SELECT plan_hash, verb, number FROM actionlang_version")
    }
    active_from = {(verb, number): began for began, _, moved in done for verb, number in moved.items()}
    active_until: dict[tuple[str, int], datetime] = {}
    ended = {(verb, number): ended for _, ended, moved in done for verb, number in moved.items()}
    for verb in ("Mark", "Marks"):
        for event in history(database, verb):
            if event.move.before is not None and event.move.after is not None:
                name = event.move.verb
                active_until[name, event.move.before] = ended[name, event.move.after]
    records: dict[str, RunRecord] = {record.id: record for record in database.log.runs(limit=10 * len(found))}
    seen = set()
    for call in found:
        got = hashes[records[call.run].plan_hash]
        seen.add(got)
        assert got[0] == f"board.{call.verb}"
        assert active_from.get(got, call.began) <= call.ended
        assert active_until.get(got, call.ended) >= call.began
    assert len(seen) > 2, "the callers saw what was activated meanwhile"
