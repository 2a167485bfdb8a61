"""Background runs for host programs: start, look at, take back, go on."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from threading import Event, Thread

from actionlang.diagnostics.catalogue.project import WRONG_ARGUMENT
from actionlang.diagnostics.catalogue.run import NO_SUCH_BACKGROUND_RUN
from actionlang.diagnostics.diagnostic import ActionLangError, Diagnostic
from actionlang.durable.runs import STATES, BackgroundRun, Runs
from actionlang.durable.starting import Asked, start
from actionlang.durable.working import LEASE, LOGGER, Working
from actionlang.registry.verbs import Verbs
from actionlang.runtime.plans import NOTHING
from actionlang.runtime.result import Result

POLL = 0.5
"""Seconds between two looks for what is due."""

POLL_AFTER_FAILURE = 5.0
"""Seconds until the next look where the database has failed."""

KEPT = timedelta(days=30)
"""How long a run that has ended well can be looked at."""

FORGET_EVERY = timedelta(minutes=10)


class Background:
    """The background runs of a database, whose verbs are `verbs`. It serves any number of threads."""

    def __init__(self, verbs: Verbs, *, lease: timedelta = LEASE) -> None:
        self.verbs = verbs
        self.runs = Runs(verbs.database)
        self._lease = lease

    def start(
        self,
        name: str,
        /,
        *,
        on: object = None,
        caller: object = None,
        at: datetime | None = None,
        dry_run: bool = False,
        key: str | None = None,
        arguments: Mapping[str, object] = NOTHING,
        **named: object,
    ) -> Result:
        """Start the active version of a verb in the background: a background action, or any other action as its one unit.

        Whether the caller may call it and what was given is right is seen at once, and recorded; `Result.run` is the id by which
        the background run is asked for. It begins at the moment `at` (aware), or as soon as somebody works. The other options are
        as `Verbs.perform` has them: with a `key` the same call starts one run, however often it is made.

        Raises what `Verbs.perform` raises.
        """
        if at is not None and at.tzinfo is None:
            message = f"The moment to begin at, {at.isoformat()}, has no time zone."
            raise ActionLangError(Diagnostic(WRONG_ARGUMENT, message, hint="write datetime(..., tzinfo=UTC)"))
        given = {**arguments, **named} if named else arguments
        asked = Asked(on, caller, at, key, dry_run=dry_run, arguments=given)
        return self.start_asked(name, asked)

    def start_asked(self, name: str, asked: Asked) -> Result:
        """As `start`, for servers. Raises what `start` raises."""
        return start(self.verbs, self.runs, name, asked)

    def find(self, run: str) -> BackgroundRun:
        """A run by its id. Raises ActionLangError when there is none, or the database fails."""
        found = self.runs.find(run) if self.runs.are_there else None
        if found is None:
            raise _unknown(f"There is no background run {run}, or it was done long ago.")
        return found

    def find_by_beginning(self, beginning: str) -> BackgroundRun:
        """A run by its id or the beginning of it.

        Raises ActionLangError when there is none, or several, or the database fails.
        """
        found = self.runs.beginning_with(beginning, 2) if self.runs.are_there else ()
        if len(found) > 1:
            raise _unknown(f"Several background runs begin with {beginning}.")
        return found[0] if found else self.find(beginning)

    def list(
        self, *, states: tuple[str, ...] = (), verb: str | None = None, limit: int | None = None
    ) -> tuple[BackgroundRun, ...]:
        """Runs, the newest first; those in some states (waiting, running, done, failed, cancelled), or of a verb (its full name).

        Raises ActionLangError for a state that there is not, and when the database fails.
        """
        unknown = [state for state in states if state not in STATES]
        if unknown:
            message = f"{unknown[0]!r} is no state of a background run."
            raise ActionLangError(Diagnostic(WRONG_ARGUMENT, message, hint=f"they are {', '.join(STATES)}"))
        return self.runs.list(states=states, verb=verb, limit=limit) if self.runs.are_there else ()

    def cancel(self, run: str) -> None:
        """End a run that waits, or give up one that has failed: what it has done stays done, and nothing more is.

        Raises ActionLangError when there is none that waits or has failed, or the database fails.
        """
        found = self.find(run)
        if not self.runs.cancel(run, datetime.now(UTC)):
            raise _not_so(found, "cancelled", "a run that waits, or has failed, can be cancelled")

    def retry(self, run: str) -> None:
        """Have a run that has failed go on with the unit that failed, also when the key with which it was asked for is revoked.

        Raises ActionLangError when there is none that has failed, or the database fails.
        """
        found = self.find(run)
        if not self.runs.retry(run, datetime.now(UTC)):
            raise _not_so(found, "tried again", "a run that has failed can be tried again")

    def work_once(self, told: Callable[[BackgroundRun], None] = lambda _: None, stop: Event | None = None) -> int:
        """Go on with all runs that are due, each until it ends, waits or fails; gives how many were gone on with. `told` is given
        each, as it stands afterwards. Once `stop` is set, the unit that is under way is the last one.

        Raises ActionLangError when the database fails, RunInterrupted on Ctrl-C.
        """
        working, made = Working(self.verbs, self.runs, self._lease), 0
        while not (stop is not None and stop.is_set()) and (run := working.make_one(stop)) is not None:
            made += 1
            told(self.find(run.id))
        return made

    def work(
        self,
        stop: Event,
        told: Callable[[BackgroundRun], None] = lambda _: None,
        troubled: Callable[[Diagnostic], None] | None = None,
    ) -> int:
        """Go on with runs as they come due, until `stop` is set. A database that can not be reached for a while is waited for;
        `troubled` is told what is wrong with it, each time; without it the log is, once.

        Raises RunInterrupted on Ctrl-C.
        """
        forgotten, made = datetime.now(UTC), 0
        trouble: Diagnostic | None = None
        while not stop.is_set():
            pause = POLL
            try:
                if self.runs.are_there:
                    made += self.work_once(told, stop)
                if datetime.now(UTC) - forgotten >= FORGET_EVERY:
                    forgotten = datetime.now(UTC)
                    self.forget()
                trouble = None
            except ActionLangError as error:
                before, trouble = trouble, error.diagnostics[0]
                if troubled is not None:
                    troubled(trouble)
                elif before is None:
                    LOGGER.warning("background runs have to wait: %s %s", trouble.code.id, trouble.message)
                pause = POLL_AFTER_FAILURE
            stop.wait(pause)
        return made

    @contextmanager
    def working(self) -> Iterator[None]:
        """While this lasts, a thread goes on with runs as they come due; at the end the unit that is under way is finished."""
        stop = Event()
        thread = Thread(target=self.work, args=(stop,), name="actionlang-background", daemon=True)
        thread.start()
        try:
            yield
        finally:
            stop.set()
            thread.join()

    def forget(self) -> int:
        """Delete what ended well long ago; gives how many. Raises ActionLangError when the database fails."""
        return self.runs.forget(datetime.now(UTC) - KEPT) if self.runs.are_there else 0


def _unknown(message: str) -> ActionLangError:
    return ActionLangError(Diagnostic(NO_SUCH_BACKGROUND_RUN, message, hint="actionlang background list shows them"))


def _not_so(run: BackgroundRun, what: str, which: str) -> ActionLangError:
    message = f"The background run {run.id} of {run.verb} is {run.state}: it can not be {what}."
    return ActionLangError(Diagnostic(WRONG_ARGUMENT, message, hint=which))
