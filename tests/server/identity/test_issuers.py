"""Keys of issuers: found, kept, changed, and not asked for too often; issuers that fail."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from actionlang.server.identity.issuer_keys import IssuerKeys
from actionlang.server.identity.settings import IdentitySettings, Issuer
from actionlang.server.identity.tokens import Tokens
from actionlang.server.refusal import Refusal
from tests.server.identity.issuer import AUDIENCE, TestIssuer, ec_key, public, rsa_key, signed


class Clock:
    """A clock that is set."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


Verify = Callable[[str], Any]


def verifying(issuer: TestIssuer, clock: Clock, **more: Any) -> Verify:
    """What verifies tokens of an issuer, with settings of a test's own."""
    settings = issuer.settings(**more)
    keys = {settings.issuer: IssuerKeys(settings, now=clock)}
    return Tokens(IdentitySettings(issuers=(settings,)), keys).verify


def refused(verify: Verify, token: str) -> tuple[int, str]:
    with pytest.raises(Refusal) as caught:
        verify(token)
    return caught.value.status, caught.value.code


def test_keys_are_asked_for_once(issuer: TestIssuer, clock: Clock) -> None:
    verify = verifying(issuer, clock)
    for _ in range(5):
        verify(issuer.token())
    assert issuer.asked_for == ["/.well-known/openid-configuration", "/keys"]


def test_the_address_of_keys_may_be_given(issuer: TestIssuer, clock: Clock) -> None:
    verifying(issuer, clock, jwks_uri=f"{issuer.address}/keys")(issuer.token())
    assert issuer.asked_for == ["/keys"]


def test_keys_that_are_rotated(issuer: TestIssuer, clock: Clock) -> None:
    """A new key holds at once; one that the issuer has withdrawn, no longer than keys are fresh."""
    verify = verifying(issuer, clock, fresh=300.0)
    old = issuer.token()
    verify(old)
    issuer.keys = [public(rsa_key(1), "second", use="sig")]
    clock.now += 1
    verify(issuer.token(rsa_key(1), headers={"kid": "second"}))
    assert refused(verify, old) == (401, "E1112")


def test_a_withdrawn_key_ends_when_keys_are_not_fresh(issuer: TestIssuer, clock: Clock) -> None:
    verify = verifying(issuer, clock, fresh=300.0, pause=10.0)
    old = issuer.token()
    verify(old)
    issuer.keys = [public(rsa_key(1), "second")]
    clock.now += 301
    assert refused(verify, old) == (401, "E1112")


def test_random_keys_do_not_hammer_the_issuer(issuer: TestIssuer, clock: Clock) -> None:
    verify = verifying(issuer, clock, pause=10.0)
    verify(issuer.token())
    for number in range(50):
        assert refused(verify, issuer.token(headers={"kid": f"random {number}"})) == (401, "E1112")
    assert issuer.asked == 1
    clock.now += 10
    for number in range(50):
        refused(verify, issuer.token(headers={"kid": f"random {number}"}))
    assert issuer.asked == 2
    verify(issuer.token())


@pytest.mark.parametrize("failing", ["status", "garbage", "list", "large", "redirect", "gone"])
def test_keys_stand_while_the_issuer_is_down(issuer: TestIssuer, clock: Clock, failing: str) -> None:
    verify = verifying(issuer, clock, fresh=300.0, stale=3600.0, jwks_uri=f"{issuer.address}/keys")
    token = issuer.token()
    verify(token)
    _fail(issuer, failing)
    clock.now += 3600
    verify(token)
    clock.now += 301
    assert refused(verify, token) == (503, "E1115")
    issuer.fails = issuer.raw = None
    clock.now += 1
    verify(token)


def _fail(issuer: TestIssuer, failing: str) -> None:
    if failing in ("status", "redirect", "gone"):
        issuer.fails = {"status": 500, "redirect": 302, "gone": 404}[failing]
    else:
        issuer.raw = {"garbage": b"{", "list": b"[]", "large": b'{"keys": [' + b" " * 600_000 + b"]}"}[failing]


def test_an_issuer_that_was_never_reached(clock: Clock) -> None:
    settings = Issuer(issuer="http://127.0.0.1:9", audience=(AUDIENCE,))
    verify = Tokens(IdentitySettings(issuers=(settings,)), {settings.issuer: IssuerKeys(settings, now=clock)}).verify
    other = TestIssuer(settings.issuer)
    with pytest.raises(Refusal) as caught:
        verify(other.token())
    assert (caught.value.status, caught.value.code, caught.value.headers) == (503, "E1115", {"Retry-After": "10"})


def test_a_configuration_of_another_issuer(issuer: TestIssuer, clock: Clock) -> None:
    """RFC 8414, section 3.3: else whoever is asked could speak for others."""
    issuer.named = "https://evil.example.com"
    assert refused(verifying(issuer, clock), issuer.token()) == (503, "E1115")


def test_a_slow_issuer(clock: Clock) -> None:
    def slow(url: str, timeout: float) -> dict[str, Any]:
        raise TimeoutError(f"{timeout}")

    settings = Issuer(issuer="https://slow.example.com", audience=(AUDIENCE,))
    keys = IssuerKeys(settings, slow, clock)
    with pytest.raises(Refusal):
        keys.find("first", "RS256")


@pytest.mark.parametrize(
    ("listed", "holds"),
    [
        (public(rsa_key(), "first"), True),
        (public(rsa_key(), "first", use="sig", alg="RS256", key_ops=["verify"]), True),
        (public(rsa_key(), None), False),
        (public(rsa_key(), "first", use="enc"), False),
        (public(rsa_key(), "first", key_ops=["encrypt"]), False),
        (public(rsa_key(), "first", alg="RS512"), False),
        ({"kty": "oct", "k": "c2VjcmV0", "kid": "first", "alg": "HS256"}, False),
        ({"kty": "RSA", "kid": "first"}, False),
        ({"kty": "RSA", "kid": "first", "n": "!", "e": "AQAB"}, False),
        (public(ec_key(), "first"), False),
        ("first", False),
    ],
)
def test_keys_that_are_listed(issuer: TestIssuer, clock: Clock, listed: Any, holds: bool) -> None:
    issuer.keys = [listed, public(ec_key(1), "other")]
    token = issuer.token()
    verify = verifying(issuer, clock)
    if holds:
        assert verify(token).claims["sub"] == "4711"
    else:
        assert refused(verify, token) == (401, "E1112")


@pytest.mark.parametrize("algorithm", ["RS384", "RS512", "PS256"])
def test_a_key_without_an_algorithm_is_not_for_all(issuer: TestIssuer, clock: Clock, algorithm: str) -> None:
    """Which ones are taken, settings say."""
    issuer.keys = [public(rsa_key(), "first")]
    verify = verifying(issuer, clock)
    verify(issuer.token())
    assert refused(verify, issuer.token(rsa_key(), algorithm)) == (401, "E1112")
    verifying(issuer, clock, algorithms=(algorithm,))(issuer.token(rsa_key(), algorithm))


def test_secrets_are_no_keys(issuer: TestIssuer, clock: Clock) -> None:
    """Not even where an issuer lists one, or a public key has no algorithm of its own."""
    issuer.keys = [public(rsa_key(), "first"), {"kty": "oct", "kid": "secret", "k": "c2VjcmV0" * 8}]
    verify = verifying(issuer, clock)
    for kid in ("first", "secret"):
        header = {"alg": "HS256", "kid": kid, "typ": "at+jwt"}
        assert refused(verify, signed(header, issuer.claims(), rsa_key())) == (401, "E1112")


def test_a_key_that_is_too_small(issuer: TestIssuer, clock: Clock) -> None:
    small = rsa_key(2, 1024)
    issuer.keys = [public(small, "first"), public(rsa_key(), "second")]
    claims, header = issuer.claims(), {"alg": "RS256", "kid": "first", "typ": "at+jwt"}
    assert refused(verifying(issuer, clock), signed(header, claims, small)) == (401, "E1112")


def test_a_token_without_the_name_of_its_key(issuer: TestIssuer, clock: Clock) -> None:
    """Where there is one key that fits, it is that one; two are not tried one after another."""
    verify = verifying(issuer, clock)
    token = signed({"alg": "RS256"}, issuer.claims(), rsa_key())
    verify(token)
    issuer.keys.append(public(rsa_key(1), "second"))
    clock.now += 301
    assert refused(verify, token) == (401, "E1112")


def test_two_issuers_do_not_speak_for_each_other(issuer: TestIssuer, kept_issuer: TestIssuer, clock: Clock) -> None:
    issuer.keys = [public(rsa_key(1), "first")]
    both = (issuer.settings(), kept_issuer.settings())
    verify = Tokens(IdentitySettings(issuers=both), {each.issuer: IssuerKeys(each, now=clock) for each in both}).verify
    assert verify(issuer.token(rsa_key(1))).issuer.issuer == issuer.address
    assert verify(kept_issuer.token()).issuer.issuer == kept_issuer.address
    assert refused(verify, issuer.token(rsa_key(0))) == (401, "E1112")
    assert refused(verify, kept_issuer.token(rsa_key(1))) == (401, "E1112")


@pytest.mark.parametrize(
    "wrong",
    [
        {"issuer": ""},
        {"issuer": "http://login.example.com"},
        {"issuer": "ftp://login.example.com"},
        {"issuer": "https://user:word@login.example.com"},
        {"jwks_uri": "http://login.example.com/keys"},
        {"jwks_uri": "file:///etc/passwd"},
        {"audience": ()},
        {"algorithms": ()},
        {"algorithms": ("HS256",)},
        {"algorithms": ("RS256", "none")},
        {"roles": ("support",)},
        {"single_use": "sometimes"},
    ],
)
def test_settings_that_are_not_safe(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="must be"):
        Issuer(**{"issuer": "https://login.example.com", "audience": (AUDIENCE,), **wrong})


def test_a_configuration_that_leads_elsewhere(issuer: TestIssuer, clock: Clock) -> None:
    """Discovery does not lead to addresses that settings could not name."""

    def told(url: str, timeout: float) -> dict[str, Any]:
        assert url.startswith(issuer.address), url
        return {"issuer": issuer.address, "jwks_uri": "http://169.254.169.254/keys"}

    with pytest.raises(Refusal) as caught:
        IssuerKeys(issuer.settings(), told, clock).find("first", "RS256")
    assert caught.value.status == 503
