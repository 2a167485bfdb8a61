"""The door for programs that speak OData: `/api/data/v9.2`, or any other version.

Below its root: `$metadata` and the service document, `$batch`, `$calls(<id>)` (what came of a call that was made with
`Prefer: respond-async`), verbs, and rows to read.
"""

from __future__ import annotations

from actionlang.durable.working import Working
from actionlang.registry.kept_calls import KeptCalls
from actionlang.server.background_runs import KIND as BACKGROUND
from actionlang.server.catalog import Catalog, catalog_of
from actionlang.server.messages import Request, Response
from actionlang.server.odata.background import BackgroundCalls
from actionlang.server.odata.batch import BatchDoor, Charge, free
from actionlang.server.odata.calling import Calling
from actionlang.server.odata.errors import error_response
from actionlang.server.odata.later import STATES, Later, no_such_call
from actionlang.server.odata.metadata_door import Metadata
from actionlang.server.odata.reading_settings import ReadingSettings
from actionlang.server.odata.resources import VerbAt, nothing, verb_at
from actionlang.server.odata.rows import Rows
from actionlang.server.odata.settings import ODataSettings
from actionlang.server.odata.urls import Address, address_of
from actionlang.server.odata.workers import Workers
from actionlang.server.refusal import Refusal
from actionlang.server.service import Service, refusing

PREFIX = "/api/data/"


class ODataDoor:
    """Answers requests below `/api/data/`."""

    def __init__(
        self,
        service: Service,
        settings: ODataSettings = ODataSettings(),  # noqa: B008 - it is frozen
        rows: ReadingSettings = ReadingSettings(),  # noqa: B008
        charge: Charge = free,
    ) -> None:
        self._service = service
        self._settings = settings
        self._calling = Calling(settings)
        self._rows = Rows(rows)
        self._metadata = Metadata()
        self._later = Later(service.database, settings.waiting) if settings.async_workers else None
        self._background = BackgroundCalls(settings.waiting)
        working = Working(service.verbs, service.background.runs)
        self.workers = Workers(
            KeptCalls(service.database), self._at_once, settings.kept, working, threads=settings.async_workers
        )
        """Make the calls that are answered later: whoever mounts the door starts and stops them."""
        self._batch = BatchDoor(self.answer, settings, charge)

    def __call__(self, request: Request) -> Response:
        """The response to a request; refusals are responses, too."""
        return self._response(request, self._service, self._later)

    def answer(self, request: Request, service: Service) -> Response:
        """The response to a part of a batch, whose verbs `service` runs. None is answered later."""
        return self._response(request, service, None)

    def _at_once(self, request: Request) -> Response:
        return self._response(request, self._service, None)

    def _response(self, request: Request, service: Service, later: Later | None) -> Response:
        try:
            return self._answer(request, service, later)
        except Refusal as refusal:
            return error_response(refusal)

    def _answer(self, request: Request, service: Service, later: Later | None) -> Response:
        address = address_of(request.base, request.path)
        with refusing():
            catalog = catalog_of(service.snapshot(), self._settings.namespace)
        first = address.segments[0].name if address.segments else ""
        if not first or first.startswith("$"):
            return self._own(first, request, service, catalog, address)
        at = verb_at(address.segments, catalog)
        if at is not None:
            return self._call(request, service, catalog, address.root, at, later)
        return self._rows.answer(request, service, catalog, address)

    def _call(
        self, request: Request, service: Service, catalog: Catalog, root: str, at: VerbAt, later: Later | None
    ) -> Response:
        """Call a verb, or keep the call to be made later where that is asked for. A background action is started."""
        called = self._calling.read(request, catalog, at)
        if at.verb.kind == BACKGROUND:
            response = self._background.start(called, service, root)
            self.workers.wake()
            return response
        if later is None or not later.takes(called):
            return self._calling.answer(called, service, catalog, root)
        service.find(at.active.name, request.identity)
        response = later.accept(request, called, root)
        self.workers.wake()
        return response

    def _own(self, name: str, request: Request, service: Service, catalog: Catalog, address: Address) -> Response:
        """What OData has besides rows and verbs."""
        if not name:
            return self._metadata.service_document(request, catalog, address.root)
        if name == "$metadata" and len(address.segments) == 1 and address.segments[0].inner is None:
            return self._metadata.document(request, service, catalog)
        if name == "$batch" and len(address.segments) == 1 and address.segments[0].inner is None:
            return self._batch(request, service)
        if name == STATES and len(address.segments) == 1 and (call := address.segments[0].inner):
            told = self._background.state(request, call, service, catalog, address.root)
            if told is None and self._later is not None:
                told = self._later.state(request, call, address.root)
            if told is None:
                raise no_such_call()
            return told
        raise nothing("There is nothing at this address.")
