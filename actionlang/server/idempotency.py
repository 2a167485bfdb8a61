"""The Idempotency-Key of a request, by which a repeated call gets the answer of the first instead of acting again.

The header is that of draft-ietf-httpapi-idempotency-key-header: a string of RFC 8941 in double quotes; one without quotes, as
most clients write it, is taken too. A key taken by another request is answered with 422, one whose first request is still under
way with 409, as the draft has it.

Keys belong to whoever sends them: what is kept in the database begins with a digest of the caller's subject, so that nobody meets
the keys of others, by accident or to find out about them.
"""

from __future__ import annotations

import hashlib
import re
from datetime import UTC, datetime

import attrs
import sqlalchemy as sa
from starlette.datastructures import Headers

from actionlang.diagnostics.catalogue.server import WRONG_KEY
from actionlang.engine.sql.codecs import write_moment
from actionlang.runtime.idempotency import KEYS
from actionlang.server.identity.identity import Identity
from actionlang.server.refusal import Refusal
from actionlang.server.statuses import BAD_REQUEST

HEADER = "Idempotency-Key"
REPLAYED = "Idempotency-Replayed"
"""Says of an answer that it is the one of an earlier request with the same key."""

LONGEST = 160
"""A key and the digest before it fit into what runs take for a key."""

QUOTED = re.compile(r'"((?:[^"\\]|\\["\\])*)"')
PRINTABLE = re.compile(rf"[\x20-\x7e]{{1,{LONGEST}}}")
SUBJECT_DIGITS = 16


def key_of(headers: Headers) -> str | None:
    """The key that a request names what it does by; None where it names none. Raises Refusal (400, E1145) where the header is
    wrong."""
    given = headers.getlist(HEADER)
    if not given:
        return None
    if len(given) > 1:
        raise _wrong("was sent more than once")
    text = given[0].strip()
    if text.startswith('"'):
        quoted = QUOTED.fullmatch(text)
        if quoted is None:
            raise _wrong("begins with a quote and is no quoted text")
        text = re.sub(r"\\(.)", r"\1", quoted[1])
    if not text.strip() or not PRINTABLE.fullmatch(text):
        raise _wrong("is not right")
    return text


def kept_key(key: str | None, identity: Identity) -> str | None:
    """What is kept in the database for a key of somebody's."""
    if key is None:
        return None
    subject = hashlib.sha256(identity.subject.encode()).hexdigest()[:SUBJECT_DIGITS]
    return f"{subject} {key}"


def has_run(connection: sa.Connection, key: str | None, identity: Identity) -> bool:
    """Whether a run has a key of somebody's, as it was sent. Raises the driver's errors."""
    wanted = kept_key(key, identity)
    stands = sa.or_(KEYS.c.expires.is_(None), KEYS.c.expires > write_moment(datetime.now(UTC)))
    return (
        wanted is not None and connection.scalar(sa.select(KEYS.c.run).where(KEYS.c.key == wanted, stands)) is not None
    )


class keys_as_sent:  # noqa: N801 - read as a statement: with keys_as_sent(kept, key)
    """Has refusals from inside name a key as its caller did, and not as it is kept."""

    def __init__(self, kept: str | None, key: str | None) -> None:
        self._kept, self._key = kept, key

    def __enter__(self) -> None:
        """Nothing is to be done before."""

    def __exit__(self, _: object, error: BaseException | None, __: object) -> None:
        if self._kept is None or self._key is None or not isinstance(error, Refusal):
            return
        if self._kept in error.message:
            raise attrs.evolve(error, message=error.message.replace(self._kept, self._key)) from None


def _wrong(what: str) -> Refusal:
    message = f"The header {HEADER} {what}."
    hint = f'send 1 to {LONGEST} printable ASCII characters, for example "8e03978e-40d5-43dd-bc93-6894a57f9324"'
    return Refusal(BAD_REQUEST, WRONG_KEY.id, message, hint=hint, target=HEADER)
