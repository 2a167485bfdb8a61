"""Signatures as Standard Webhooks describes them."""

from __future__ import annotations

from base64 import b64encode
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actionlang.delivery.signature import key_of, signed, verify
from actionlang.diagnostics.diagnostic import ActionLangError

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
OTHER = "whsec_" + b64encode(b"another secret of 32 bytes .....").decode()
ID = "msg_p5jXN8AQM9LWM0D4loKWxJek"
AT = datetime(2021, 2, 25, 10, 31, 54, tzinfo=UTC)
BODY = b'{"test": 2432232314}'


def headers(body: bytes = BODY, *secrets: str, at: datetime = AT) -> dict[str, str]:
    return signed(ID, int(at.timestamp()), body, [key_of(each) for each in secrets or (SECRET,)])


def reason(given: dict[str, str], body: bytes = BODY, now: datetime = AT, secret: str = SECRET) -> str:
    with pytest.raises(ActionLangError) as caught:
        verify(secret, given, body, now=now)
    (told,) = caught.value.diagnostics
    assert told.code.id == "E0966"
    assert secret.removeprefix("whsec_") not in told.message
    return told.message


def test_the_signature_is_the_one_of_other_implementations() -> None:
    # The vector in the tests of the reference implementations: id, time, payload and secret are theirs.
    given = signed(ID, 1614265330, BODY, [key_of(SECRET)])
    assert given == {
        "webhook-id": ID,
        "webhook-timestamp": "1614265330",
        "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    }


@given(st.binary(), st.text(st.characters(codec="ascii", categories=["L", "N"]), min_size=1))
def test_what_is_signed_is_trusted(body: bytes, event: str) -> None:
    assert verify(SECRET, signed(event, int(AT.timestamp()), body, [key_of(SECRET)]), body, now=AT) == event


def test_header_names_may_be_in_capitals() -> None:
    assert verify(SECRET, {name.title(): value for name, value in headers().items()}, BODY, now=AT) == ID


def test_while_a_secret_is_replaced_both_are_good() -> None:
    given = headers(BODY, OTHER, SECRET)
    assert verify(SECRET, given, BODY, now=AT) == verify(OTHER, given, BODY, now=AT) == ID


@pytest.mark.parametrize("seconds", [-300, 300])
def test_five_minutes_are_tolerated(seconds: int) -> None:
    assert verify(SECRET, headers(), BODY, now=AT + timedelta(seconds=seconds)) == ID


def test_what_is_not_trusted() -> None:
    wrong = "The signature is not that of this request."
    assert reason(headers(), BODY + b" ") == wrong
    assert reason(headers(BODY, OTHER)) == wrong
    assert reason({**headers(), "webhook-id": "msg_other"}) == wrong
    assert reason({**headers(), "webhook-timestamp": str(int(AT.timestamp()) + 1)}) == wrong
    assert reason({**headers(), "webhook-signature": "v1,%%% v1 v2,AAAA , v1a,AAAA"}) == wrong
    assert reason({**headers(), "webhook-signature": "v1,"}) == wrong
    assert reason(headers(), now=AT + timedelta(seconds=301)) == "The request is too old."
    assert reason(headers(), now=AT - timedelta(seconds=301)) == "The request is too far ahead of this machine's clock."
    for text in ("", "-1", "1e9", "٣", "9" * 400):
        assert "webhook-timestamp" in reason({**headers(), "webhook-timestamp": text})
    for name in ("webhook-id", "webhook-timestamp", "webhook-signature"):
        given = headers()
        del given[name]
        assert reason(given) == f"The request has no header {name}."


@pytest.mark.parametrize(
    ("secret", "why"),
    [
        ("hunter2", "does not begin with whsec_"),
        ("whsec_hunter2!", "has something other than base64 behind whsec_"),
        ("whsec_c2hvcnQ=", "has 5 bytes; 24 to 64 are needed"),
        ("whsec_" + b64encode(bytes(65)).decode(), "has 65 bytes; 24 to 64 are needed"),
    ],
)
def test_secrets_that_are_none_are_told_without_telling_them(secret: str, why: str) -> None:
    with pytest.raises(ValueError) as caught:  # noqa: PT011 - the message is looked at
        key_of(secret)
    assert str(caught.value) == why


def test_padding_may_be_left_out() -> None:
    assert key_of("whsec_" + "A" * 34) == key_of("whsec_" + "A" * 34 + "==")
