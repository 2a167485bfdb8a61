"""What tokens say of their callers: users, scopes, roles; and tokens that count once."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa
from starlette.datastructures import Headers

from actionlang.runtime.database import Database
from actionlang.server.identity.authenticator import Authenticator
from actionlang.server.identity.identity import Identity
from actionlang.server.identity.settings import IdentitySettings
from actionlang.server.refusal import Refusal
from tests.server.identity.asking import asking
from tests.server.identity.issuer import TestIssuer
from tests.server.world import desk

SAMPLE = b'{"code": "S-1"}'


def settings(issuer: TestIssuer, **more: Any) -> IdentitySettings:
    return IdentitySettings(issuers=(issuer.settings(**more),), failures_per_minute=0)


def identified(database: Database, issuer: TestIssuer, more: dict[str, Any], claims: dict[str, Any]) -> Identity:
    """Whom a token is taken for."""
    headers = Headers({"Authorization": f"Bearer {issuer.token(**claims)}"})
    return Authenticator(database, settings(issuer, **more))(headers, "192.0.2.1")


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def people(request: pytest.FixtureRequest) -> Iterator[Database]:
    """A desk whose users have one more column; Dan is not active any more."""
    with desk(request.param) as database:
        with database.connection() as connection, connection.begin():
            connection.execute(sa.text('ALTER TABLE "user" ADD COLUMN aad text'))
            for names, value in (("'Ann'", "ann"), ("'Bob', 'Cara'", "two"), ("'Dan'", "gone")):
                connection.execute(sa.text(f"UPDATE \"user\" SET aad = 'aad-{value}' WHERE name IN ({names})"))
            connection.execute(sa.text("UPDATE \"user\" SET active = false WHERE name = 'Dan'"))
        yield database


@pytest.mark.parametrize(
    ("more", "claims", "status"),
    [
        ({}, {}, 200),
        ({}, {"email": "zed@example.com"}, 403),
        ({}, {"email": "ANN@example.com"}, 403),
        ({}, {"email": "ann@example.com' OR '1'='1"}, 403),
        ({}, {"email": "ann@example.com\0"}, 403),
        ({}, {"email_verified": None}, 403),
        ({}, {"email_verified": False}, 403),
        ({}, {"email_verified": "true"}, 403),
        ({"trust_email": True}, {"email_verified": None}, 200),
        ({"user_claim": "upn"}, {"upn": "ann@example.com", "email": None}, 200),
        ({"user_claim": "oid", "user_column": "id"}, {"oid": "00000000-0000-4000-8000-000100000000"}, 200),
        ({"user_claim": "oid", "user_column": "id"}, {"oid": "00000000-0000-4000-8000-000100000009"}, 403),
        ({"user_claim": "oid", "user_column": "id"}, {"oid": "1"}, 403),
        ({"user_claim": "oid", "user_column": "aad"}, {"oid": "aad-ann"}, 200),
        ({"user_claim": "oid", "user_column": "aad"}, {"oid": "aad-two"}, 403),
        ({"user_claim": "oid", "user_column": "aad"}, {"oid": "aad-gone"}, 403),
        ({"user_claim": "azp", "users": ("nightly = bob@example.com",)}, {"azp": "nightly"}, 200),
        ({"user_claim": "azp", "users": ("nightly = bob@example.com",)}, {"azp": "other"}, 403),
    ],
)
def test_users(
    people: Database, kept_issuer: TestIssuer, more: dict[str, Any], claims: dict[str, Any], status: int
) -> None:
    if status == 200:
        assert identified(people, kept_issuer, more, claims).caller is not None
        return
    with pytest.raises(Refusal) as caught:
        identified(people, kept_issuer, more, claims)
    assert (caught.value.status, caught.value.code) == (403, "E0733")


@pytest.mark.parametrize(
    ("more", "claims", "scopes"),
    [
        ({}, {"scope": "read verb:helpdesk.Escalate openid profile"}, ["read", "verb:helpdesk.Escalate"]),
        ({}, {"scope": None, "scp": "read"}, ["read"]),
        ({}, {"scope": None, "scp": ["read", 7, None]}, ["read"]),
        ({}, {"scope": None, "roles": ["verb:*"]}, ["verb:*"]),
        ({}, {"scope": "openid"}, []),
        ({}, {"scope": {"read": True}}, []),
        ({}, {"scope": "verb: verb"}, []),
        ({"without_scopes": ("read",)}, {"scope": "openid"}, ["read"]),
        ({"without_scopes": ("read",)}, {"scope": "verb:*"}, ["verb:*"]),
        ({"scopes": ("Cases.Write = verb:helpdesk.*", "Cases.Write = read")}, {"scope": "Cases.Write"}, ["read", "verb:helpdesk.*"]),
        ({"scopes": ("read = verb:core.Notify",)}, {"scope": "read"}, ["verb:core.Notify"]),
    ],
)  # fmt: skip
def test_scopes(
    kept_desk: Database, kept_issuer: TestIssuer, more: dict[str, Any], claims: dict[str, Any], scopes: Any
) -> None:
    assert identified(kept_desk, kept_issuer, more, claims).scopes == frozenset(scopes)


@pytest.mark.parametrize(
    ("one", "other"),
    [("a" * 200, "a" * 201), ("a" * 201 + "b", "a" * 201 + "c"), ("a\nb", "a?b"), ("a\nb", "a\tb")],
)
def test_subjects_that_differ_stay_different(people: Database, issuer: TestIssuer, one: str, other: str) -> None:
    subjects = [identified(people, issuer, {}, {"sub": sub}).subject for sub in (one, other)]
    assert subjects[0] != subjects[1]
    assert all(subject.isprintable() for subject in subjects)


def test_nobody_is_called_like_somebody_who_is_called_for(people: Database, issuer: TestIssuer) -> None:
    named = f"ann for {'0' * 8}-0000-4000-8000-000100000001"
    assert not identified(people, issuer, {}, {"sub": named}).subject.endswith(named)


def test_a_scope_is_needed(kept_desk: Database, issuer: TestIssuer) -> None:
    with asking(kept_desk, settings(issuer)) as ask:
        told = ask("/call/helpdesk.Escalate", "POST", issuer.token(scope="verb:core.* read"))
        assert (told.status, told.code) == (403, "E1110")
        challenge = {name.lower(): value for name, value in told.headers.items()}["www-authenticate"]
        assert challenge.endswith('error="insufficient_scope", scope="verb:helpdesk.Escalate"')


def test_groups_bring_roles_for_the_call(database: Database, issuer: TestIssuer) -> None:
    """Dan has no role in the database; his groups bring one, and nothing of it stays."""
    more = {
        "roles": ("support = agent", "visitors = clerk", "admins = nothing"),
        "role_claims": ("groups", "realm.roles"),
    }
    dan: dict[str, Any] = {"email": "dan@example.com"}
    with asking(database, settings(issuer, **more)) as ask:

        def take(code: str, **claims: Any) -> int:
            header = [("Authorization", f"Bearer {issuer.token(**dan, **claims)}")]
            return ask.raw("/call/TakeSample", "POST", header, f'{{"code": "{code}"}}'.encode()).status

        assert take("S-1") == 403
        assert take("S-1", groups=["others", "admins"]) == 403
        assert take("S-1", groups=["support"]) == 200
        assert take("S-2", realm={"roles": ["visitors"]}) == 200
        assert ask(token=issuer.token(**dan, groups=["support", "visitors"])).data["roles"] == ["agent", "clerk"]
        assert take("S-3") == 403
        assert ask("/call/Touch?S-1", "POST", issuer.token(**dan, groups=["visitors"])).code == "E0730"
        assert ask("/call/Touch?S-1", "POST", issuer.token(**dan, groups=["support"])).status == 200


@pytest.mark.parametrize(("single_use", "claims", "second"), [
    ("never", {"jti": "1"}, 200),
    ("marked", {"jti": "1"}, 200),
    ("marked", {"jti": "1", "single_use": True}, 401),
    ("always", {"jti": "1"}, 401),
])  # fmt: skip
def test_replay(database: Database, issuer: TestIssuer, single_use: str, claims: dict[str, Any], second: int) -> None:
    """A token that counts once does so for all workers: here, two servers on one database."""
    settled = settings(issuer, single_use=single_use)
    with asking(database, settled) as ask, asking(database, settled) as other:
        token = issuer.token(**claims)
        assert ask(token=token).status == 200
        assert [ask(token=token).status, other(token=token).status] == [second, second]
        assert other(token=issuer.token(**{**claims, "jti": "2"})).status == 200


def test_a_token_that_counts_once_has_a_name(database: Database, issuer: TestIssuer) -> None:
    with asking(database, settings(issuer, single_use="always")) as ask:
        assert ask(token=issuer.token()).data["error"]["message"] == "The token counts once, and has no jti."


def test_without_rules_of_access_scopes_alone_hold(issuer: TestIssuer) -> None:
    with desk("sqlite") as database:
        settled = IdentitySettings(issuers=(issuer.settings(roles=("support = agent",)),), access="off")
        with asking(database, settled) as ask:
            assert ask(token=issuer.token(groups=["support"])).data["roles"] == []
            assert ask(token=issuer.token(email="zed@example.com")).status == 403
