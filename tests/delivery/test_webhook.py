"""How a webhook is posted: to the address that was looked at, over TLS that is verified, and no more read than is needed."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
from datetime import timedelta
from pathlib import Path

import pytest

from actionlang.delivery.events import ARRIVED, AboutRow, Delivered, Outcome
from actionlang.delivery.secret import SecretPlace
from actionlang.delivery.subscription import Webhook
from actionlang.delivery.webhook import WebhookChannel, body_of
from actionlang.diagnostics.diagnostic import ActionLangError
from tests.delivery.conftest import SECRET
from tests.delivery.outbox import START
from tests.delivery.receiver import Answer, Receiver, receiving

CERTIFICATE = Path(__file__).with_name("localhost.pem")

EVENT = Delivered("e-1", "a.B", {"x": "ä"}, "r-1", "a.Do", AboutRow("a.row", ["k", 1]), START)


def post(url: str, place: SecretPlace, trust: ssl.SSLContext | None = None, seconds: float = 10) -> Outcome:
    channel = WebhookChannel(Webhook(url, place, allow_private=True), timedelta(seconds=seconds), lambda: START, trust)
    try:
        return channel.send(EVENT)
    finally:
        channel.close()


def trusting(certificate: Path) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=str(certificate))


@pytest.fixture
def certificate() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(CERTIFICATE)
    return context


def test_the_body_is_the_same_each_time() -> None:
    expected = (
        '{"type":"a.B","timestamp":"2026-11-24T09:30:00Z","data":{"x":"ä"},"verb":"a.Do","run":"r-1",'
        '"row":{"table":"a.row","key":["k",1]}}'
    )
    assert body_of(EVENT).decode() == expected


def test_tls_is_verified_by_the_name_though_the_address_is_connected_to(
    certificate: ssl.SSLContext, secret: SecretPlace
) -> None:
    with receiving(certificate) as receiver:
        assert post(receiver.url, secret, trusting(CERTIFICATE)) == ARRIVED
        untrusted = post(receiver.url, secret)
        assert untrusted.error is not None
        assert "CERTIFICATE_VERIFY_FAILED" in untrusted.error
        other_name = post(receiver.url.replace("localhost", "127.0.0.1"), secret, trusting(CERTIFICATE))
        assert other_name.error is not None
        assert "CERTIFICATE_VERIFY_FAILED" in other_name.error
        assert [got.headers["host"] for got in receiver.got] == [receiver.url.split("/")[2]]


def test_the_address_that_was_looked_at_is_connected_to(
    receiver: Receiver, secret: SecretPlace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A name that stands for another address at each look-up is looked up once."""
    looked_up = []
    real = socket.getaddrinfo

    def rebinding(host: str, *more: object, **named: object) -> object:
        looked_up.append(host)
        return real("127.0.0.1" if host == "rebind.example" and len(looked_up) == 1 else host, *more, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(socket, "getaddrinfo", rebinding)
    assert post(receiver.url.replace("localhost", "rebind.example"), secret) == ARRIVED
    assert [each for each in looked_up if each == "rebind.example"] == ["rebind.example"]
    assert receiver.got[0].headers["host"].startswith("rebind.example:")


def test_the_next_address_is_tried_where_nobody_listens(
    receiver: Receiver, secret: SecretPlace, monkeypatch: pytest.MonkeyPatch
) -> None:
    port = int(receiver.url.rpartition(":")[2].partition("/")[0])
    kind = (socket.AF_INET, socket.SOCK_STREAM, 6, "")
    real = socket.getaddrinfo
    both = [(*kind, ("127.0.0.2", port)), (*kind, ("127.0.0.1", port))]
    monkeypatch.setattr(
        socket,
        "getaddrinfo",
        lambda host, *more, **named: both if host == "two.example" else real(host, *more, **named),
    )
    assert post(receiver.url.replace("localhost", "two.example"), secret) == ARRIVED


def test_proxies_of_the_environment_are_not_used(
    receiver: Receiver, secret: SecretPlace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:1")
    assert post(receiver.url, secret) == ARRIVED


def test_a_long_answer_is_not_read_to_its_end(receiver: Receiver, secret: SecretPlace) -> None:
    receiver.answer = lambda _: Answer(500, {"content-length": str(10**9)}, b"x" * 300_000)
    outcome = post(receiver.url, secret)
    assert outcome == Outcome("the receiver answered 500 Internal Server Error: " + "x" * 200)


def test_a_receiver_that_hangs_up(receiver: Receiver, secret: SecretPlace) -> None:
    receiver.answer = lambda _: Answer(0)
    said = "the receiver closed the connection, or what it answered is no HTTP"
    assert post(receiver.url, secret) == Outcome(said)


@pytest.mark.parametrize(
    ("beginning", "again"),
    [
        pytest.param(b"", b"H", id="status"),
        pytest.param(b"HTTP/1.1 200 OK\r\nx-slow: ", b"x", id="head"),
        pytest.param(b"HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n", b"x", id="body"),
    ],
)
def test_a_receiver_that_never_comes_to_an_end(secret: SecretPlace, beginning: bytes, again: bytes) -> None:
    """It sends a little now and then, so that no single wait is long."""
    enough = threading.Event()

    def trickle(server: socket.socket) -> None:
        line, _ = server.accept()
        with line, contextlib.suppress(OSError):
            line.recv(65536)
            line.sendall(beginning)
            for _ in range(100):
                if enough.wait(0.05):
                    break
                line.sendall(again)

    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=trickle, args=(server,))
        thread.start()
        try:
            url = f"http://127.0.0.1:{server.getsockname()[1]}/"
            assert post(url, secret, seconds=0.3) == Outcome("the receiver did not answer in time")
        finally:
            enough.set()
            thread.join()


def test_an_answer_that_is_no_http(secret: SecretPlace) -> None:
    def answer(server: socket.socket) -> None:
        line, _ = server.accept()
        with line:
            line.recv(65536)
            line.sendall(b"\x00\xffwhat?\r\n\r\n")

    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=answer, args=(server,))
        thread.start()
        outcome = post(f"http://127.0.0.1:{server.getsockname()[1]}/", secret)
        thread.join()
    assert outcome == Outcome("the receiver closed the connection, or what it answered is no HTTP")


def test_a_receiver_that_never_answers(secret: SecretPlace) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}/"
        assert post(url, secret, seconds=0.2) == Outcome("the receiver did not answer in time")


def test_a_name_that_nobody_knows(secret: SecretPlace) -> None:
    outcome = post("http://nowhere.invalid/", secret)
    assert outcome.error is not None
    assert outcome.error.startswith("the receiver can not be reached: ")


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("120", 120),
        ("Tue, 24 Nov 2026 09:32:00 GMT", 120),
        ("Tue, 24 Nov 2026 09:00:00 GMT", 0),
        ("soon", None),
        ("-5", None),
        ("9" * 30, 10**8),
    ],
)
def test_retry_after(receiver: Receiver, secret: SecretPlace, header: str, seconds: int | None) -> None:
    receiver.answer = lambda _: Answer(503, {"retry-after": header})
    assert post(receiver.url, secret).after == (None if seconds is None else timedelta(seconds=seconds))


def test_secrets_may_be_in_a_file_and_may_be_replaced(receiver: Receiver, tmp_path: Path) -> None:
    file = tmp_path / "secret"
    place = SecretPlace("file", str(file))
    for content, problem in (
        (None, "can not be read: No such file or directory"),
        (b"\xff", "can not be read: it is no text"),
        (b" \n", "is empty"),
        (b"hunter2", "does not begin with whsec_"),
        (b"whsec_hunter2", "has 5 bytes; 24 to 64 are needed"),
    ):
        if content is not None:
            file.write_bytes(content)
        with pytest.raises(ActionLangError) as caught:
            post(receiver.url, place)
        assert str(caught.value) == f"E0963: The secret in the file {file} {problem}."
    other = "whsec_" + "B" * 40
    file.write_text(f"{SECRET}\n{other}\n")
    assert post(receiver.url, place) == ARRIVED
    assert len(receiver.got[0].headers["webhook-signature"].split(" ")) == 2
