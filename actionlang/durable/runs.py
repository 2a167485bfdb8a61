"""The background runs of a database: taking one, going on with it, ending it, and telling what became of it.

Who takes a run has it until the moment that is written in its row. Whoever is killed leaves nothing behind but a row whose moment
passes, after which others go on with the run: at the unit that was not committed, since how far a run has come is written in the
transaction of each unit.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

import attrs
import sqlalchemy as sa

from actionlang.delivery.leasing import Leasing, Presence, looking
from actionlang.delivery.writing import writing
from actionlang.diagnostics.catalogue.run import TAKEN_OVER
from actionlang.diagnostics.diagnostic import ActionLangError, Diagnostic
from actionlang.engine.sql.codecs import read_moment, write_moment
from actionlang.runtime.background import BACKGROUND, NOT_BEGUN, UNITS
from actionlang.runtime.database import Database
from actionlang.runtime.session import Session

MOST_AT_ONCE = 500
"""Values in one list of a statement."""

DONE, FAILED, CANCELLED = "done", "failed", "cancelled"
WAITING, RUNNING = "waiting", "running"

MOST_DOUBLED = 6
"""How often the time is doubled for which somebody has a run whose unit is tried again."""

_open: sa.ColumnElement[bool] = sa.literal_column("ended IS NULL")


@attrs.frozen
class BackgroundRun:
    """A background run as it stands. Its parts are the columns of the table `actionlang_background`, which
    docs/reference/background.md tells of. `due` is when it goes on, None once it has ended. `kept` is what its units found, and
    once it is done its outputs by name."""

    id: str
    verb: str
    plan_hash: str | None
    row_key: str | None
    arguments: str
    caller: str | None
    subject: str | None
    api_key: str | None
    ruled: bool
    started_by: str | None
    position: int
    kept: str | None
    attempts: int
    due: datetime | None
    is_taken: bool
    made: datetime
    ended: datetime | None
    outcome: str | None
    code: str | None
    message: str | None

    @property
    def state(self) -> str:
        """What it is: waiting, running, done, failed or cancelled."""
        return self.outcome or (RUNNING if self.is_taken else WAITING)

    @property
    def outputs(self) -> Mapping[str, Any]:
        """What it returned, as JSON data by name; nothing unless it is done."""
        return json.loads(self.kept or "{}") if self.outcome == DONE else {}


@attrs.frozen
class UnitOf:
    """What a run was of a background run: a unit, counted from 1; 0 where it only saw that what a verb had started is right."""

    background: str
    unit: int


@attrs.frozen
class TakenRun:
    """A run that is this process's to go on with, until the lease ends."""

    run: BackgroundRun
    lease: str


@attrs.frozen
class Progress:
    """How far a run has come: columns and what they hold from now on."""

    position: int
    kept: str | None
    due: datetime | None
    ended: datetime | None = None
    outcome: str | None = None
    arguments: str | None = None
    plan_hash: str | None = None
    releases: bool = False


class Runs:
    """All of it raises ActionLangError when the database fails."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._presence = Presence(database, BACKGROUND)

    @property
    def are_there(self) -> bool:
        """Whether the database has the table: one that was made by an earlier version has it after `actionlang registry init`."""
        return self._presence.is_seen

    def find(self, run: str) -> BackgroundRun | None:
        """A run by its id."""
        with looking(self._database) as connection:
            row = connection.execute(sa.select(BACKGROUND).where(BACKGROUND.c.id == run)).one_or_none()
        return None if row is None else _run(row)

    def of_run(self, run: str) -> tuple[BackgroundRun, ...]:
        """What a run has to do with: the background run that it asked for, and those that it started."""
        its = sa.or_(BACKGROUND.c.id == run, BACKGROUND.c.started_by == run)
        with looking(self._database) as connection:
            found = connection.execute(sa.select(BACKGROUND).where(its).order_by(BACKGROUND.c.due, BACKGROUND.c.id))
            return tuple(_run(row) for row in found)

    def beginning_with(self, beginning: str, most: int) -> tuple[BackgroundRun, ...]:
        """Runs whose ids begin so, at most so many; that one alone which is called so."""
        # Ids are made of hexadecimal digits and hyphens, which all come before a tilde.
        begins = sa.and_(BACKGROUND.c.id >= beginning, BACKGROUND.c.id < f"{beginning}~")
        wanted = sa.select(BACKGROUND).where(begins).order_by(BACKGROUND.c.id).limit(most)
        with looking(self._database) as connection:
            found = tuple(_run(row) for row in connection.execute(wanted))
        return found[:1] if found and found[0].id == beginning else found

    def list(
        self, *, states: tuple[str, ...] = (), verb: str | None = None, limit: int | None = None
    ) -> tuple[BackgroundRun, ...]:
        """Runs, the newest first; all, or those in some states, or of a verb."""
        wanted = sa.select(BACKGROUND).order_by(BACKGROUND.c.made.desc(), BACKGROUND.c.id).limit(limit)
        if states:
            wanted = wanted.where(sa.or_(*(_IN_STATE[state] for state in states)))
        if verb is not None:
            wanted = wanted.where(BACKGROUND.c.verb == verb)
        with looking(self._database) as connection:
            return tuple(_run(row) for row in connection.execute(wanted))

    def open_of(self, subject: str, most: int) -> int:
        """How many runs that somebody asked for have not ended, counted up to `most`."""
        theirs = sa.select(BACKGROUND.c.id).where(BACKGROUND.c.subject == subject, _open).limit(most).subquery()
        with looking(self._database) as connection:
            return connection.scalar(sa.select(sa.func.count()).select_from(theirs)) or 0

    def take(self, now: datetime, lease: timedelta) -> TakenRun | None:
        """Take the run that is due longest; None where none is. Whoever tries a unit again has it longer than those before: one
        that takes its time comes to its end, however many work."""
        taken = _LEASING.take(self._database, now, lease)
        if taken is None:
            return None
        mine = TakenRun(_run(taken.row), taken.lease)
        if mine.run.attempts > 1:
            longer = lease * 2 ** min(mine.run.attempts - 1, MOST_DOUBLED)
            self._set(mine, due=write_moment(now + longer))
        return mine

    def goes_on(self, taken: TakenRun, progress: Progress) -> Callable[[Session, str], None]:
        """What writes how far a run has come, in the transaction of the unit that brought it there, which is given as the id of
        its run."""

        def write(session: Session, unit: str) -> None:
            mark, quoted = session.dialect.parameter, session.dialect.quoted
            values: dict[str, object] = {
                "position": progress.position,
                "kept": progress.kept,
                "due": None if progress.due is None else write_moment(progress.due),
                "ended": None if progress.ended is None else write_moment(progress.ended),
                "outcome": progress.outcome,
                "attempts": 0 if progress.releases else 1,
            }
            if progress.releases:
                values["lease"] = None
            if progress.arguments is not None:
                values |= {"arguments": progress.arguments, "plan_hash": progress.plan_hash}
            set_ = ", ".join(f"{quoted(name)} = {mark}" for name in values)
            where = f"{quoted('id')} = {mark} AND {quoted('lease')} = {mark} AND {quoted('position')} = {mark}"
            known = (taken.run.id, taken.lease, taken.run.position)
            session.cursor.execute(
                f"UPDATE {quoted(BACKGROUND.name)} SET {set_} WHERE {where}", (*values.values(), *known)
            )
            if session.cursor.rowcount != 1:
                raise taken_over(taken.run)
            row = (unit, taken.run.id, taken.run.position + 1)
            session.cursor.execute(f"INSERT INTO {quoted(UNITS.name)} VALUES ({mark}, {mark}, {mark})", row)

        return write

    def units(self, run: str) -> tuple[str, ...]:
        """The runs that the units of a background run were, as far as it has come, in their order."""
        its = sa.select(UNITS.c.run).where(UNITS.c.background == run).order_by(UNITS.c.number)
        with looking(self._database) as connection:
            return tuple(connection.scalars(its))

    def parts(self, runs: Iterable[str]) -> dict[str, UnitOf]:
        """Of which background runs some runs were units."""
        wanted, found = sorted(runs), dict[str, UnitOf]()
        with looking(self._database) as connection:
            for start in range(0, len(wanted), MOST_AT_ONCE):
                some = sa.select(UNITS).where(UNITS.c.run.in_(wanted[start : start + MOST_AT_ONCE]))
                found |= {row.run: UnitOf(row.background, row.number) for row in connection.execute(some)}
        return found

    def later(self, taken: TakenRun, due: datetime) -> bool:
        """Have a run go on later: something failed that passes. False when it was another's by then."""
        return self._set(taken, due=write_moment(due), lease=None)

    def fail(self, taken: TakenRun, now: datetime, code: str, message: str) -> bool:
        """End a run that has failed; it can be gone on with (`retry`). False when it was another's by then."""
        return self._set(
            taken, due=None, lease=None, ended=write_moment(now), outcome=FAILED, code=code, message=message
        )

    def cancel(self, run: str, now: datetime) -> bool:
        """End a run that nobody is at, or give up one that has failed. What is committed of it stays. False where there is none,
        or somebody is at it."""
        given_up = sa.or_(sa.and_(_open, BACKGROUND.c.lease.is_(None)), BACKGROUND.c.outcome == FAILED)
        return self._update(sa.and_(BACKGROUND.c.id == run, given_up), _cancelled(now))

    def let_go(self, run: str, now: datetime) -> bool:
        """Have nobody ask after a run over the wire any more, and end it, if it has not ended. False where somebody is at it."""
        free = sa.and_(BACKGROUND.c.id == run, BACKGROUND.c.lease.is_(None))
        has_ended = {"subject": None}
        is_open = {"subject": None, **_cancelled(now)}
        return self._update(sa.and_(free, _open), is_open) or self._update(sa.and_(free, sa.not_(_open)), has_ended)

    def retry(self, run: str, now: datetime) -> bool:
        """Have a run that has failed go on at the unit that failed. Whoever says so vouches for it: the key with which it was
        asked for may be revoked. False where there is none."""
        values = {
            "api_key": None,
            "due": write_moment(now),
            "ended": None,
            "outcome": None,
            "code": None,
            "message": None,
            "attempts": 0,
        }
        return self._update(sa.and_(BACKGROUND.c.id == run, BACKGROUND.c.outcome == FAILED), values)

    def forget(self, before: datetime) -> int:
        """Delete the runs that ended before a moment, but for those that failed; gives how many."""
        old = sa.and_(BACKGROUND.c.ended < write_moment(before), BACKGROUND.c.outcome != FAILED)
        with looking(self._database) as connection:
            if connection.execute(sa.select(BACKGROUND.c.id).where(old).limit(1)).first() is None:
                return 0
        with writing(self._database) as connection:
            forgotten = sa.select(BACKGROUND.c.id).where(old)
            connection.execute(sa.delete(UNITS).where(UNITS.c.background.in_(forgotten)))
            return connection.execute(sa.delete(BACKGROUND).where(old)).rowcount

    def _set(self, taken: TakenRun, **values: str | None) -> bool:
        return self._update(sa.and_(BACKGROUND.c.id == taken.run.id, BACKGROUND.c.lease == taken.lease), values)

    def _update(self, where: sa.ColumnElement[bool], values: Mapping[str, Any]) -> bool:
        with writing(self._database) as connection:
            return connection.execute(sa.update(BACKGROUND).where(where).values(**values)).rowcount == 1


def _cancelled(now: datetime) -> Mapping[str, Any]:
    """What the row of a run holds that was taken back: no values, some of which may be sensitive. Before a run has begun, what it
    was asked for stands there unmasked."""
    masked = sa.case((BACKGROUND.c.position == NOT_BEGUN, "{}"), else_=BACKGROUND.c.arguments)
    return {"due": None, "ended": write_moment(now), "outcome": CANCELLED, "kept": None, "arguments": masked}


def taken_over(run: BackgroundRun) -> ActionLangError:
    """What is said to whoever was too late with a unit: nothing of it is kept."""
    message = (
        f"Another worker has gone on with the background run {run.id} of {run.verb}: what was done here is undone."
    )
    return ActionLangError(Diagnostic(TAKEN_OVER, message))


def _run(row: Any) -> BackgroundRun:
    return BackgroundRun(
        row.id, row.verb, row.plan_hash, row.row_key, row.arguments, row.caller, row.subject, row.api_key, bool(row.ruled),
        row.started_by,
        row.position, row.kept, row.attempts, None if row.due is None else read_moment(row.due), row.lease is not None,
        read_moment(row.made), None if row.ended is None else read_moment(row.ended), row.outcome, row.code, row.message,
    )  # fmt: skip


_IN_STATE: Mapping[str, sa.ColumnElement[bool]] = {
    WAITING: sa.and_(_open, BACKGROUND.c.lease.is_(None)),
    RUNNING: sa.and_(_open, BACKGROUND.c.lease.is_not(None)),
    **{outcome: BACKGROUND.c.outcome == outcome for outcome in (DONE, FAILED, CANCELLED)},
}
STATES = tuple(_IN_STATE)
"""What a run can be."""


def in_state(state: str) -> sa.ColumnElement[bool]:
    """The condition that a run is in one of these states."""
    return _IN_STATE[state]


_LEASING = Leasing(BACKGROUND, _open)
