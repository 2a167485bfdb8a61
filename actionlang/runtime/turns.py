"""A connection with a plan ready on it: all that is seen to before a run begins."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING

import sqlalchemy as sa

from actionlang.diagnostics.catalogue.run import STARTED_NOT_RUN
from actionlang.diagnostics.diagnostic import ActionLangError, Diagnostic
from actionlang.engine.store import StoreError
from actionlang.plan.plan import StepPlan
from actionlang.runtime.database import Database
from actionlang.runtime.hosting import Hosting
from actionlang.runtime.idempotency import UnderWay, check_key, check_key_table
from actionlang.runtime.request import Request
from actionlang.runtime.row_version import check_expected
from actionlang.runtime.session import ReadyPlan, Session
from actionlang.runtime.time_limit import see_that_there_is_time
from actionlang.runtime.troubles import diagnostic_of, told_as_codes

if TYPE_CHECKING:
    from actionlang.runtime.hosting import FindVerb, VerbInUse


@contextmanager
def turn(database: Database, plan: StepPlan, plan_hash: str, request: Request) -> Iterator[tuple[Session, ReadyPlan]]:
    """A connection of the database for a while, with the plan ready on it."""
    elsewhere = elsewhere_of(database.hosting, plan, plan_hash, database.find_verb)
    try:
        see_that_there_is_time()
        connection, session = database.take_turn()
    except StoreError as error:
        if request.key is not None:
            error = UnderWay.instead_of(error, request.key, is_sure=False)
        raise ActionLangError(diagnostic_of(error)) from error
    try:
        with database.held_to_time(connection):
            yield session, ready_for(session, plan, plan_hash, connection, request, elsewhere)
    finally:
        database.end_turn(connection)


def elsewhere_of(hosting: Hosting, plan: StepPlan, plan_hash: str, find: FindVerb | None) -> Mapping[str, VerbInUse]:
    """The verbs of other plans that plug-ins perform in a run, as they are when it begins."""
    if hosting.plugins is None:
        return {}

    from actionlang.runtime.plugged import find_elsewhere

    return find_elsewhere(hosting.plugins, plan, plan_hash, find)


def ready_for(
    session: Session,
    plan: StepPlan,
    plan_hash: str,
    connection: sa.Connection,
    request: Request,
    elsewhere: Mapping[str, VerbInUse],
) -> ReadyPlan:
    """The plan, bound to the connection, once all is seen to be there that its run needs. `elsewhere` are verbs of other plans
    that plug-ins perform."""
    if plan.verb.kind == "background":
        raise ActionLangError(started_not_run(plan.verb.short_name))
    session.permission = None
    if session.hosting.policy is None:
        ready = session.ready(plan, plan_hash, connection)
    else:
        from actionlang.runtime.permission import Permission

        with told_as_codes(session.dialect):
            session.permission = Permission(session.hosting.policy, session, connection, plan, plan_hash, request)
            ready = session.permission.ready()
    session.elsewhere = None
    if ready.attached is not None:
        from actionlang.runtime.plugged import PerformedElsewhere

        session.elsewhere = PerformedElsewhere(session, connection, elsewhere, request, plan, plan_hash)
        session.elsewhere.make_ready(ready)
    if request.key is not None:
        check_key(request.key, plan)
        with told_as_codes(session.dialect):
            check_key_table(connection)
    if request.expected is not None:
        check_expected(request.expected, plan)
    return ready


def started_not_run(verb: str) -> Diagnostic:
    """What is said where a background action is run as others are."""
    message = f"{verb} is a background action: it is started, and goes on by itself."
    ways = f"actionlang background start {verb}, Background.start, or a request with Prefer: respond-async"
    hint = f"put it into use (actionlang activate) and start it: {ways}"
    return Diagnostic(STARTED_NOT_RUN, message, hint=hint)


def prepared(session: Session) -> ReadyPlan:
    """The plan for the rights that the caller has now. Raises ActionLangError."""
    assert session.permission is not None
    with told_as_codes(session.dialect):
        ready = session.permission.ready()
    if session.elsewhere is not None:
        session.elsewhere.make_ready(ready)
    return ready
