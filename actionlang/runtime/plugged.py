"""Plug-ins in the runs of one connection: which of them concern a plan, what they need of the database, and the verbs of other
plans that they perform."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from actionlang.diagnostics.catalogue import plugins as codes
from actionlang.diagnostics.catalogue.run import STARTED_NOT_RUN
from actionlang.diagnostics.diagnostic import ActionLangError, Diagnostic
from actionlang.engine.failure import Failure
from actionlang.engine.interpreter.guards import Hidden
from actionlang.engine.unit import Unit
from actionlang.plan.part import part_of
from actionlang.plan.plan import StepPlan
from actionlang.plugins.attached import Attached, Elsewhere, Perform, attach
from actionlang.plugins.calls import Calls
from actionlang.plugins.performing import note_secrets
from actionlang.runtime.audit import RUNS
from actionlang.runtime.masking import mask
from actionlang.runtime.outbox import EVENTS
from actionlang.runtime.own_tables import see_table
from actionlang.runtime.troubles import told_as_codes
from actionlang.runtime.uses import Use

if TYPE_CHECKING:
    import sqlalchemy as sa

    from actionlang.plugins.plugins import Plugins
    from actionlang.runtime.hosting import FindVerb, VerbInUse
    from actionlang.runtime.permission import Permission
    from actionlang.runtime.request import Request
    from actionlang.runtime.session import ReadyPlan, Session


def attached_to(plan: StepPlan, session: Session) -> Attached | None:
    """The plug-ins of a session's host that concern a plan; None where none does.

    Raises ActionLangError (E0972) when a verb of the plan is for the host to implement, and it does not.
    """
    plugins = session.hosting.plugins
    if plugins is not None:
        plugins.begin()
    if session.calls is None:
        session.calls = Calls()
    return attach(plugins, plan, session.calls)


def uses_of_plugins(attached: Attached) -> Iterator[Use]:
    """The columns that plug-ins are shown, which the database has to have."""
    plan = attached.plan
    for table, columns in attached.columns.items():
        for column in sorted(columns):
            yield Use(table, column, "reads", plan.entry, plan.verb.line)


def see_what_is_needed(attached: Attached, connection: sa.Connection) -> None:
    """See that the database has room for the name of a plug-in in the records of runs, and the outbox if there are plug-ins after
    the commit.

    Raises ActionLangError when it has not.
    """
    see_table(connection, RUNS, "runs with plug-ins")
    if attached.announces:
        see_table(connection, EVENTS, "plug-ins that are called after the commit")


def find_elsewhere(plugins: Plugins, plan: StepPlan, plan_hash: str, find: FindVerb | None) -> dict[str, VerbInUse]:
    """The verbs of other plans that plug-ins perform in a run of a plan, and in runs of those: the versions that are in use as
    the run begins.

    Raises ActionLangError (E0971) when there is no such verb, or (E0726) when it is a background action.
    """
    found: dict[str, VerbInUse] = {}
    waiting = [(plan, plan_hash)]
    while waiting:
        steps, hash_ = waiting.pop()
        for name, plugin in plugins.abroad(steps, hash_):
            if name in found:
                continue
            other = None if find is None else _found(find, name, plugin)
            if other is None:
                raise ActionLangError(_nowhere(name, plugin, steps.entry, find))
            if other.steps.verb.kind == "background":
                raise ActionLangError(_started(name, plugin))
            found[name] = other
            waiting.append((other.steps, other.hash))
    return found


def _started(name: str, plugin: str) -> Diagnostic:
    message = (
        f"The plug-in {plugin} performs {name}, which is a background action: it is started, and goes on by itself."
    )
    return Diagnostic(STARTED_NOT_RUN, message, hint="let a verb start it, and perform that verb")


def _found(find: FindVerb, name: str, plugin: str) -> VerbInUse | None:
    try:
        return find(name)
    except ActionLangError as error:
        first = error.diagnostics[0]
        message = f"The plug-in {plugin} performs {name}, which is not there: {first.message}"
        raise ActionLangError(Diagnostic(codes.NO_SUCH_PLACE, message, hint=first.hint)) from error


class PerformedElsewhere:
    """What plug-ins perform in one run and that is bound for itself, under the same rules of access as the run."""

    def __init__(
        self,
        session: Session,
        connection: sa.Connection,
        found: Mapping[str, VerbInUse],
        request: Request,
        plan: StepPlan,
        plan_hash: str,
    ) -> None:
        self._session = session
        self._connection = connection
        self._found = found
        self._request = request
        self._plan = plan
        self._hash = plan_hash

    def make_ready(self, ready: ReadyPlan) -> None:
        """Bind it for the run of the plan, which is ready itself. Raises ActionLangError as making a plan ready does."""
        others: dict[str, Elsewhere] = {}
        plans = [(ready, self._plan, self._hash)]
        for name, verb in self._found.items():
            other, others[name] = self._bound(verb.steps, verb.hash)
            plans.append((other, verb.steps, verb.hash))
        for other, _, _ in plans[1:]:
            ready.audit.know(other.bound.plan.tables)
            ready.outbox.know(other.bound.plan.tables)
        for each, plan, plan_hash in plans:
            if each.attached is not None:
                self._hand_over(each.attached, others, plan, plan_hash)

    def _hand_over(self, attached: Attached, others: Mapping[str, Elsewhere], plan: StepPlan, plan_hash: str) -> None:
        """Give the plug-ins of a plan the verbs that they perform. Under rules of access those of the plan itself too: inside of
        the plan they may rely on the verbs that perform them, for what was seen to be within the caller's reach."""
        attached.elsewhere = dict(others)
        if self._session.hosting.policy is None:
            return
        own = {verb.name for verb in plan.verbs}
        for name in {name for each in attached.registrations for name in each.performs if name in own}:
            if name not in attached.parts:
                attached.parts[name] = part_of(plan, name)
            other, attached.elsewhere[name] = self._bound(attached.parts[name], f"{plan_hash} {name}")
            if other.attached is not None:
                other.attached.elsewhere, other.attached.held = attached.elsewhere, True
        attached.held = True

    def _bound(self, plan: StepPlan, plan_hash: str) -> tuple[ReadyPlan, Elsewhere]:
        """A verb for the caller's rights, and what performs it."""
        session, policy, connection = self._session, self._session.hosting.policy, self._connection
        if policy is None:
            other = session.ready(plan, plan_hash, connection)
            permission = None
        else:
            from actionlang.runtime.permission import Permission

            on_one = self._request._replace(on=plan.verb.binding)
            permission = Permission(policy, session, connection, plan, plan_hash, on_one)
            with told_as_codes(session.dialect):
                other = permission.ready()
        return other, Elsewhere(plan.verb, _performing(other, permission))


def _performing(other: ReadyPlan, permission: Permission | None) -> Perform:
    """What performs the verb of another plan inside a run."""

    def perform(unit: Unit, on: object, arguments: Mapping[str, object]) -> Mapping[str, object]:
        if permission is not None:
            permission.ask()
        row, given = other.reader.target(on), other.reader.arguments(arguments)
        note_secrets(unit, other.bound.verb.inputs, given)
        try:
            return other.bound.run(unit, given, row)
        except Failure as failure:
            # Whoever tells of it does not know this plan's tables, nor these arguments.
            mask(failure, other.bound.plan, given, unit, other.bound.columns)
            failure.row = None
            if isinstance(failure, Hidden):
                raise _told_as_it_is(failure) from failure
            raise

    return perform


def _told_as_it_is(hidden: Hidden) -> Failure:
    """A failure that is not told of as if it were about a row that the run's caller gave."""
    failure = Failure(hidden.code, hidden.message)
    failure.site, failure.plugin = hidden.site, hidden.plugin
    return failure


def _nowhere(name: str, plugin: str, entry: str, find: FindVerb | None) -> Diagnostic:
    if find is None:
        message = f"The plug-in {plugin} performs {name}, which the plan of {entry} does not have."
        hint = (
            "say where other verbs are found, with database.find_verb; on a connection of your own there are no others"
        )
    else:
        message = f"The plug-in {plugin} performs {name}, and there is no such verb in use."
        hint = "see how it is written, and whether it is active"
    return Diagnostic(codes.NO_SUCH_PLACE, message, hint=hint)
