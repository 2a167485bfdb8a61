"""Calls that are answered later: kept until somebody in the server has made them, and then with what came of them.

Who takes one has it until the moment that is written in its row, as deliverers have their deliveries (decision 24). A server that
was killed leaves nothing behind but rows whose moment passes, after which others make the call: with the same key of the run, so
that it is made once whatever happens.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import attrs
import sqlalchemy as sa

from actionlang.delivery.leasing import Leasing, Presence, looking
from actionlang.delivery.writing import writing
from actionlang.engine.sql.codecs import write_moment
from actionlang.runtime.audit import METADATA, TEXT
from actionlang.runtime.database import Database

CALLS = sa.Table(
    "actionlang_call",
    METADATA,
    sa.Column("id", TEXT, primary_key=True),
    sa.Column("subject", TEXT, nullable=False),
    sa.Column("request", TEXT, nullable=False),
    sa.Column("answer", TEXT),
    sa.Column("attempts", sa.Integer, nullable=False),
    sa.Column("due", TEXT),
    sa.Column("lease", TEXT),
    sa.Column("made", TEXT, nullable=False),
    sa.Column("expires", TEXT),
)
"""Calls by id. `subject` is who made it, and alone may ask after it; `request` and `answer` are the server's. One without an
answer is made when `due` has come; while somebody makes it, `lease` is that one's token and `due` the moment at which others may
take it over. One with an answer is deleted when `expires` has come."""

_open: sa.ColumnElement[bool] = sa.literal_column("answer IS NULL")
DUE = sa.Index("actionlang_call_due", CALLS.c.due, sqlite_where=_open, postgresql_where=_open)

WAITING = sa.Index("actionlang_call_waiting", CALLS.c.subject, sqlite_where=_open, postgresql_where=_open)

TABLES: tuple[sa.Table, ...] = (CALLS,)


@attrs.frozen
class KeptCall:
    """A call: its id, what was asked for, what came of it (None: nothing yet), and how often somebody began to make it."""

    id: str
    request: str
    answer: str | None
    attempts: int


@attrs.frozen
class TakenCall:
    """A call that is this process's to make, until the lease ends."""

    call: KeptCall
    lease: str


class KeptCalls:
    """The calls of a database that are answered later. All of it raises ActionLangError when the database fails."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._presence = Presence(database, CALLS)

    @property
    def are_there(self) -> bool:
        """Whether the database has the table: one that was made by an earlier version has it after `actionlang registry init`."""
        return self._presence.is_seen

    def keep(self, subject: str, request: str, now: datetime) -> str:
        """Keep a call to be made; gives its id."""
        call = str(uuid4())
        moment = write_moment(now)
        values = {"id": call, "subject": subject, "request": request, "attempts": 0, "due": moment, "made": moment}
        with writing(self._database) as connection:
            connection.execute(sa.insert(CALLS).values(**values))
        return call

    def waiting(self, subject: str, most: int) -> int:
        """How many calls of somebody's have no answer yet, counted up to `most`."""
        theirs = sa.select(CALLS.c.id).where(CALLS.c.subject == subject, _open).limit(most).subquery()
        with looking(self._database) as connection:
            return connection.scalar(sa.select(sa.func.count()).select_from(theirs)) or 0

    def find(self, call: str, subject: str) -> KeptCall | None:
        """A call of somebody's; None where there is none, be it that it is another's."""
        with looking(self._database) as connection:
            row = connection.execute(_FIND, {"wanted": call, "whose": subject}).one_or_none()
        return None if row is None else _kept(row)

    def drop(self, call: str, subject: str) -> bool:
        """Forget a call of somebody's that nobody is making: it is not made, or what came of it is deleted. False where there is
        none, or somebody is at it."""
        mine = sa.and_(CALLS.c.id == call, CALLS.c.subject == subject, CALLS.c.lease.is_(None))
        with writing(self._database) as connection:
            return connection.execute(sa.delete(CALLS).where(mine)).rowcount == 1

    def take(self, now: datetime, lease: timedelta) -> TakenCall | None:
        """Take the call that is due longest; None where none is."""
        taken = _LEASING.take(self._database, now, lease)
        return None if taken is None else TakenCall(_kept(taken.row), taken.lease)

    def answered(self, taken: TakenCall, answer: str, expires: datetime) -> bool:
        """Keep what came of a call. False when it was another's by then."""
        return self._end(taken, {"answer": answer, "expires": write_moment(expires), "due": None})

    def later(self, taken: TakenCall, due: datetime) -> bool:
        """Have a call made again: it failed for a reason that passes."""
        return self._end(taken, {"due": write_moment(due)})

    def forget(self, now: datetime) -> int:
        """Delete the calls whose answers have been kept long enough; gives how many."""
        old = sa.and_(CALLS.c.answer.is_not(None), CALLS.c.expires <= write_moment(now))
        with looking(self._database) as connection:
            if connection.execute(sa.select(CALLS.c.id).where(old).limit(1)).first() is None:
                return 0
        with writing(self._database) as connection:
            return connection.execute(sa.delete(CALLS).where(old)).rowcount

    def _end(self, taken: TakenCall, values: dict[str, str | None]) -> bool:
        mine = sa.and_(CALLS.c.id == taken.call.id, CALLS.c.lease == taken.lease)
        with writing(self._database) as connection:
            return connection.execute(sa.update(CALLS).where(mine).values(**values, lease=None)).rowcount == 1


def _kept(row: Any) -> KeptCall:
    return KeptCall(row.id, row.request, row.answer, row.attempts)


_FIND = sa.select(CALLS).where(CALLS.c.id == sa.bindparam("wanted"), CALLS.c.subject == sa.bindparam("whose"))
_LEASING = Leasing(CALLS, _open)
