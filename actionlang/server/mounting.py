"""All doors of the server, and what they stand in: the application that `actionlang serve` serves."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from importlib.util import find_spec

import attrs
from starlette.types import ASGIApp

from actionlang.registry.verbs import Verbs
from actionlang.runtime.database import Database
from actionlang.server.app import Application, Limits, Mounted, MountedApplication
from actionlang.server.identity.authenticator import Authenticator
from actionlang.server.identity.resource_metadata import WELL_KNOWN, ResourceMetadataDoor
from actionlang.server.observing.health import Health
from actionlang.server.observing.metrics_door import MetricsDoor
from actionlang.server.observing.observer import Observer
from actionlang.server.odata.door import PREFIX, ODataDoor
from actionlang.server.odata.standing import Standing
from actionlang.server.openapi.document import About
from actionlang.server.openapi.door import DocumentDoor, PageDoor
from actionlang.server.service import Service
from actionlang.server.settings import ServerSettings
from actionlang.server.surroundings import surrounded

CLIENTS = "/api/data/v9.2/$metadata"
DOCUMENTS = "/docs"
OPENAPI = "/openapi.json"
MCP = "/mcp"


@attrs.frozen(eq=False)
class Assembled:
    """The application, and what is to be told, on its event loop: when it is about to end, and once a second that it lives."""

    application: ASGIApp
    stopping: Callable[[], None]
    alive: Callable[[], None]


class _Doors:
    """The doors as they are made, one after the other, and what goes with them."""

    def __init__(self) -> None:
        self.mounted: list[Mounted | MountedApplication] = []
        self.stopping: list[Callable[[], None]] = []
        self.stack = ExitStack()


@contextmanager
def assembled(database: Database, verbs: Verbs, settings: ServerSettings) -> Iterator[Assembled]:
    """The application as the settings say, for as long as this lasts. Raises ActionLangError where a part can not be made."""
    observer = Observer.of(settings.observing, usage=lambda: database.usage)
    doors = _Doors()
    with doors.stack as stack:
        stack.callback(observer.close)
        service = Service(verbs, observer.calls)
        _mount_for_operators(doors, observer, verbs, settings)
        metadata = ResourceMetadataDoor(settings.identity, (PREFIX.rstrip("/"), MCP))
        doors.mounted.append(Mounted(WELL_KNOWN, metadata, open=True))
        authenticator = Authenticator(database, settings.identity)
        _mount_odata(doors, service, settings, authenticator)
        _mount_openapi(doors, service, settings)
        if serves_mcp(settings):
            _mount_mcp(doors, service, settings)
        application = Application(
            doors.mounted,
            authenticator,
            limits=Limits(
                settings.calls, settings.waiting, settings.max_body, settings.call_timeout, settings.read_timeout
            ),
            observer=observer,
            base=None if settings.public_url is None else settings.public_url.rstrip("/"),
        )

        def stopping() -> None:
            for each in doors.stopping:
                each()

        yield Assembled(surrounded(application, settings), stopping, observer.alive)


def serves_mcp(settings: ServerSettings) -> bool:
    """Whether assistants are served: what they need is installed (`actionlang[mcp]`), and it is not said otherwise."""
    return settings.mcp and find_spec("mcp") is not None


def _mount_for_operators(doors: _Doors, observer: Observer, verbs: Verbs, settings: ServerSettings) -> None:
    health = Health(verbs.database, takes_keys=settings.identity.takes_keys)
    doors.stopping.append(health.stopping)
    doors.mounted += [
        Mounted("/healthz", health.live, open=True, apart=True),
        Mounted("/readyz", health.ready, open=True, apart=True),
    ]
    if observer.metrics is not None:
        metrics = MetricsDoor(observer.settings, observer.metrics, verbs)
        doors.mounted.append(Mounted("/metrics", metrics, open=True, apart=True))


def _mount_odata(doors: _Doors, service: Service, settings: ServerSettings, authenticator: Authenticator) -> None:
    door = ODataDoor(service, settings.odata, settings.reading, charge=authenticator.charge)
    door.workers.hold_to(Standing(service.database))
    doors.stack.enter_context(door.workers)
    # A unit of a background run has as long as callers have to go, and is not begun when they have gone.
    doors.stopping.append(door.workers.leave)
    doors.mounted.append(Mounted(PREFIX, door))


def _mount_openapi(doors: _Doors, service: Service, settings: ServerSettings) -> None:
    identity = settings.identity
    about = About(
        title=settings.title,
        asynchronous=settings.odata.async_workers > 0,
        issuers=tuple(each.issuer for each in identity.issuers),
        needs_credentials=identity.anonymous is None,
    )
    doors.mounted += [
        Mounted(OPENAPI, DocumentDoor(service, settings.odata, about)),
        Mounted(DOCUMENTS, PageDoor(), open=True),
    ]


def _mount_mcp(doors: _Doors, service: Service, settings: ServerSettings) -> None:
    from actionlang.server.mcp.http import HttpLimits, McpOverHttp

    limits = HttpLimits(settings.calls, settings.waiting, settings.max_body, settings.call_timeout)
    door = McpOverHttp(service, limits, keeps_sessions=settings.workers == 1, origins=settings.cors_origins)
    doors.stopping.append(door.stopping)
    doors.mounted.append(MountedApplication(MCP, door, door.lifespan))
