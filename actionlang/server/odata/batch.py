"""`$batch`: many requests in one, carried out one after another, change sets as one transaction (OData Protocol 4.01, 11.7).

A batch that can be read is answered with 200, and each of its requests with a response of its own. After the first that fails the
others are left out, unless `Prefer: odata.continue-on-error` is sent. All are carried out for whoever sent the batch, and may do
what that request might do.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

import attrs
from starlette.datastructures import Headers

from actionlang.diagnostics.catalogue.server import LEFT_OUT, WRONG_PART
from actionlang.metadata.types import Row
from actionlang.runtime.change_set import Abandoned
from actionlang.runtime.many import ManyResult
from actionlang.server.catalog import catalog_of
from actionlang.server.change_set import call_together
from actionlang.server.idempotency import HEADER as KEY_HEADER
from actionlang.server.identity.identity import Identity
from actionlang.server.messages import Request, Response
from actionlang.server.odata.batch_addresses import Root, linked, resolved
from actionlang.server.odata.batch_json import KIND as JSON_KIND
from actionlang.server.odata.batch_json import json_bytes, read_json, write_json
from actionlang.server.odata.batch_multipart import KIND as MULTIPART_KIND
from actionlang.server.odata.batch_multipart import read_multipart, write_multipart
from actionlang.server.odata.batch_parts import (
    FAILED_DEPENDENCY,
    Batch,
    ChangeSetPart,
    Done,
    DoneChangeSet,
    Part,
    bad_batch,
    requests_in,
    see_ids,
    size_of,
    too_large,
)
from actionlang.server.odata.calling import wrong_method
from actionlang.server.odata.errors import error_response
from actionlang.server.odata.headers import answering, bad_header, conventions_of
from actionlang.server.odata.json_body import parse_json
from actionlang.server.odata.literals import split_outside
from actionlang.server.odata.settings import ODataSettings
from actionlang.server.odata.wire import Wire
from actionlang.server.refusal import Refusal
from actionlang.server.service import Answer, Service, VerbCall
from actionlang.server.statuses import BAD_REQUEST

WRONG = 400
UNSUPPORTED_MEDIA = 415

INHERITED = ("odata-version", "odata-maxversion", "accept-language")
"""Headers of the batch that hold for requests without their own."""

OF_CALLERS = (
    "authorization",
    "callerobjectid",
    "callerid",
    "mscrmcallerid",
    "impersonateuserid",
    "x-api-key",
    "cookie",
)
"""Headers that say who calls. That is said once, for the whole batch."""

OF_CONNECTIONS = frozenset({"host", "content-length", "transfer-encoding", "connection", "content-id", *OF_CALLERS})
"""Headers that mean nothing to a request in a batch."""

CONTINUE = "continue-on-error"

LARGEST_ANSWER = 32 * 1024 * 1024
"""Bytes that the responses of one batch may have before the rest of it is refused."""

Answering = Callable[[Request, Service], Response]
"""Answers a request by verbs of a service: the door that a batch was sent to."""

Charge = Callable[[Identity, int], None]
"""Counts one request of somebody's for so many more."""


def free(_: Identity, __: int) -> None:
    """Charge nothing."""


class BatchDoor:
    """Answers batches by the door whose requests they hold."""

    def __init__(self, answer: Answering, settings: ODataSettings, charge: Charge = free) -> None:
        self._answer = answer
        self._settings = settings
        self._charge = charge

    def __call__(self, request: Request, service: Service) -> Response:
        """The response to a batch. Raises Refusal where it can not be read; then nothing of it is carried out."""
        if request.method != "POST":
            raise wrong_method("A batch is sent by POST.", ("POST",))
        if request.headers.get(KEY_HEADER) is not None:
            raise bad_header(KEY_HEADER, "A batch has no key of its own.", "give each of its requests one")
        batch = self._read(request)
        see_ids(batch)
        self._charge(request.identity, requests_in(batch) - 1)
        carrying_out = _CarryingOut(self._answer, service, request, self._settings)
        for item in batch:
            carrying_out.take(item)
        done = carrying_out.done
        headers = answering(conventions_of(request.headers, JSON_KIND), carrying_out.applied)
        if _kind(request) == JSON_KIND:
            return Response(200, {"Content-Type": JSON_KIND, **headers}, write_json(done))
        kind, body = write_multipart(done)
        return Response(200, {"Content-Type": kind, **headers}, body)

    def _read(self, request: Request) -> Batch:
        kind, most = _kind(request), self._settings.most_parts
        if kind == JSON_KIND:
            return read_json(request.body, most, self._settings.deepest)
        if kind == MULTIPART_KIND:
            return read_multipart(request.headers["content-type"], request.body, most)
        message = f"A batch is in {MULTIPART_KIND} or {JSON_KIND}."
        raise attrs.evolve(bad_header("Content-Type", message), status=UNSUPPORTED_MEDIA)


def _kind(request: Request) -> str:
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()


class _Heard(Service):
    """A service that remembers what was answered last."""

    def __init__(self, service: Service) -> None:
        super().__init__(service.verbs, service.calls)
        self._service = service
        self.answer: Answer | None = None

    def call(self, call: VerbCall) -> Answer:
        """See `Service`."""
        self.answer = self._service.call(call)
        return self.answer

    def start(self, call: VerbCall) -> Answer:
        """See `Service`. What a background action will return is not there yet."""
        return self._service.start(call)

    def call_many(self, call: VerbCall, rows: Iterable[object], *, outputs: bool) -> ManyResult:
        """See `Service`."""
        return self._service.call_many(call, rows, outputs=outputs)


class _Undone(Abandoned):
    """A request of a change set failed, so that nothing of it is kept."""

    def __init__(self, at: int, response: Response) -> None:
        super().__init__()
        self.at = at
        self.response = response


class _CarryingOut:
    """The requests of a batch, while they are carried out. `done` are those that were."""

    def __init__(self, answer: Answering, service: Service, batch: Request, settings: ODataSettings) -> None:
        self.done: list[Done | DoneChangeSet] = []
        self._answer = answer
        self._service = service
        self._batch = batch
        self._settings = settings
        self._root = Root(batch.base, batch.path.rpartition("/")[0])
        self._goes_on = _continues(batch.headers)
        self._has_failed = False
        self._size = 0
        self._failed: set[str] = set()
        self._rows: dict[str, str | None] = {}

    @property
    def applied(self) -> Mapping[str, bool]:
        """The preferences that were followed."""
        return {f"odata.{CONTINUE}": self._goes_on}

    def take(self, item: Part | ChangeSetPart) -> None:
        """Carry out a request or a change set, unless one before has failed and that is to be the end."""
        if self._has_failed and not self._goes_on:
            return
        if isinstance(item, Part):
            done: Done | DoneChangeSet = self._alone(item)
        else:
            done = self._refused(item) if self._is_full else self._change_set(item)
        self.done.append(done)
        self._size += size_of(done)

    @property
    def _is_full(self) -> bool:
        return self._size > LARGEST_ANSWER

    def _alone(self, part: Part) -> Done:
        response = _no_more() if self._is_full else self._response(part, self._service, self._rows)
        self._note(part.id, response)
        return Done(part, response)

    def _refused(self, change_set: ChangeSetPart) -> DoneChangeSet:
        response = _no_more()
        for id_ in (change_set.id, *(part.id for part in change_set.parts)):
            self._note(id_, response)
        return DoneChangeSet(change_set, tuple(Done(part, response) for part in change_set.parts), response)

    def _note(self, id_: str | None, response: Response) -> None:
        """Remember of a request whether it failed."""
        if response.status < WRONG:
            return
        self._has_failed = True
        if id_ is not None:
            self._failed.add(id_)
            self._rows.pop(id_, None)

    # ------------------------------------------------------------------------------------------------------ change sets

    def _change_set(self, change_set: ChangeSetPart) -> DoneChangeSet:
        parts = change_set.parts
        try:
            responses, rows = call_together(self._service, lambda service: self._together(parts, service))
        except _Undone as undone:
            at, failure = undone.at, undone.response
        except Refusal as refusal:
            # It came to the end, and could not be kept.
            at, failure = len(parts) - 1, error_response(refusal)
        else:
            self._rows = rows
            return DoneChangeSet(change_set, tuple(map(Done, parts, responses)))
        for id_ in (change_set.id, *(part.id for part in parts)):
            self._note(id_, failure)
        left_out = error_response(_left_out("another request of its change set failed, so nothing of it was done"))
        done = (Done(part, failure if number == at else left_out) for number, part in enumerate(parts))
        return DoneChangeSet(change_set, tuple(done), failure)

    def _together(self, parts: tuple[Part, ...], service: Service) -> tuple[list[Response], dict[str, str | None]]:
        """The responses to the requests of a change set, and the rows known then. Raises _Undone where one fails."""
        rows, responses = dict(self._rows), []
        for number, part in enumerate(parts):
            response = self._response(part, service, rows, in_change_set=True)
            if response.status >= WRONG:
                raise _Undone(number, response)
            responses.append(response)
        return responses, rows

    # --------------------------------------------------------------------------------------------------------- requests

    def _response(
        self, part: Part, service: Service, rows: dict[str, str | None], *, in_change_set: bool = False
    ) -> Response:
        """The response to a request. `rows` are the addresses of the rows that those before it gave; its own is added."""
        heard = _Heard(service)
        try:
            if not self._failed.isdisjoint(part.after):
                raise _left_out("a request that it depends on failed")
            if in_change_set and part.method in ("GET", "HEAD"):
                raise bad_batch("A change set holds no GET.", "send it before the change set or behind it")
            request = self._request(part, rows)
            response = self._answer(request, heard)
        except Refusal as refusal:
            return error_response(refusal)
        if part.id is not None and response.status < WRONG:
            rows[part.id] = self._row(request, heard.answer)
        return response

    def _row(self, request: Request, answer: Answer | None) -> str | None:
        """The address of the row that a request gave: what a verb returned, or what was read."""
        if answer is None:
            is_row = request.method == "GET" and request.path.endswith(")")
            return request.path.removeprefix(f"{self._root.path}/") if is_row else None
        rows = [each for each in answer.verb.outputs if isinstance(each.type, Row)]
        row = answer.result.outputs[rows[0].name] if len(rows) == 1 else None
        return None if row is None else self._wire(answer).address(row)  # type: ignore[arg-type] # an output of its type

    def _wire(self, answer: Answer) -> Wire:
        catalog = catalog_of(self._service.snapshot(), self._settings.namespace)
        return Wire(answer.active.plan.schema, catalog.names)

    def _request(self, part: Part, rows: Mapping[str, str | None]) -> Request:
        path, query = self._root.target(resolved(part, rows))
        body = part.body
        if b"$" in body:
            body = self._linked(part, rows)
        headers = self._headers(part)
        return attrs.evolve(self._batch, method=part.method, path=path, query=query, headers=headers, body=body)

    def _linked(self, part: Part, rows: Mapping[str, str | None]) -> bytes:
        """A body with references to earlier requests. One that is no JSON is refused by whoever reads it."""
        try:
            data = parse_json(part.body, self._settings.deepest)
        except Refusal:
            return part.body
        return json_bytes(linked(data, rows))

    def _headers(self, part: Part) -> Headers:
        batch = self._batch.headers
        for name in OF_CALLERS:
            given = part.headers.get(name)
            if given is not None and given != batch.get(name):
                message = "A request of a batch is carried out for whoever sent the batch."
                hint = "say who calls in the headers of the batch"
                raise Refusal(BAD_REQUEST, WRONG_PART.id, message, hint=hint, target=name)
        raw = [(name, value) for name, value in part.headers.raw if name.decode("latin-1") not in OF_CONNECTIONS]
        for name in INHERITED:
            if name not in part.headers and name in batch:
                raw.append((name.encode(), batch[name].encode("latin-1")))
        prefer = part.headers.getlist("prefer") or batch.getlist("prefer")
        raw = [(name, value) for name, value in raw if name != b"prefer"]
        for each in _preferences(prefer):
            name = each.partition("=")[0].partition(";")[0].strip().lower().removeprefix("odata.")
            if name != CONTINUE:
                raw.append((b"prefer", each.encode("latin-1")))
        return Headers(raw=raw)


def _no_more() -> Response:
    message = "The answers of this batch are too large already: this request was not carried out."
    return error_response(too_large(message, "send it in another batch, and ask for fewer rows and columns at once"))


def _left_out(why: str) -> Refusal:
    return Refusal(FAILED_DEPENDENCY, LEFT_OUT.id, f"This request was not carried out: {why}.")


def _preferences(headers: list[str]) -> list[str]:
    found: list[str] = []
    for header in headers:
        try:
            found += [each.strip() for each in split_outside(header, ",")]
        except ValueError:
            continue
    return found


def _continues(headers: Headers) -> bool:
    """Whether requests behind one that fails are to be carried out."""
    for each in _preferences(headers.getlist("prefer")):
        name, _, value = each.partition("=")
        if name.strip().lower().removeprefix("odata.") == CONTINUE:
            return value.strip().strip('"').lower() in ("", "true")
    return False
