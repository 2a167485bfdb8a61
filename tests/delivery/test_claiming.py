"""Claims, as a machine of states: whatever deliverers do, and wherever they are killed, an event is one deliverer's at a time, comes
after those before it about the same row, and is never lost."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from actionlang.delivery.claiming import Claim, arrived, claim, died, failed, give_back, waiting
from actionlang.delivery.deliveries import Deliveries
from actionlang.delivery.dispatch import AT_ONCE, dispatch, receivers
from actionlang.delivery.secret import SecretPlace
from actionlang.delivery.subscriptions import Subscriptions
from actionlang.delivery.tables import DEAD, DELIVERED, DELIVERIES, PENDING
from actionlang.runtime.database import Database
from tests.delivery.conftest import subscribe
from tests.delivery.outbox import START, Clock, emit, emit_many, event_row, make_tables, states

LEASE = timedelta(seconds=60)
ROWS = st.sampled_from([None, "CAS-1", "CAS-2"])


class Deliverers(RuleBasedStateMachine):
    """Deliverers that share one subscription, on a clock that they have in common."""

    def __init__(self) -> None:
        super().__init__()
        self.database = Database.connect("sqlite://")
        make_tables(self.database)
        subscribe(self.database, "https://example.com", SecretPlace("env", "X"), name="desk")
        self.clock = Clock()
        self.emitted: list[str] = []
        self.held: list[Claim] = []
        self.arrived: dict[str, list[str]] = {}

    def teardown(self) -> None:
        self.database.close()

    @rule(row=ROWS)
    def emit(self, row: str | None) -> None:
        self.emitted.append(emit(self.database, "a.B", row))

    @rule()
    def dispatch(self) -> None:
        dispatch(self.database, self.clock())

    @rule(most=st.integers(1, 4))
    def claim(self, most: int) -> None:
        taken = claim(self.database, "desk", most, self.clock(), LEASE)
        assert len(taken) <= most
        live = {each.id for each in self.held if each.until > self.clock()}
        assert not live & {each.id for each in taken}, "two have one delivery"
        for each in taken:
            if each.lane is not None:
                before = self.emitted[: self.emitted.index(each.event.id)]
                known = states(self.database)
                lanes = self._lanes()
                assert all(known.get(other) != PENDING for other in before if lanes.get(other) == each.lane)
        self.held += taken

    @precondition(lambda self: self.held)
    @rule(data=st.data(), end=st.sampled_from(["arrived", "failed", "died", "given back", "killed"]))
    def end(self, data: st.DataObject, end: str) -> None:
        claimed = self.held.pop(data.draw(st.integers(0, len(self.held) - 1)))
        now = self.clock()
        before = states(self.database)[claimed.event.id]
        if end == "killed":
            return
        if end == "given back":
            give_back(self.database, [claimed], now)
            return
        kept = {
            "arrived": lambda: arrived(self.database, claimed, now),
            "failed": lambda: failed(self.database, claimed, "no", now + timedelta(seconds=10)),
            "died": lambda: died(self.database, claimed, "no", now),
        }[end]()
        assert not kept or before == PENDING
        if claimed.until > now:
            assert kept, "who has it may say what became of it"
        if kept:
            expected = {"arrived": DELIVERED, "failed": PENDING, "died": DEAD}[end]
            assert states(self.database)[claimed.event.id] == expected

    @rule(seconds=st.sampled_from([1, 10, 60]))
    def wait(self, seconds: int) -> None:
        self.clock.forward(seconds=seconds)

    @rule()
    def replay(self) -> None:
        Deliveries(self.database).replay_all(at=self.clock())

    @rule()
    def pause_and_resume(self) -> None:
        Subscriptions(self.database).pause("desk")
        assert claim(self.database, "desk", 9, self.clock(), LEASE) == []
        assert waiting(self.database) == []
        Subscriptions(self.database).resume("desk")

    @invariant()
    def nothing_is_lost_or_doubled(self) -> None:
        with self.database.connection() as connection:
            new = set(connection.exec_driver_sql("SELECT id FROM actionlang_event WHERE dispatched IS NULL").scalars())
            known = list(connection.execute(sa.select(DELIVERIES.c.event)).scalars())
        assert sorted([*new, *known]) == sorted(self.emitted)

    def _lanes(self) -> dict[str, str | None]:
        with self.database.connection() as connection:
            return {row.event: row.lane for row in connection.execute(sa.select(DELIVERIES))}


TestDeliverers = Deliverers.TestCase
TestDeliverers.settings = settings(max_examples=25, stateful_step_count=30, deadline=None)


def test_what_is_kept_late_is_dispatched_too(database: Database, clock: Clock) -> None:
    """An event may be kept after others with a higher position: a position alone does not say what is new."""
    subscribe(database, "https://example.com", SecretPlace("env", "X"))
    early, late = event_row("a.B"), event_row("a.B")
    emit_many(database, [{**late, "position": 2}])
    assert not dispatch(database, clock())
    emit_many(database, [{**early, "position": 1}])
    assert not dispatch(database, clock())
    assert set(states(database)) == {early["id"], late["id"]}


def test_many_are_dispatched_in_portions(on_sqlite: Database, clock: Clock) -> None:
    subscribe(on_sqlite, "https://example.com", SecretPlace("env", "X"))
    events = emit_many(on_sqlite, [event_row("a.B") for _ in range(AT_ONCE + 1)])
    assert dispatch(on_sqlite, clock())
    assert len(states(on_sqlite)) == AT_ONCE
    assert not dispatch(on_sqlite, clock())
    with on_sqlite.connection() as connection:
        assert list(connection.execute(sa.select(DELIVERIES.c.event).order_by(DELIVERIES.c.id)).scalars()) == events


def test_while_one_dispatches_others_do_not_wait(postgres_url: str, clock: Clock) -> None:
    with Database.connect(postgres_url) as database:
        subscribe(database, "https://example.com", SecretPlace("env", "X"))
        emit(database)
        with database.connection() as other, other.begin():
            other.exec_driver_sql("SELECT pg_advisory_xact_lock(47141121)")
            assert dispatch(database, clock()), "there may be more"
            assert states(database) == {}
        assert not dispatch(database, clock())
        assert len(states(database)) == 1


def test_rows_that_another_is_taking_are_skipped(postgres_url: str, clock: Clock) -> None:
    with Database.connect(postgres_url) as database:
        subscribe(database, "https://example.com", SecretPlace("env", "X"))
        first, second = emit(database), emit(database)
        dispatch(database, clock())
        with database.connection() as other, other.begin():
            other.exec_driver_sql(f"SELECT id FROM actionlang_delivery WHERE event = '{first}' FOR UPDATE")
            taken = claim(database, "desk", 9, clock(), LEASE)
            assert [each.event.id for each in taken] == [second]
        assert [each.event.id for each in claim(database, "desk", 9, clock(), LEASE)] == [first]


def test_who_lost_a_delivery_changes_nothing_any_more(database: Database, clock: Clock) -> None:
    subscribe(database, "https://example.com", SecretPlace("env", "X"))
    event = emit(database)
    dispatch(database, clock())
    (slow,) = claim(database, "desk", 1, clock(), LEASE)
    clock.forward(seconds=60)
    (quick,) = claim(database, "desk", 1, clock(), LEASE)
    assert quick.event.id == slow.event.id == event
    assert not died(database, slow, "no", clock())
    give_back(database, [slow], clock())
    assert claim(database, "desk", 1, clock(), LEASE) == []
    assert arrived(database, quick, clock())
    assert not arrived(database, slow, clock())
    assert states(database) == {event: DELIVERED}


@pytest.mark.parametrize(
    ("statement", "indexes"),
    [
        ("claim", {"actionlang_delivery_due", "actionlang_delivery_lane"}),
        ("waiting", {"actionlang_delivery_due"}),
        ("dispatch", {"actionlang_event_new"}),
    ],
)
def test_what_is_looked_for_is_found_by_an_index(
    on_sqlite: Database, clock: Clock, statement: str, indexes: set[str]
) -> None:
    """However many have arrived, none of them is read."""
    seen: list[str] = []

    def explain(_: object, cursor: sa.Connection, text: str, parameters: object, *__: object) -> None:
        if text.startswith(("WITH", "SELECT actionlang", "UPDATE actionlang_event")):
            plan = cursor.connection.execute(f"EXPLAIN QUERY PLAN {text}", parameters)  # type: ignore[attr-defined]
            seen.extend(row[3] for row in plan)

    subscribe(on_sqlite, "https://example.com", SecretPlace("env", "X"))
    emit(on_sqlite, row="CAS-1")
    sa.event.listen(on_sqlite.engine, "before_cursor_execute", explain)
    do = {
        "claim": lambda: claim(on_sqlite, "desk", 1, clock(), LEASE),
        "waiting": lambda: waiting(on_sqlite),
        "dispatch": lambda: dispatch(on_sqlite, clock()),
    }
    if statement != "dispatch":
        dispatch(on_sqlite, clock())
        seen.clear()
    do[statement]()
    used = {step.partition("INDEX ")[2].partition(" ")[0] for step in seen if " INDEX actionlang_" in step}
    assert used == indexes, seen
    assert [step for step in seen if step.startswith("SCAN actionlang_") and "INDEX" not in step] == []


def test_who_receives_an_event() -> None:
    subscriptions = [("all", ("*",)), ("email", ("core.Email",)), ("http-mail", ("core.Email",)), ("one", ("a.B",))]
    assert receivers("a.B", subscriptions) == ["all", "one"]
    assert receivers("core.Email", subscriptions) == ["email", "http-mail"]
    assert receivers("core.Email", []) == ["email"]
    assert receivers("actionlang.after_commit", subscriptions) == ["after-commit"]
    assert receivers("actionlang.other", subscriptions) == []
    assert START
