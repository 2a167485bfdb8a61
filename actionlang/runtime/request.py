"""What a caller asks of a run, and what all attempts of it have in common."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta, tzinfo
from typing import NamedTuple

from actionlang.access.caller import called_by
from actionlang.engine.ids import IdBlock
from actionlang.engine.store import RowRef
from actionlang.engine.unit import Unit
from actionlang.runtime.audit import Call
from actionlang.runtime.idempotency import LIFETIME
from actionlang.runtime.session import Session
from actionlang.runtime.trace import Trace
from actionlang.runtime.watching import watcher

Then = Callable[[Session, Unit, Call, Mapping[str, object]], None]
"""What is written at the end of a run, in its transaction. It may raise the driver's errors."""


class Request(NamedTuple):
    """What a caller asks for: see `Plan.run`. `known` are the arguments as language values, which are not read any more; `then`
    writes in the run's transaction at its end: it is given the session, the unit, the call and the outputs."""

    on: object
    caller: object
    at: datetime | None
    zone: tzinfo
    dry_run: bool
    arguments: Mapping[str, object]
    key: str | None = None
    engine: str = "auto"
    key_lifetime: timedelta | None = LIFETIME
    expected: str | None = None
    known: Mapping[str, object] | None = None
    then: Then | None = None

    @property
    def called_by(self) -> RowRef | None:
        """Who calls for the caller, if somebody else does."""
        return called_by(self.caller)

    @property
    def may_go_to_server(self) -> bool:
        """Whether a plan's function on the server can answer it: it looks for no version, and writes the records of those who
        call for themselves."""
        return (
            self.engine in ("auto", "server") and self.expected is None and self.called_by is None and self.then is None
        )


class Start(NamedTuple):
    """What all attempts of a run have in common: its id, the moment it began, the ids for rows that it creates."""

    run: str
    started: datetime
    ids: IdBlock
    trace: Trace | None = None

    @staticmethod
    def now(session: Session, request: Request | None = None) -> Start:
        """A run begins. It is watched where the host wants that, unless the request names another engine than the interpreter."""
        is_traced = session.hosting.trace and request is not None and request.engine in ("auto", "interpreter")
        trace = Trace() if is_traced else None
        start = Start(session.new_id(), datetime.now(UTC), session.new_ids().block, trace)
        if trace is not None and (watching := watcher.get()) is not None:
            watching.traced(start.run, trace)
        return start
