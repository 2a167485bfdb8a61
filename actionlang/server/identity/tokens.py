"""Verifying bearer tokens: JWT (RFC 7519) as access tokens (RFC 9068), by the advice of RFC 8725 and RFC 9700.

A token is verified with a key of the issuer that it names, which is one of the settings; what its header says of keys (`jwk`,
`jku`, `x5u`, `x5c`) is never looked at, and `kid` is only compared. Signatures are the library's affair (PyJWT).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import attrs
import jwt
from jwt.exceptions import (
    ExpiredSignatureError,
    ImmatureSignatureError,
    InvalidAudienceError,
    InvalidIssuedAtError,
    InvalidSignatureError,
    MissingRequiredClaimError,
    PyJWTError,
)

from actionlang.server.identity.challenges import not_accepted
from actionlang.server.identity.issuer_keys import IssuerKeys
from actionlang.server.identity.settings import IdentitySettings, Issuer

LONGEST = 16 * 1024
"""Characters of a token. Issuers that put all groups of a caller in it stay below this."""

OF_NO_ACCESS = frozenset({"id", "refresh", "offline", "logout"})
"""What Keycloak writes into the claim `typ` of tokens that are not for access."""

TOLD = (
    (ExpiredSignatureError, "The token has expired."),
    (ImmatureSignatureError, "The token is not valid yet."),
    (InvalidIssuedAtError, "The token is not valid yet."),
    (InvalidAudienceError, "The token is for another audience."),
    (InvalidSignatureError, "The signature of the token does not hold."),
    (MissingRequiredClaimError, "The token lacks a claim that it must have."),
)


@attrs.frozen
class Verified:
    """A token that holds: the settings of its issuer, and what it says."""

    issuer: Issuer
    claims: Mapping[str, Any]


class Tokens:
    """Verifies tokens of the issuers in the settings. Serves any number of threads."""

    def __init__(self, settings: IdentitySettings, keys: Mapping[str, IssuerKeys] | None = None) -> None:
        self._leeway = settings.leeway
        self._issuers = {each.issuer: each for each in settings.issuers}
        self._keys = keys or {each.issuer: IssuerKeys(each) for each in settings.issuers}

    def verify(self, token: str) -> Verified:
        """What a token says. Raises Refusal: 401 where it does not hold, 503 where that can not be found out."""
        if len(token) > LONGEST:
            raise not_accepted("The token is too long.")
        header, issuer = self._read(token)
        algorithm = header.get("alg")
        kid = header.get("kid")
        if not isinstance(algorithm, str) or algorithm not in issuer.algorithms:
            raise not_accepted("The token is not signed in a way that is taken.")
        if kid is not None and not isinstance(kid, str):
            raise not_accepted("The token can not be read.")
        _see_header(header, issuer)
        key = self._keys[issuer.issuer].find(kid, algorithm)
        if key is None:
            raise not_accepted("The token is signed with a key that its issuer does not have.")
        claims = self._decoded(token, key, algorithm, issuer)
        _see_that_it_is_for_access(claims)
        return Verified(issuer, claims)

    def _read(self, token: str) -> tuple[Mapping[str, Any], Issuer]:
        """A token's header, and who it says issued it: not verified yet."""
        try:
            read = jwt.decode_complete(token, options={"verify_signature": False})
        except (PyJWTError, ValueError, RecursionError):
            raise not_accepted("The token can not be read.") from None
        named = read["payload"].get("iss")
        issuer = self._issuers.get(named) if isinstance(named, str) else None
        if issuer is None:
            raise not_accepted("The token is of an issuer that is not known here.")
        return read["header"], issuer

    def _decoded(self, token: str, key: Any, algorithm: str, issuer: Issuer) -> Mapping[str, Any]:
        try:
            return jwt.decode(
                token,
                key,
                algorithms=[algorithm],
                audience=list(issuer.audience),
                issuer=issuer.issuer,
                leeway=self._leeway,
                options={"require": ["exp", "iss", "aud", "sub"]},
            )
        except PyJWTError as error:
            told = next((words for kind, words in TOLD if isinstance(error, kind)), "The token does not hold.")
            raise not_accepted(told) from None
        except (ValueError, OverflowError):
            raise not_accepted("The token does not hold.") from None


def _see_header(header: Mapping[str, Any], issuer: Issuer) -> None:
    kind = header.get("typ", "")
    if not isinstance(kind, str) or kind.lower() not in {each.lower() for each in issuer.types}:
        raise not_accepted("The token is of another type than access tokens.")
    if "crit" in header or "b64" in header:
        raise not_accepted("The token asks for something that is not known here.")


def _see_that_it_is_for_access(claims: Mapping[str, Any]) -> None:
    """ID tokens tell a client who signed in, and are not for calling (OpenID Connect Core, 2). Tokens that are bound to a key
    (`cnf`) are no bearer tokens: taken without proof, they would be worth to a thief what the binding prevents (RFC 9449)."""
    kind = claims.get("typ")
    if "nonce" in claims or "at_hash" in claims or (isinstance(kind, str) and kind.lower() in OF_NO_ACCESS):
        raise not_accepted("The token is not an access token.")
    if "cnf" in claims:
        raise not_accepted("The token is bound to a key, and comes without proof of it.")
