"""`Prefer: respond-async`: a call is kept in the database and answered with 202 and the address of its state; workers make it.

What is asked for comes true once, whatever becomes of the server: the run has a key, the client's or the call's own, and whoever
takes over a call that a killed server had begun gets the first run's answer if that had come to its end (OData Protocol 4.01,
8.2.8.8 and 11.6, say how it looks from outside).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from http import HTTPStatus

from actionlang.diagnostics.catalogue.server import NO_SUCH_CALL, TOO_MANY_CALLS
from actionlang.metadata.tables import Column, Table
from actionlang.metadata.types import Row
from actionlang.plan.plan import Verb
from actionlang.registry.kept_calls import KeptCalls
from actionlang.runtime.database import Database
from actionlang.server.messages import Request, Response
from actionlang.server.odata.calling import Called, wrong_method
from actionlang.server.odata.headers import Conventions, answering, conventions_of
from actionlang.server.odata.kept_requests import read_response, write_request
from actionlang.server.odata.wire import item_of
from actionlang.server.refusal import Refusal
from actionlang.server.service import refusing
from actionlang.server.statuses import NOT_FOUND

ACCEPTED, TOO_MANY = 202, 429
STATES = "$calls"
SOON = "1"
"""Seconds after which it is worth to ask again."""

AS_HTTP = "application/http"

MADE_LATER = ("action", "extern action")
"""Kinds of verbs whose calls may wait: functions change nothing, and background actions are started at once."""


class Later:
    """Takes calls that are answered later, and tells what became of them."""

    def __init__(self, database: Database, most_waiting: int) -> None:
        self.calls = KeptCalls(database)
        self._most = most_waiting

    def takes(self, called: Called) -> bool:
        """Whether a call may be answered later: it asks for that, and nothing that is kept of it is sensitive. It is a
        preference: other calls are answered at once."""
        verb, tables = called.prepared.verb, called.prepared.wire.schema.tables
        return (
            called.conventions.preferences.asynchronous
            and verb.kind in MADE_LATER
            and not called.call.dry_run
            and not (called.rows is not None and verb.outputs)
            and not is_sensitive(verb, tables)
            and self.calls.are_there
        )

    def accept(self, request: Request, called: Called, root: str) -> Response:
        """Keep a call, and answer with where its state is told. Raises Refusal."""
        subject = request.identity.holder
        with refusing():
            if self.calls.waiting(subject, self._most) >= self._most:
                raise _too_many(self._most)
            call = self.calls.keep(subject, write_request(request), datetime.now(UTC))
        headers = answering(called.conventions, {"respond-async": True})
        return Response(ACCEPTED, {**headers, **where(root, call)}, verb=called.prepared.active.name)

    def state(self, request: Request, call: str, root: str) -> Response:
        """What became of a call: 202 while that is open, then 200 with the headers and the body of its answer, whose status is in
        `AsyncResult`. DELETE forgets it. Raises Refusal."""
        subject = request.identity.holder
        conventions = conventions_of(request.headers, "json")
        with refusing():
            if request.method == "DELETE":
                return self._forget(call, subject)
            if request.method not in ("GET", "HEAD"):
                raise wrong_method("The state of a call is read, or deleted.", ("GET", "HEAD", "DELETE"))
            kept = self.calls.find(call, subject)
        if kept is None:
            raise no_such_call()
        if kept.answer is None:
            return Response(ACCEPTED, {**answering(conventions), **where(root, call)})
        return told_later(request, conventions, read_response(kept.answer))

    def _forget(self, call: str, subject: str) -> Response:
        if self.calls.drop(call, subject):
            return Response(204, {"OData-Version": "4.0"})
        if self.calls.find(call, subject) is None:
            raise no_such_call()
        raise under_way()


def is_sensitive(verb: Verb, tables: Mapping[str, Table]) -> bool:
    """Whether there is something among a verb's values, or in the keys by which rows are named, that may not be kept."""
    types = [each.type for each in (*verb.inputs, *verb.outputs)]
    rows = [item_of(each) for each in types] + ([Row((verb.binding.table,))] if verb.binding is not None else [])
    named = {name for each in rows if isinstance(each, Row) for name in each.tables}
    return any(each.sensitive for each in (*verb.inputs, *verb.outputs)) or any(
        column.sensitive for name in named for column in _columns_of_keys(tables[name])
    )


def _columns_of_keys(table: Table) -> list[Column]:
    return [*table.primary, *(table.by_name[name] for key in table.keys for name in key)]


def told_later(request: Request, conventions: Conventions, answer: Response) -> Response:
    """The answer to a call as its state tells it: with its status in `AsyncResult`, or whole, where that is asked for."""
    if AS_HTTP in request.headers.get("accept", ""):
        return Response(200, {**answering(conventions), "Content-Type": AS_HTTP}, _as_http(answer))
    return Response(200, {**answer.headers, "AsyncResult": str(answer.status)}, answer.body)


def _too_many(most: int) -> Refusal:
    message = f"There are {most} calls already that wait to be made for these credentials."
    return Refusal(TOO_MANY, TOO_MANY_CALLS.id, message, headers={"Retry-After": SOON})


def no_such_call() -> Refusal:
    """The refusal to tell of a call that is not there, or is somebody else's."""
    return Refusal(NOT_FOUND, NO_SUCH_CALL.id, "There is no such call, or its answer is no longer kept.")


def under_way() -> Refusal:
    """The refusal to take back what is being done."""
    message = "The call is being made: it can not be taken back."
    return Refusal(409, NO_SUCH_CALL.id, message, hint="ask again for its state")


def where(root: str, call: str, retry_after: str = SOON) -> dict[str, str]:
    """Headers that say where the state of a call is told, and after how many seconds it is worth to ask."""
    return {"Location": f"{root}/{STATES}({call})", "Retry-After": retry_after}


def _as_http(answer: Response) -> bytes:
    """A response as a message of HTTP/1.1."""
    headers = {**answer.headers, "Content-Length": str(len(answer.body))}
    lines = [
        f"HTTP/1.1 {answer.status} {HTTPStatus(answer.status).phrase}",
        *(f"{name}: {value}" for name, value in headers.items()),
    ]
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + answer.body
