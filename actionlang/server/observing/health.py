"""Whether the process lives, and whether it can serve: what load balancers and supervisors ask for."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from threading import Lock
from time import monotonic

import attrs
import sqlalchemy as sa

from actionlang.access import api_keys
from actionlang.access import tables as access
from actionlang.diagnostics.catalogue.registry import NO_REGISTRY
from actionlang.diagnostics.diagnostic import ActionLangError
from actionlang.registry.store import see_registry
from actionlang.registry.tables import ACTIVE, VERSIONS
from actionlang.runtime.audit import CHANGES, RUNS
from actionlang.runtime.database import Database
from actionlang.runtime.idempotency import KEYS
from actionlang.runtime.own_tables import HINT
from actionlang.server.messages import Request, Response
from actionlang.server.observing.own_doors import see_address

LOGGER = logging.getLogger("actionlang.server")

LIVE, READY = "/healthz", "/readyz"

HALF_A_SECOND = 0.5
"""How long an answer about the database stands, so that who asks often does no harm."""

UNREACHABLE, MISSING, INCOMPLETE, THERE = "unreachable", "missing", "incomplete", "ok"

ALWAYS = (RUNS, CHANGES, KEYS, VERSIONS, ACTIVE)
"""The tables of ours without which no call is served, besides the registry's own."""


@attrs.frozen
class Readiness:
    """Whether calls can be served: `database` and `registry` are `ok`, or say what is wrong. The registry is `incomplete` where
    another table of ours is not there."""

    database: str
    registry: str

    @property
    def is_ready(self) -> bool:
        """Whether nothing is wrong."""
        return self.database == self.registry == THERE


class Health:
    """The doors at `/healthz` and `/readyz`. `takes_keys` says that callers come with API keys."""

    def __init__(self, database: Database, *, takes_keys: bool = False, now: Callable[[], float] = monotonic) -> None:
        self._database = database
        self._now = now
        rules = () if database.hosting.policy is None else access.TABLES
        self._needed = (*ALWAYS, *rules, *((api_keys.KEYS,) if takes_keys else ()))
        self._lacking: tuple[str, ...] = ()
        self._is_stopping = False
        self._asking = Lock()
        self._known: tuple[float, Readiness] | None = None

    def stopping(self) -> None:
        """A stop has begun: calls in flight are finished, and no others should be sent here."""
        self._is_stopping = True

    def live(self, request: Request) -> Response:
        """200 as long as there is anybody to say so."""
        see_address(request, LIVE)
        return _told(200, {"status": "alive"})

    def ready(self, request: Request) -> Response:
        """200 where calls can be served, else 503: the database is reached, its registry and the other
        tables of ours are there, and no stop has begun. Which are not is told to the log."""
        see_address(request, READY)
        found = self._readiness()
        is_ready = found.is_ready and not self._is_stopping
        told = {
            "ready": is_ready,
            "database": found.database,
            "registry": found.registry,
            "stopping": self._is_stopping,
        }
        return _told(200 if is_ready else 503, told)

    def _readiness(self) -> Readiness:
        with self._asking:
            if self._known is None or self._now() - self._known[0] >= HALF_A_SECOND:
                self._known = (self._now(), self._ask())
            return self._known[1]

    def _ask(self) -> Readiness:
        try:
            with self._database.connection() as connection:
                see_registry(connection)
                there = sa.inspect(connection)
                lacking = tuple(each.name for each in self._needed if not there.has_table(each.name))
        except ActionLangError as error:
            is_there = error.diagnostics[0].code is NO_REGISTRY
            return Readiness(THERE, MISSING) if is_there else Readiness(UNREACHABLE, "unknown")
        self._tell(lacking)
        return Readiness(THERE, INCOMPLETE if lacking else THERE)

    def _tell(self, lacking: tuple[str, ...]) -> None:
        """Have the log say which tables are gone, or there again, when that has changed."""
        if lacking != self._lacking:
            self._lacking = lacking
            if lacking:
                LOGGER.error("not ready: the database has no table %s: %s", ", ".join(lacking), HINT)
            else:
                LOGGER.warning("ready again: the tables are there")


def _told(status: int, told: dict[str, object]) -> Response:
    headers = {"Content-Type": "application/json", "Cache-Control": "no-store"}
    return Response(status, headers, json.dumps(told).encode())
