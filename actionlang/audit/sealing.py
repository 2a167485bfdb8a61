"""Sealing: records of runs become part of a chain of hashes, after their runs.

A chain written by the runs themselves would make each wait for the one before it. So whoever seals comes afterwards, one at a
time: it takes the records that are in no link yet and adds a link for them. Runs do not commit in the order of their ids, so
these are found by looking for what is missing, never by remembering how far one was.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import attrs
import sqlalchemy as sa

from actionlang.audit.digests import RecordReader
from actionlang.audit.links import Link
from actionlang.audit.tables import SEALED, SEALS
from actionlang.engine.ids import uuid7
from actionlang.engine.sql.codecs import NotConforming, read_moment, write_moment
from actionlang.runtime.audit import RUNS
from actionlang.runtime.database import Database
from actionlang.runtime.own_tables import see_table

MOST_IN_A_LINK = 5000
"""Runs that one link seals, in one transaction."""

LOCK_OF_SEALS = 4714_1121
"""The number of PostgreSQL's advisory lock that whoever adds to the chain holds."""

LATE = timedelta(minutes=2)
"""A run is sealed late that ended longer than this before the link in front of its own: when that link was made, there was no
such record. A transaction of a host's own that a run was in may have stayed open for so long; else someone wrote it
afterwards."""

ROWS_AT_ONCE = 500


@attrs.frozen
class Sealed:
    """What sealing did: how many runs are sealed now that were not, in how many links, and the chain's last hash (None while
    there is no link)."""

    runs: int
    links: int
    head: str | None


class Sealer:
    """Seals the records of a database. Any number of sealers may work at once, in any number of programs."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @property
    def is_possible(self) -> bool:
        """Whether the database has the tables of the chain."""
        with self._database.connection() as connection:
            return has_chain(connection)

    def seal(self, *, thorough: bool = True) -> Sealed:
        """Seal all records that are in no link yet. Without `thorough` only those of runs that began about when the last sealed
        ones did, or later: quick, however many records there are, and for sealing often.

        Raises ActionLangError when the database lacks the chain's tables, or fails.
        """
        runs = links = 0
        above = ""
        while True:
            with reading(self._database) as connection:
                last = last_link(connection)
                if not links and not thorough:
                    above = _about(last)
                found = unsealed(connection, above, MOST_IN_A_LINK)
                digests = RecordReader(connection).digests(found)
            if not found:
                return Sealed(runs, links, None if last is None else last.hash)
            # Records never change, so that others wait only while these digests are written.
            with alone(self._database) as connection:
                if last_link(connection) != last:
                    continue
                link = Link.of_runs(last, write_moment(datetime.now(UTC)), digests)
                _insert_runs(connection, link.number, digests)
                insert_link(connection, link)
            runs, links, above = runs + link.runs, links + 1, found[-1]
            if len(found) < MOST_IN_A_LINK:
                return Sealed(runs, links, link.hash)


@contextmanager
def reading(database: Database) -> Iterator[sa.Connection]:
    """A transaction that reads the chain and the records, and is in no run's way.

    Raises ActionLangError when the database lacks the chain's tables, or fails.
    """
    with database.connection() as connection:
        see_chain(connection)
        with connection.begin():
            if database.dialect.name == "postgresql":
                connection.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            yield connection


@contextmanager
def alone(database: Database) -> Iterator[sa.Connection]:
    """A transaction in which no one else adds to the chain.

    Raises ActionLangError when the database lacks the chain's tables, or fails.
    """
    with database.connection() as connection:
        see_chain(connection)
        with connection.begin():
            if database.dialect.name == "sqlite":
                # A transaction that has only read could not write any more once another one has.
                if connection.connection.driver_connection.in_transaction:  # type: ignore[union-attr]
                    connection.exec_driver_sql("COMMIT")
                connection.exec_driver_sql("BEGIN IMMEDIATE")
            else:
                # Whoever waited must see what the other one has added.
                connection.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL READ COMMITTED")
                connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({LOCK_OF_SEALS})")
            yield connection


def has_chain(connection: sa.Connection) -> bool:
    """Whether a database has the chain's tables. Raises SQLAlchemy's errors."""
    return bool(connection.info.get(SEALS.name)) or sa.inspect(connection).has_table(SEALS.name)


def see_chain(connection: sa.Connection) -> None:
    """See that a database has the chain's tables. Raises ActionLangError when it has not."""
    for table in (RUNS, SEALS, SEALED):
        see_table(connection, table, "sealed records")


def last_link(connection: sa.Connection) -> Link | None:
    """The chain's last link; None while there is none. Raises SQLAlchemy's errors."""
    row = connection.execute(sa.select(SEALS).order_by(SEALS.c.number.desc()).limit(1)).one_or_none()
    return None if row is None else link_of(row)


def link_of(row: sa.Row[Any]) -> Link:
    """A row of `actionlang_seal` as a link."""
    return Link(**{column.name: getattr(row, column.name) for column in SEALS.columns})


def insert_link(connection: sa.Connection, link: Link) -> None:
    """Add a link to the chain. Raises SQLAlchemy's errors."""
    connection.execute(sa.insert(SEALS), [attrs.asdict(link)])


def unsealed(connection: sa.Connection, above: str = "", limit: int | None = None) -> list[str]:
    """Runs in no link whose ids are above one, in the order of their ids. Raises SQLAlchemy's errors."""
    is_sealed = sa.exists().where(SEALED.c.run == RUNS.c.id)
    query = sa.select(RUNS.c.id).where(~is_sealed, RUNS.c.id > above).order_by(RUNS.c.id).limit(limit)
    return list(connection.scalars(query))


def _about(last: Link | None) -> str:
    """The id below which runs began that are not looked for by a quick sealing."""
    if last is None:
        return ""
    try:
        moment = read_moment(last.sealed) - LATE
    except NotConforming:
        return ""
    return uuid7(int(moment.timestamp() * 1000), 0)


def _insert_runs(connection: sa.Connection, seal: int, digests: dict[str, str]) -> None:
    sign = "?" if connection.dialect.name == "sqlite" else "%s"
    rows = list(digests.items())
    for start in range(0, len(rows), ROWS_AT_ONCE):
        some: Sequence[tuple[str, str]] = rows[start : start + ROWS_AT_ONCE]
        values = ", ".join([f"({seal}, {sign}, {sign})"] * len(some))
        connection.exec_driver_sql(
            f"INSERT INTO {SEALED.name} (seal, run, digest) VALUES {values}",
            tuple(cell for row in some for cell in row),
        )
