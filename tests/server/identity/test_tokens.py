"""Bearer tokens: those that hold say who calls; all others are refused, over a socket, with keys of a real issuer."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Iterator
from time import time
from typing import Any

import pytest

from actionlang.runtime.database import Database
from actionlang.server.identity.settings import IdentitySettings
from tests.server.identity.asking import Asking, asking
from tests.server.identity.issuer import AUDIENCE, TestIssuer, ec_key, encoded, public, rsa_key, signed

NOW = int(time())


@pytest.fixture(scope="module")
def ask(kept_desk: Database, kept_issuer: TestIssuer) -> Iterator[Asking]:
    settings = IdentitySettings(issuers=(kept_issuer.settings(),), failures_per_minute=0)
    with asking(kept_desk, settings) as ask:
        yield ask


def test_a_token_says_who_calls(ask: Asking, kept_issuer: TestIssuer) -> None:
    told = ask(token=kept_issuer.token())
    assert told.status == 200
    assert told.data == {"subject": f"{kept_issuer.address} 4711", "scopes": ["read", "verb:*"], "roles": []}


def test_a_token_by_a_curve(ask: Asking, kept_issuer: TestIssuer) -> None:
    assert ask(token=kept_issuer.token(ec_key(), "ES256", {"kid": "curve"})).status == 200


@pytest.mark.parametrize(
    "headers", [{"typ": "JWT"}, {"typ": "at+jwt"}, {"typ": "AT+JWT"}, {"typ": "application/at+jwt"}, {"typ": None}]
)
def test_types_that_are_taken(ask: Asking, kept_issuer: TestIssuer, headers: dict[str, object]) -> None:
    assert ask(token=kept_issuer.token(headers=headers)).status == 200


def test_clocks_may_be_off_a_little(ask: Asking, kept_issuer: TestIssuer) -> None:
    assert ask(token=kept_issuer.token(exp=int(time()) - 30)).status == 200
    assert ask(token=kept_issuer.token(nbf=int(time()) + 30, iat=int(time()) + 30)).status == 200


@pytest.mark.parametrize(
    ("claims", "why"),
    [
        ({"exp": NOW - 3600}, "The token has expired."),
        ({"exp": None}, "The token lacks a claim that it must have."),
        ({"exp": "soon"}, "The token does not hold."),
        ({"nbf": NOW + 3600}, "The token is not valid yet."),
        ({"iat": NOW + 3600}, "The token is not valid yet."),
        ({"aud": "api://other"}, "The token is for another audience."),
        ({"aud": None}, "The token lacks a claim that it must have."),
        ({"aud": [AUDIENCE.upper()]}, "The token is for another audience."),
        ({"iss": "https://evil.example.com"}, "The token is of an issuer that is not known here."),
        ({"iss": None}, "The token is of an issuer that is not known here."),
        ({"sub": None}, "The token lacks a claim that it must have."),
        ({"nonce": "n-0S6"}, "The token is not an access token."),
        ({"at_hash": "x"}, "The token is not an access token."),
        ({"typ": "Refresh"}, "The token is not an access token."),
        ({"cnf": {"jkt": "0ZcOCORZNYy"}}, "The token is bound to a key, and comes without proof of it."),
        ({"email": None}, "The token does not say which user calls."),
        ({"email": ["ann@example.com"]}, "The token does not say which user calls."),
    ],
)
def test_claims_that_do_not_hold(ask: Asking, kept_issuer: TestIssuer, claims: dict[str, Any], why: str) -> None:
    told = ask(token=kept_issuer.token(**claims))
    assert (told.status, told.code, told.data["error"]["message"]) == (401, "E1112", why)
    challenge = {name.lower(): value for name, value in told.headers.items()}["www-authenticate"]
    assert challenge == f'Bearer realm="ActionLang", error="invalid_token", error_description="{why}"'


@pytest.mark.parametrize(
    "headers",
    [
        {"kid": "other"},
        {"kid": "../keys"},
        {"kid": "/dev/null"},
        {"kid": "' OR 1=1 --"},
        {"kid": ["first"]},
        {"typ": "dpop+jwt"},
        {"typ": "logout+jwt"},
        {"typ": 7},
        {"crit": ["exp"], "exp": 1},
        {"b64": True, "crit": ["b64"]},
    ],
)
def test_headers_that_do_not_hold(ask: Asking, kept_issuer: TestIssuer, headers: dict[str, object]) -> None:
    header = {"alg": "RS256", "kid": "first", "typ": "at+jwt", **headers}
    told = ask(token=signed(header, kept_issuer.claims(), rsa_key()))
    assert (told.status, told.code) == (401, "E1112")


def test_a_token_that_is_made_here_holds(ask: Asking, kept_issuer: TestIssuer) -> None:
    """So what the other tests change is what is refused."""
    header = {"alg": "RS256", "kid": "first", "typ": "at+jwt"}
    assert ask(token=signed(header, kept_issuer.claims(), rsa_key())).status == 200


@pytest.mark.parametrize("named", ["none", "None", "nOnE", "NONE", ""])
def test_no_signature_at_all(ask: Asking, kept_issuer: TestIssuer, named: str) -> None:
    parts = [encoded({"alg": named, "kid": "first"}), encoded(kept_issuer.claims())]
    for signature in ("", base64.urlsafe_b64encode(b"x").decode()):
        assert ask(token=".".join((*parts, signature))).status == 401


@pytest.mark.parametrize("algorithm", ["HS256", "HS384", "HS512"])
def test_a_public_key_is_no_secret(ask: Asking, kept_issuer: TestIssuer, algorithm: str) -> None:
    """The confusion of keys: a token that is signed with the public key, taken for a secret of HMAC."""
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    key = rsa_key().public_key()
    secrets = [
        key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo),
        json.dumps(kept_issuer.keys[0]).encode(),
    ]
    for secret in secrets:
        for kid in ("first", None):
            text = f"{encoded({'alg': algorithm, 'kid': kid})}.{encoded(kept_issuer.claims())}"
            digest = getattr(hashlib, f"sha{algorithm[2:]}")
            made = base64.urlsafe_b64encode(hmac.new(secret, text.encode(), digest).digest()).rstrip(b"=").decode()
            assert ask(token=f"{text}.{made}").status == 401


def test_keys_in_the_token_are_not_looked_at(ask: Asking, kept_issuer: TestIssuer) -> None:
    """Whoever signs with a key of their own, and says so, is not believed; and nothing is fetched."""
    mine = rsa_key(99)
    for headers in (
        {"jwk": public(mine, "first")},
        {"jku": f"{kept_issuer.address}/evil"},
        {"x5u": f"{kept_issuer.address}/evil"},
        {"x5c": ["MIIB"], "x5t": "x"},
    ):
        assert ask(token=kept_issuer.token(mine, headers=headers)).status == 401
        assert ask(token=kept_issuer.token(rsa_key(), headers=headers)).status == 200
    assert not [path for path in kept_issuer.asked_for if "evil" in path]


def test_another_algorithm_with_the_right_key(ask: Asking, kept_issuer: TestIssuer) -> None:
    for algorithm in ("RS384", "PS256", "RS512"):
        assert ask(token=kept_issuer.token(rsa_key(), algorithm)).status == 401


def test_a_changed_token(ask: Asking, kept_issuer: TestIssuer) -> None:
    header, _, signature = kept_issuer.token().split(".")
    told = ask(token=f"{header}.{encoded(kept_issuer.claims(email='bob@example.com'))}.{signature}")
    assert (told.status, told.data["error"]["message"]) == (401, "The signature of the token does not hold.")


@pytest.mark.parametrize(
    "token",
    [
        "x", "a.b", "a.b.c", "....", "e30.e30.e30", "al_live_", "al_live_0000000000_0", "ey" * 9000,
        f"{'W' * 9000}.e30.e30", "%00.%00.%00", "[" * 5000,
    ],
)  # fmt: skip
def test_what_is_no_token(ask: Asking, token: str) -> None:
    told = ask(token=token)
    assert (told.status, told.code) == (401, "E1112")


def test_a_token_that_is_deep(ask: Asking) -> None:
    """A payload of many brackets ends in a refusal, not in a failure."""
    deep = base64.urlsafe_b64encode(b"[" * 9000).rstrip(b"=").decode()
    assert ask(token=f"{encoded({'alg': 'RS256'})}.{deep[:12000]}.e30").status == 401


@pytest.mark.parametrize(
    ("headers", "status", "code"),
    [
        ([], 401, "E1111"),
        ([("Authorization", "Basic YW5uOmFubg==")], 401, "E1111"),
        ([("Authorization", "Bearer")], 400, "E1113"),
        ([("Authorization", "Bearer ")], 400, "E1113"),
        ([("Authorization", "Bearer a b")], 400, "E1113"),
        ([("Authorization", "Bearer x"), ("Authorization", "Bearer y")], 400, "E1113"),
        ([("Authorization", "Bearer x"), ("X-Api-Key", "al_live_x")], 400, "E1113"),
        ([("X-Api-Key", "x")], 401, "E1112"),
    ],
)
def test_ways_to_send_them(ask: Asking, headers: list[tuple[str, str]], status: int, code: str) -> None:
    told = ask.raw("/who", "GET", headers)
    assert (told.status, told.code) == (status, code)
    assert "www-authenticate" in {name.lower() for name in told.headers}


def test_tokens_in_the_address_are_not_looked_at(ask: Asking, kept_issuer: TestIssuer) -> None:
    assert ask(f"/who?access_token={kept_issuer.token()}").status == 401
