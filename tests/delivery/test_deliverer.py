"""The deliverer, with a real receiver on a socket and both databases."""

from __future__ import annotations

import sqlite3
import threading
from contextlib import closing
from datetime import timedelta

import pytest

from actionlang.delivery.deliverer import Attempt, Deliverer, Pace, Tally
from actionlang.delivery.deliveries import Deliveries
from actionlang.delivery.events import Delivered
from actionlang.delivery.schedule import Schedule
from actionlang.delivery.secret import SecretPlace
from actionlang.delivery.signature import verify
from actionlang.delivery.subscribers import Subscribers, subscriber
from actionlang.delivery.subscription import Smtp, Subscription
from actionlang.delivery.subscriptions import Subscriptions
from actionlang.diagnostics.diagnostic import ActionLangError, Diagnostic
from actionlang.runtime.database import Database
from tests.delivery.conftest import SECRET, subscribe
from tests.delivery.outbox import START, Clock, emit, emit_many, event_row, states
from tests.delivery.receiver import Answer, Receiver

STEADY = Pace(workers=2, schedule=Schedule(attempts=4, first=timedelta(seconds=10), factor=2, jitter=0))


def deliver(database: Database, clock: Clock, **more: object) -> Tally:
    """Whatever is due at the clock's moment."""
    return Deliverer(database, now=clock, chance=lambda: 0.0, **{"pace": STEADY, **more}).run_once()  # type: ignore[arg-type]


def test_an_event_is_posted_signed(database: Database, clock: Clock, receiver: Receiver, secret: SecretPlace) -> None:
    subscribe(database, receiver.url, secret)
    event = emit(database, row="CAS-1", reason="smoke", amount="12.50")
    assert deliver(database, clock) == Tally(delivered=1)
    (got,) = receiver.got
    assert got.path == "/events"
    assert got.headers["content-type"] == "application/json"
    assert got.headers["host"] == receiver.url.split("/")[2]
    assert got.headers["user-agent"].startswith("actionlang/")
    assert verify(SECRET, got.headers, got.body, now=START) == event
    assert got.data == {
        "type": "helpdesk.Escalated",
        "timestamp": "2026-11-24T09:30:00Z",
        "data": {"reason": "smoke", "amount": "12.50"},
        "verb": "helpdesk.Escalate",
        "run": got.data["run"],
        "row": {"table": "helpdesk.case", "key": "CAS-1"},
    }
    assert deliver(database, clock) == Tally()
    assert len(receiver.got) == 1


def test_each_subscription_gets_what_it_wants(
    database: Database, clock: Clock, receiver: Receiver, secret: SecretPlace
) -> None:
    subscribe(database, f"{receiver.url}/all", secret, "*", name="all")
    subscribe(database, f"{receiver.url}/one", secret, "helpdesk.Escalated", name="one")
    subscribe(database, f"{receiver.url}/sales", secret, "sales.*", "crm.*", name="sales")
    escalated, won = emit(database), emit(database, "sales.Won")
    assert deliver(database, clock) == Tally(delivered=4)
    by_path = {(each.path.rpartition("/")[2], each.id) for each in receiver.got}
    assert by_path == {("all", escalated), ("all", won), ("one", escalated), ("sales", won)}


def test_what_fails_is_tried_again_later_and_dies_in_the_end(
    database: Database, clock: Clock, receiver: Receiver, secret: SecretPlace
) -> None:
    subscribe(database, receiver.url, secret)
    event = emit(database)
    receiver.answer = lambda _: Answer(500, body=b"no \x1b[31mroom\nleft")
    assert deliver(database, clock) == Tally(retried=1)
    (waiting,) = Deliveries(database).latest()
    assert (waiting.state, waiting.attempts) == ("pending", 1)
    assert waiting.due == START + timedelta(seconds=10)
    assert waiting.error == "the receiver answered 500 Internal Server Error: no [31mroom left"
    clock.forward(seconds=9.9)
    assert deliver(database, clock) == Tally()
    for pause in (20, 40):
        clock.forward(seconds=10)
        assert deliver(database, clock) == Tally(retried=1)
        (waiting,) = Deliveries(database).latest()
        assert waiting.due == clock.moment + timedelta(seconds=pause)
        clock.moment = waiting.due - timedelta(seconds=10)
    clock.forward(seconds=10)
    assert deliver(database, clock) == Tally(dead=1)
    assert receiver.ids == [event] * 4
    assert states(database) == {event: "dead"}
    clock.forward(days=10)
    assert deliver(database, clock) == Tally()

    receiver.answer = lambda _: Answer()
    (dead,) = Deliveries(database).latest(state="dead")
    assert Deliveries(database).replay([dead.id], at=clock.moment) == 1
    assert deliver(database, clock) == Tally(delivered=1)
    assert receiver.ids == [event] * 5


def test_a_receiver_may_ask_to_be_left_alone_for_a_while(
    database: Database, clock: Clock, receiver: Receiver, secret: SecretPlace
) -> None:
    subscribe(database, receiver.url, secret)
    emit(database)
    receiver.answer = lambda _: Answer(429, {"retry-after": "600"})
    deliver(database, clock)
    assert Deliveries(database).latest()[0].due == START + timedelta(seconds=600)


def test_a_receiver_that_is_gone_is_not_asked_again(
    database: Database, clock: Clock, receiver: Receiver, secret: SecretPlace
) -> None:
    subscribe(database, receiver.url, secret)
    first = emit(database, row="CAS-1")
    second = emit(database, row="CAS-1")
    receiver.answer = lambda _: Answer(410)
    assert deliver(database, clock) == Tally(dead=1)
    assert deliver(database, clock) == Tally()
    assert states(database) == {first: "dead", second: "pending"}
    (counted,) = Subscriptions(database).all()
    assert counted.subscription.paused == START
    assert counted.subscription.pause_reason == "the receiver answered 410 Gone"
    receiver.answer = lambda _: Answer()
    Subscriptions(database).resume("desk")
    assert deliver(database, clock) == Tally(delivered=1)


@pytest.mark.parametrize("status", [301, 404, 502])
def test_redirects_are_not_followed_and_every_other_answer_is_tried_again(
    on_sqlite: Database, clock: Clock, receiver: Receiver, secret: SecretPlace, status: int
) -> None:
    subscribe(on_sqlite, receiver.url, secret)
    emit(on_sqlite)
    receiver.answer = lambda _: Answer(status, {"location": f"{receiver.url}/elsewhere"})
    assert deliver(on_sqlite, clock) == Tally(retried=1)
    assert [each.path for each in receiver.got] == ["/events"]


def test_events_about_one_row_wait_for_each_other(
    database: Database, clock: Clock, receiver: Receiver, secret: SecretPlace
) -> None:
    subscribe(database, receiver.url, secret)
    first, second = emit(database, row="CAS-1"), emit(database, row="CAS-1")
    other, about_none = emit(database, row="CAS-2"), emit(database)
    receiver.answer = lambda got: Answer(500 if got.id == first else 204)
    assert deliver(database, clock) == Tally(delivered=2, retried=1)
    assert set(receiver.ids) == {first, other, about_none}
    third = emit(database, row="CAS-1")
    assert deliver(database, clock) == Tally()
    receiver.answer = lambda _: Answer()
    clock.forward(seconds=10)
    assert deliver(database, clock) == Tally(delivered=3)
    assert receiver.ids[3:] == [first, second, third]


def test_a_dead_one_is_waited_for_no_more(
    database: Database, clock: Clock, receiver: Receiver, secret: SecretPlace
) -> None:
    subscribe(database, receiver.url, secret)
    first, second = emit(database, row="CAS-1"), emit(database, row="CAS-1")
    receiver.answer = lambda got: Answer(500 if got.id == first else 204)
    for _ in range(4):
        deliver(database, clock)
        clock.forward(seconds=40)
    assert states(database) == {first: "dead", second: "delivered"}


def test_each_subscription_has_an_order_of_its_own(
    database: Database, clock: Clock, receiver: Receiver, secret: SecretPlace
) -> None:
    subscribe(database, f"{receiver.url}/broken", secret, name="broken")
    subscribe(database, f"{receiver.url}/fine", secret, name="fine")
    emit(database, row="CAS-1")
    emit(database, row="CAS-1")
    receiver.answer = lambda got: Answer(500 if got.path.endswith("broken") else 204)
    assert deliver(database, clock) == Tally(delivered=2, retried=1)


def test_a_paused_subscription_keeps_its_events(
    database: Database, clock: Clock, receiver: Receiver, secret: SecretPlace
) -> None:
    subscribe(database, receiver.url, secret)
    Subscriptions(database).pause("desk")
    events = [emit(database) for _ in range(3)]
    assert deliver(database, clock) == Tally()
    Subscriptions(database).resume("desk")
    assert deliver(database, clock) == Tally(delivered=3)
    assert sorted(receiver.ids) == events


def test_many_events_in_a_hundred_rows_arrive_in_the_order_of_each_row(
    database: Database, clock: Clock, receiver: Receiver, secret: SecretPlace
) -> None:
    subscribe(database, receiver.url, secret)
    rows = [event_row("desk.Moved", f"CAS-{number % 100}", at=number) for number in range(300)]
    emit_many(database, rows)
    assert deliver(database, clock, pace=Pace(workers=4)) == Tally(delivered=300)
    for number in range(100):
        came = [got.data["data"]["at"] for got in receiver.got if got.data["row"]["key"] == f"CAS-{number}"]
        assert came == list(range(number, 300, 100))


def test_subscribers_in_the_program_get_events_and_may_fail(database: Database, clock: Clock) -> None:
    got: list[Delivered] = []

    @subscriber("helpdesk.Escalated", name="chat")
    def tell(event: Delivered) -> None:
        got.append(event)
        if len(got) == 1:
            raise ConnectionError("the chat is away")

    event = emit(database, row="CAS-1", reason="smoke")
    assert deliver(database, clock) == Tally(), "nobody has subscribed"
    event = emit(database, row="CAS-1", reason="smoke")
    assert deliver(database, clock, subscribers=Subscribers([tell])) == Tally(retried=1)
    assert Deliveries(database).latest()[0].error == "ConnectionError: the chat is away"
    clock.forward(seconds=10)
    assert deliver(database, clock) == Tally(), "this program has no such subscriber"
    assert deliver(database, clock, subscribers=Subscribers([tell])) == Tally(delivered=1)
    assert [(each.id, each.attempt) for each in got] == [(event, 1), (event, 2)]
    assert got[0].payload == {"reason": "smoke"}
    assert got[0].row is not None
    assert (got[0].row.table, got[0].row.key, got[0].emitted) == ("helpdesk.case", "CAS-1", START)


def test_the_plug_ins_after_a_commit_wait_for_a_program_that_has_them(database: Database, clock: Clock) -> None:
    event = emit(database, "actionlang.after_commit", plugin="tell")
    assert deliver(database, clock) == Tally()
    got: list[Delivered] = []
    assert deliver(database, clock, after_commit=got.append) == Tally(delivered=1)
    assert [each.id for each in got] == [event]


def test_a_plug_in_that_fails_keeps_no_other_waiting(on_sqlite: Database, clock: Clock) -> None:
    for plugin in ("broken", "fine", "broken", "fine"):
        emit(on_sqlite, "actionlang.after_commit", row="CAS-1", plugin=plugin)

    def call(event: Delivered) -> None:
        if event.payload["plugin"] == "broken":
            raise ValueError

    assert deliver(on_sqlite, clock, after_commit=call) == Tally(delivered=2, retried=1)


def test_mail_waits_for_a_mail_server(on_sqlite: Database, clock: Clock) -> None:
    emit(on_sqlite, "core.Email", to="ann@example.com", subject="Hello", body="Hi")
    assert deliver(on_sqlite, clock) == Tally()
    unreachable = Smtp("localhost", "desk@example.com", "none", port=1)
    Subscriptions(on_sqlite).add(Subscription("email", ("core.Email",), unreachable, START))
    assert deliver(on_sqlite, clock) == Tally(retried=1)
    told = Deliveries(on_sqlite).latest()[0].error
    assert told is not None
    assert told.startswith("the mail server localhost can not be reached: [Errno 111]")


def test_a_secret_that_is_missing_is_nobodys_failure(
    database: Database, clock: Clock, receiver: Receiver, secret: SecretPlace, monkeypatch: pytest.MonkeyPatch
) -> None:
    subscribe(database, receiver.url, secret)
    event = emit(database)
    monkeypatch.delenv("DESK_SECRET")
    troubles: list[Diagnostic] = []
    assert deliver(database, clock, troubled=troubles.append) == Tally()
    assert [(each.code.id, each.message) for each in troubles] == [
        ("E0963", "The secret in the environment variable DESK_SECRET is not set.")
    ]
    assert receiver.got == []
    assert states(database) == {event: "pending"}
    assert Deliveries(database).latest()[0].attempts == 0
    monkeypatch.setenv("DESK_SECRET", SECRET)
    clock.forward(seconds=15)
    assert deliver(database, clock) == Tally(delivered=1)


def test_attempts_are_told(database: Database, clock: Clock, receiver: Receiver, secret: SecretPlace) -> None:
    subscribe(database, receiver.url, secret)
    event = emit(database)
    receiver.answer = lambda _: Answer(503)
    told: list[Attempt] = []
    deliver(database, clock, told=told.append)
    (attempt,) = told
    assert (attempt.event.id, attempt.subscription, attempt.state) == (event, "desk", "pending")
    assert attempt.due == START + timedelta(seconds=10)
    assert attempt.error == "the receiver answered 503 Service Unavailable"


def test_it_runs_until_it_is_stopped(database: Database, clock: Clock, receiver: Receiver, secret: SecretPlace) -> None:
    subscribe(database, receiver.url, secret)
    stop, told = threading.Event(), threading.Event()
    pace = Pace(poll=timedelta(milliseconds=20))
    deliverer = Deliverer(database, pace=pace, now=clock, told=lambda _: told.set())
    thread = threading.Thread(target=deliverer.run, args=(stop,))
    thread.start()
    for _ in range(2):
        emit(database)
        assert told.wait(20)
        told.clear()
    stop.set()
    thread.join(20)
    assert not thread.is_alive()
    assert len(receiver.got) == 2


def test_when_it_is_stopped_what_is_sent_is_finished_and_the_rest_given_back(
    database: Database, clock: Clock, receiver: Receiver, secret: SecretPlace
) -> None:
    subscribe(database, receiver.url, secret)
    emit_many(database, [event_row("desk.Moved") for _ in range(6)])
    stop, came, go_on = threading.Event(), threading.Event(), threading.Event()

    def hold(_: object) -> Answer:
        came.set()
        assert go_on.wait(20)
        return Answer()

    receiver.answer = hold
    deliverer = Deliverer(database, pace=Pace(workers=1), now=clock)
    thread = threading.Thread(target=deliverer.run, args=(stop,))
    thread.start()
    assert came.wait(20)
    stop.set()
    go_on.set()
    thread.join(20)
    assert not thread.is_alive()
    done = Deliveries(database).latest(state="delivered")
    assert len(done) == len(receiver.got) >= 1
    left = Deliveries(database).latest(state="pending")
    assert len(left) == 6 - len(done)
    assert {(each.due, each.attempts) for each in left} <= {(START, 0)}, "nobody has to wait for the end of a lease"


def test_a_database_that_is_busy_for_a_while_is_waited_for(
    sqlite_url: str, clock: Clock, receiver: Receiver, secret: SecretPlace
) -> None:
    with Database.connect(sqlite_url, busy_timeout=0.01) as database:
        subscribe(database, receiver.url, secret)
        emit(database)
        stop, troubled, told = threading.Event(), threading.Event(), threading.Event()
        troubles: list[Diagnostic] = []

        def trouble(found: Diagnostic) -> None:
            troubles.append(found)
            troubled.set()

        pace = Pace(poll=timedelta(milliseconds=20))
        deliverer = Deliverer(database, pace=pace, now=clock, told=lambda _: told.set(), troubled=trouble)
        with closing(sqlite3.connect(sqlite_url.removeprefix("sqlite:///"))) as other:
            other.execute("BEGIN IMMEDIATE")
            with pytest.raises(ActionLangError) as caught:
                deliverer.run_once()
            thread = threading.Thread(target=deliverer.run, args=(stop,))
            thread.start()
            assert troubled.wait(20)
            other.rollback()
        assert told.wait(20)
        stop.set()
        thread.join(20)
    assert caught.value.diagnostics[0].code.id == "E0802"
    assert {each.code.id for each in troubles} == {"E0802"}
    assert len(receiver.got) == 1


def test_a_database_without_the_tables_is_told(tmp_path: object, clock: Clock) -> None:
    with Database.connect("sqlite://") as empty, pytest.raises(ActionLangError) as caught:
        Deliverer(empty, now=clock).run_once()
    (told,) = caught.value.diagnostics
    assert told.code.id == "E0806"
    assert told.hint == "make it with actionlang registry init"


def test_in_memory_too(clock: Clock, receiver: Receiver, secret: SecretPlace) -> None:
    from tests.delivery.outbox import make_tables

    with Database.connect("sqlite://") as database:
        make_tables(database)
        subscribe(database, receiver.url, secret)
        emit_many(database, [event_row("desk.Moved", f"CAS-{number % 3}") for number in range(20)])
        assert deliver(database, clock) == Tally(delivered=20)


def test_a_subscription_that_is_changed_is_followed(
    on_sqlite: Database, clock: Clock, receiver: Receiver, secret: SecretPlace
) -> None:
    subscribe(on_sqlite, f"{receiver.url}/old", secret)
    told = threading.Event()
    stop = threading.Event()
    deliverer = Deliverer(on_sqlite, pace=Pace(poll=timedelta(milliseconds=20)), now=clock, told=lambda _: told.set())
    thread = threading.Thread(target=deliverer.run, args=(stop,))
    thread.start()
    emit(on_sqlite)
    assert told.wait(20)
    told.clear()
    Subscriptions(on_sqlite).remove("desk")
    subscribe(on_sqlite, f"{receiver.url}/new", secret)
    emit(on_sqlite)
    assert told.wait(20)
    stop.set()
    thread.join(20)
    assert [each.path for each in receiver.got] == ["/events/old", "/events/new"]
