"""API keys: what they look like, and the table that has them, which knows none of them.

A key is `al_live_`, ten characters that name it, `_`, 43 that are secret, and six that are the CRC-32 of all before: what scans
texts for secrets finds keys by this form, and a mistyped one is refused without asking the database. The secret is 256 random
bits, so that a plain SHA-256 of the key is enough to know it again: there is nothing to guess, against which slow digests are.
"""

from __future__ import annotations

import json
import re
from datetime import datetime
from hashlib import sha256
from hmac import compare_digest
from secrets import choice, randbits
from typing import Any
from zlib import crc32

import attrs
import sqlalchemy as sa

from actionlang.access.tables import TEXT
from actionlang.engine.sql.codecs import read_moment, write_moment

METADATA = sa.MetaData()

KEYS = sa.Table(
    "actionlang_api_key",
    METADATA,
    sa.Column("id", TEXT, primary_key=True),
    sa.Column("digest", TEXT, nullable=False),
    sa.Column("name", TEXT, nullable=False),
    sa.Column("user", TEXT),
    sa.Column("scopes", TEXT, nullable=False),
    sa.Column("created", TEXT, nullable=False),
    sa.Column("created_by", TEXT, nullable=False),
    sa.Column("expires", TEXT),
    sa.Column("revoked", TEXT),
    sa.Column("revoked_by", TEXT),
    sa.Column("used", TEXT),
)
"""Keys by what names them. `digest` is the SHA-256 of the whole key; `user` the id of the user whose rights it has; `scopes` a
JSON list. `used` is when it was last used, to a quarter of an hour. Rows stay when keys are revoked: they say who made them."""

USED_TOKENS = sa.Table(
    "actionlang_used_token",
    METADATA,
    sa.Column("digest", TEXT, primary_key=True),
    sa.Column("expires", TEXT, nullable=False),
    sqlite_with_rowid=False,
)
"""Tokens that count once and were used: a digest of issuer and `jti`, kept until the token has expired."""

TABLES = (KEYS, USED_TOKENS)

FORM = re.compile(r"al_live_([0-9A-Za-z]{10})_([0-9A-Za-z]{43})([0-9A-Za-z]{6})")
START = "al_live_"
DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
BITS = 256


@attrs.frozen
class ApiKey:
    """A key as the database has it. `user` is the id of a user; moments are aware datetimes."""

    id: str
    name: str
    user: str | None
    scopes: frozenset[str]
    created: datetime
    created_by: str
    expires: datetime | None = None
    revoked: datetime | None = None
    revoked_by: str | None = None
    used: datetime | None = None

    def why_not(self, now: datetime) -> str | None:
        """Why it does not count any more; None where it does."""
        if self.revoked is not None:
            return "revoked"
        return "expired" if self.expires is not None and self.expires <= now else None


def new_key() -> tuple[str, str]:
    """A new key: what names it, and all of it."""
    name = "".join(choice(DIGITS) for _ in range(10))
    text = f"{START}{name}_{_digits(randbits(BITS), 43)}"
    return name, text + _digits(crc32(text.encode()), 6)


def name_of(text: str) -> str | None:
    """What names a key; None for a text that is none."""
    found = FORM.fullmatch(text)
    if found is None or _digits(crc32(text[:-6].encode()), 6) != found[3]:
        return None
    return found[1]


def add(connection: sa.Connection, text: str, key: ApiKey) -> None:
    """Write a key down, as its digest."""
    connection.execute(
        KEYS.insert().values(
            id=key.id,
            digest=_digest(text),
            name=key.name,
            user=key.user,
            scopes=json.dumps(sorted(key.scopes)),
            created=write_moment(key.created),
            created_by=key.created_by,
            expires=None if key.expires is None else write_moment(key.expires),
        )
    )


def find(connection: sa.Connection, text: str) -> ApiKey | None:
    """The key that a text is, be it revoked or expired; None where it is none."""
    name = name_of(text)
    row = None if name is None else connection.execute(sa.select(KEYS).where(KEYS.c.id == name)).first()
    # In the time that it takes, whatever is wrong with it.
    if row is None or not compare_digest(row.digest.encode(), _digest(text).encode()):
        return None
    return _key(row)


def all_keys(connection: sa.Connection) -> tuple[ApiKey, ...]:
    """All keys, the newest first."""
    return tuple(_key(row) for row in connection.execute(sa.select(KEYS).order_by(KEYS.c.created.desc(), KEYS.c.id)))


def revoke(connection: sa.Connection, name: str, by: str, now: datetime) -> ApiKey | None:
    """Revoke a key, by what names it; gives it as it was before, None where there is none."""
    row = connection.execute(sa.select(KEYS).where(KEYS.c.id == name)).first()
    if row is None:
        return None
    if row.revoked is None:
        connection.execute(KEYS.update().where(KEYS.c.id == name).values(revoked=write_moment(now), revoked_by=by))
    return _key(row)


def is_revoked(connection: sa.Connection, name: str) -> bool:
    """Whether a key, by what names it, was revoked, or is not there."""
    row = connection.execute(sa.select(KEYS.c.revoked).where(KEYS.c.id == name)).one_or_none()
    return row is None or row.revoked is not None


def note_use(connection: sa.Connection, name: str, now: datetime, since: datetime) -> None:
    """Write down that a key was used, unless that is written of a moment after `since`, or somebody else has the row."""
    is_due = sa.or_(KEYS.c.used.is_(None), KEYS.c.used < write_moment(since))
    free = sa.select(KEYS.c.id).where(KEYS.c.id == name, is_due).with_for_update(skip_locked=True)
    connection.execute(KEYS.update().where(KEYS.c.id.in_(free)).values(used=write_moment(now)))


def use_token(connection: sa.Connection, token: str, now: datetime, expires: datetime) -> bool:
    """Note that a token was used that counts once; says whether it is the first time. What has expired goes."""
    digest = sha256(token.encode()).hexdigest()
    connection.execute(USED_TOKENS.delete().where(USED_TOKENS.c.expires < write_moment(now)))
    dialect: Any = _inserting(connection.dialect.name)
    statement = dialect(USED_TOKENS).values(digest=digest, expires=write_moment(expires)).on_conflict_do_nothing()
    return connection.execute(statement.returning(USED_TOKENS.c.digest)).first() is not None


def _inserting(dialect: str) -> Any:
    if dialect == "sqlite":
        from sqlalchemy.dialects.sqlite import insert

        return insert
    from sqlalchemy.dialects.postgresql import insert as insert_on_server

    return insert_on_server


def _key(row: Any) -> ApiKey:
    def moment(value: str | None) -> datetime | None:
        return None if value is None else read_moment(value)

    return ApiKey(
        row.id,
        row.name,
        row.user,
        frozenset(json.loads(row.scopes)),
        read_moment(row.created),
        row.created_by,
        moment(row.expires),
        moment(row.revoked),
        row.revoked_by,
        moment(row.used),
    )


def _digest(text: str) -> str:
    return sha256(text.encode()).hexdigest()


def _digits(number: int, length: int) -> str:
    """A number in digits of base 62."""
    found = ""
    for _ in range(length):
        number, digit = divmod(number, 62)
        found = DIGITS[digit] + found
    return found
