"""The door at `/metrics`, for those who may read them: names of verbs are nobody else's business."""

from __future__ import annotations

from collections.abc import Iterable
from ipaddress import ip_address
from itertools import chain
from urllib.parse import urlsplit

from prometheus_client.core import Metric
from prometheus_client.exposition import choose_encoder
from prometheus_client.registry import Collector

from actionlang.diagnostics.catalogue.server import METRICS_NOT_TOLD
from actionlang.registry.verbs import Verbs
from actionlang.server.messages import Request, Response
from actionlang.server.observing.metrics import Metrics
from actionlang.server.observing.own_doors import see_address
from actionlang.server.observing.scraped import Scraped
from actionlang.server.observing.settings import OPEN, Observing
from actionlang.server.refusal import Refusal

METRICS = "/metrics"

PASSED_ON = ("Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Real-IP", "Via")
"""Headers by which proxies say that a request came from elsewhere."""


class MetricsDoor:
    """Tells what was counted, and what the database says at this moment, as Prometheus or OpenMetrics has it."""

    def __init__(self, settings: Observing, metrics: Metrics, verbs: Verbs) -> None:
        self._settings = settings
        self._metrics = metrics
        self._verbs = verbs
        self._scraped = Scraped(verbs)

    def __call__(self, request: Request) -> Response:
        """Answer whoever may read them. Raises Refusal with 403 for others."""
        see_address(request, METRICS)
        if self._settings.metrics != OPEN and not is_of_this_machine(request):
            raise Refusal(403, METRICS_NOT_TOLD.id, "Metrics are only told to this machine itself.")
        self._metrics.levels_noted(lambda: self._verbs.database.usage)
        encode, content_type = choose_encoder(request.headers.get("Accept", ""))
        told = encode(_Both(self._metrics.of_all_processes, self._scraped))
        return Response(200, {"Content-Type": content_type, "Cache-Control": "no-store"}, told)


class _Both(Collector):
    def __init__(self, *collectors: Collector) -> None:
        self._collectors = collectors

    def collect(self) -> Iterable[Metric]:
        return chain.from_iterable(each.collect() for each in self._collectors)


def is_of_this_machine(request: Request) -> bool:
    """Whether who sent a request is on this machine, and no proxy stands between: the peer is, the name that was asked for is one
    of a loopback (a name that somebody made point here is not), and no header says that the request was passed on."""
    if request.peer is None or any(name in request.headers for name in PASSED_ON):
        return False
    return _is_loopback(request.peer) and _is_loopback(urlsplit(f"//{request.headers.get('Host', '')}").hostname or "")


def _is_loopback(host: str) -> bool:
    if host.lower() == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
