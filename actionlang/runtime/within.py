"""A run inside a transaction of its caller's."""

from __future__ import annotations

import sqlalchemy as sa

from actionlang.plan.plan import StepPlan
from actionlang.runtime.hosting import PLAIN, Hosting
from actionlang.runtime.request import Request, Start
from actionlang.runtime.result import Result
from actionlang.runtime.run import OneRun
from actionlang.runtime.session import Session
from actionlang.runtime.stale import Stale
from actionlang.runtime.transactions import CallersTransaction
from actionlang.runtime.turns import elsewhere_of, prepared, ready_for


def run_within(
    plan: StepPlan, plan_hash: str, connection: sa.Connection, request: Request, hosting: Hosting = PLAIN
) -> Result:
    """Run a plan inside the transaction of its caller's connection. Raises what `Plan.run` raises."""
    session = Session.on(connection, hosting)
    elsewhere = elsewhere_of(session.hosting, plan, plan_hash, None)
    ready = ready_for(session, plan, plan_hash, connection, request, elsewhere)
    if not connection.in_transaction():
        connection.begin()
    start = Start.now(session, request)
    while True:
        try:
            return OneRun(session, ready, CallersTransaction(session), request, start).perform()
        except Stale:
            ready = prepared(session)
