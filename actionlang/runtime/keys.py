"""The keys that runs have taken, as an operator sees them: which there are, and getting rid of those that have expired."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, datetime

import attrs
import sqlalchemy as sa

from actionlang.engine.sql.codecs import read_moment, write_moment
from actionlang.engine.sql.dialect import Dialect
from actionlang.runtime.idempotency import KEYS
from actionlang.runtime.own_tables import see_table

Connect = Callable[[], AbstractContextManager[sa.Connection]]


@attrs.frozen
class TakenKey:
    """A key, the verb (full name) and the run that took it, and when. `expires` is the moment from which on it is free again,
    None where it never is."""

    key: str
    verb: str
    run: str
    taken: datetime
    expires: datetime | None

    def is_expired(self, now: datetime) -> bool:
        """Whether it is free again."""
        return self.expires is not None and self.expires <= now


class Keys:
    """What can be done with the keys of a database."""

    def __init__(self, connect: Connect, dialect: Dialect) -> None:
        self._connect = connect
        self._dialect = dialect

    def taken(self, *, limit: int | None = None) -> list[TakenKey]:
        """The keys, those taken last first.

        Raises ActionLangError when the database has no table of keys, or fails.
        """
        columns = (KEYS.c.key, KEYS.c.verb, KEYS.c.run, KEYS.c.taken, KEYS.c.expires)
        with self._connect() as connection:
            see_table(connection, KEYS, "runs with a key")
            found = connection.execute(sa.select(*columns).order_by(KEYS.c.taken.desc(), KEYS.c.key).limit(limit))
            return [
                TakenKey(key, verb, run, read_moment(taken), None if expires is None else read_moment(expires))
                for key, verb, run, taken, expires in found
            ]

    def prune(self, *, taken_before: datetime | None = None) -> int:
        """Delete the keys that have expired; with `taken_before` (an aware datetime) also all that were taken before that moment.
        Gives how many there were.

        A call with such a key acts anew. Raises ActionLangError when the database has no table of keys, or fails.
        """
        gone = KEYS.c.expires <= write_moment(datetime.now(UTC))
        if taken_before is not None:
            gone |= KEYS.c.taken < write_moment(taken_before.astimezone(UTC))
        with self._connect() as connection:
            see_table(connection, KEYS, "runs with a key")
            with connection.begin():
                if self._dialect.name == "postgresql":
                    # Whoever takes one of these keys meanwhile is waited for, and keeps it.
                    connection.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL READ COMMITTED")
                return connection.execute(sa.delete(KEYS).where(gone)).rowcount
