"""Background actions over HTTP: started by `Prefer: respond-async`, answered with 202 and the address of the run's state.

The state is told as that of a call which is answered later is: 202 while the run goes on, then 200 with what it returned, or with
the error that ended it, whose status is in `AsyncResult` (OData Protocol 4.01, 11.6).
"""

from __future__ import annotations

from datetime import UTC, datetime
from math import ceil

from actionlang.diagnostics.catalogue.run import STARTED_NOT_RUN
from actionlang.diagnostics.catalogue.server import TOO_MANY_CALLS, WRONG_VALUES
from actionlang.durable.background import Background
from actionlang.durable.kept_values import returned_values
from actionlang.durable.runs import DONE, FAILED, BackgroundRun
from actionlang.server.background_runs import find_run, prepared_of
from actionlang.server.catalog import Catalog
from actionlang.server.idempotency import has_run
from actionlang.server.messages import Request, Response
from actionlang.server.odata.calling import Called, wrong_method
from actionlang.server.odata.errors import error_response
from actionlang.server.odata.headers import Conventions, answering, conventions_of
from actionlang.server.odata.later import (
    ACCEPTED,
    AS_HTTP,
    TOO_MANY,
    no_such_call,
    told_later,
    under_way,
    where,
)
from actionlang.server.odata.urls import query_of
from actionlang.server.refusal import Refusal
from actionlang.server.service import Service, failure_of, refusing
from actionlang.server.statuses import BAD_REQUEST

LONGEST_PAUSE = 3600
"""Seconds after which it is worth to ask again, at most, after a run that waits for days."""


class BackgroundCalls:
    """Starts background actions, and tells what became of them. `most` runs of one caller may be open."""

    def __init__(self, most: int) -> None:
        self._most = most

    def start(self, called: Called, service: Service, root: str) -> Response:
        """Start a background action. Raises Refusal."""
        verb = called.prepared.verb
        if called.rows is not None:
            message = f"{verb.short_name} is started on one row."
            raise Refusal(BAD_REQUEST, WRONG_VALUES.id, message, hint="start it on one row after another")
        if not (called.conventions.preferences.asynchronous or called.call.dry_run):
            message = f"{verb.short_name} is a background action: it is started, and goes on by itself."
            hint = "send Prefer: respond-async; the answer is 202, with the address where its state is told"
            raise Refusal(BAD_REQUEST, STARTED_NOT_RUN.id, message, hint=hint, verb=called.prepared.active.name)
        self._see_that_there_is_room(service.background, called)
        answer = service.start(called.call)
        result, name = answer.result, answer.active.name
        headers = answering(called.conventions, {"respond-async": result.run is not None, "dry-run": result.dry_run})
        if result.replayed:
            headers["Idempotency-Replayed"] = "true"
        if result.run is None:
            return Response(204, headers, verb=name)
        return Response(ACCEPTED, {**headers, **where(root, result.run)}, b"", result.run, name)

    def _see_that_there_is_room(self, background: Background, called: Called) -> None:
        """See that one more may be open of the caller's runs; one that was started already is none more. Raises Refusal."""
        call, runs = called.call, background.runs
        with refusing():
            if call.dry_run or not runs.are_there or runs.open_of(call.identity.holder, self._most) < self._most:
                return
            with background.verbs.database.connection() as connection:
                if has_run(connection, call.key, call.identity):
                    return
        message = f"{self._most} background actions of these credentials go on already."
        hint = "take back one that is not wanted any more, or wait until one has ended"
        raise Refusal(
            TOO_MANY, TOO_MANY_CALLS.id, message, hint=hint, headers={"Retry-After": str(LONGEST_PAUSE // 60)}
        )

    def state(self, request: Request, run: str, service: Service, catalog: Catalog, root: str) -> Response | None:
        """What became of a run, or what became of taking it back; None where the caller has started none with this id.

        Raises Refusal.
        """
        found = find_run(run, request.identity, service)
        if found is None:
            return None
        if request.method == "DELETE":
            return self._forget(found, service.background)
        if request.method not in ("GET", "HEAD"):
            raise wrong_method("The state of a call is read, or deleted.", ("GET", "HEAD", "DELETE"))
        conventions = _conventions_of_state(request)
        if found.outcome is None:
            return Response(ACCEPTED, {**answering(conventions), **where(root, run, _soon(found))})
        if found.outcome not in (DONE, FAILED):
            raise no_such_call()
        return told_later(request, conventions, self._answer(found, service, catalog, conventions, root))

    @staticmethod
    def _forget(run: BackgroundRun, background: Background) -> Response:
        """Take a run back, or forget what came of it: whoever started it can not ask after it any more."""
        with refusing():
            taken_back = background.runs.let_go(run.id, datetime.now(UTC))
        if not taken_back:
            raise under_way()
        return Response(204, {"OData-Version": "4.0"})

    @staticmethod
    def _answer(
        run: BackgroundRun, service: Service, catalog: Catalog, conventions: Conventions, root: str
    ) -> Response:
        """What came of a run, as if it had been answered at once."""
        if run.outcome == FAILED:
            return error_response(failure_of(str(run.code), str(run.message), run.id))
        prepared = prepared_of(run, service, catalog)
        outputs = returned_values(run.kept, prepared.verb.outputs, prepared.active.plan.schema)
        if not prepared.verb.outputs:
            return Response(204, answering(conventions), run=run.id, verb=run.verb)
        body = prepared.body(outputs, conventions.writing, root).encode()
        headers = {"Content-Type": conventions.content_type, **answering(conventions)}
        return Response(200, headers, body, run.id, run.verb)


def _conventions_of_state(request: Request) -> Conventions:
    """How whoever asks for the state wants what was returned to be written. That the whole answer is to be the body says nothing
    of that. Raises Refusal."""
    format_ = query_of(request.query).system.get("$format")
    accepted = ",".join(request.headers.getlist("accept")).split(",")
    if format_ is None and any(AS_HTTP in each for each in accepted):
        format_ = ",".join(each for each in accepted if AS_HTTP not in each) or "json"
    return conventions_of(request.headers, format_)


def _soon(run: BackgroundRun) -> str:
    """After how many seconds it is worth to ask again after a run."""
    due = datetime.now(UTC) if run.due is None or run.is_taken else run.due
    return str(min(max(ceil((due - datetime.now(UTC)).total_seconds()), 1), LONGEST_PAUSE))
