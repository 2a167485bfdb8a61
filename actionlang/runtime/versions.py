"""Asking for the version of a row outside of any run."""

from __future__ import annotations

from datetime import UTC
from typing import NoReturn

import sqlalchemy as sa

from actionlang.access.refusing import nobody
from actionlang.diagnostics.catalogue.project import WRONG_ARGUMENT
from actionlang.diagnostics.diagnostic import ActionLangError, Diagnostic
from actionlang.engine.interpreter.rows import key_text
from actionlang.plan.plan import StepPlan
from actionlang.runtime.database import Database
from actionlang.runtime.request import Request
from actionlang.runtime.session import ReadyPlan, Session
from actionlang.runtime.troubles import told_as_codes
from actionlang.runtime.turns import turn


def version_of(plan: StepPlan, plan_hash: str, database: Database | sa.Connection, on: object) -> str:
    """The version of the row that a run of a plan would be on. Raises what `Plan.version_of` raises."""
    if plan.verb.binding is None:
        _refuse(f"{plan.verb.short_name} is on no row, so there is no version of it.")
    if isinstance(database, Database):
        if database.hosting.policy is not None:
            raise ActionLangError(nobody(plan.verb, None).diagnostic())
        with turn(database, plan, plan_hash, Request(on, None, None, UTC, False, {})) as (session, ready):
            return _version(session, ready, on)
    session = Session.on(database)
    return _version(session, session.ready(plan, plan_hash, database), on)


def _version(session: Session, ready: ReadyPlan, on: object) -> str:
    with told_as_codes(session.dialect):
        row = ready.reader.target(on)
        assert row is not None
        found = ready.versions.of(row)
    if found is None:
        _refuse(f"There is no {row.table.rpartition('.')[2]} {key_text(row.key)}.")
    return found


def _refuse(message: str) -> NoReturn:
    raise ActionLangError(Diagnostic(WRONG_ARGUMENT, message))
