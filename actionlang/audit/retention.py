"""Retention: records that are old enough are deleted, and the chain says so.

What is to be deleted is written into the chain before anything is: which runs (those begun before a moment), how many, who had
it done and why. So a retention that was interrupted leaves nothing that looks like tampering, and is simply done once more.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime

import attrs
import sqlalchemy as sa

from actionlang.audit.append_only import begin_retention, end_retention
from actionlang.audit.links import RUNS_SEALED, Link
from actionlang.audit.sealing import Sealer, alone, insert_link, last_link, reading
from actionlang.audit.tables import SEALED, SEALS
from actionlang.delivery.tables import DELIVERIES, PENDING
from actionlang.diagnostics.catalogue import audit as codes
from actionlang.diagnostics.diagnostic import ActionLangError, Diagnostic
from actionlang.engine.ids import uuid7
from actionlang.engine.sql.codecs import write_moment
from actionlang.runtime.audit import CHANGES, RUNS, STEPS
from actionlang.runtime.database import Database
from actionlang.runtime.outbox import EVENTS

AT_ONCE = 1000
"""Runs whose records one transaction deletes."""

Progress = Callable[[int, int], None]


@attrs.frozen
class Pruned:
    """What retention deleted, or would delete: records of runs, and the changes, steps and events of these. `kept` are runs
    begun before the moment that stay, because an event of theirs is not delivered yet. `link` is the one that says so in the
    chain."""

    before: datetime
    runs: int
    changes: int
    steps: int
    events: int
    kept: int
    link: int | None = None


def prune(
    database: Database,
    before: datetime,
    *,
    who: str,
    why: str,
    dry_run: bool = False,
    progress: Progress | None = None,
) -> Pruned:
    """Delete the records of runs that began before a moment (an aware datetime). They are sealed first, if they are not yet.
    With `dry_run`, only count.

    Raises ActionLangError when the moment lies ahead or no reason is given, when the database lacks the chain's tables, or
    fails.
    """
    _see_that_it_is_allowed(before, why)
    below = uuid7(int(before.timestamp() * 1000), 0)
    if not dry_run:
        Sealer(database).seal()
    with reading(database) as connection:
        found = _Old(connection, below, all=dry_run).counted(before)
    if dry_run or not found.runs:
        return found
    with alone(database) as connection:
        last = last_link(connection)
        now = write_moment(datetime.now(UTC))
        said = {
            "before": write_moment(before.astimezone(UTC)),
            "below": below,
            "runs": found.runs,
            "who": who,
            "why": why,
        }
        content = json.dumps(said, ensure_ascii=False, separators=(",", ":"))
        link = Link.of_pruning(last, now, found.runs, content)
        insert_link(connection, link)
    deleted = 0
    # Events that arrive meanwhile would let more go than the chain tells.
    while some := _delete_some(database, below, min(AT_ONCE, found.runs - deleted)):
        deleted += some
        if progress is not None:
            progress(min(deleted, found.runs), found.runs)
    _delete_lists(database, below)
    return attrs.evolve(found, link=link.number)


def _see_that_it_is_allowed(before: datetime, why: str) -> None:
    if not why.strip():
        message = "Records are not deleted without a reason, which stays in the chain."
        raise ActionLangError(
            Diagnostic(codes.RETENTION_REFUSED, message, hint='add --why "kept for 90 days by rule 7"')
        )
    if before > datetime.now(UTC):
        message = f"Retention before {before:%Y-%m-%d %H:%M} would delete records of runs that are still to come."
        raise ActionLangError(Diagnostic(codes.RETENTION_REFUSED, message, hint="name a moment that has passed: 90d"))


class _Old:
    """What a database has of runs whose ids are below one; only of sealed ones, unless they are `all` to be counted."""

    def __init__(self, connection: sa.Connection, below: str, *, all: bool = False) -> None:  # noqa: A002
        self._connection = connection
        self._there = set(sa.inspect(connection).get_table_names())
        self._below = below
        self._all = all

    def tables(self) -> list[sa.Table]:
        """The tables that hold more about a run, as far as the database has them."""
        return [table for table in (CHANGES, STEPS, EVENTS) if table.name in self._there]

    def old(self) -> sa.ColumnElement[bool]:
        """That a run began before, and is sealed: one that was kept only now is in no link, and the chain would not tell that it
        was there."""
        began = RUNS.c.id < self._below
        return began if self._all else sa.and_(began, sa.exists().where(SEALED.c.run == RUNS.c.id))

    def waiting(self) -> sa.ColumnElement[bool]:
        """That an event of a run is not delivered to everyone yet."""
        if EVENTS.name not in self._there:
            return sa.false()
        of_run = EVENTS.c.run == RUNS.c.id
        is_waiting: sa.ColumnElement[bool] = EVENTS.c.dispatched.is_(None)
        if DELIVERIES.name in self._there:
            pending = sa.exists().where(DELIVERIES.c.event == EVENTS.c.id, DELIVERIES.c.state == PENDING)
            is_waiting = sa.or_(is_waiting, pending)
        return sa.exists().where(of_run, is_waiting)

    def counted(self, before: datetime) -> Pruned:
        """How much would be deleted."""
        old = self.old()
        kept = self._count(sa.select(RUNS.c.id).where(old, self.waiting()))
        runs = sa.select(RUNS.c.id).where(old, ~self.waiting())
        details = {
            table.name: self._count(sa.select(table.c.run).where(table.c.run.in_(runs))) for table in self.tables()
        }
        changes, steps, events = (details.get(table.name, 0) for table in (CHANGES, STEPS, EVENTS))
        return Pruned(before, self._count(runs), changes, steps, events, kept)

    def some(self, most: int) -> list[str]:
        """Some of the runs to be deleted."""
        query = sa.select(RUNS.c.id).where(self.old(), ~self.waiting()).order_by(RUNS.c.id).limit(most)
        return list(self._connection.scalars(query))

    def _count(self, query: sa.Select[tuple[str]]) -> int:
        return self._connection.scalar(sa.select(sa.func.count()).select_from(query.subquery())) or 0


def _delete_some(database: Database, below: str, most: int) -> int:
    """Delete the records of some runs in a transaction of their own; gives how many runs those were."""
    with alone(database) as connection:
        old = _Old(connection, below)
        runs = old.some(most)
        if not runs:
            return 0
        begin_retention(connection)
        if DELIVERIES.name in sa.inspect(connection).get_table_names():
            events = sa.select(EVENTS.c.id).where(EVENTS.c.run.in_(runs))
            connection.execute(sa.delete(DELIVERIES).where(DELIVERIES.c.event.in_(events)))
        for table in old.tables():
            connection.execute(sa.delete(table).where(table.c.run.in_(runs)))
        connection.execute(sa.delete(RUNS).where(RUNS.c.id.in_(runs)))
        end_retention(connection)
        return len(runs)


def _delete_lists(database: Database, below: str) -> None:
    """Delete the lists of runs of links that have no run any more: each link keeps the digest of its list."""
    with alone(database) as connection:
        left = sa.exists().where(SEALED.c.seal == SEALS.c.number, SEALED.c.run == RUNS.c.id)
        listed = sa.exists().where(SEALED.c.seal == SEALS.c.number)
        query = sa.select(SEALS.c.number).where(SEALS.c.kind == RUNS_SEALED, SEALS.c.last_run < below, listed, ~left)
        numbers = list(connection.scalars(query))
        begin_retention(connection)
        for start in range(0, len(numbers), AT_ONCE):
            connection.execute(sa.delete(SEALED).where(SEALED.c.seal.in_(numbers[start : start + AT_ONCE])))
        end_retention(connection)
