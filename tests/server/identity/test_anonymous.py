"""Nobody calls without credentials, unless somebody develops: then from this machine only, and not from pages of other sites."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from starlette.datastructures import Headers

from actionlang.runtime.database import Database
from actionlang.server.identity.authenticator import Authenticator
from actionlang.server.identity.identity import Identity, is_scope
from actionlang.server.identity.people import People
from actionlang.server.identity.settings import IdentitySettings, Issuer
from actionlang.server.refusal import Refusal
from tests.server.identity.asking import Asking, asking

HERE = {"host": "localhost:8000"}
ISSUER = Issuer(issuer="https://login.example.com", audience=("api://desk",))


@pytest.fixture(scope="module")
def ask(kept_desk: Database) -> Iterator[Asking]:
    with asking(kept_desk, IdentitySettings(anonymous="ann@example.com")) as ask:
        yield ask


def test_for_development_calls_from_here_are_somebodys(ask: Asking) -> None:
    told = ask()
    assert (told.status, told.data["subject"]) == (200, "anonymous ann@example.com")
    assert told.data["scopes"] == ["read", "verb:*"]
    assert ask(MSCRMCallerID="00000000-0000-4000-8000-000100000001").code == "E1110"


def test_wrong_credentials_are_not_as_good_as_none(ask: Asking) -> None:
    assert ask(token="x").status == 401
    assert ask(X_Api_Key="x").status == 401


@pytest.mark.parametrize(
    ("headers", "address"),
    [
        (HERE, "192.0.2.1"),
        (HERE, ""),
        ({"host": "desk.example.com"}, "127.0.0.1"),
        ({"host": "127.0.0.1.evil.example.com"}, "127.0.0.1"),
        ({}, "127.0.0.1"),
        ({**HERE, "x-forwarded-for": "192.0.2.1"}, "127.0.0.1"),
        ({**HERE, "forwarded": "for=192.0.2.1"}, "127.0.0.1"),
        ({**HERE, "origin": "https://evil.example.com"}, "127.0.0.1"),
        ({**HERE, "origin": "null"}, "127.0.0.1"),
        ({**HERE, "origin": "http://["}, "127.0.0.1"),
        ({"host": "[::1"}, "127.0.0.1"),
        ({**HERE, "sec-fetch-site": "cross-site"}, "127.0.0.1"),
    ],
)
def test_from_elsewhere_nobody_is_somebody(kept_desk: Database, headers: dict[str, str], address: str) -> None:
    with pytest.raises(Refusal) as caught:
        Authenticator(kept_desk, IdentitySettings(anonymous="ann@example.com"))(Headers(headers), address)
    assert (caught.value.status, caught.value.code) == (401, "E1111")


@pytest.mark.parametrize(
    "headers", [HERE, {"host": "127.0.0.1:1"}, {"host": "[::1]:1"}, {**HERE, "origin": "http://localhost:3"}]
)
def test_from_here(kept_desk: Database, headers: dict[str, str]) -> None:
    who = Authenticator(kept_desk, IdentitySettings(anonymous="ann@example.com"))(Headers(headers), "::1")
    assert who.anonymous


def test_without_rules_somebody_is_found_at_once(kept_desk: Database) -> None:
    settings = IdentitySettings(anonymous="ann@example.com", access="off")
    who = Authenticator(kept_desk, settings)(Headers(HERE), "::1")
    assert who.caller == {"id": People(kept_desk, has_rules=False).find("email", "ann@example.com")}


def test_in_a_database_without_users_it_is_nobody() -> None:
    settings = IdentitySettings(anonymous="ann@example.com", access="off")
    with Database.connect("sqlite://") as database:
        assert Authenticator(database, settings)(Headers(HERE), "::1").caller is None


def test_it_is_off(kept_desk: Database) -> None:
    with pytest.raises(Refusal):
        Authenticator(kept_desk, IdentitySettings())(Headers(HERE), "127.0.0.1")


@pytest.mark.parametrize(
    ("settings", "configured", "near"),
    [
        (IdentitySettings(), False, True),
        (IdentitySettings(api_keys=False), False, True),
        (IdentitySettings(api_keys=True), True, False),
        (IdentitySettings(issuers=(ISSUER,)), True, False),
        (IdentitySettings(issuers=(ISSUER,), anonymous="ann@example.com"), True, True),
    ],
)
def test_whom_it_is_for(settings: IdentitySettings, configured: bool, near: bool) -> None:
    assert (settings.configured, settings.loopback_only) == (configured, near)


@pytest.mark.parametrize(
    ("scopes", "asked", "goes"),
    [
        (None, "verb:helpdesk.Escalate", True),
        ({"verb:*"}, "verb:helpdesk.Escalate", True),
        ({"verb:helpdesk.*"}, "verb:helpdesk.Escalate", True),
        ({"verb:help.*"}, "verb:helpdesk.Escalate", False),
        ({"verb:helpdesk"}, "verb:helpdesk.Escalate", False),
        ({"verb:*"}, "read", False),
        ({"verb:*"}, "act-for", False),
        ({"read", "*"}, "verb:helpdesk.Escalate", False),
        (set(), "read", False),
    ],
)
def test_how_far_scopes_go(scopes: set[str] | None, asked: str, goes: bool) -> None:
    assert Identity("x", scopes=None if scopes is None else frozenset(scopes)).allows(asked) is goes


def test_scopes() -> None:
    assert all(map(is_scope, ("read", "act-for", "verb:*", "verb:helpdesk.*", "verb:helpdesk.Escalate")))
    assert not any(map(is_scope, ("", "write", "verb:", "verb:a b", "Read")))
