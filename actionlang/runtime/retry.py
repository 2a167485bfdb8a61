"""Runs that are in each other's way: tried again, each time with less company.

A database where runs write at the same time ends some of them with a conflict (a serialization failure, a deadlock), and
nothing of such a run is left. The first attempt of a run takes no precautions. The second queues for the rows that its caller
named, others for the tables that it writes: by locks that stand outside of the transaction, so that whoever has its turn begins
with a fresh view of the rows instead of one that grew old while it waited. Where there was a conflict a moment ago, runs of the
same verb queue at once for what would have kept them apart.
"""

from __future__ import annotations

import random
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from hashlib import blake2b

import attrs

from actionlang.diagnostics.catalogue.database import CONFLICT, INTERRUPTED, LOCKED
from actionlang.engine.store import RowRef
from actionlang.plan.plan import StepPlan, Verb
from actionlang.runtime.session import Session
from actionlang.runtime.time_limit import is_out_of_time
from actionlang.runtime.watching import watcher

WHOLE_TABLES = 2
"""The highest level of queueing."""

MOST_ROWS_QUEUED_FOR = 100
"""For more rows than these, or for none that is named, a run queues for the tables that it writes."""

HEATED_SECONDS = 1.0
"""How long after many conflicts runs of the same verb queue at once."""

MANY_CONFLICTS = 0.25
"""For how many conflicts a run runs queue at once."""


@attrs.frozen
class Retry:
    """How conflicts are met: at most so many `attempts`, none begun later than `seconds` after the first. The pause before the
    second is at most `pause` seconds, before each other twice as much, up to `longest_pause`; how much of it is left to chance.
    `queue` false leaves the queues out: where connections are shared between transactions (PgBouncer's transaction mode), locks
    outside of them are none."""

    attempts: int = attrs.field(default=20, validator=attrs.validators.ge(1))
    seconds: float = attrs.field(default=15.0, validator=attrs.validators.ge(0))
    pause: float = attrs.field(default=0.002, validator=attrs.validators.ge(0))
    longest_pause: float = attrs.field(default=0.1, validator=attrs.validators.ge(0))
    queue: bool = True


USUAL = Retry()
ONCE = Retry(attempts=1, queue=False)
"""Where one run writes after another anyway, there are no conflicts."""


class Conflict(Exception):
    """An attempt met another run, has been undone, and may be made again."""


class _Recent:
    """Runs of one plan and the conflicts that they met, of the last moments; older ones count less and less."""

    __slots__ = ("conflicts", "halved", "level", "runs", "until")

    def __init__(self, now: float) -> None:
        self.runs = self.conflicts = 0.0
        self.halved = now
        self.until = 0.0
        self.level = 0

    def fade(self, now: float) -> None:
        """Let what is older than a while count half."""
        if now - self.halved > HEATED_SECONDS:
            self.runs, self.conflicts, self.halved = self.runs / 2, self.conflicts / 2, now


class Heat:
    """Which plans met many conflicts a moment ago, and what would have kept them apart. For any number of threads.

    A conflict now and then, as pages of an index bring that hold the entries of many rows, costs one more attempt. To queue for
    that would have all runs wait for one another.
    """

    def __init__(self) -> None:
        self._plans: dict[str, _Recent] = {}

    def begin(self, plan_hash: str) -> int:
        """A run of this plan begins; gives the level that it begins with."""
        now = time.monotonic()
        recent = self._plans.get(plan_hash)
        if recent is None:
            recent = self._plans.setdefault(plan_hash, _Recent(now))
        recent.fade(now)
        recent.runs += 1
        return recent.level if now < recent.until else 0

    def add(self, plan_hash: str, level: int) -> None:
        """A run of this plan, which has begun, met another at this level."""
        recent = self._plans[plan_hash]
        recent.conflicts += 1
        if recent.conflicts < recent.runs * MANY_CONFLICTS:
            return
        now = time.monotonic()
        before = recent.level if now < recent.until else 0
        recent.level, recent.until = max(min(level + 1, WHOLE_TABLES), before), now + HEATED_SECONDS


class Attempts:
    """The attempts of one run."""

    def __init__(self, policy: Retry, heat: Heat, plan_hash: str) -> None:
        self._policy = policy
        self._heat = heat
        self._plan_hash = plan_hash
        self._last_begin = time.monotonic() + policy.seconds
        self._first_level = heat.begin(plan_hash)
        self._pause = 0.0
        self.made = 1

    @property
    def level(self) -> int:
        """What this attempt queues for: 0 nothing, 1 its rows, WHOLE_TABLES the tables it writes."""
        return min(self._first_level + self.made - 1, WHOLE_TABLES) if self._policy.queue else 0

    @property
    def hasty(self) -> bool:
        """Whether this attempt should not wait long for others: it is not the last, and the next one will queue for them."""
        return not self.level and self._policy.queue and self._may_go_on()

    def another_after(self, code: str) -> bool:
        """Whether there may be one more after an error with this code: a conflict, or a wait that haste cut short.

        PostgreSQL calls it a request of the user when a wait is cut short in the very moment in which it ends.
        """
        cut_short = self.hasty and code in (LOCKED.id, INTERRUPTED.id)
        return (code == CONFLICT.id or cut_short) and self._may_go_on()

    def _may_go_on(self) -> bool:
        return self.made < self._policy.attempts and time.monotonic() < self._last_begin and not is_out_of_time()

    def again(self) -> None:
        """There is to be one more, after a pause that is left to chance."""
        self._heat.add(self._plan_hash, self.level)
        if (watching := watcher.get()) is not None:
            watching.tried_again()
        longest = min(self._policy.longest_pause, self._policy.pause * 2 ** (self.made - 1))
        self._pause = random.uniform(0, longest)  # noqa: S311 - nobody gains by guessing it
        self.made += 1

    def wait(self) -> None:
        """Pause, if this is not the first."""
        if self._pause:
            time.sleep(self._pause)
            self._pause = 0.0


def locks_of(plan: StepPlan, named: Iterable[RowRef], level: int) -> list[tuple[int, bool]]:
    """The locks to queue for: numbers, each with whether the lock is shared; in the order in which every run takes them."""
    if not level:
        return []
    written = _tables_written(plan.verb)
    rows = {row for row in named if row.table in written}
    whole = level == WHOLE_TABLES or not 0 < len(rows) <= MOST_ROWS_QUEUED_FOR
    # Who waits for a row lets nobody in who waits for the whole table, and the other way round.
    tables = [(_number(name), not whole) for name in sorted(written)]
    return [*sorted(tables), *([] if whole else sorted((_number(f"{row.table} {row.key!r}"), False) for row in rows))]


def _tables_written(verb: Verb) -> set[str]:
    effects = verb.effects
    pairs = (*effects.updates, *effects.assigns, *effects.moves)
    return {*(table for table, _ in pairs), *effects.creates, *effects.deletes}


def _number(text: str) -> int:
    """A lock's number, which is the same in every program."""
    return int.from_bytes(blake2b(f"actionlang {text}".encode(), digest_size=8).digest(), signed=True)


@contextmanager
def queued(session: Session, locks: list[tuple[int, bool]]) -> Iterator[None]:
    """Hold locks of PostgreSQL's that stand outside of transactions.

    Raises StoreError when it does not come to this run's turn in time, or when the database fails.
    """
    taking, leaving = (
        "SELECT " + ", ".join(f"pg_advisory_{word}{'_shared' if shared else ''}({number})" for number, shared in order)
        for word, order in (("lock", locks), ("unlock", locks[::-1]))
    )
    try:
        try:
            session.cursor.execute(taking)
        except session.dialect.error as error:
            raise session.dialect.trouble(error) from error
        yield
    finally:
        # Those that were not come to are not held, which the database only warns of. With a lost connection all are gone.
        with suppress(session.dialect.error):
            session.cursor.execute(leaving)
