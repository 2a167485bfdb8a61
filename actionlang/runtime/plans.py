"""A compiled verb, ready to run: what a host program loads."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, tzinfo
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import attrs
import sqlalchemy as sa

from actionlang.diagnostics.catalogue.project import NO_SUCH_FILE, WRONG_ARGUMENT
from actionlang.diagnostics.diagnostic import ActionLangError, Diagnostic
from actionlang.engine.schema import Schema
from actionlang.plan.codec import decode, plan_hash
from actionlang.plan.plan import StepPlan, Verb
from actionlang.plan.verify import verify
from actionlang.runtime.database import Database
from actionlang.runtime.deprecations import deprecations_in, warnings_for
from actionlang.runtime.hosting import PLAIN, Hosting
from actionlang.runtime.request import Request
from actionlang.runtime.result import Result
from actionlang.runtime.run import run_on_database
from actionlang.runtime.within import run_within

if TYPE_CHECKING:
    from actionlang.runtime.many import Condition, ManyResult, Progress

NOTHING: Mapping[str, object] = {}


@attrs.frozen(eq=False)
class Plan:
    """A verified plan. `hash` is its content hash."""

    steps: StepPlan
    hash: str
    _deprecations: Mapping[str, str] = attrs.field(init=False, repr=False)

    @_deprecations.default
    def _(self) -> Mapping[str, str]:
        return deprecations_in(self.steps)

    @staticmethod
    def load(path: str | Path) -> Plan:
        """Read a plan that `actionlang compile` wrote.

        Raises ActionLangError when there is no such file, or when it is no plan that may be run.
        """
        try:
            data = Path(path).read_bytes()
        except OSError as error:
            message = f"The plan {path} can not be read: {error.strerror or error}."
            raise ActionLangError(Diagnostic(NO_SUCH_FILE, message)) from error
        return Plan.loads(data)

    @staticmethod
    def loads(data: bytes) -> Plan:
        """Read a plan from the bytes of its file.

        Raises ActionLangError when it is no plan that may be run.
        """
        return Plan.of(decode(data))

    @staticmethod
    def of(steps: StepPlan) -> Plan:
        """A plan that was compiled in this program, or read already.

        Raises ActionLangError when it may not be run.
        """
        verify(steps)
        return Plan(steps, plan_hash(steps))

    @property
    def verb(self) -> Verb:
        """The verb that is run: its contract, its effects, its steps."""
        return self.steps.verb

    @property
    def schema(self) -> Schema:
        """The tables and choices that the plan uses."""
        return Schema.of_plan(self.steps)

    def run(  # noqa: PLR0913 - one parameter an option
        self,
        database: Database | sa.Connection,
        /,
        *,
        on: object = None,
        caller: object = None,
        at: datetime | None = None,
        zone: tzinfo | str | None = None,
        dry_run: bool = False,
        key: str | None = None,
        engine: str = "auto",
        expected: str | None = None,
        hosting: Hosting = PLAIN,
        arguments: Mapping[str, object] = NOTHING,
        **named: object,
    ) -> Result:
        """Run the verb as one unit: all that it does is kept, or nothing is.

        On a `Database` it runs in a transaction of its own. On an SQLAlchemy connection it runs inside that connection's
        transaction as a savepoint, which the caller commits or rolls back later, the audit record with it.

        `on` is the row of a bound verb: an alternate key ("CAS-0042"), a primary key, an object of key columns, or a RowRef.
        `caller` is the user who calls, in the same ways. `at` (an aware datetime) is what `now()` gives, by default the
        present; `zone` the time zone of `today()`, by default the database's. `dry_run` does everything and keeps nothing.
        `key` names what is done ("order-17"): a repeated call with the same key and the same request gives the result of the
        first one that succeeded, and does nothing (`Result.replayed`).
        `expected` is the version of the row as the caller saw it (`version_of`): where the row was changed since, by whomever,
        the run fails (E0725). `Result.version` is the next one.
        `engine` is who runs it, which changes nothing but the time it takes: "interpreter" step by step, "relational" as
        a set of one row (see `run_many`), "server" by one function on PostgreSQL, "auto" whatever is quickest and there.
        `hosting` is for a run on an SQLAlchemy connection: what the host adds to it. A `Database` has its own.
        The verb's arguments follow by name, or in `arguments` where names would clash: Python values, or what JSON has for them.
        Where the verb is deprecated, or a parameter that is given, `Result.warnings` says what to do instead.

        Raises RunFailed when the run fails, ActionLangError when what was asked for does not fit the verb's contract, the
        row or a row given is not there, or the database does not have the plan's tables; RunInterrupted (a
        KeyboardInterrupt) on Ctrl-C. Nothing was changed then.
        """
        if named:
            arguments = {**arguments, **named}
        if isinstance(database, Database):
            zone = database.zone if zone is None else zone
            asked = (on, caller, _moment(at), _zone(zone), dry_run, arguments, key, engine)
            request = Request(*asked, key_lifetime=database.key_lifetime, expected=expected)
            result = run_on_database(self.steps, self.hash, database, request)
        else:
            request = Request(on, caller, _moment(at), _zone(zone), dry_run, arguments, key, engine, expected=expected)
            result = run_within(self.steps, self.hash, database, request, hosting)
        return warned(self, result, arguments)

    def version_of(self, database: Database | sa.Connection, /, *, on: object) -> str:
        """The version of the row that a run of the verb would be on, to be `expected` by a later `run`: a short text that is
        another one as soon as anything in the row is. `on` names the row as in `run`.

        Raises ActionLangError when the verb is on no row, the row is not there, or the database fails.
        """
        from actionlang.runtime.versions import version_of

        return version_of(self.steps, self.hash, database, on)

    def run_many(  # noqa: PLR0913 - one parameter an option
        self,
        database: Database,
        /,
        *,
        where: Condition | None = None,
        rows: Iterable[object] | None = None,
        caller: object = None,
        at: datetime | None = None,
        zone: tzinfo | str | None = None,
        dry_run: bool = False,
        per_row: bool = False,
        chunk: int | None = None,
        resume: str | None = None,
        outputs: bool = False,
        key: str | None = None,
        progress: Progress | None = None,
        engine: str = "auto",
        arguments: Mapping[str, object] = NOTHING,
        **named: object,
    ) -> ManyResult:
        """Run the verb on many rows, as if on one after another in key order: one unit with one clock and one audit record.

        The rows are those for which the condition `where` holds (`compile.condition` makes one of a text), or `rows`, named as
        `on` of `run` is, or all. They are fixed at the start. Where the effects prove that no row's run can see what another's
        wrote, this takes a few statements, however many rows there are; else the interpreter runs the verb on one row after
        another. The result says which it was, and why.

        `per_row` leaves out rows on which the verb fails, and tells which. `chunk` makes a unit with an audit record of each so
        many rows, under one clock; `resume` goes on with such a series that was ended before its end, given the id in its error.
        `outputs` collects what the verb returns. `key` names what is done, as in `run`: a repeated call gives the counts of the
        first one that succeeded, and does nothing (`ManyResult.replayed`); it goes with none of these three. `progress` is told
        how many rows are done, of how many. For `caller`, `at`, `zone`, `dry_run`, `engine` ("interpreter" or "auto") and
        arguments see `run`.

        Raises what `run` raises. Nothing was changed then, except by chunks that had come to their end.
        """
        from actionlang.runtime.chunks import run_chunks
        from actionlang.runtime.many import ManyRequest, run_many

        asked = {**arguments, **named}
        zone = database.zone if zone is None else zone
        request = ManyRequest(
            where,
            rows,
            caller,
            _moment(at),
            _zone(zone),
            asked,
            dry_run,
            per_row,
            outputs,
            engine,
            progress,
            key,
            database.key_lifetime,
        )
        if chunk is not None or resume is not None:
            return run_chunks(self.steps, self.hash, database, request, chunk, resume)
        return run_many(self.steps, self.hash, database, request)


def warned(plan: Plan, result: Result, arguments: Mapping[str, object]) -> Result:
    """What a run of a plan with these arguments gave, with what is to be said to whoever maintains its caller."""
    deprecations = plan._deprecations  # noqa: SLF001 - of this module
    if deprecations:
        for warning in warnings_for(deprecations, arguments):
            result = result.with_warning(warning)
    return result


def _moment(at: datetime | None) -> datetime | None:
    """The moment in UTC."""
    if at is None:
        return None
    if at.tzinfo is None:
        message = f"The moment of a run, {at.isoformat()}, has no time zone."
        raise ActionLangError(Diagnostic(WRONG_ARGUMENT, message, hint="write datetime(..., tzinfo=UTC)"))
    return at.astimezone(UTC)


def _zone(zone: tzinfo | str | None) -> tzinfo:
    if zone is None:
        return UTC
    if isinstance(zone, tzinfo):
        return zone
    try:
        return ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        message = f"There is no time zone {zone}."
        raise ActionLangError(Diagnostic(WRONG_ARGUMENT, message, hint='name it like "Europe/Berlin"')) from None
