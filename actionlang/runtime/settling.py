"""What became of a run whose connection was lost: found out on another one, and made sure of."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING

from actionlang.diagnostics.diagnostic import ActionLangError, Diagnostic
from actionlang.engine.store import StoreError
from actionlang.engine.unit import Unit
from actionlang.runtime.audit import Call, Outcome
from actionlang.runtime.session import ReadyPlan, Session
from actionlang.runtime.transactions import OwnTransaction

if TYPE_CHECKING:
    from actionlang.runtime.run import OneRun

Open = Callable[[], AbstractContextManager[tuple[Session, ReadyPlan]]]

TRIES = 5
"""Connections tried: those that a program keeps may all have been lost together."""

PAUSE = 0.05


class Lost(Exception):
    """A run's connection is lost; what became of the run has to be found out on another one."""

    def __init__(self, run: OneRun, call: Call, diagnostic: Diagnostic) -> None:
        super().__init__()
        self.run = run
        self.call = call
        self.diagnostic = diagnostic
        self.outcome = Outcome("failed", diagnostic.code.id, diagnostic.message)


def was_kept(open_: Open, call: Call, unit: Unit, outcome: Outcome) -> bool | None:
    """Whether the run was kept; if not, it never will be, and its record is written as `outcome` says. None when there is no
    connection by which to find out.

    A run has one record by its id. Where it was kept, or is just being kept by a server that does not know yet that nobody
    listens, a second record is refused. Where one can be written, the run can not be kept any more.
    """
    for attempt in range(TRIES):
        if attempt:
            time.sleep(PAUSE)
        try:
            with open_() as (session, ready):
                return _is_recorded(session, ready, call, unit, outcome)
        except (StoreError, ActionLangError):
            continue
    return None


def _is_recorded(session: Session, ready: ReadyPlan, call: Call, unit: Unit, outcome: Outcome) -> bool:
    """Whether the run has its record already; writes one if it has none. Raises StoreError."""
    transaction, dialect = OwnTransaction(session), session.dialect
    transaction.begin()
    try:
        ready.audit.write(call, unit, outcome)
    except dialect.error as error:
        refusal = dialect.refusal(error)
        transaction.undo()
        if refusal is not None and refusal.kind == "unique":
            return True
        raise dialect.trouble(error) from error
    transaction.keep()
    return False
