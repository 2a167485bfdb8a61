"""Finds out who calls: by a bearer token, by an API key, or, while somebody develops, by being on the same machine."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from hashlib import sha256
from time import monotonic, time
from urllib.parse import urlsplit

from starlette.datastructures import Headers

from actionlang.access import api_keys
from actionlang.runtime.database import Database
from actionlang.runtime.own_tables import see_table
from actionlang.server.identity.acting import acting
from actionlang.server.identity.challenges import UNAUTHORIZED, no_credentials, not_accepted, not_one
from actionlang.server.identity.claims import identity_of
from actionlang.server.identity.identity import Identity
from actionlang.server.identity.kept import Kept
from actionlang.server.identity.key_uses import KeyUses
from actionlang.server.identity.keys import identity_by_key
from actionlang.server.identity.people import People
from actionlang.server.identity.rates import Rates
from actionlang.server.identity.settings import LOOPBACK, IdentitySettings
from actionlang.server.identity.tokens import Tokens, Verified
from actionlang.server.refusal import Refusal
from actionlang.server.service import refusing

SCHEME = "bearer"
KEY_HEADER = "X-Api-Key"
KEPT = 1.0
"""Seconds for which credentials that held are not looked at again: a key that is revoked ends within these."""


class Authenticator:
    """Who calls, by a request's headers and the address that it comes from. Serves any number of threads; waits for the
    database, and for issuers of tokens."""

    def __init__(
        self,
        database: Database,
        settings: IdentitySettings,
        tokens: Tokens | None = None,
        now: Callable[[], float] = monotonic,
    ) -> None:
        self._database = database
        self._settings = settings
        self._tokens = tokens or Tokens(settings)
        self._now = now
        self._people = People(database, has_rules=settings.access == "rules")
        self._uses = KeyUses(database, now)
        self._callers = Rates("caller", settings.calls_per_second, settings.burst, now)
        per_second = settings.failures_per_minute / 60
        self._failures = Rates("failures", per_second, max(1, round(settings.failures_per_minute)), now)
        self._kept = Kept(now)

    def __call__(self, headers: Headers, address: str = "") -> Identity:
        """Who calls. Raises Refusal: 401 for nobody, 400 and 403 for credentials that can not be used so, 429 for too often."""
        with refusing():
            identity = self._anonymous(headers, address)
            if identity is None:
                identity = self._by(_credentials(headers), address)
            self._callers.take(identity.subject)
            return acting(identity, headers, self._database, self._settings.object_id_column)

    def charge(self, identity: Identity, many: int) -> None:
        """Count a request of somebody's that holds many for so many more."""
        self._callers.charge((identity.origin or identity).subject, many)

    def _by(self, credentials: str, address: str) -> Identity:
        name = sha256(credentials.encode()).digest()
        kept = self._kept.find(name)
        if kept is not None:
            return kept
        if not self._kept.knows(name):
            self._failures.see(address)
        began = self._now()
        try:
            identity, seconds = self._verified(credentials)
        except Refusal as refusal:
            if refusal.status == UNAUTHORIZED:
                self._kept.forget(name)
                self._failures.note(address)
            raise
        if seconds > 0:
            self._kept.keep(name, identity, began, seconds)
        return identity

    def _verified(self, credentials: str) -> tuple[Identity, float]:
        """Whose credentials are, and for how many seconds they need not be looked at again."""
        if credentials.startswith(api_keys.START):
            if self._settings.api_keys is False:
                raise not_accepted("API keys are not taken here.")
            return identity_by_key(credentials, self._database, self._people, self._uses), KEPT
        verified = self._tokens.verify(credentials)
        identity = identity_of(verified, self._people)
        if self._counts_once(verified):
            self._use(verified)
            return identity, 0.0
        return identity, min(KEPT, float(verified.claims["exp"]) - time())

    @staticmethod
    def _counts_once(verified: Verified) -> bool:
        wanted = verified.issuer.single_use
        return wanted == "always" or (wanted == "marked" and verified.claims.get("single_use") is True)

    def _use(self, verified: Verified) -> None:
        """Use a token that counts once. Raises Refusal where it was used before, by whichever worker."""
        jti = verified.claims.get("jti")
        if not isinstance(jti, str) or not jti:
            raise not_accepted("The token counts once, and has no jti.")
        expires = datetime.fromtimestamp(float(verified.claims["exp"]) + self._settings.leeway, UTC)
        with self._database.connection() as connection:
            see_table(connection, api_keys.USED_TOKENS, "tokens that count once")
            with connection.begin():
                is_first = api_keys.use_token(connection, f"{verified.issuer.issuer} {jti}", datetime.now(UTC), expires)
        if not is_first:
            raise not_accepted("The token counts once, and was used.")

    def _anonymous(self, headers: Headers, address: str) -> Identity | None:
        """The user whom calls from this machine are taken for; None where credentials are needed, or given."""
        user = self._settings.anonymous
        if user is None or "authorization" in headers or KEY_HEADER in headers or not _is_near(headers, address):
            return None
        caller: object = {"email": user}
        if not self._people.has_rules:
            # Nothing finds out later whom an email is of; in a database without users nobody calls.
            found = self._people.find("email", user)
            caller = None if found is None else {"id": found}
        return Identity(f"anonymous {user}", caller, frozenset({"read", "verb:*"}), anonymous=True)


def _credentials(headers: Headers) -> str:
    """The token or key. Raises Refusal. Those in the address are never looked at: addresses are logged (RFC 9700, 4.3.2)."""
    given, keys = headers.getlist("authorization"), headers.getlist(KEY_HEADER)
    if not given and not keys:
        raise no_credentials()
    if len(given) + len(keys) > 1:
        raise not_one()
    if keys:
        if not keys[0].startswith(api_keys.START):
            raise not_accepted("The API key is none.")
        return keys[0].strip()
    scheme, *tokens = given[0].split() or [""]
    if scheme.lower() != SCHEME:
        raise no_credentials()
    if len(tokens) != 1 or not tokens[0].isascii():
        raise not_one()
    return tokens[0]


def _is_near(headers: Headers, address: str) -> bool:
    """Whether a request comes from this machine and is meant for it: not through a proxy, and not from a page of another site
    that a browser here shows."""
    if address not in LOOPBACK or "forwarded" in headers or "x-forwarded-for" in headers:
        return False
    if not _is_loopback(f"//{headers.get('host', '')}"):
        return False
    origin = headers.get("origin")
    return (origin is None or _is_loopback(origin)) and headers.get("sec-fetch-site") != "cross-site"


def _is_loopback(address: str) -> bool:
    try:
        return urlsplit(address).hostname in LOOPBACK
    except ValueError:
        return False
