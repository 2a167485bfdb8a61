"""Whether the process lives, and whether it can serve: what load balancers and supervisors ask for."""

from __future__ import annotations

import json
from threading import Lock
from time import monotonic

import attrs

from actionlang.diagnostics.catalogue.registry import NO_REGISTRY
from actionlang.diagnostics.diagnostic import ActionLangError
from actionlang.registry.store import see_registry
from actionlang.runtime.database import Database
from actionlang.server.messages import Request, Response
from actionlang.server.observing.own_doors import see_address

LIVE, READY = "/healthz", "/readyz"

HALF_A_SECOND = 0.5
"""How long an answer about the database stands, so that who asks often does no harm."""

UNREACHABLE, MISSING, THERE = "unreachable", "missing", "ok"


@attrs.frozen
class Readiness:
    """Whether calls can be served: `database` and `registry` are `ok`, or say what is wrong."""

    database: str
    registry: str

    @property
    def is_ready(self) -> bool:
        """Whether nothing is wrong."""
        return self.database == self.registry == THERE


class Health:
    """The doors at `/healthz` and `/readyz`."""

    def __init__(self, database: Database) -> None:
        self._database = database
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
        """200 where calls can be served, else 503: the database is reached, its registry is there, and no stop has begun."""
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
            if self._known is None or monotonic() - self._known[0] >= HALF_A_SECOND:
                self._known = (monotonic(), self._ask())
            return self._known[1]

    def _ask(self) -> Readiness:
        try:
            with self._database.connection() as connection:
                see_registry(connection)
        except ActionLangError as error:
            is_there = error.diagnostics[0].code is NO_REGISTRY
            return Readiness(THERE, MISSING) if is_there else Readiness(UNREACHABLE, "unknown")
        return Readiness(THERE, THERE)


def _told(status: int, told: dict[str, object]) -> Response:
    headers = {"Content-Type": "application/json", "Cache-Control": "no-store"}
    return Response(status, headers, json.dumps(told).encode())
