"""What a caller asks of a run, and what all attempts of it have in common."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, tzinfo
from typing import NamedTuple

from actionlang.engine.ids import IdBlock
from actionlang.runtime.idempotency import LIFETIME
from actionlang.runtime.session import Session
from actionlang.runtime.trace import Trace


class Request(NamedTuple):
    """What a caller asks for: see `Plan.run`."""

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
        return Start(session.new_id(), datetime.now(UTC), session.new_ids().block, trace)
