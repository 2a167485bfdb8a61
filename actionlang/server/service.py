"""What all doors do: call a verb of the registry for somebody, and tell what came of it without saying too much."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from uuid import uuid4

import attrs

from actionlang.diagnostics.catalogue.database import INTERRUPTED
from actionlang.diagnostics.catalogue.server import NO_SUCH_ROW, OUT_OF_TIME
from actionlang.diagnostics.diagnostic import ActionLangError
from actionlang.durable.background import Background
from actionlang.durable.starting import Asked
from actionlang.engine.arguments import NoSuchRow
from actionlang.plan.plan import Verb
from actionlang.registry.active import Active, Snapshot
from actionlang.registry.verbs import Verbs
from actionlang.runtime.change_set import Abandoned
from actionlang.runtime.database import Database
from actionlang.runtime.many import ManyResult
from actionlang.runtime.plans import NOTHING
from actionlang.runtime.result import OutcomeUnknown, Result, RunFailed
from actionlang.runtime.retry import Conflict
from actionlang.runtime.settling import Lost
from actionlang.runtime.time_limit import is_out_of_time
from actionlang.server.idempotency import kept_key, keys_as_sent
from actionlang.server.identity.challenges import not_scoped
from actionlang.server.identity.identity import Identity
from actionlang.server.observing.calls import UNWATCHED, Calls
from actionlang.server.refusal import Refusal
from actionlang.server.statuses import INTERNAL, LATE, NOT_FOUND, RETRY_AFTER, status_of

LOGGER = logging.getLogger("actionlang.server")


@attrs.frozen
class VerbCall:
    """A verb called by its full or short name. `row` is the row of a bound one and `arguments` are those by name, both as
    `Verbs.perform` takes them; `key` names what is done among all that this caller does, `expected` is the version of the row
    that the caller saw."""

    verb: str
    identity: Identity
    row: object = None
    arguments: Mapping[str, object] = NOTHING
    key: str | None = None
    expected: str | None = None
    dry_run: bool = False


@attrs.frozen(eq=False)
class Answer:
    """What came of a call: the verb in the version that ran, and its result."""

    active: Active
    result: Result

    @property
    def verb(self) -> Verb:
        """The verb that ran: its contract says of which types the outputs are."""
        return self.active.plan.verb


def asked_of(call: VerbCall) -> Asked:
    """What a call asks to be started. The holder of its credentials may ask what became of it."""
    identity = call.identity
    return Asked(
        call.row,
        identity.caller,
        None,
        call.key,
        call.expected,
        call.dry_run,
        call.arguments,
        identity.holder,
        identity.key,
    )


class Service:
    """The active verbs of a database, for any number of threads. Rights are held by the database's own policy (`Hosting`); what
    credentials are limited to, by this. `calls` watches each call."""

    def __init__(self, verbs: Verbs, calls: Calls = UNWATCHED) -> None:
        self.verbs = verbs
        self.background = Background(verbs)
        self.calls = calls

    @property
    def database(self) -> Database:
        """Where the verbs run."""
        return self.verbs.database

    def call(self, call: VerbCall) -> Answer:
        """Run a verb as one unit. Raises Refusal."""
        sent, kept = call.key, kept_key(call.key, call.identity)
        call = call if kept is None else attrs.evolve(call, key=kept)
        with self.calls.watched() as watched, keys_as_sent(kept, sent), refusing():
            active = watched.found(self._allowed(self.verbs.find(call.verb), call.identity))
            return Answer(active, watched.ended(self._performed(active, call)))

    def _performed(self, active: Active, call: VerbCall) -> Result:
        """Run an active verb as it was called; the call's key is as it is kept."""
        return self.verbs.perform(
            active.name,
            on=call.row,
            caller=call.identity.caller,
            dry_run=call.dry_run,
            key=call.key,
            expected=call.expected,
            arguments=call.arguments,
        )

    def start(self, call: VerbCall) -> Answer:
        """Start a verb in the background; the id of the run that is given is that of the background run. Raises Refusal."""
        sent, kept = call.key, kept_key(call.key, call.identity)
        call = attrs.evolve(call, key=kept)
        with self.calls.watched() as watched, keys_as_sent(kept, sent), refusing():
            active = watched.found(self._allowed(self.verbs.find(call.verb), call.identity))
            return Answer(active, watched.ended(self._started(active, call)))

    def _started(self, active: Active, call: VerbCall) -> Result:
        """Start an active verb as it was called; the call's key is as it is kept."""
        return self.background.start_asked(active.name, asked_of(call))

    def call_many(self, call: VerbCall, rows: Iterable[object], *, outputs: bool) -> ManyResult:
        """Run a verb on these rows as one unit, with its `outputs` for each where they are wanted. Raises Refusal."""
        kept = kept_key(call.key, call.identity)
        with self.calls.watched() as watched, keys_as_sent(kept, call.key), refusing():
            active = watched.found(self._allowed(self.verbs.find(call.verb), call.identity))
            result = self._performed_on_many(active, attrs.evolve(call, key=kept), rows, outputs)
            watched.ended(Result(next(iter(result.runs), None), {}, (), result.dry_run, result.replayed))
            return result

    def _performed_on_many(self, active: Active, call: VerbCall, rows: Iterable[object], outputs: bool) -> ManyResult:
        with self.verbs.holding(self.verbs.snapshot()):
            return active.plan.run_many(
                self.database,
                rows=rows,
                caller=call.identity.caller,
                dry_run=call.dry_run,
                outputs=outputs,
                key=call.key,
                arguments=call.arguments,
            )

    def find(self, name: str, identity: Identity) -> Active:
        """A verb that somebody's credentials go as far as. Raises Refusal."""
        with refusing():
            return self._allowed(self.verbs.find(name), identity)

    def listed(self, identity: Identity) -> tuple[Active, ...]:
        """The verbs that somebody's credentials go as far as, by full name; never private ones. Raises Refusal."""
        with refusing():
            return tuple(active for active in self.verbs.list() if identity.allows(f"verb:{active.name}"))

    def snapshot(self) -> Snapshot:
        """All that is active now. Raises Refusal."""
        with refusing():
            return self.verbs.snapshot()

    @staticmethod
    def _allowed(active: Active, identity: Identity) -> Active:
        if not identity.allows(f"verb:{active.name}"):
            raise not_scoped(f"verb:{active.name}", active.plan.verb.short_name, active.name)
        return active


class refusing:  # noqa: N801 - read as a statement: with refusing()
    """Has what fails inside raised as Refusal: errors that callers may know in their words, others as an incident whose number is
    in the server's log with all that is known."""

    def __enter__(self) -> None:
        """Nothing is to be done before."""

    def __exit__(self, _: object, error: BaseException | None, __: object) -> None:
        if isinstance(error, Refusal | Conflict | Lost | Abandoned) or not isinstance(error, Exception):
            # These are how a change set is told how to go on.
            return
        raise refusal_of(error) from None


def refusal_of(error: Exception) -> Refusal:
    """How callers are told of an error."""
    run = error.run if isinstance(error, RunFailed | OutcomeUnknown) else None
    if not isinstance(error, ActionLangError):
        return _incident("E0809", INTERNAL, error, run)
    if isinstance(error, NoSuchRow):
        # Nobody is told whether there is one that they may not read.
        return Refusal(NOT_FOUND, NO_SUCH_ROW.id, f"There is no such {error.table} within reach.")
    diagnostic = error.diagnostics[0]
    code = diagnostic.code.id
    status = status_of(code)
    if code == INTERRUPTED.id and is_out_of_time():
        told = "The call took too long, and was stopped. Nothing was changed."
        return Refusal(LATE, OUT_OF_TIME.id, told, hint="ask for less at once", run=run)
    if status >= INTERNAL:
        return _incident(code, status, error, run)
    headers = {"Retry-After": str(RETRY_AFTER[code])} if code in RETRY_AFTER else {}
    return Refusal(status, code, diagnostic.message, hint=diagnostic.hint, run=run, headers=headers)


def failure_of(code: str, message: str, run: str) -> Refusal:
    """How callers are told of the failure that ended a background run."""
    status = status_of(code)
    if status >= INTERNAL:
        return Refusal(status, code, f"The server failed. Tell whoever runs it: incident {run}.", run=run)
    return Refusal(status, code, message, run=run)


def _incident(code: str, status: int, error: Exception, run: str | None) -> Refusal:
    number = run or str(uuid4())
    # Where the database is away each call is an incident, and where in the program that was noticed tells nothing.
    shown = error if status == INTERNAL else None
    LOGGER.error("incident %s: %s", number, error, exc_info=shown, extra={"run": number, "code": code})
    if status == INTERNAL:
        message = f"The server failed. Tell whoever runs it: incident {number}."
    else:
        message = f"The server can not do this at the moment (incident {number}). Try again."
    headers = {"Retry-After": str(RETRY_AFTER.get(code, 1))} if status != INTERNAL else {}
    return Refusal(status, code, message, run=number, headers=headers)
