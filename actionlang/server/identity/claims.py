"""What a token that holds says of its caller: the user, the scopes, the roles that its groups bring."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from hashlib import sha256
from typing import Any

from actionlang.access.caller import Caller
from actionlang.server.identity.challenges import not_accepted, unknown_user
from actionlang.server.identity.identity import Identity, is_scope
from actionlang.server.identity.people import People
from actionlang.server.identity.settings import Issuer, pairs
from actionlang.server.identity.tokens import Verified

LONGEST_SUBJECT = 200
MOST_ROLES = 50
EMAIL = "email"


def identity_of(verified: Verified, people: People) -> Identity:
    """Who calls with a token. Raises Refusal: 401 where it does not say so, 403 where that is no user here."""
    issuer, claims = verified.issuer, verified.claims
    user = _user(issuer, claims, people)
    roles = tuple(sorted(_roles(issuer, claims)))[:MOST_ROLES]
    caller: object = None if user is None else {"id": user}
    if caller is not None and roles and people.has_rules:
        caller = Caller(caller, roles)
    return Identity(f"{issuer.issuer} {_plain(str(claims['sub']))}", caller, _scopes(issuer, claims))


def _user(issuer: Issuer, claims: Mapping[str, Any], people: People) -> str | None:
    """The id of the user."""
    value = claims.get(issuer.user_claim)
    if not isinstance(value, str) or not value:
        raise not_accepted("The token does not say which user calls.")
    mapped = pairs(issuer.users).get(value)
    if mapped is not None:
        return people.find(EMAIL, mapped[0])
    if issuer.user_claim == EMAIL and not issuer.trust_email and claims.get("email_verified") is not True:
        # An issuer where people choose their own address would let anybody be anybody.
        raise unknown_user()
    return people.find(issuer.user_column, value)


def _scopes(issuer: Issuer, claims: Mapping[str, Any]) -> frozenset[str]:
    """What the token is limited to. Scopes that other services know are nothing to this one."""
    mapping = pairs(issuer.scopes)
    found: set[str] = set()
    for named in {*_words(claims.get("scope")), *_words(claims.get("scp")), *_words(claims.get("roles"))}:
        if named in mapping:
            found.update(mapping[named])
        elif is_scope(named):
            found.add(named)
    return frozenset(found or issuer.without_scopes)


def _roles(issuer: Issuer, claims: Mapping[str, Any]) -> Iterator[str]:
    """The roles of the database that the caller's groups bring."""
    mapping = pairs(issuer.roles)
    found: set[str] = set()
    for claim in issuer.role_claims:
        for group in _words(_within(claims, claim)):
            found.update(mapping.get(group, ()))
    yield from found


def _within(claims: Mapping[str, Any], path: str) -> object:
    """A claim, or what stands inside of one: `realm_access.roles`."""
    if path in claims:
        return claims[path]
    value: object = claims
    for part in path.split("."):
        value = value.get(part) if isinstance(value, Mapping) else None
    return value


def _words(value: object) -> list[str]:
    """A claim of several texts, as a list or in one text."""
    if isinstance(value, str):
        return value.split()
    return [each for each in value if isinstance(each, str)] if isinstance(value, list) else []


def _plain(text: str) -> str:
    """A text that can stand in a log. Two that differ stay two, as keys and sessions belong to subjects: what can not stay as it
    is, or reads like somebody who is called for, has a digest behind it."""
    if len(text) <= LONGEST_SUBJECT and text.isprintable() and " for " not in text:
        return text
    shown = "".join(each if each.isprintable() else "?" for each in text[:LONGEST_SUBJECT])
    return f"{shown} {sha256(text.encode('utf-8', 'surrogatepass')).hexdigest()[:16]}"
