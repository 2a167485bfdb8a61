"""Subscriptions: what can be one, and keeping them."""

from __future__ import annotations

import json

import pytest
import sqlalchemy as sa

from actionlang.delivery.addresses import NotAllowed, addresses_of, is_public
from actionlang.delivery.deliverer import Deliverer, Tally
from actionlang.delivery.deliveries import Deliveries
from actionlang.delivery.matching import is_pattern, wants
from actionlang.delivery.secret import SecretPlace
from actionlang.delivery.subscribers import Subscribers, subscriber
from actionlang.delivery.subscription import Smtp, Subscription, Target, Webhook
from actionlang.delivery.subscriptions import Subscriptions
from actionlang.delivery.tables import SUBSCRIPTIONS
from actionlang.diagnostics.diagnostic import ActionLangError, Diagnostic
from actionlang.runtime.database import Database
from tests.delivery.conftest import SECRET, subscribe
from tests.delivery.outbox import START, Clock, emit, states
from tests.delivery.receiver import Receiver

PLACE = SecretPlace("env", "DESK_SECRET")


def refused(database: Database, name: str = "desk", event: str = "*", target: Target | None = None) -> str:
    def add() -> None:
        made = Subscription(name, (event,), target or Webhook("https://example.com", PLACE), START)
        Subscriptions(database).add(made)

    with pytest.raises(ActionLangError) as caught:
        add()
    (told,) = caught.value.diagnostics
    assert told.hint
    return f"{told.code}: {told.message}"


@pytest.mark.parametrize(
    ("pattern", "event", "expected"),
    [
        ("helpdesk.Escalated", "helpdesk.Escalated", True),
        ("helpdesk.Escalated", "helpdesk.EscalatedAgain", False),
        ("helpdesk.*", "helpdesk.Escalated", True),
        ("helpdesk.*", "sales.Won", False),
        ("*.Won", "sales.Won", True),
        ("*", "sales.Won", True),
        ("*", "core.Email", False),
        ("core.*", "core.Email", False),
        ("core.Email", "core.Email", True),
        ("*", "actionlang.after_commit", False),
        ("help.esk", "helpdesk", False),
    ],
)
def test_patterns(pattern: str, event: str, expected: bool) -> None:
    assert wants((pattern,), event) is expected


@pytest.mark.parametrize("text", ["", "a b", "a..b", ".a", "a.", "9a", "a-b", "[a]", "a\n"])
def test_what_is_no_pattern(text: str) -> None:
    assert not is_pattern(text)


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("https://ann:secret@example.com/", "The URL has a user or a password in it, which everyone would see."),
        ("http://example.com/", "Events would be sent over a line that anyone can read."),
        ("ftp://example.com/", "The URL is not one of a web server."),
        ("https:///path", "The URL is not one of a web server."),
        ("https://example.com:99999/", "The URL can not be read."),
        ("https://[::1/", "The URL can not be read."),
        ("https://example.com/a b", "The URL is not one of a web server."),
        ("example.com", "The URL is not one of a web server."),
    ],
)
def test_urls_that_are_refused(url: str, why: str) -> None:
    with pytest.raises(ActionLangError) as caught:
        Webhook(url, PLACE)
    assert caught.value.diagnostics[0].message == why
    assert "secret@" not in str(caught.value)


@pytest.mark.parametrize(
    "sender", ["desk", "desk@", "a@b, c@d", "Desk <desk@example.com>", "a b@c.d", "a@b\nBcc: c@d", ""]
)
def test_senders_that_are_refused(sender: str) -> None:
    with pytest.raises(ActionLangError) as caught:
        Smtp("localhost", sender)
    assert caught.value.diagnostics[0].code.id == "E0962"


def test_a_password_is_never_sent_over_an_open_line() -> None:
    with pytest.raises(ActionLangError) as caught:
        Smtp("localhost", "a@b.eu", "none", user="ann", password=PLACE)
    assert caught.value.diagnostics[0].message == "A password would be sent over a line that anyone can read."
    with pytest.raises(ActionLangError):
        Smtp("localhost", "a@b.eu", user="ann")


def test_ports_follow_from_the_security() -> None:
    assert [Smtp("x", "a@b.eu", each).port for each in ("starttls", "tls", "none")] == [587, 465, 25]


def test_names_and_events_that_are_refused(on_sqlite: Database) -> None:
    assert refused(on_sqlite, name="a b") == "E0962: a b can not be the name of a subscription."
    assert refused(on_sqlite, event="a b") == "E0962: a b is no event and no pattern of events."
    assert "kept for the mail server" in refused(on_sqlite, name="email")
    assert "kept for the mail server" in refused(on_sqlite, target=Smtp("localhost", "a@b.eu"))
    assert "kept for the plug-ins" in refused(on_sqlite, name="after-commit")
    assert "kept for the plug-ins" in refused(on_sqlite, event="actionlang.after_commit")
    subscribe(on_sqlite, "https://example.com", PLACE)
    assert refused(on_sqlite) == "E0961: There is a subscription desk already."


def test_what_is_stored_is_where_the_secret_is(database: Database, secret: SecretPlace) -> None:
    subscribe(database, "https://example.com/a", secret, "a.B", "c.*")
    mail = Smtp("mail.example.com", "desk@example.com", user="desk", password=SecretPlace("file", "/run/secrets/smtp"))
    Subscriptions(database).add(Subscription("email", ("core.Email",), mail, START))
    read = {each.subscription.name: each.subscription for each in Subscriptions(database).all()}
    assert read["email"].target == mail
    assert read["desk"].target == Webhook("https://example.com/a", secret, allow_private=True)
    assert read["desk"].events == ("a.B", "c.*")
    with database.connection() as connection:
        everything = json.dumps([list(row) for row in connection.execute(sa.select(SUBSCRIPTIONS))])
    assert "DESK_SECRET" in everything
    assert SECRET not in everything


def test_counts_and_removing(database: Database, clock: Clock) -> None:
    subscribe(database, "https://example.com/a", PLACE)
    event = emit(database)
    known = Subscriptions(database)
    known.pause("desk", "moving")
    Deliverer(database, now=clock).run_once()
    (counted,) = known.all()
    assert (counted.pending, counted.dead) == (1, 0)
    assert counted.subscription.pause_reason == "moving"
    assert known.remove("desk") == 1
    assert states(database) == {}
    assert event
    for change in (known.remove, known.pause, known.resume):
        with pytest.raises(ActionLangError) as caught:
            change("desk")
        assert str(caught.value) == "E0960: There is no subscription desk."


def test_a_subscription_that_can_not_be_read_keeps_no_other_waiting(
    database: Database, clock: Clock, receiver: Receiver, secret: SecretPlace
) -> None:
    subscribe(database, receiver.url, secret, name="a")
    subscribe(database, receiver.url, secret, name="b")
    with database.connection() as connection, connection.begin():
        broken = sa.update(SUBSCRIPTIONS).where(SUBSCRIPTIONS.c.name == "a").values(settings='{"url": 1}')
        connection.execute(broken)
    emit(database)
    troubles: list[Diagnostic] = []
    assert Deliverer(database, now=clock, troubled=troubles.append).run_once() == Tally(delivered=1)
    assert [each.code.id for each in troubles] == ["E0962"]


def test_the_name_of_a_subscriber_may_be_taken(database: Database, clock: Clock) -> None:
    subscribe(database, "https://example.com/a", PLACE, name="chat")
    found = Subscribers([subscriber("a.B", name="chat")(print)])
    with pytest.raises(ActionLangError) as caught:
        Deliverer(database, now=clock, subscribers=found).run_once()
    assert caught.value.diagnostics[0].code.id == "E0961"


def test_subscribers_that_can_not_be_used() -> None:
    def told(make: object) -> str:
        assert callable(make)
        with pytest.raises(ActionLangError) as caught:
            make()
        assert caught.value.diagnostics[0].code.id == "E0965"
        return str(caught.value)

    assert "names no event" in told(lambda: subscriber())
    assert "is no event" in told(lambda: subscriber("a b"))
    assert "can not be the name" in told(lambda: subscriber("a.B", name="a b")(print))
    assert "can not be the name" in told(lambda: subscriber("a.B", name="email")(print))
    assert "can not be the name" in told(lambda: subscriber("a.B")(lambda event: None))
    two = [subscriber("a.B", name="chat")(print), subscriber("a.B", name="chat")(repr)]
    assert "Two subscribers are named chat." in told(lambda: Subscribers(two))
    assert "no module" in told(lambda: Subscribers.of_modules("nothing_like_it")).lower()
    assert "has no subscriber" in told(lambda: Subscribers.of_modules("json"))


@subscriber("a.B")
def listens(event: object) -> None:
    """Found in this module, once, though it has two names."""


also = listens


def test_subscribers_of_a_module() -> None:
    found = Subscribers.of_modules(__name__)
    assert [each.name for each in found] == [f"{__name__}.listens"]
    assert list(found | Subscribers([listens])) == [listens]
    assert list(Subscribers.installed()) == []


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("93.184.216.34", True),
        ("2606:2800:220:1::1", True),
        ("127.0.0.1", False),
        ("10.1.2.3", False),
        ("172.16.0.1", False),
        ("192.168.1.1", False),
        ("169.254.169.254", False),
        ("100.64.0.1", False),
        ("0.0.0.0", False),
        ("224.0.0.1", False),
        ("255.255.255.255", False),
        ("::1", False),
        ("::", False),
        ("fe80::1", False),
        ("fd00::1", False),
        ("::ffff:127.0.0.1", False),
        ("::ffff:93.184.216.34", True),
        ("64:ff9b::7f00:1", False),
        ("64:ff9b:1::7f00:1", False),
        ("::7f00:1", False),
        ("::ffff:0:7f00:1", False),
        ("fec0::1", False),
        ("3fff::1", False),
        ("2001:0:4136:e378:8000:63bf:3fff:fdd2", False),
        ("192.0.0.8", False),
        ("192.88.99.1", False),
        ("64:ff9b::5db8:d822", True),
        ("2002:7f00:1::", False),
    ],
)
def test_addresses_of_the_open_internet(address: str, public: bool) -> None:
    import ipaddress

    assert is_public(ipaddress.ip_address(address)) is public


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "0x7f000001", "2130706433", "::1"])
def test_a_host_in_the_own_network_is_refused_however_it_is_written(host: str) -> None:
    with pytest.raises(NotAllowed):
        addresses_of(host, 80, allow_private=False)
    assert addresses_of(host, 80, allow_private=True)


def test_what_is_private_is_not_sent_to(
    database: Database, clock: Clock, receiver: Receiver, secret: SecretPlace
) -> None:
    target = Webhook(receiver.url.replace("http:", "https:"), secret)
    Subscriptions(database).add(Subscription("desk", ("*",), target, START))
    emit(database)
    assert Deliverer(database, now=clock).run_once() == Tally(dead=1)
    assert receiver.got == []
    (dead,) = Deliveries(database).latest()
    assert dead.error == (
        "localhost is an address inside of a network, which the subscription does not allow: "
        "actionlang subscriptions add --allow-private"
    )
