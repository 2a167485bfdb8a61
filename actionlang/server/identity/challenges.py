"""How callers are told that their credentials do not do: RFC 6750 (bearer tokens), section 3."""

from __future__ import annotations

from actionlang.diagnostics.catalogue import server as codes
from actionlang.diagnostics.catalogue.access import UNKNOWN_CALLER
from actionlang.server.refusal import Refusal

REALM = 'Bearer realm="ActionLang"'

UNAUTHORIZED, BAD_REQUEST, FORBIDDEN, TOO_MANY, UNAVAILABLE = 401, 400, 403, 429, 503


def no_credentials() -> Refusal:
    """Nobody says who calls. As the RFC has it, the challenge names no error then."""
    message = "This needs credentials: a bearer token in Authorization, or an API key."
    return Refusal(UNAUTHORIZED, codes.NO_CREDENTIALS.id, message, headers={"WWW-Authenticate": REALM})


def not_accepted(why: str) -> Refusal:
    """Credentials that do not hold; `why` is one sentence of plain letters."""
    challenge = f'{REALM}, error="invalid_token", error_description="{why}"'
    return Refusal(UNAUTHORIZED, codes.NOT_ACCEPTED.id, why, headers={"WWW-Authenticate": challenge})


def not_one() -> Refusal:
    """Credentials given in a way that can not be read, or in more than one."""
    message = "The credentials can not be read: send one Authorization: Bearer, or one X-Api-Key."
    challenge = f'{REALM}, error="invalid_request"'
    return Refusal(BAD_REQUEST, codes.NOT_ONE.id, message, headers={"WWW-Authenticate": challenge})


def not_scoped(scope: str, what: str, verb: str | None = None) -> Refusal:
    """Credentials that do not go so far."""
    challenge = f'{REALM}, error="insufficient_scope", scope="{scope}"'
    message = f"These credentials are not for {what}."
    return Refusal(FORBIDDEN, codes.NOT_SCOPED.id, message, verb=verb, headers={"WWW-Authenticate": challenge})


def unknown_user() -> Refusal:
    """Credentials that hold, of somebody who is no user here, or not any more."""
    return Refusal(FORBIDDEN, UNKNOWN_CALLER.id, "The credentials hold, but whose they are is no user here.")


def no_issuer(retry_after: int) -> Refusal:
    """An issuer whose keys can not be had."""
    message = "Tokens can not be verified at the moment: their issuer does not answer. Try again."
    return Refusal(UNAVAILABLE, codes.NO_ISSUER.id, message, headers={"Retry-After": str(retry_after)})


def not_for_others(why: str) -> Refusal:
    """Whoever calls may not call for somebody else."""
    return Refusal(FORBIDDEN, codes.NOT_FOR_OTHERS.id, why)
