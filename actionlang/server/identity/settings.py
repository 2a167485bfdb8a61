"""Settings of who may call: `[server.identity]`, and `[[server.identity.issuers]]` for each issuer of tokens."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

import attrs

ALGORITHMS = frozenset({"RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512"})
"""Ways to sign that may be allowed: those with a key pair. One key for signing and verifying (HS256) is in none of them, so that
a public key can not be taken for a secret, and neither is no signature at all."""

LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})

MAPS_TO = " = "


def see_address(url: str) -> None:
    """See that an address is one that an issuer may have. Raises ValueError."""
    parts = urlsplit(url)
    is_safe = parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in LOOPBACK)
    if not is_safe or not parts.hostname or parts.fragment or parts.username:
        raise ValueError(f"must be an address of https (http on this machine only), not {url!r}")


def _is_address(_: Any, attribute: attrs.Attribute[str], value: str | None) -> None:
    if value:
        see_address(value)


def _are_algorithms(_: Any, attribute: attrs.Attribute[tuple[str, ...]], value: tuple[str, ...]) -> None:
    for each in value:
        if each not in ALGORITHMS:
            raise ValueError(f"must be some of {', '.join(sorted(ALGORITHMS))}, not {each!r}")
    if not value:
        raise ValueError("must be at least one algorithm")


def _are_pairs(_: Any, attribute: attrs.Attribute[tuple[str, ...]], value: tuple[str, ...]) -> None:
    for each in value:
        left, _sign, right = each.rpartition(MAPS_TO)
        if not left.strip() or not right.strip():
            raise ValueError(f'must be texts as "what the token says = what it stands for here", not {each!r}')


def _is_given(_: Any, attribute: attrs.Attribute[Any], value: Any) -> None:
    if not value:
        raise ValueError("must be given")


@attrs.frozen
class Issuer:
    """Somebody whose tokens are taken."""

    issuer: str = attrs.field(
        default="",
        validator=[_is_given, _is_address],
        metadata={"about": "The issuer, exactly as its tokens name it in `iss`."},
    )
    audience: tuple[str, ...] = attrs.field(
        default=(),
        validator=_is_given,
        metadata={"about": "Whom tokens are for: one of these must be in `aud`."},
    )
    jwks_uri: str | None = attrs.field(
        default=None,
        validator=_is_address,
        metadata={"about": "Where its keys are. By default its `/.well-known/openid-configuration` says so."},
    )
    algorithms: tuple[str, ...] = attrs.field(
        default=("RS256", "ES256"),
        validator=_are_algorithms,
        metadata={"about": "How tokens may be signed; always with a key pair."},
    )
    types: tuple[str, ...] = attrs.field(
        default=("at+jwt", "application/at+jwt", "JWT", ""),
        metadata={"about": "Which `typ` in a token's header is taken; an empty text stands for none."},
    )
    user_claim: str = attrs.field(default="email", metadata={"about": "The claim that says which user calls."})
    user_column: str = attrs.field(
        default="email", metadata={"about": "The column of the table of users that the claim is looked up in."}
    )
    trust_email: bool = attrs.field(
        default=False,
        metadata={"about": "Take `email` although the issuer does not say that it was verified."},
    )
    users: tuple[str, ...] = attrs.field(
        default=(),
        validator=_are_pairs,
        metadata={
            "about": 'Users by what the claim says, for programs without one of their own: `"CLIENT-ID = EMAIL"`.'
        },
    )
    scopes: tuple[str, ...] = attrs.field(
        default=(),
        validator=_are_pairs,
        metadata={"about": 'Scopes by what tokens call them: `"Cases.Write = verb:helpdesk.*"`.'},
    )
    without_scopes: tuple[str, ...] = attrs.field(
        default=(),
        metadata={"about": "What a token may do that names no scope known here; nothing, if nothing is said."},
    )
    role_claims: tuple[str, ...] = attrs.field(
        default=("roles", "groups"), metadata={"about": "The claims that say which groups a caller is in."}
    )
    roles: tuple[str, ...] = attrs.field(
        default=(),
        validator=_are_pairs,
        metadata={"about": 'Roles of the database that groups bring, besides those given there: `"support = agent"`.'},
    )
    single_use: str = attrs.field(
        default="never",
        validator=attrs.validators.in_(("never", "marked", "always")),
        metadata={"about": "Which tokens count once: `always`, or those `marked` by a claim `single_use`."},
    )
    fresh: float = attrs.field(
        default=300.0,
        validator=attrs.validators.ge(1),
        metadata={"about": "Seconds after which its keys are asked for anew."},
    )
    stale: float = attrs.field(
        default=86_400.0,
        validator=attrs.validators.ge(0),
        metadata={"about": "Seconds for which its keys stand while it can not be reached."},
    )
    pause: float = attrs.field(
        default=10.0,
        validator=attrs.validators.ge(0),
        metadata={"about": "Seconds between two questions for its keys, whatever tokens name."},
    )
    timeout: float = attrs.field(
        default=5.0, validator=attrs.validators.gt(0), metadata={"about": "Seconds that its answer may take."}
    )


@attrs.frozen
class IdentitySettings:
    """Who may call, and how often."""

    issuers: tuple[Issuer, ...] = attrs.field(default=(), metadata={"about": "Whose tokens are taken."})
    api_keys: bool | None = attrs.field(
        default=None,
        metadata={
            "about": "Whether API keys are taken. Unless this is said or there are issuers, only this machine is served."
        },
    )
    access: str = attrs.field(
        default="rules",
        validator=attrs.validators.in_(("rules", "off")),
        metadata={"about": "`rules` holds callers to the roles of the database; with `off` scopes alone hold."},
    )
    anonymous: str | None = attrs.field(
        default=None,
        metadata={"about": "For development: calls from this machine without credentials are this user's, by email."},
    )
    leeway: float = attrs.field(
        default=60.0,
        validator=[attrs.validators.ge(0), attrs.validators.le(600)],
        metadata={"about": "Seconds by which the clocks of issuers may be off."},
    )
    object_id_column: str = attrs.field(
        default="id",
        metadata={"about": "The column of the table of users that `CallerObjectId` is looked up in."},
    )
    calls_per_second: float = attrs.field(
        default=500.0,
        validator=attrs.validators.ge(0),
        metadata={"about": "Requests a second that one caller may make of one worker; 0 is any number."},
    )
    burst: int = attrs.field(
        default=1000, validator=attrs.validators.ge(1), metadata={"about": "Requests that a caller may make at once."}
    )
    failures_per_minute: float = attrs.field(
        default=30.0,
        validator=attrs.validators.ge(0),
        metadata={"about": "Wrong credentials a minute that one address may send to one worker; 0 is any number."},
    )

    @property
    def configured(self) -> bool:
        """Whether it was said who may call."""
        return bool(self.issuers) or self.api_keys is True

    @property
    def takes_keys(self) -> bool:
        """Whether callers may be expected to come with API keys."""
        return self.api_keys is True or (self.api_keys is None and self.anonymous is None)

    @property
    def loopback_only(self) -> bool:
        """Whether the server is for this machine alone."""
        return self.anonymous is not None or not self.configured


def pairs(written: tuple[str, ...]) -> dict[str, tuple[str, ...]]:
    """What the texts say that map something to something; what is mapped twice stands for both."""
    found: dict[str, tuple[str, ...]] = {}
    for each in written:
        left, _, right = each.rpartition(MAPS_TO)
        found[left.strip()] = (*found.get(left.strip(), ()), right.strip())
    return found
