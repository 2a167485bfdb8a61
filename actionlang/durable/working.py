"""Going on with background runs: unit after unit, until one ends, waits or fails."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from threading import Event, Lock
from typing import Any

import attrs

from actionlang.access.api_keys import is_revoked
from actionlang.access.kept_caller import read_caller
from actionlang.access.policy import Policy
from actionlang.delivery.leasing import looking
from actionlang.diagnostics.catalogue import database as codes
from actionlang.diagnostics.catalogue.project import WRONG_ARGUMENT
from actionlang.diagnostics.catalogue.run import TAKEN_OVER
from actionlang.diagnostics.catalogue.server import NOT_ACCEPTED
from actionlang.diagnostics.diagnostic import ActionLangError, Diagnostic
from actionlang.durable.kept_values import masked_text, read_values, values_text, with_defaults
from actionlang.durable.parts import ENDED, RETURNED, UNTIL, Parts, kept_for_later
from actionlang.durable.runs import DONE, BackgroundRun, Progress, Runs, TakenRun
from actionlang.durable.starting import see_that_it_starts
from actionlang.engine.arguments import NoSuchRow
from actionlang.engine.interpreter.rows import gone
from actionlang.engine.json_form import from_json
from actionlang.engine.store import RowRef
from actionlang.engine.times import add_to_moment
from actionlang.engine.unit import Unit
from actionlang.metadata.types import Row
from actionlang.registry.store import heads_of_hashes, load_plan
from actionlang.registry.verbs import Verbs
from actionlang.runtime.audit import Call
from actionlang.runtime.background import NOT_BEGUN
from actionlang.runtime.database import Database
from actionlang.runtime.plans import NOTHING, Plan
from actionlang.runtime.request import Request, Then
from actionlang.runtime.result import OutcomeUnknown, RunInterrupted
from actionlang.runtime.run import run_on_database
from actionlang.runtime.session import Session

LOGGER = logging.getLogger("actionlang.background")

LEASE = timedelta(seconds=60)
"""After this others go on with a run: one that was slower finds that out at its end, and undoes what it did."""

PASSING = frozenset(
    code.id
    for code in (
        codes.NO_DATABASE_THERE, codes.LOCKED, codes.DISK_FULL, codes.READ_ONLY, codes.INTERRUPTED, codes.CONFLICT,
        codes.CONNECTION_LOST,
    )
)  # fmt: skip
"""Why a unit may fail that comes true when it is tried again."""

SLOWEST = 60
"""Seconds to the next attempt, at most."""

KEPT_VERSIONS = 100
"""Versions of verbs that are kept in memory, taken apart."""


class Working:
    """Goes on with the background runs of a database. One object serves any number of threads."""

    def __init__(self, verbs: Verbs, runs: Runs, lease: timedelta = LEASE) -> None:
        self._verbs = verbs
        self.runs = runs
        self._lease = lease
        self._ruled: dict[bool, Database] = {verbs.database.hosting.policy is not None: verbs.database}
        self._parts: dict[str, Parts] = {}
        self._keeping = Lock()

    def make_one(self, stop: Event | None = None) -> BackgroundRun | None:
        """Take the run that is due longest, and go on with it; gives it as it was taken, None where none is due. Once `stop` is
        set, the unit that is under way is the last one, and the run is left to others.

        Raises ActionLangError when the database fails.
        """
        taken = self.runs.take(datetime.now(UTC), self._lease)
        if taken is None:
            return None
        try:
            self._go_on(taken, stop)
        except RunInterrupted:
            self.runs.later(taken, datetime.now(UTC))
            raise
        except OutcomeUnknown:
            # How far it has come stands in its row, for whoever takes it next.
            self.runs.later(taken, self._after(taken))
        except ActionLangError as error:
            self._failed(taken, error)
        except Exception as error:
            LOGGER.exception("background run %s", taken.run.id, extra=_in_log(taken.run, codes.HOST_FAILED.id))
            told = f"ActionLang itself failed: {type(error).__name__}: {error}."
            self.runs.fail(taken, datetime.now(UTC), codes.HOST_FAILED.id, told)
        return taken.run

    def _failed(self, taken: TakenRun, error: ActionLangError) -> None:
        """End a run whose unit has failed, or have it tried again where that may help."""
        diagnostic = error.diagnostics[0]
        code = diagnostic.code.id
        if code == TAKEN_OVER.id:
            LOGGER.warning("[%s] %s", code, diagnostic.message, extra=_in_log(taken.run, code))
            return
        run, why = taken.run, f"{code} {diagnostic.message}"
        if code in PASSING:
            LOGGER.info("background run %s of %s is tried again: %s", run.id, run.verb, why, extra=_in_log(run, code))
            self.runs.later(taken, self._after(taken))
            return
        LOGGER.warning("background run %s of %s failed: %s", run.id, run.verb, why, extra=_in_log(run, code))
        self.runs.fail(taken, datetime.now(UTC), code, diagnostic.message)

    def _after(self, taken: TakenRun) -> datetime:
        """When to try again."""
        return datetime.now(UTC) + timedelta(seconds=min(2 ** min(taken.run.attempts - 1, SLOWEST), SLOWEST))

    def _go_on(self, taken: TakenRun, stop: Event | None) -> None:
        """Unit after unit."""
        run: BackgroundRun | None = taken.run
        while run is not None:
            self._see_key(run)
            run = self._unit(attrs.evolve(taken, run=run))
            if run is not None and stop is not None and stop.is_set():
                self.runs.later(taken, datetime.now(UTC))
                return

    def _see_key(self, run: BackgroundRun) -> None:
        """See that the key with which the run was asked for was not revoked meanwhile. Raises ActionLangError."""
        if run.api_key is None:
            return
        with looking(self._verbs.database) as connection:
            if is_revoked(connection, run.api_key):
                raise ActionLangError(Diagnostic(NOT_ACCEPTED, "The API key is revoked."))

    def _unit(self, taken: TakenRun) -> BackgroundRun | None:
        """Run the next unit; gives the run as it stands behind it, None where it is over or waits."""
        run = taken.run
        database = self._database_for(run)
        snapshot = self._verbs.snapshot()
        parts = self._parts_of(run)
        has_begun = run.position != NOT_BEGUN
        part = parts.units[run.position] if has_begun else parts.asking
        step = _Step(self.runs, taken, parts, part, self._lease)
        request = Request(
            step.row,
            None if run.caller is None else read_caller(json.loads(run.caller)),
            None,
            database.zone,
            False,
            NOTHING if has_begun else json.loads(run.arguments),
            engine="interpreter",
            known=step.known if has_begun else None,
            then=step.then,
        )
        try:
            with self._verbs.holding(snapshot):
                run_on_database(part.steps, part.hash, database, request)
        except ActionLangError as error:
            # Nothing else of what a unit is given is looked at again.
            is_gone = isinstance(error, NoSuchRow) or (has_begun and error.diagnostics[0].code == WRONG_ARGUMENT)
            if is_gone and step.row is not None:
                raise ActionLangError(gone(step.row).diagnostic()) from error
            raise
        assert step.progress is not None
        progress = step.progress
        if progress.releases:
            return None
        return attrs.evolve(run, position=progress.position, kept=progress.kept, plan_hash=parts.plan.hash)

    def _database_for(self, run: BackgroundRun) -> Database:
        """The database as the run is to see it: with rules of access if they held whoever started it, whatever holds the other
        runs of this program."""
        known = self._ruled.get(run.ruled)
        if known is None:
            own = self._verbs.database
            hosting = attrs.evolve(own.hosting, policy=Policy() if run.ruled else None)
            known = Database.of(
                own.engine, zone=own.zone, retry=own.retry, hosting=hosting, key_lifetime=own.key_lifetime
            )
            known.find_verb = own.find_verb
            self._ruled[run.ruled] = known
        return known

    def _parts_of(self, run: BackgroundRun) -> Parts:
        """The version that a run keeps, taken apart: that which is active when it begins."""
        if run.plan_hash is None:
            active = self._verbs.find(run.verb)
            see_that_it_starts(active, self._verbs.database.hosting)
            return Parts(active.plan)
        known = self._parts.get(run.plan_hash)
        if known is None:
            with self._verbs.database.connection() as connection:
                head = heads_of_hashes(connection, [run.plan_hash])[run.plan_hash]
                known = Parts(load_plan(connection, head))
            with self._keeping:
                if len(self._parts) >= KEPT_VERSIONS:
                    del self._parts[next(iter(self._parts))]
                self._parts[run.plan_hash] = known
        return known


def _in_log(run: BackgroundRun, code: str) -> Mapping[str, str]:
    """What a line of the log has besides its words, for those who search it."""
    return {"run": run.id, "verb": run.verb, "code": code}


class _Step:
    """A unit of a background run while it runs. `progress` is where it has brought the run."""

    def __init__(self, runs: Runs, taken: TakenRun, parts: Parts, part: Plan, lease: timedelta) -> None:
        self.progress: Progress | None = None
        self._runs = runs
        self._taken = taken
        self._parts = parts
        self._part = part
        self._lease = lease

    @property
    def row(self) -> RowRef | None:
        """The row that the part is on."""
        return None if self._part.verb.binding is None else self._row

    @property
    def _row(self) -> RowRef | None:
        """The row that the verb is on, be it that it is gone."""
        binding, key = self._parts.plan.verb.binding, self._taken.run.row_key
        if binding is None or key is None:
            return None
        row: RowRef = from_json(json.loads(key), Row((binding.table,)), self._parts.plan.schema)
        return row

    @property
    def known(self) -> dict[str, Any]:
        """What the unit needs of what earlier ones have found."""
        verb, binding = self._part.verb, self._parts.plan.verb.binding
        found = read_values(self._taken.run.kept, verb.inputs, self._parts.plan.schema)
        return found | {binding.row: self._row} if binding is not None and binding.row in found else found

    @property
    def then(self) -> Then:
        """What writes the progress, in the unit's own transaction."""

        def write(session: Session, unit: Unit, call: Call, outputs: Mapping[str, Any]) -> None:
            begins = self._taken.run.position == NOT_BEGUN
            self.progress = self._begun(call, unit) if begins else self._come_to(outputs)
            self._runs.goes_on(self._taken, self.progress)(session, call.run)

        return write

    def _begun(self, call: Call, unit: Unit) -> Progress:
        """Behind the part that sees whether the call is right."""
        plan = self._parts.plan
        arguments = with_defaults(plan.verb.inputs, call.arguments, unit)
        return Progress(
            0,
            values_text(plan.verb.inputs, arguments),
            datetime.now(UTC) + self._lease,
            arguments=masked_text(plan.verb.inputs, arguments, plan.schema),
            plan_hash=plan.hash,
        )

    def _come_to(self, outputs: Mapping[str, Any]) -> Progress:
        """Behind a unit."""
        run, now = self._taken.run, datetime.now(UTC)
        position = run.position + 1
        if outputs.get(ENDED) or position >= len(self._parts.units):
            return Progress(position, self._returned(outputs), None, now, DONE, releases=True)
        kept = values_text(kept_for_later(self._part.verb), outputs, run.kept)
        until = outputs.get(UNTIL)
        due = add_to_moment(now, until) if isinstance(until, timedelta) else until
        if due is None or due <= now:
            return Progress(position, kept, now + self._lease)
        return Progress(position, kept, due, releases=True)

    def _returned(self, outputs: Mapping[str, Any]) -> str:
        """What the verb returned, as those may read it who asked for the run."""
        verb = self._parts.plan.verb
        sign = RETURNED if verb.kind == "background" else ""
        found = {each.name: outputs.get(f"{sign}{each.name}") for each in verb.outputs}
        return masked_text(verb.outputs, found, self._parts.plan.schema)
