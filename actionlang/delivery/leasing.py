"""Rows that somebody takes to work on, and has until the moment that is written in them.

Their table has the columns `id`, `due`, `lease` and `attempts`. An open row may be taken when `due` has come; while somebody has
it, `lease` is that one's token and `due` the moment at which others may take it over, as deliverers have their deliveries
(decision 24). Who is killed leaves nothing behind but a row whose moment passes.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import attrs
import sqlalchemy as sa

from actionlang.delivery.writing import writing
from actionlang.engine.sql.codecs import write_moment
from actionlang.runtime.database import Database


@contextmanager
def looking(database: Database) -> Iterator[sa.Connection]:
    """A transaction that only reads what several processes share. On PostgreSQL each of its statements sees what others have kept
    by then, and it is in nobody's way. Raises ActionLangError when the database fails."""
    with database.connection() as connection:
        if database.dialect.name != "sqlite":
            connection.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL READ COMMITTED READ ONLY")
        yield connection


class Presence:
    """Whether a database has a table. It is asked until it has, and then known."""

    def __init__(self, database: Database, table: sa.Table) -> None:
        self._database = database
        self._table = table
        self._is_seen = False

    @property
    def is_seen(self) -> bool:
        """Raises ActionLangError when the database fails."""
        if not self._is_seen:
            with self._database.connection() as connection:
                self._is_seen = sa.inspect(connection).has_table(self._table.name)
        return self._is_seen


@attrs.frozen
class Taken:
    """A row, as it is since it was taken, and the token of whoever has it."""

    row: Any
    lease: str


class Leasing:
    """Takes the rows of a table, of which those are open for which a condition holds."""

    def __init__(self, table: sa.Table, is_open: sa.ColumnElement[bool]) -> None:
        is_due = sa.and_(is_open, table.c.due <= sa.bindparam("moment"))
        self._is_due = sa.select(table.c.id).where(is_due).limit(1)
        first = (
            sa.select(table.c.id)
            .where(is_due)
            .order_by(table.c.due, table.c.id)
            .limit(1)
            # One that another process is taking right now is none of ours.
            .with_for_update(skip_locked=True)
            .cte("first")
        )
        self._take = (
            sa.update(table)
            .where(table.c.id.in_(sa.select(first.c.id)))
            .values(lease=sa.bindparam("token"), due=sa.bindparam("until"), attempts=table.c.attempts + 1)
            .returning(*table.columns)
        )

    def take(self, database: Database, now: datetime, lease: timedelta) -> Taken | None:
        """Take the row that is due longest; None where none is. Raises ActionLangError when the database fails."""
        moment = {"moment": write_moment(now)}
        with looking(database) as connection:
            # Asked first, without writing: mostly there is none.
            if connection.execute(self._is_due, moment).first() is None:
                return None
        token, until = str(uuid4()), write_moment(now + lease)
        with writing(database) as connection:
            row = connection.execute(self._take, {**moment, "token": token, "until": until}).one_or_none()
        return None if row is None else Taken(row, token)
