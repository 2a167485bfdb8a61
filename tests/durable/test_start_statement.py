"""`start` in a verb: what is started is kept with what the verb did, and run later by itself."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from actionlang.diagnostics.diagnostic import ActionLangError
from actionlang.durable.runs import BackgroundRun
from actionlang.registry.installing import install
from actionlang.runtime.change_set import ChangeSet, run_together
from actionlang.runtime.database import Database
from actionlang.runtime.result import RunFailed
from tests.durable.bench import Bench, at
from tests.registry.board import out, refusal

VERBS = """
background action Later (text text(100), pin text(20) default "none" sensitive) returns (length integer) <
  perform Say(text: text);
  return length: length(text)
>
action Now (text text(90)) < start Later(text: "{text} later", pin: "4711"); perform Say(text: text) >
action After < start Later(text: "after") after 2 days; start Later(text: "before") after -2 days >
action At (when datetime) < start Later(text: "at") at when >
action Plainly < start Say(text: "plain") >
action Undone <
  start Later(text: "kept");
  attempt < start Later(text: "undone"); perform Say(text: "undone"); fail "no" > else < start Later(text: failure.message) >
>
action Fails < start Later(text: "never"); fail "no" >
action Several < for each text in ("a", "b", "c") < start Later(text: text) > >
action Inner < start Later(text: "inner") >
action Outer < perform Inner(); perform Inner() >
background action Read on book < perform Say(text: "read {book.title}"); update book set pages = 0 >
action ReadEach on each book < start Read() on book; update book set pages = 1 >
background action Count (number integer) <
  perform Say(text: "{number}");
  if (number > 1) < start Count(number: number - 1) >
>
background action Values (a integer, b decimal(20,6), c date, d datetime, e duration, f boolean, g Color, h list of integer, i book, j list of book, k text(20) optional, l text(20) default "told") <
  require (a = 9007199254740993 and b = 0.000001 and c = date "2026-02-28" and d = datetime "2026-02-28T23:59:59.999999Z");
  require (e = 36 hours and f and g = green and h = (1, 9007199254740993) and i in j and k is empty and l = "told");
  perform Say(text: i.title)
>
action StartValues on book <
  start Values(
    a: 9007199254740993, b: 0.000001, c: date "2026-02-28", d: datetime "2026-02-28T23:59:59.999999Z", e: 36 hours,
    f: true, g: green, h: (1, 9007199254740993), i: book, j: (book,)
  )
>
"""


@pytest.fixture
def here(here: Bench) -> Bench:
    here.use(VERBS)
    return here


@pytest.fixture
def desk(desk: Bench) -> Bench:
    desk.use(VERBS)
    return desk


def perform(here: Bench, name: str, **options: Any) -> str:
    run = here.background.verbs.perform(name, **options).run
    assert run is not None
    return run


def books(here: Bench, count: int) -> None:
    for number in range(1, count + 1):
        key = f"00000000-0000-7000-8000-00000000000{number}"
        here.do(f"INSERT INTO book (id, title, status) VALUES ('{key}', 'B{number}', 'fresh')")


def arguments(here: Bench) -> list[str]:
    """What the runs that were started are to say."""
    return sorted(json.loads(run.arguments)["text"] for run in here.background.list())


def test_what_is_started_runs_by_itself(here: Bench) -> None:
    asked = perform(here, "Now", text="a")
    (run,) = here.background.list()
    assert (run.verb, run.state, run.position, run.plan_hash, run.started_by) == (
        "bench.Later",
        "waiting",
        -1,
        None,
        asked,
    )
    assert here.work() == 1
    found = here.find(run.id)
    assert (found.state, found.position, found.outputs, here.said) == ("done", 2, {"length": 7}, ["a", "a later"])
    assert found.plan_hash == here.background.verbs.find("Later").plan.hash
    assert json.loads(found.arguments) == {"text": "a later", "pin": "***"}
    assert "4711" not in repr(here.ask("SELECT arguments FROM actionlang_run"))


def test_when_it_begins(here: Bench) -> None:
    before = datetime.now(UTC)
    perform(here, "After")
    perform(here, "At", when="2031-01-01T00:00:00Z")
    due = {json.loads(run.arguments)["text"]: run.due for run in here.background.list()}
    assert due["at"] == datetime(2031, 1, 1, tzinfo=UTC)
    for name, days in (("after", 2), ("before", -2)):
        found = due[name]
        assert found is not None
        assert before + timedelta(days=days) <= found <= datetime.now(UTC) + timedelta(days=days)
    assert here.work() == 1
    assert here.said == ["before"]


def test_any_action_can_be_started(desk: Bench) -> None:
    perform(desk, "Plainly")
    assert (desk.work(), desk.said) == (1, ["plain"])
    assert desk.background.list()[0].outputs == {"number": 1}


@pytest.mark.parametrize(
    ("name", "started"),
    [("Undone", ["kept", "no"]), ("Several", ["a", "b", "c"]), ("Outer", ["inner", "inner"])],
)
def test_what_is_undone_is_not_started(desk: Bench, name: str, started: list[str]) -> None:
    perform(desk, name)
    assert arguments(desk) == started
    assert desk.work() == len(started)
    assert sorted(desk.said) == started


def test_a_run_that_fails_has_started_nothing(desk: Bench) -> None:
    with pytest.raises(RunFailed):
        perform(desk, "Fails")
    assert desk.background.verbs.perform("Now", text="a", dry_run=True).dry_run
    assert desk.background.list() == ()


@pytest.mark.parametrize("options", [{}, {"per_row": True}, {"chunk": 2}])
def test_many_rows_start_one_each(here: Bench, options: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("actionlang.runtime.many.FLUSHED", 2)
    books(here, 3)
    plan = here.background.verbs.find("ReadEach").plan
    plan.run_many(here.database, rows=["B1", "B2", "B3"], **options)
    runs = here.background.list()
    assert len({run.row_key for run in runs}) == 3
    assert here.work() == 3
    assert sorted(here.said) == ["read B1", "read B2", "read B3"]
    assert here.ask("SELECT DISTINCT pages FROM book") == [(0,)]
    ids = {run for (run,) in here.ask("SELECT id FROM actionlang_run WHERE verb = 'bench.ReadEach'")}
    assert {run.started_by for run in runs} <= ids


def test_many_rows_of_which_one_fails_start_for_the_others_only(desk: Bench) -> None:
    books(desk, 2)
    plan = desk.background.verbs.find("ReadEach").plan
    with pytest.raises(ActionLangError):
        plan.run_many(desk.database, rows=["B1", "nothing", "B2"])
    assert desk.background.list() == ()


@pytest.mark.parametrize("fails", [False, True])
def test_a_change_set_starts_all_or_nothing(here: Bench, fails: bool) -> None:
    find = here.background.verbs.find

    def work(changes: ChangeSet) -> None:
        changes.perform(find("Now").plan, arguments={"text": "a"})
        changes.perform(find("Fails" if fails else "Inner").plan)

    if fails:
        with pytest.raises(RunFailed):
            run_together(here.database, work)
    else:
        run_together(here.database, work)
    assert arguments(here) == ([] if fails else ["a later", "inner"])


def test_a_verb_starts_itself_over_and_over(desk: Bench) -> None:
    run = desk.start("Count", number=5)
    assert desk.work() == 5
    assert desk.said == ["5", "4", "3", "2", "1"]
    began = desk.background.list(states=("done",))
    assert sum(each.started_by is None for each in began) == 1
    assert desk.find(run).state == "done"


def test_values_of_all_types_are_handed_over(here: Bench) -> None:
    books(here, 1)
    perform(here, "StartValues", on="B1")
    here.work()
    (run,) = here.background.list()
    assert (run.state, run.code, run.message, here.said) == ("done", None, None, ["B1"])


def ended(here: Bench) -> BackgroundRun:
    """The one run that was started, having been tried."""
    here.work()
    (run,) = here.background.list()
    assert run.state == "failed"
    return run


def test_what_is_not_in_use_when_it_begins_fails(desk: Bench) -> None:
    perform(desk, "Now", text="a")
    out(desk.database, "bench.Later")
    run = ended(desk)
    assert (run.position, run.code, desk.said) == (-1, "E0921", ["a"])
    desk.use(VERBS, "Later")
    desk.background.retry(run.id)
    desk.work()
    assert (desk.find(run.id).state, desk.said) == ("done", ["a", "a later"])


def test_what_does_not_fit_the_contract_of_then_fails(desk: Bench) -> None:
    perform(desk, "Now", text="a")
    out(desk.database, "bench.Later")
    desk.use("background action Later (text text(3)) < perform Say(text: text) >", "Later")
    run = ended(desk)
    assert (run.position, run.code) == (-1, "E0907")


def test_what_has_become_a_function_is_not_started(desk: Bench) -> None:
    perform(desk, "Now", text="a")
    out(desk.database, "bench.Later")
    desk.use(
        "function Later (text text(100), pin text(20)) returns (length integer) < return length: length(text) >",
        "Later",
    )
    assert (ended(desk).code, desk.said) == ("E0907", ["a"])


def test_its_row_is_gone_when_it_begins(desk: Bench) -> None:
    books(desk, 1)
    plan = desk.background.verbs.find("ReadEach").plan
    plan.run_many(desk.database, rows=["B1"])
    desk.do("DELETE FROM book")
    run = ended(desk)
    assert (run.code, desk.said) == ("E0703", [])
    assert str(run.message).endswith(" is no longer there.")


def test_a_database_of_an_earlier_version_is_told_what_to_do(here: Bench, url: str) -> None:
    here.do("DROP TABLE actionlang_background")
    with Database.connect(url) as database:
        there = at(database)
        with pytest.raises(ActionLangError) as caught:
            there.background.verbs.perform("Now", text="a")
        assert "registry init" in str(refusal(caught.value).hint)
        assert there.said == []
        install(database)
        perform(there, "Now", text="a")
        assert (there.work(), there.said) == (1, ["a", "a later"])
