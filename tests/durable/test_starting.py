"""Starting verbs in the background, by programs: what is seen at once, what is kept, and what can be done with a run."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from actionlang.diagnostics.diagnostic import ActionLangError
from actionlang.durable.background import KEPT
from actionlang.engine.sql.codecs import write_moment
from actionlang.runtime.database import Database
from tests.durable.bench import TABLES, Bench, at
from tests.registry.board import drafts, out, refusal

VERBS = """
background action Twice (text text(100), key text(20) optional sensitive) returns (told text(100), code text(20) sensitive) <
  require (text != "no") else "It was no.";
  perform Say(text: text);
  wait 2 days;
  perform Say(text: "{text}, again");
  return told: text, code: key otherwise "none"
>
background action Third < perform Say(text: "one"); perform Say(text: "two"); perform Failing(); perform Say(text: "four") >
action Failing < find mark as found where (found.number = 99); perform Say(text: "three, {found.number}") >
background action On on book < update book set pages = 1; update book set pages = 2 >
action Plain (text text(100)) returns (text text(100)) < perform Say(text: text); return text: "{text}!" >
function answer returns (number integer) < return number: 42 >
action Hidden private < perform Say(text: "hidden") >
"""
BOOK = "00000000-0000-7000-8000-000000000001"


def code(caught: pytest.ExceptionInfo[ActionLangError]) -> str:
    return refusal(caught.value).code.id


@pytest.fixture
def here(here: Bench) -> Bench:
    here.use(VERBS)
    return here


@pytest.fixture
def desk(desk: Bench) -> Bench:
    desk.use(VERBS)
    return desk


def test_a_run_waits_and_goes_on_when_the_time_has_passed(here: Bench) -> None:
    run = here.start("Twice", arguments={"text": "a", "key": "s3cret"}, key="k")
    found = here.find(run)
    assert (found.state, found.position, found.verb, found.attempts) == ("waiting", 0, "bench.Twice", 0)
    assert json.loads(found.arguments) == {"text": "a", "key": "***"}
    assert here.work() == 1
    found = here.find(run)
    assert (found.state, found.position, here.said, dict(found.outputs)) == ("waiting", 2, ["a"], {})
    assert found.due is not None
    assert timedelta(days=2) - timedelta(minutes=5) < found.due - datetime.now(UTC) <= timedelta(days=2)
    assert here.work() == 0
    here.pass_time(run)
    assert here.work() == 1
    found = here.find(run)
    assert (found.state, found.position, here.said) == ("done", 4, ["a", "a, again"])
    assert found.outputs == {"told": "a", "code": "***"}
    assert found.ended is not None
    assert "s3cret" not in repr(here.ask("SELECT * FROM actionlang_background"))
    assert "s3cret" not in repr(here.ask("SELECT * FROM actionlang_run"))
    assert here.work() == 0


def test_it_begins_at_a_moment(desk: Bench) -> None:
    later = datetime.now(UTC) + timedelta(hours=1)
    run = desk.start("Third", at=later)
    assert (desk.work(), desk.find(run).due) == (0, later)
    assert desk.work() == 0
    desk.pass_time(run)
    assert desk.work() == 1
    with pytest.raises(ActionLangError) as caught:
        desk.start("Third", at=datetime(2026, 11, 24))
    assert (code(caught), refusal(caught.value).hint) == ("E0907", "write datetime(..., tzinfo=UTC)")


def test_any_action_is_its_one_unit(desk: Bench) -> None:
    found = desk.run("Plain", text="a")
    assert (found.state, found.position, found.outputs, desk.said) == ("done", 1, {"text": "a!"}, ["a"])


REFUSED: dict[str, tuple[str, dict[str, Any], str]] = {
    "no such verb": ("Nothing", {}, "E0921"),
    "a private one": ("Hidden", {}, "E0921"),
    "a function": ("answer", {}, "E0907"),
    "an argument missing": ("Twice", {}, "E0907"),
    "an argument too many": ("Twice", {"text": "a", "more": 1}, "E0907"),
    "an argument that does not fit": ("Twice", {"text": "a" * 101}, "E0907"),
    "no row": ("On", {}, "E0907"),
    "a row that is not there": ("On", {"on": "Nothing"}, "E0907"),
    "a row too many": ("Twice", {"on": "Ulysses", "text": "a"}, "E0907"),
}


@pytest.mark.parametrize("case", REFUSED.values(), ids=REFUSED)
def test_what_is_wrong_is_said_at_once_and_nothing_is_kept(desk: Bench, case: tuple[str, dict[str, Any], str]) -> None:
    name, options, expected = case
    with pytest.raises(ActionLangError) as caught:
        desk.start(name, **options)
    assert code(caught) == expected
    assert desk.background.list() == ()


def test_a_background_action_is_started_not_run(desk: Bench) -> None:
    with pytest.raises(ActionLangError) as caught:
        desk.background.verbs.perform("Twice", text="a")
    assert code(caught) == "E0726"
    with pytest.raises(ActionLangError) as caught:
        drafts(TABLES + VERBS, "Twice", name="bench")[0].plan.run(desk.database, text="a")
    assert code(caught) == "E0726"
    assert desk.ask("SELECT * FROM actionlang_run") == []


def test_a_dry_run_starts_nothing(desk: Bench) -> None:
    assert desk.background.start("Twice", text="a", dry_run=True).dry_run
    with pytest.raises(ActionLangError):
        desk.background.start("Twice", text=7, dry_run=True)
    assert (desk.background.list(), desk.work(), desk.said) == ((), 0, [])


def test_the_same_key_starts_one_run(here: Bench) -> None:
    first = here.background.start("Third", key="k")
    second = here.background.start("Third", key="k")
    assert (first.run, first.replayed, second.replayed) == (second.run, False, True)
    here.work()
    assert here.background.start("Third", key="k").run == first.run
    assert len(here.background.list()) == 1
    started = here.background.start("Twice", text="a", key="other").run
    with pytest.raises(ActionLangError) as caught:
        here.background.start("Twice", text="b", key="other")
    assert code(caught) == "E0813"
    assert {run.id for run in here.background.list()} == {first.run, started}


# --------------------------------------------------------------------------------------- failing, trying again, taking back


def test_what_failed_goes_on_at_the_unit_that_failed(here: Bench) -> None:
    found = here.run("Third")
    assert (found.state, found.position, found.code, found.due) == ("failed", 2, "E0702", None)
    assert found.message == "There is no mark as this step looks for."
    assert (here.said, here.work()) == (["one", "two"], 0)
    here.background.retry(found.id)
    again = here.find(found.id)
    assert (again.state, again.code, again.message, again.ended) == ("waiting", None, None, None)
    assert here.work() == 1
    assert (here.find(found.id).state, here.said) == ("failed", ["one", "two"])
    here.do("INSERT INTO mark (id, number, text) VALUES ('00000000-0000-7000-8000-000000000009', 99, 'it')")
    here.background.retry(found.id)
    here.work()
    assert here.find(found.id).state == "done"
    assert sorted(here.said) == ["four", "it", "one", "three, 99", "two"]
    outcomes = here.ask("SELECT outcome, count(*) FROM actionlang_run WHERE verb = 'bench.Third' GROUP BY outcome")
    assert sorted(outcomes) == [("done", 5), ("failed", 2)]


def test_what_a_unit_left_is_there_after_a_failure_before_its_first_commit(desk: Bench) -> None:
    found = desk.run("Twice", text="no")
    assert (found.state, found.position, found.code, found.message) == ("failed", 0, "E0701", "It was no.")


def test_a_run_that_has_failed_is_given_up(here: Bench) -> None:
    found = here.run("Twice", text="no")
    here.background.cancel(found.id)
    found = here.find(found.id)
    assert (found.state, found.kept, found.code) == ("cancelled", None, "E0701")
    with pytest.raises(ActionLangError) as caught:
        here.background.retry(found.id)
    assert code(caught) == "E0907"


def test_a_run_that_waits_is_taken_back(here: Bench) -> None:
    found = here.run("Twice", text="a")
    here.background.cancel(found.id)
    found = here.find(found.id)
    assert (found.state, found.due, found.kept, here.said) == ("cancelled", None, None, ["a"])
    for asked in (here.background.cancel, here.background.retry):
        with pytest.raises(ActionLangError) as caught:
            asked(found.id)
        assert code(caught) == "E0907"
    assert here.work() == 0


def test_a_run_that_somebody_is_at_is_not_taken_back(desk: Bench) -> None:
    run = desk.start("Third")
    assert desk.background.runs.take(datetime.now(UTC), timedelta(minutes=1)) is not None
    assert desk.find(run).state == "running"
    with pytest.raises(ActionLangError) as caught:
        desk.background.cancel(run)
    assert (code(caught), desk.find(run).state) == ("E0907", "running")


def test_runs_are_found_by_state_and_verb_the_newest_first(here: Bench) -> None:
    waiting, failed = here.start("Twice", text="a", at=datetime.now(UTC) + timedelta(days=1)), here.run("Third").id
    done = here.run("Plain", text="a").id
    background = here.background
    assert [run.id for run in background.list()] == [done, failed, waiting]
    assert [run.id for run in background.list(limit=1)] == [done]
    assert [run.id for run in background.list(states=("waiting", "failed"))] == [failed, waiting]
    assert [run.id for run in background.list(verb="bench.Plain")] == [done]
    assert background.list(states=("cancelled",)) == ()
    with pytest.raises(ActionLangError) as caught:
        background.list(states=("failed", "ended"))
    assert refusal(caught.value).message == "'ended' is no state of a background run."
    assert refusal(caught.value).hint == "they are waiting, running, done, failed, cancelled"
    with pytest.raises(ActionLangError) as caught:
        background.find("nothing")
    assert code(caught) == "E0728"


def test_what_ended_well_long_ago_is_forgotten(here: Bench) -> None:
    failed, done, recent = here.run("Third").id, here.run("Plain", text="a").id, here.run("Plain", text="b").id
    waiting = here.start("Twice", text="a", at=datetime.now(UTC) + timedelta(days=1))
    long_ago = write_moment(datetime.now(UTC) - KEPT - timedelta(hours=1))
    for run in (failed, done):
        here.set(run, ended=long_ago)
    here.set(waiting, made=long_ago)
    assert (here.background.forget(), here.background.forget()) == (1, 0)
    assert {run.id for run in here.background.list()} == {failed, recent, waiting}


def test_runs_are_taken_in_the_order_in_which_they_are_due(desk: Bench) -> None:
    now = datetime.now(UTC)
    due = {2: now - timedelta(hours=2), 0: now - timedelta(hours=9), 1: now - timedelta(hours=5), 3: now}
    for number, moment in due.items():
        desk.start("Plain", text=f"{number}", at=moment)
    assert desk.work() == 4
    assert desk.said == ["0", "1", "2", "3"]


# ------------------------------------------------------------------------------------------------------------- versions


def test_a_run_keeps_the_version_that_it_began_with(here: Bench) -> None:
    old = here.run("Twice", text="old")
    here.use(VERBS.replace("{text}, again", "{text}, changed"))
    here.pass_time(old.id)
    new = here.run("Twice", text="new")
    here.pass_time(new.id)
    here.work()
    assert sorted(here.said) == ["new", "new, changed", "old", "old, again"]
    assert here.find(old.id).plan_hash != here.find(new.id).plan_hash


def test_a_verb_out_of_use_is_gone_on_with_but_not_started(desk: Bench) -> None:
    run = desk.run("Twice", text="a").id
    out(desk.database, "bench.Twice")
    desk.pass_time(run)
    desk.work()
    assert (desk.find(run).state, desk.said) == ("done", ["a", "a, again"])
    with pytest.raises(ActionLangError):
        desk.start("Twice", text="b")


def test_without_the_table_it_is_said_what_to_do(here: Bench, url: str) -> None:
    here.do("DROP TABLE actionlang_background")
    with Database.connect(url) as database:
        there = at(database)
        with pytest.raises(ActionLangError) as caught:
            there.start("Third")
        assert "registry init" in str(refusal(caught.value).hint)
        assert (there.background.list(), there.background.forget()) == ((), 0)
        with pytest.raises(ActionLangError) as caught:
            there.background.find("x")
        assert code(caught) == "E0728"


def test_a_key_that_is_revoked_meanwhile_ends_the_run(here: Bench) -> None:
    run = here.start("Third")
    here.set(run, api_key="of nobody any more")
    here.work()
    found = here.find(run)
    assert (found.state, found.code, found.message, here.said) == ("failed", "E1112", "The API key is revoked.", [])
