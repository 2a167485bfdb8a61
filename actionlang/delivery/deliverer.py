"""The deliverer: brings events from the outbox to those who subscribed to them, each at least once.

Any number of them, in any number of processes, share the work.
"""

from __future__ import annotations

import random
import threading
from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from datetime import UTC, datetime, timedelta

import attrs
import sqlalchemy as sa
from sqlalchemy.pool import NullPool

from actionlang.delivery.channels import Channels
from actionlang.delivery.claiming import Claim, arrived, claim, died, failed, give_back, waiting
from actionlang.delivery.dispatch import dispatch
from actionlang.delivery.events import AFTER_COMMIT, Delivered, Outcome
from actionlang.delivery.schedule import USUAL, Schedule
from actionlang.delivery.subscribers import Subscribers
from actionlang.delivery.subscriptions import AFTER_COMMIT_NAME, Subscriptions
from actionlang.delivery.tables import DEAD, DELIVERED, PENDING, see_tables
from actionlang.diagnostics.catalogue import database as codes
from actionlang.diagnostics.diagnostic import ActionLangError, Diagnostic
from actionlang.runtime.database import Database

PASSING = frozenset({codes.LOCKED, codes.CONFLICT, codes.CONNECTION_LOST, codes.NO_DATABASE_THERE, codes.DISK_FULL})
"""What goes wrong with a database and may be right again a moment later."""

AHEAD = 4
"""Deliveries that are taken for each worker: what waits for it while it sends."""


SOON = 0.02
"""Seconds after which to look again while another deliverer writes down for whom new events are."""


@attrs.frozen
class Pace:
    """How a deliverer works: so many `workers` send at the same time; a delivery that is taken is another's after `lease`; a
    receiver has `timeout` to answer; where there is nothing to do, it looks again after `poll`.

    A killed deliverer's deliveries wait for the end of its `lease`. A subscriber in the program that takes longer than that gets
    its event again while it is still at it.
    """

    workers: int = attrs.field(default=4, validator=attrs.validators.ge(1))
    lease: timedelta = timedelta(seconds=60)
    timeout: timedelta = timedelta(seconds=15)
    poll: timedelta = timedelta(seconds=1)
    schedule: Schedule = USUAL

    def __attrs_post_init__(self) -> None:
        if self.timeout * 2 > self.lease:
            raise ValueError("the lease must be at least twice as long as the time that a receiver has to answer")


@attrs.frozen
class Attempt:
    """What a deliverer did with a delivery: by then it was delivered, dead, or pending with the moment at which it is due again.
    `kept` is False when it had become another deliverer's meanwhile, so that nothing was written down."""

    delivery: int
    subscription: str
    event: Delivered
    state: str
    error: str | None
    due: datetime | None
    took: timedelta
    kept: bool


@attrs.frozen
class Tally:
    """How many attempts ended with the event delivered, to be tried again, dead."""

    delivered: int = 0
    retried: int = 0
    dead: int = 0


def system_clock() -> datetime:
    """The moment, in UTC."""
    return datetime.now(UTC)


class Deliverer:
    """Delivers the events of a database until it is stopped (`run`) or nothing is due (`run_once`)."""

    def __init__(
        self,
        database: Database,
        *,
        subscribers: Subscribers | None = None,
        after_commit: Callable[[Delivered], object] | None = None,
        pace: Pace | None = None,
        told: Callable[[Attempt], None] | None = None,
        troubled: Callable[[Diagnostic], None] | None = None,
        now: Callable[[], datetime] = system_clock,
        chance: Callable[[], float] = random.random,
    ) -> None:
        """`subscribers` get their events in this program, on threads of the deliverer's. `after_commit` is called with the events
        of plug-ins that wait for the commit of a run; without it, they wait for a deliverer that has one.

        `told` is called, on any thread, with each attempt; `troubled` with what keeps events from being delivered though no
        receiver is to blame: a secret that is not there, a database that can not be reached. `now` and `chance` (from 0 to 1)
        are for tests.
        """
        self._database = database
        self._subscribers = subscribers or Subscribers()
        self._after_commit = after_commit
        self._pace = pace or Pace()
        self._told = told or (lambda _: None)
        self._troubled = troubled or (lambda _: None)
        self._now = now
        self._chance = chance
        self._channels = Channels(self._subscribers, after_commit, self._pace.timeout, now, self._tell_trouble)
        self._lock = threading.Lock()
        self._tally = Tally()
        self._troubles: set[str] = set()
        self._last_served = ""
        self._more = False
        self._endless = False

    def run_once(self) -> Tally:
        """Deliver until nothing is due; gives what was done.

        Raises ActionLangError when the database lacks the tables of delivery, or fails.
        """
        return self._work(threading.Event(), endless=False)

    def run(self, stop: threading.Event) -> Tally:
        """Deliver until `stop` is set: what is being sent then is finished, what is only taken is given back.

        A database that can not be reached for a while is waited for. Raises ActionLangError when it lacks the tables of
        delivery, or can not be used at all.
        """
        return self._work(stop, endless=True)

    # ------------------------------------------------------------------------------------------------------------ work

    def _work(self, stop: threading.Event, *, endless: bool) -> Tally:
        self._tally = Tally()
        self._troubles.clear()
        self._endless = endless
        self._begin()
        flying: dict[Future[None], Claim] = {}
        most = self._pace.workers * AHEAD
        pool = ThreadPoolExecutor(self._pace.workers, "actionlang-delivery")
        kept_open = self._keep_open()
        try:
            while not stop.is_set():
                taken = self._take(most - len(flying))
                flying |= {pool.submit(self._deliver, each): each for each in taken}
                if not flying and not self._more and not endless:
                    break
                self._pause(flying, stop, took_some=bool(taken))
        finally:
            pool.shutdown(wait=True, cancel_futures=True)
            self._channels.close()
            self._leave([each for future, each in flying.items() if future.cancelled()])
            if kept_open is not None:
                kept_open.close()
        return self._tally

    def _keep_open(self) -> sa.Connection | None:
        """A connection that nobody uses, where each is closed after its use: when the last one is closed, SQLite moves its log
        into the file, which would happen after each transaction."""
        engine = self._database.engine
        return engine.connect() if isinstance(engine.pool, NullPool) else None

    def _begin(self) -> None:
        with self._database.connection() as connection:
            see_tables(connection)
        subscriptions = Subscriptions(self._database)
        for each in self._subscribers:
            subscriptions.keep(each.name, each.events)
        if self._after_commit is not None:
            subscriptions.keep(AFTER_COMMIT_NAME, (AFTER_COMMIT,))

    def _leave(self, taken: list[Claim]) -> None:
        """Give back what nobody began to send. Where that fails, others have it when the lease ends."""
        try:
            give_back(self._database, taken, self._now())
        except ActionLangError as error:
            self._tell_trouble(error.diagnostics[0])

    def _pause(self, flying: dict[Future[None], Claim], stop: threading.Event, *, took_some: bool) -> None:
        """Wait until there may be something to do, and forget what is done."""
        poll = self._pace.poll.total_seconds()
        if not flying:
            stop.wait(SOON if self._more else poll)
        # There may be more to take, also for others; and it is taken by the handful, not one by one.
        few = self._pace.workers * AHEAD // 2
        wait(flying, 0 if took_some and len(flying) < few else poll, FIRST_COMPLETED)
        while len(flying) > few and not stop.is_set():
            wait(flying, poll, FIRST_COMPLETED)
            _forget_done(flying)
        _forget_done(flying)

    def _take(self, most: int) -> list[Claim]:
        """Dispatch new events, and take deliveries that are due."""
        try:
            self._more = dispatch(self._database, self._now())
            return self._claim(most)
        except ActionLangError as error:
            self._bear(error)
            return []

    def _bear(self, error: ActionLangError) -> None:
        """Tell what went wrong with the database, and go on; raise it, if it does not pass by itself or nobody waits for that."""
        if not self._endless or error.diagnostics[0].code not in PASSING:
            raise error
        self._tell_trouble(error.diagnostics[0])

    def _claim(self, most: int) -> list[Claim]:
        """Take from the subscriptions in turn, so that none waits for the end of another's backlog."""
        if most <= 0:
            return []
        moment = self._now()
        found = waiting(self._database)
        self._channels.follow([each.row for each in found])
        due = [each.row.name for each in found if each.due is not None and each.due <= moment]
        due = [name for name in due if name > self._last_served] + [name for name in due if name <= self._last_served]
        for name in due:
            if self._channels.get(name) is None:
                continue
            taken = claim(self._database, name, most, moment, self._pace.lease)
            if taken:
                self._last_served = name
                return taken
        return []

    # ------------------------------------------------------------------------------------------------ on a worker's thread

    def _deliver(self, claimed: Claim) -> None:
        """Try to deliver, and write down what became of it. Where that fails, the delivery is another's when its lease ends."""
        try:
            self._attempt(claimed)
        except ActionLangError as error:
            self._bear(error)

    def _attempt(self, claimed: Claim) -> None:
        channel = self._channels.get(claimed.subscription)
        began = self._now()
        if channel is None or began + self._pace.timeout > claimed.until:
            # It waited too long for its turn, or the subscription is gone: nothing is lost by leaving it to others.
            give_back(self._database, [claimed], began)
            return
        try:
            outcome = channel.send(claimed.event)
        except ActionLangError as error:
            # Nothing was tried. It is looked at again in a while; by then what was missing may be there.
            self._tell_trouble(error.diagnostics[0])
            give_back(self._database, [claimed], began + self._pace.timeout)
            return
        except Exception as error:  # noqa: BLE001 - one event must not keep all others from being delivered
            outcome = Outcome(f"ActionLang itself failed: {type(error).__name__}: {error}")
        attempt = self._settle(claimed, outcome, began)
        if attempt.kept:
            with self._lock:
                self._tally = attrs.evolve(self._tally, **_counted(self._tally, attempt.state))
        self._told(attempt)

    def _settle(self, claimed: Claim, outcome: Outcome, began: datetime) -> Attempt:
        moment = self._now()
        pause = None
        if outcome.error is None:
            state, kept = DELIVERED, arrived(self._database, claimed, moment, outcome.note)
        else:
            if outcome.pause:
                # First, so that the row's next event is not taken in between.
                Subscriptions(self._database).pause(claimed.subscription, outcome.error, at=moment)
            if not outcome.final:
                pause = self._pace.schedule.pause(claimed.event.attempt, self._chance(), outcome.after)
            if pause is None:
                state, kept = DEAD, died(self._database, claimed, outcome.error, moment)
            else:
                state, kept = PENDING, failed(self._database, claimed, outcome.error, moment + pause)
        due = None if pause is None else moment + pause
        told = outcome.error or outcome.note
        return Attempt(claimed.id, claimed.subscription, claimed.event, state, told, due, moment - began, kept)

    def _tell_trouble(self, trouble: Diagnostic) -> None:
        """Each once: what is wrong now is mostly still wrong a second later."""
        with self._lock:
            new = trouble.message not in self._troubles
            self._troubles.add(trouble.message)
        if new:
            self._troubled(trouble)


def _forget_done(flying: dict[Future[None], Claim]) -> None:
    """Drop what is done. Raises what a thread raised."""
    for future in [each for each in flying if each.done()]:
        del flying[future]
        future.result()


def _counted(tally: Tally, state: str) -> dict[str, int]:
    name = {DELIVERED: "delivered", PENDING: "retried", DEAD: "dead"}[state]
    return {name: getattr(tally, name) + 1}
