"""Messages by SMTP, to a real server on a socket."""

from __future__ import annotations

import asyncio
import email
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from email import policy
from email.message import EmailMessage
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword

from actionlang.delivery.events import ARRIVED, Delivered, Outcome
from actionlang.delivery.mail import MailChannel
from actionlang.delivery.message import Unsendable, mail_of
from actionlang.delivery.secret import SecretPlace
from actionlang.delivery.subscription import Smtp
from actionlang.diagnostics.diagnostic import ActionLangError
from tests.delivery.outbox import START

CERTIFICATE = Path(__file__).with_name("localhost.pem")
ID = "01931f3e-0000-7000-8000-000000000001"
PASSWORD = "hunter2-hunter2"


class Mailbox:
    """Takes messages, and answers as it is told."""

    def __init__(self) -> None:
        self.got: list[Envelope] = []
        self.on_recipient: Callable[[str], str] = lambda _: "250 OK"
        self.on_data = "250 OK"

    async def handle_RCPT(  # noqa: N802 - aiosmtpd names it
        self, _: Any, __: Any, envelope: Envelope, address: str, ___: Any
    ) -> str:
        answer = self.on_recipient(address)
        if answer.startswith("250"):
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(self, _: Any, __: Any, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd names it
        if self.on_data.startswith("250"):
            self.got.append(envelope)
        return self.on_data


def only(mailbox: Mailbox) -> EmailMessage:
    """The one message that came."""
    (envelope,) = mailbox.got
    assert isinstance(envelope.content, bytes)
    return email.message_from_bytes(envelope.content, policy=policy.default)  # type: ignore[return-value, arg-type]


def text(part: Any) -> str:
    """Its text, with the line ends of texts."""
    return str(part.get_content()).replace("\r\n", "\n")


@contextmanager
def serving(mailbox: Mailbox, over_tls: ssl.SSLContext | None = None, **settings: Any) -> Iterator[int]:
    """A mail server on a thread; gives its port."""
    loop = asyncio.new_event_loop()
    made = partial(SMTP, mailbox, loop=loop, hostname="localhost", enable_SMTPUTF8=True, **settings)
    server = loop.run_until_complete(loop.create_server(made, "127.0.0.1", 0, ssl=over_tls))
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        loop.call_soon_threadsafe(server.close)
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.run_until_complete(_all_done())
        loop.close()


async def _all_done() -> None:
    """Sessions that are still open end."""
    others = asyncio.all_tasks() - {asyncio.current_task()}
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)


@pytest.fixture
def mailbox() -> Mailbox:
    return Mailbox()


def trust() -> ssl.SSLContext:
    return ssl.create_default_context(cafile=str(CERTIFICATE))


def certificate() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(CERTIFICATE)
    return context


def event(**payload: object) -> Delivered:
    given = {"to": "ann@example.com", "subject": "Hello", "body": "Hi\nthere", "cc": None, "bcc": None, "html": None}
    return Delivered(ID, "core.Email", {**given, "reply_to": None, **payload}, "r", "core.SendEmail", None, START)


def send(port: int, sent: Delivered | None = None, *, seconds: float = 10, **settings: Any) -> Outcome:
    target = Smtp("localhost", "desk@example.com", **{"security": "none", "port": port, **settings})
    return MailChannel(target, timedelta(seconds=seconds), trust()).send(sent or event())


@pytest.mark.parametrize(
    ("subject", "sent"),
    [
        ("=?utf-8?q?a=0ABcc:x@example.com?=", "= ?utf-8?q?a=0ABcc:x@example.com?="),
        ("a =?utf-8?q?b=0D=0ABcc:x?= c", "a = ?utf-8?q?b=0D=0ABcc:x?= c"),
        ("ü =?utf-8?q?b=0ABcc:x?= c", "ü = ?utf-8?q?b=0ABcc:x?= c"),
        ("a\0b\x1b[31m", "a b [31m"),
    ],
)
def test_no_header_is_hidden_in_a_subject(subject: str, sent: str) -> None:
    """What looks like a word that is encoded (RFC 2047) would be decoded, and begin another header with a line end in it."""
    content = mail_of(event(subject=subject), "desk@example.com").content
    assert b"\0" not in content
    assert all(b"\n" not in line for line in content.split(b"\r\n\r\n")[0].split(b"\r\n"))
    read = email.message_from_bytes(content, policy=policy.default)
    assert read["subject"] == sent
    assert read["bcc"] is None


def test_a_server_that_takes_long_for_each_recipient(mailbox: Mailbox) -> None:
    """Each answer comes in time, but all of them do not: by then another deliverer would send it once more."""

    def slowly(_: str) -> str:
        threading.Event().wait(0.2)
        return "250 OK"

    mailbox.on_recipient = slowly
    with serving(mailbox) as port:
        outcome = send(port, event(to=", ".join(f"a{n}@example.com" for n in range(10))), seconds=0.5)
    said = "the mail server takes too long to hear of all recipients: see actionlang deliver --timeout"
    assert outcome == Outcome(said)
    assert mailbox.got == []


def test_a_message(mailbox: Mailbox) -> None:
    with serving(mailbox) as port:
        assert send(port) == ARRIVED
    (envelope,) = mailbox.got
    assert (envelope.mail_from, envelope.rcpt_tos) == ("desk@example.com", ["ann@example.com"])
    message = only(mailbox)
    assert dict(message.items()) == {
        "Message-ID": f"<{ID}@example.com>",
        "Date": "Tue, 24 Nov 2026 09:30:00 +0000",
        "From": "desk@example.com",
        "To": "ann@example.com",
        "Subject": "Hello",
        "Auto-Submitted": "auto-generated",
        "Content-Type": 'text/plain; charset="utf-8"',
        "Content-Transfer-Encoding": "7bit",
        "MIME-Version": "1.0",
    }
    assert text(message) == "Hi\nthere\n"


def test_a_message_that_comes_twice_has_the_same_id_and_is_the_same(mailbox: Mailbox) -> None:
    with serving(mailbox) as port:
        assert send(port) == send(port) == ARRIVED
    first, second = mailbox.got
    assert first.content == second.content


def test_everyone_gets_it_and_nobody_sees_the_blind_copies(mailbox: Mailbox) -> None:
    sent = event(
        to='"Lee, Ann" <ann@example.com>, ben.o\'neill@example.com',
        cc="Cid Ruiz <cid@example.com>",
        bcc="dan@example.com, ann@example.com",
        reply_to="case-17@desk.example.com",
        subject="Grüße € 😀",
        body="ä" * 2000,
        html="<b>ä</b>",
    )
    with serving(mailbox) as port:
        assert send(port, sent) == ARRIVED
    (envelope,) = mailbox.got
    assert envelope.rcpt_tos == [f"{name}@example.com" for name in ("ann", "ben.o'neill", "cid", "dan")]
    assert b"dan@example.com" not in envelope.content
    message = only(mailbox)
    assert message["To"] == '"Lee, Ann" <ann@example.com>, ben.o\'neill@example.com'
    assert message["Cc"] == "Cid Ruiz <cid@example.com>"
    assert message["Reply-To"] == "case-17@desk.example.com"
    assert message["Subject"] == "Grüße € 😀"
    assert [part.get_content_type() for part in message.iter_parts()] == ["text/plain", "text/html"]
    body = message.get_body(("plain",))
    assert body is not None
    assert text(body) == "ä" * 2000 + "\n"


@pytest.mark.parametrize(
    "payload",
    [
        {"to": "ann@example.com\r\nBcc: eve@example.com"},
        {"to": "ann@example.com\nRCPT TO:<eve@example.com>"},
        {"cc": "ann@example.com>\r\nRCPT TO:<eve@example.com"},
        {"reply_to": "ann@example.com\n\nbody"},
        {"to": "ann"},
        {"to": "***"},
        {"to": "undisclosed: ann;"},
        {"to": "ann@"},
        {"to": ""},
        {"to": None},
        {"to": " , "},
        {"to": "=?utf-8?q?a=00?= <ann@example.com>"},
        {"to": ["ann@example.com"]},
        {"to": ", ".join(f"a{number}@example.com" for number in range(101))},
    ],
    ids=lambda payload: str(payload)[:40],
)
def test_what_is_no_list_of_addresses_is_sent_to_nobody(payload: dict[str, object]) -> None:
    with pytest.raises(Unsendable):
        mail_of(event(**payload), "desk@example.com")
    outcome = send(1, event(**payload))
    assert outcome.final
    assert outcome.error is not None
    assert outcome.error.startswith("the message can not be sent: it")


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r", "\x0b", "\x85", "\u2028"])
def test_a_subject_is_one_header_whatever_it_says(end: str) -> None:
    content = mail_of(event(subject=f"Hello{end}Bcc: eve@example.com{end}{end}body"), "desk@example.com").content
    read = email.message_from_bytes(content, policy=policy.default)
    assert "Bcc" not in read
    assert read["Subject"] == "Hello Bcc: eve@example.com body"


def test_a_line_with_a_dot_does_not_end_the_message(mailbox: Mailbox) -> None:
    with serving(mailbox) as port:
        assert send(port, event(body="one\n.\r\nRSET\r\n..two\n")) == ARRIVED
    assert text(only(mailbox)) == "one\n.\nRSET\n..two\n"


def test_addresses_that_are_not_ascii(mailbox: Mailbox) -> None:
    with serving(mailbox) as port:
        assert send(port, event(to="Ünal <ünal@example.com>")) == ARRIVED
    (envelope,) = mailbox.got
    assert envelope.rcpt_tos == ["ünal@example.com"]


@pytest.mark.parametrize(("answer", "final"), [("451 greylisted", False), ("552 too much", True)])
def test_what_the_server_answers_decides(mailbox: Mailbox, answer: str, final: bool) -> None:
    mailbox.on_data = answer
    with serving(mailbox) as port:
        assert send(port) == Outcome(f"the mail server answered {answer}", final=final)
    mailbox.on_data = "250 OK"
    mailbox.on_recipient = lambda _: answer
    with serving(mailbox) as port:
        assert send(port) == Outcome(f"the mail server answered {answer}", final=final)
    assert mailbox.got == []


def test_one_recipient_who_is_refused_keeps_no_other_from_the_message(mailbox: Mailbox) -> None:
    mailbox.on_recipient = lambda address: "250 OK" if address.startswith("ann") else "550 no such user"
    with serving(mailbox) as port:
        outcome = send(port, event(cc="ben@example.com"))
    assert outcome == Outcome(note="not sent to ben@example.com: 550 no such user")
    (envelope,) = mailbox.got
    assert envelope.rcpt_tos == ["ann@example.com"]


def test_while_the_server_asks_to_wait_with_one_nobody_gets_it_twice(mailbox: Mailbox) -> None:
    mailbox.on_recipient = lambda address: "250 OK" if address.startswith("ann") else "450 later"
    with serving(mailbox) as port:
        outcome = send(port, event(cc="ben@example.com"))
    assert outcome == Outcome("the mail server answered 450 later")
    assert mailbox.got == []


def test_a_server_that_is_away() -> None:
    outcome = send(1)
    assert outcome.error is not None
    assert outcome.error.startswith("the mail server localhost can not be reached: ")
    assert not outcome.final


def _only(password: str) -> Callable[..., AuthResult]:
    def authenticate(_: Any, __: Any, ___: Any, ____: Any, given: Any) -> AuthResult:
        return AuthResult(success=given == LoginPassword(b"desk", password.encode()), handled=False)

    return authenticate


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_lines_are_secured_and_passwords_used(mailbox: Mailbox, security: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SMTP_PASSWORD", PASSWORD)
    place = SecretPlace("env", "SMTP_PASSWORD")
    settings: dict[str, Any] = {"authenticator": _only(PASSWORD)}
    if security == "tls":
        settings |= {"over_tls": certificate(), "auth_require_tls": False}
    else:
        settings |= {"tls_context": certificate(), "require_starttls": True, "auth_required": True}
    with serving(mailbox, **settings) as port:
        assert send(port, security=security, user="desk", password=place) == ARRIVED
        monkeypatch.setenv("SMTP_PASSWORD", "wrong-" + PASSWORD)
        outcome = send(port, security=security, user="desk", password=place)
        assert outcome == Outcome("the mail server does not accept the user desk (535)")
        monkeypatch.delenv("SMTP_PASSWORD")
        with pytest.raises(ActionLangError) as caught:
            send(port, security=security, user="desk", password=place)
        assert caught.value.diagnostics[0].code.id == "E0963"
    assert len(mailbox.got) == 1


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_a_certificate_that_nobody_trusts_is_refused(mailbox: Mailbox, security: str) -> None:
    settings: dict[str, Any] = {"over_tls": certificate()} if security == "tls" else {"tls_context": certificate()}
    with serving(mailbox, **settings) as port:
        target = Smtp("localhost", "desk@example.com", security, port)
        outcome = MailChannel(target, timedelta(seconds=10)).send(event())
    assert outcome.error is not None
    assert "CERTIFICATE_VERIFY_FAILED" in outcome.error
    assert mailbox.got == []


def test_a_server_without_starttls_gets_nothing(mailbox: Mailbox) -> None:
    with serving(mailbox) as port:
        outcome = send(port, security="starttls")
    assert outcome.error is not None
    assert "STARTTLS" in outcome.error
    assert mailbox.got == []
