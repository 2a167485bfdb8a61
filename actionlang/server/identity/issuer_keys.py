"""The public keys of an issuer: asked for, kept, asked for again when tokens name one that is not known.

Whatever tokens name, the issuer is asked at most once in `pause` seconds. While it can not be reached, the keys that it last told
stand for `stale` seconds.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping
from math import ceil
from threading import Lock
from time import monotonic
from typing import Any

import attrs
from jwt import PyJWK
from jwt.exceptions import PyJWTError

from actionlang.server.identity.challenges import no_issuer
from actionlang.server.identity.fetching import Fetch, fetch
from actionlang.server.identity.settings import Issuer, see_address

LOGGER = logging.getLogger("actionlang.server.identity")

SMALLEST_RSA = 2048
"""NIST SP 800-131A: RSA keys below 2048 bits are not to be used."""

CURVES = {"ES256": "P-256", "ES384": "P-384", "ES512": "P-521"}
MOST_KEYS = 100
DISCOVERY = "/.well-known/openid-configuration"


@attrs.frozen
class SigningKey:
    """A public key; `algorithm` is the only one that it is for, None where the issuer does not say."""

    kid: str | None
    kind: str
    curve: str | None
    algorithm: str | None
    data: Mapping[str, Any]

    def fits(self, kid: str | None, algorithm: str) -> bool:
        """Whether a token that names this key, or none, and this algorithm may be signed by it."""
        if kid is not None and kid != self.kid:
            return False
        if self.algorithm is not None:
            return self.algorithm == algorithm and self._is_for(algorithm)
        return self._is_for(algorithm)

    def _is_for(self, algorithm: str) -> bool:
        if algorithm in CURVES:
            return self.kind == "EC" and self.curve == CURVES[algorithm]
        return self.kind == "RSA"


class IssuerKeys:
    """Those of one issuer. Serves any number of threads."""

    def __init__(self, issuer: Issuer, fetching: Fetch = fetch, now: Callable[[], float] = monotonic) -> None:
        self._issuer = issuer
        self._fetch = fetching
        self._now = now
        self._lock = Lock()
        self._keys: tuple[SigningKey, ...] = ()
        self._known_since: float | None = None
        self._asked: float | None = None

    def find(self, kid: str | None, algorithm: str) -> Any:
        """The key that a token is to be verified with; None where the issuer has none, or several without a name.

        Raises Refusal with 503 when the issuer was never reached, or not for too long.
        """
        known = self._known()
        found = self._one_of(known, kid, algorithm)
        if found is None and self._ask(known):
            found = self._one_of(self._keys, kid, algorithm)
        return None if found is None else PyJWK(dict(found.data), algorithm).key

    @staticmethod
    def _one_of(keys: tuple[SigningKey, ...], kid: str | None, algorithm: str) -> SigningKey | None:
        fitting = [each for each in keys if each.fits(kid, algorithm)]
        return fitting[0] if len(fitting) == 1 else None

    def _known(self) -> tuple[SigningKey, ...]:
        """The keys, asked for anew when they are not fresh any more."""
        since = self._known_since
        if since is None or self._now() - since >= self._issuer.fresh:
            self._ask(self._keys, is_waiting=since is None)
        since = self._known_since
        if since is None or self._now() - since >= self._issuer.fresh + self._issuer.stale:
            raise no_issuer(max(1, ceil(self._issuer.pause)))
        return self._keys

    def _ask(self, before: tuple[SigningKey, ...], *, is_waiting: bool = True) -> bool:
        """Ask the issuer, unless another thread has just done so. Says whether there may be other keys than before."""
        if not self._lock.acquire(blocking=is_waiting):
            return False
        try:
            if self._keys is not before:
                return True
            if self._asked is not None and self._now() - self._asked < self._issuer.pause:
                return False
            self._asked = self._now()
            try:
                self._keys = tuple(self._fetched())
            except (OSError, ValueError) as error:
                LOGGER.warning("the keys of the issuer %s can not be had: %s", self._issuer.issuer, error)
                return False
            self._known_since = self._now()
            return True
        finally:
            self._lock.release()

    def _fetched(self) -> Iterator[SigningKey]:
        document = self._fetch(self._address(), self._issuer.timeout)
        listed = document.get("keys")
        if not isinstance(listed, list):
            raise ValueError("the document has no list of keys")
        for each in listed[:MOST_KEYS]:
            key = _read(each)
            if key is not None:
                yield key

    def _address(self) -> str:
        """Where the keys are. Discovery has to name the issuer itself (RFC 8414, section 3.3)."""
        if self._issuer.jwks_uri is not None:
            return self._issuer.jwks_uri
        told = self._fetch(self._issuer.issuer.rstrip("/") + DISCOVERY, self._issuer.timeout)
        if told.get("issuer") != self._issuer.issuer:
            raise ValueError("its configuration names another issuer")
        address = told.get("jwks_uri")
        if not isinstance(address, str):
            raise ValueError("its configuration does not say where the keys are")
        see_address(address)
        return address


def _read(data: object) -> SigningKey | None:
    """A key that tokens may be signed with; None for what is none, which is left out: issuers list keys for other uses."""
    if not isinstance(data, dict) or data.get("use", "sig") != "sig" or data.get("kty") not in ("RSA", "EC"):
        return None
    operations = data.get("key_ops")
    if operations is not None and (not isinstance(operations, list) or "verify" not in operations):
        return None
    public = {name: value for name, value in data.items() if name in ("kty", "kid", "alg", "n", "e", "crv", "x", "y")}
    if not all(isinstance(value, str) for value in public.values()):
        return None
    algorithm = public.pop("alg", None)
    kind, curve = public["kty"], public.get("crv")
    try:
        named = algorithm or next((name for name, each in CURVES.items() if each == curve), "RS256")
        key = PyJWK(public, named).key
    except (PyJWTError, ValueError):
        return None
    if kind == "RSA" and key.key_size < SMALLEST_RSA:
        LOGGER.warning("a key of %s bits is too small and left out", key.key_size)
        return None
    return SigningKey(public.get("kid"), kind, curve, algorithm, public)
