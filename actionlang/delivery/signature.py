"""Signatures of webhooks, as Standard Webhooks describes them: made by the deliverer, verified by whoever receives one.

https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
"""

from __future__ import annotations

import binascii
import hashlib
import hmac
from base64 import b64decode, b64encode
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

from actionlang.diagnostics.catalogue import delivery as codes
from actionlang.diagnostics.diagnostic import ActionLangError, Diagnostic

ID, TIMESTAMP, SIGNATURE = "webhook-id", "webhook-timestamp", "webhook-signature"

PREFIX = "whsec_"
VERSION = "v1"
FEWEST_BYTES, MOST_BYTES = 24, 64

TOLERANCE = timedelta(minutes=5)
"""How far the moment of an attempt may be from now: whoever caught an old one can not use it again later."""


def key_of(secret: str) -> bytes:
    """The key in a secret, which is written `whsec_` and then base64.

    Raises ValueError, which tells nothing of the secret, when it is not that, or not of 24 to 64 bytes.
    """
    text = secret.removeprefix(PREFIX)
    if text == secret:
        raise ValueError(f"does not begin with {PREFIX}")
    try:
        key = b64decode(text + "=" * (-len(text) % 4), validate=True)
    except binascii.Error:
        raise ValueError(f"has something other than base64 behind {PREFIX}") from None
    if not FEWEST_BYTES <= len(key) <= MOST_BYTES:
        raise ValueError(f"has {len(key)} bytes; {FEWEST_BYTES} to {MOST_BYTES} are needed")
    return key


def signed(event: str, timestamp: int, body: bytes, keys: Sequence[bytes]) -> dict[str, str]:
    """The three headers of an attempt to deliver an event at a moment (seconds since 1970), signed with each of the keys."""
    signatures = [f"{VERSION},{b64encode(_digest(key, event, str(timestamp), body)).decode()}" for key in keys]
    return {ID: event, TIMESTAMP: str(timestamp), SIGNATURE: " ".join(signatures)}


def verify(
    secret: str,
    headers: Mapping[str, str],
    body: bytes,
    *,
    tolerance: timedelta = TOLERANCE,
    now: datetime | None = None,
) -> str:
    """See that a webhook comes from whoever shares a secret, and that nobody changed it or kept it for later.

    Gives the event's id, by which a receiver knows an event that it has had before.

    `headers` are those of the request, in capital or small letters; `body` the bytes as they came. Raises ActionLangError (E0966)
    when it can not be trusted, ValueError when the secret is none.
    """
    key = key_of(secret)
    given = {name.lower(): value for name, value in headers.items()}
    missing = [name for name in (ID, TIMESTAMP, SIGNATURE) if not given.get(name)]
    if missing:
        raise _untrusted(f"The request has no header {missing[0]}.")
    event, timestamp = given[ID], given[TIMESTAMP]
    if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) < 15):
        raise _untrusted(f"The header {TIMESTAMP} is no number of seconds.")
    distance = (now or datetime.now(UTC)).timestamp() - int(timestamp)
    if abs(distance) > tolerance.total_seconds():
        told = "old" if distance > 0 else "far ahead of this machine's clock"
        raise _untrusted(f"The request is too {told}.")
    expected = _digest(key, event, timestamp, body)
    for each in given[SIGNATURE].split():
        version, _, text = each.partition(",")
        try:
            found = b64decode(text, validate=True) if version == VERSION else b""
        except (binascii.Error, ValueError):
            continue
        if hmac.compare_digest(expected, found):
            return event
    raise _untrusted("The signature is not that of this request.")


def _digest(key: bytes, event: str, timestamp: str, body: bytes) -> bytes:
    return hmac.digest(key, f"{event}.{timestamp}.".encode() + body, hashlib.sha256)


def _untrusted(message: str) -> ActionLangError:
    hint = "verify the bytes of the body as they came, with the secret of the subscription"
    return ActionLangError(Diagnostic(codes.UNTRUSTED, message, hint=hint))
