"""Under rules of access: a background run is the caller's own, with the rights that the caller has when each unit runs."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import attrs
import pytest

from actionlang import Verbs
from actionlang.access.caller import Caller
from actionlang.access.rights import PERFORM, REQUIRES, Depth, Grant
from actionlang.diagnostics.diagnostic import ActionLangError
from actionlang.durable.background import Background
from actionlang.durable.runs import BackgroundRun
from actionlang.durable.working import LEASE, Working
from actionlang.engine.store import RowRef
from actionlang.registry.installing import install
from tests.access.office import SCRIPT, Office, grants, office
from tests.registry.board import activate, refusal

VERBS = """
background action Twice on job < update job set title = "once"; wait 0 seconds; update job set title = "twice" >
background action TwiceAsSystem on job as system < update job set title = "once"; update job set title = "twice" >
background action Special on job requires office.special < update job set title = "s1"; update job set title = "s2" >
background action Told on job < update job set title = caller.name; update job set title = "{job.title} {caller.name}" >
action Ask on job < start Twice() on job >
"""
NAMES = ("Twice", "TwiceAsSystem", "Special", "Told", "Ask", "Titles")
ALL = grants(job="all", user={"read": "all"})
SPECIAL = Grant("role", REQUIRES, "office.special")


@attrs.frozen
class Place:
    """An office with background runs."""

    office: Office
    background: Background

    def start(self, name: str, on: str = "ANN", **options: Any) -> str | None:
        return self.background.start(name, on=on, **{"caller": "ann@x.org", **options}).run

    def run(self, name: str, **options: Any) -> BackgroundRun:
        """Start a verb and go on with it to its end."""
        run = self.start(name, **options)
        self.background.work_once()
        assert run is not None
        return self.background.find(run)

    def one_unit(self) -> None:
        """One worker makes one unit."""
        taken = self.background.runs.take(datetime.now(UTC), LEASE)
        assert taken is not None
        Working(self.background.verbs, self.background.runs)._unit(taken)
        self.background.runs.later(taken, datetime.now(UTC))


@pytest.fixture
def place() -> Iterator[Place]:
    """An office on SQLite."""
    with place_on("sqlite") as made:
        yield made


@pytest.fixture(params=["sqlite", "server"])
def each(request: pytest.FixtureRequest) -> Iterator[Place]:
    """An office on each kind of database."""
    with place_on(request.param) as made:
        yield made


@contextmanager
def place_on(kind: str) -> Iterator[Place]:
    with office(kind) as opened:
        install(opened.free)
        activate(opened.free, SCRIPT + VERBS, *NAMES, name="example")
        yield Place(opened, Background(Verbs.open(opened.database, max_age=0.0)))


def test_it_runs_for_whoever_asked(each: Place) -> None:
    each.office.allow(ALL)
    found = each.run("Told")
    assert (found.state, found.code, each.office.title("ANN")) == ("done", None, "Ann Ann")
    ann = each.office.look("SELECT id FROM \"user\" WHERE name = 'Ann'")[0][0]
    callers = each.office.look("SELECT DISTINCT caller FROM actionlang_run WHERE verb = 'example.Told'")
    assert [str(ann) in str(caller) for (caller,) in callers] == [True]


@pytest.mark.parametrize(("caller", "code"), [("eve@x.org", "E0730"), (None, "E0733")])
def test_who_may_not_call_it_may_not_start_it(place: Place, caller: str | None, code: str) -> None:
    place.office.allow(ALL)
    with pytest.raises(ActionLangError) as caught:
        place.start("Twice", caller=caller)
    assert refusal(caught.value).code.id == code
    assert place.background.list() == ()


def test_the_privilege_that_it_requires_is_asked_for_at_its_start(place: Place) -> None:
    place.office.allow(ALL)
    with pytest.raises(ActionLangError):
        place.start("Special")
    assert place.background.list() == ()
    place.office.allow((*ALL, SPECIAL), role="other")
    assert (place.run("Special").state, place.office.title("ANN")) == ("done", "s2")


def test_rights_that_are_taken_away_are_missing_in_the_next_unit(each: Place) -> None:
    each.office.allow(ALL)
    run = each.start("Twice")
    each.one_unit()
    each.office.allow(grants(job={"read": "all"}))
    each.background.work_once()
    assert run is not None
    found = each.background.find(run)
    assert (found.state, found.position, each.office.title("ANN")) == ("failed", 2, "once")
    assert found.code == "E0730"
    each.office.allow(ALL)
    each.background.retry(run)
    each.background.work_once()
    assert (each.background.find(run).state, each.office.title("ANN")) == ("done", "twice")


def test_rows_that_are_hidden_meanwhile_are_not_there_any_more(place: Place) -> None:
    place.office.allow(grants(job="all"))
    run = place.start("Twice", on="EVE")
    place.one_unit()
    place.office.allow(grants(job="own"))
    place.background.work_once()
    assert run is not None
    found = place.background.find(run)
    assert (found.state, found.position, place.office.title("EVE")) == ("failed", 1, "once")


def test_as_system_a_right_to_call_it_is_enough(place: Place) -> None:
    place.office.allow(
        (Grant("role", PERFORM, "example.TwiceAsSystem"), Grant("role", "read", "example.job", Depth.ALL))
    )
    assert (place.run("TwiceAsSystem").state, place.office.title("ANN")) == ("done", "twice")
    with pytest.raises(ActionLangError):
        place.start("Twice")


def test_what_a_verb_starts_runs_for_its_caller(place: Place) -> None:
    place.office.allow(ALL)
    place.background.verbs.perform("Ask", on="ANN", caller="ann@x.org")
    place.office.allow(grants())
    place.background.work_once()
    (found,) = place.background.list()
    assert (found.state, found.position, place.office.title("ANN")) == ("failed", -1, "new")
    place.office.allow(ALL)
    place.background.retry(found.id)
    place.background.work_once()
    assert (place.background.find(found.id).state, place.office.title("ANN")) == ("done", "twice")


def test_roles_of_a_call_and_who_calls_for_whom_are_kept(each: Place) -> None:
    each.office.allow(ALL, to="eve@x.org")
    eve = each.office.look("SELECT id FROM \"user\" WHERE name = 'Eve'")[0][0]
    caller = Caller("ann@x.org", ("role",), RowRef("core.user", str(eve)))
    found = each.run("Twice", caller=caller)
    assert (found.state, found.message, each.office.title("ANN")) == ("done", None, "twice")
    records = each.office.look("SELECT caller, called_by FROM actionlang_run WHERE verb = 'example.Twice'")
    assert len(records) == 4
    assert len(set(records)) == 1
    assert str(eve) in str(records[0][1])
    with pytest.raises(ActionLangError):
        each.start("Twice")
