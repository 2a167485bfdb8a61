"""Deliveries, shown, replayed, dropped, pruned."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa

from actionlang.delivery.claiming import arrived, claim, died
from actionlang.delivery.deliveries import Deliveries, Pruned
from actionlang.delivery.dispatch import dispatch
from actionlang.delivery.events import AboutRow
from actionlang.delivery.secret import SecretPlace
from actionlang.delivery.tables import DELIVERIES
from actionlang.diagnostics.diagnostic import ActionLangError
from actionlang.runtime.database import Database
from actionlang.runtime.outbox import EVENTS
from tests.delivery.conftest import subscribe
from tests.delivery.outbox import START, Clock, emit, states

LEASE = timedelta(seconds=60)
PLACE = SecretPlace("env", "X")


@pytest.fixture
def three(database: Database, clock: Clock) -> dict[str, str]:
    """An event that is dead, one that has arrived, one that is pending."""
    subscribe(database, "https://example.com/a", PLACE, "a.*", name="a")
    events = {name: emit(database, f"a.{name.title()}", row="CAS-1") for name in ("dead", "arrived", "pending")}
    dispatch(database, clock())
    (first,) = claim(database, "a", 9, clock(), LEASE)
    died(database, first, "x" * 1000, clock())
    (second,) = claim(database, "a", 9, clock(), LEASE)
    arrived(database, second, clock())
    return events


def test_the_latest(database: Database, three: dict[str, str]) -> None:
    found = Deliveries(database).latest()
    assert [each.event for each in found] == [three["pending"], three["arrived"], three["dead"]]
    dead = found[2]
    assert (dead.state, dead.attempts, dead.name, dead.subscription) == ("dead", 1, "a.Dead", "a")
    assert (dead.row, dead.settled, dead.due, dead.emitted) == (AboutRow("helpdesk.case", "CAS-1"), START, None, START)
    assert dead.error == "x" * 500
    assert [each.event for each in Deliveries(database).latest(state="dead")] == [three["dead"]]
    assert Deliveries(database).latest(subscription="b") == []
    assert len(Deliveries(database).latest(limit=2)) == 2


def test_any_number_of_them_may_be_asked_for(database: Database, three: dict[str, str]) -> None:
    assert len(Deliveries(database).latest(limit=10**20)) == 3


def test_only_dead_ones_are_replayed_and_dropped(database: Database, three: dict[str, str]) -> None:
    known = Deliveries(database)
    pending, done, dead = (each.id for each in known.latest())
    for change in (known.replay, known.drop):
        for ids, told in (
            ([dead, done], f"Delivery {done} is delivered, not dead."),
            ([pending], f"Delivery {pending} is pending, not dead."),
            ([dead, 999_999], "There is no delivery 999999."),
            ([dead, 10**20], f"There is no delivery {10**20}."),
            ([dead, -(10**20)], f"There is no delivery {-(10**20)}."),
        ):
            with pytest.raises(ActionLangError) as caught:
                change(ids)
            assert str(caught.value) == f"E0964: {told}"
    assert states(database)[three["dead"]] == "dead"
    assert known.replay([dead, dead], at=START) == 1
    assert states(database)[three["dead"]] == "pending"
    assert known.replay_all() == 0


def test_a_replayed_one_comes_before_those_about_its_row_that_wait(
    database: Database, clock: Clock, three: dict[str, str]
) -> None:
    assert Deliveries(database).replay_all("a", at=clock()) == 1
    (taken,) = claim(database, "a", 9, clock(), LEASE)
    assert taken.event.id == three["dead"]
    assert taken.event.attempt == 1


def test_dropping(database: Database, three: dict[str, str]) -> None:
    assert Deliveries(database).drop_all("b") == 0
    assert Deliveries(database).drop_all() == 1
    assert set(states(database)) == {three["arrived"], three["pending"]}


def test_pruning_leaves_what_is_still_needed(database: Database, clock: Clock, three: dict[str, str]) -> None:
    unwanted = emit(database, "b.Nobody")
    new = emit(database, "b.New")
    with database.connection() as connection, connection.begin():
        connection.execute(sa.update(EVENTS).where(EVENTS.c.id == unwanted).values(dispatched="2026"))
    assert Deliveries(database).prune(START) == Pruned(0, 0)
    assert Deliveries(database).prune(START + timedelta(seconds=1)) == Pruned(1, 2)
    with database.connection() as connection:
        left = set(connection.execute(sa.select(EVENTS.c.id)).scalars())
        assert left == {three["dead"], three["pending"], new}
        assert set(connection.execute(sa.select(DELIVERIES.c.event)).scalars()) == {three["dead"], three["pending"]}


def test_what_waits_for_a_subscription_that_there_is_not(database: Database, clock: Clock) -> None:
    emit(database, "core.Email")
    dispatch(database, clock())
    assert Deliveries(database).waiting_for_nobody() == {"email": 1}
