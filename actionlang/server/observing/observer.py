"""The observer: told of each request and each call, it logs, counts and traces them."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable
from contextvars import ContextVar
from time import perf_counter
from typing import TYPE_CHECKING

from starlette.datastructures import Headers
from starlette.types import Message, Scope, Send

from actionlang.runtime.connections import Usage
from actionlang.server.headers import headers_of
from actionlang.server.messages import Response
from actionlang.server.observing.calls import Calls, WatchedCall
from actionlang.server.observing.metrics import OTHER, Metrics, forget_process
from actionlang.server.observing.request_id import HEADER, request_id
from actionlang.server.observing.route import told_route
from actionlang.server.observing.settings import OFF, Observing
from actionlang.server.observing.structured_log import REQUESTS, TOLD

if TYPE_CHECKING:
    from opentelemetry.trace import Span

    from actionlang.server.observing.tracing import CallSpan, Tracing

PROBES = frozenset(("/healthz", "/readyz", "/metrics"))
INTERNAL = 500
GONE = 499
"""What stands in log and metrics where the caller went away before there was an answer."""

MOST_RUNS = 20
"""Run ids that one line has."""


class Observed:
    """A request while it lasts. `id` is its id, `subject` who sent it, once that is known."""

    def __init__(self, observer: Observer, scope: Scope) -> None:
        self._observer = observer
        self._scope = scope
        self._began = perf_counter()
        headers = headers_of(scope)
        self.id = request_id(headers.get(HEADER))
        self.subject: str | None = None
        self.calls: list[WatchedCall] = []
        self._prefix: str | None = None
        self._status = GONE
        is_probe = scope["path"] in PROBES and not observer.settings.probes
        self.span: Span | None = None if is_probe else observer.span_of(scope["method"], headers)

    def mounted(self, prefix: str) -> None:
        """There is a door for it, below this path."""
        self._prefix = prefix

    def ended(self, response: Response) -> Response:
        """It was answered. Gives the response with the request's id. Not more than once."""
        self._end(response.status, response.code, response.verb, response.run)
        headers = {**response.headers, HEADER: self.id}
        return Response(response.status, headers, response.body, response.run, response.verb, response.code)

    def gone(self) -> None:
        """Who sent it went away before there was an answer."""
        self._end(GONE, None, None, None)

    def watching(self, send: Send) -> Send:
        """What to send with, for an application that sends by itself; `finished` says when it is done."""

        async def watched(message: Message) -> None:
            if message["type"] == "http.response.start":
                self._status = message["status"]
                message = {
                    **message,
                    "headers": [*message.get("headers", ()), (HEADER.lower().encode(), self.id.encode())],
                }
            await send(message)

        return watched

    def finished(self) -> None:
        """The application that was given what `watching` gave is done."""
        self._end(self._status, None, None, None)

    def _end(self, status: int, code: str | None, verb: str | None, run: str | None) -> None:
        seconds = perf_counter() - self._began
        if len(self.calls) == 1:
            call = self.calls[0]
            code, verb, run = code or call.code, verb or call.verb, run or call.run
        route = told_route(
            (self._scope.get("raw_path") or self._scope["path"].encode()).decode("latin-1"), self._prefix
        )
        told: dict[str, object] = {
            "method": _method(self._scope["method"]),
            "route": route,
            "status": status,
            "code": code,
            "verb": verb,
            "run": run,
            "subject": self.subject,
            "duration_ms": round(seconds * 1000, 3),
            "request_id": self.id,
        }
        if len(self.calls) > 1:
            told["calls"] = len(self.calls)
            told["runs"] = [each.run for each in self.calls if each.run is not None][:MOST_RUNS]
        self._observer.request_ended(self, told, self._prefix, seconds)


current: ContextVar[Observed | None] = ContextVar("actionlang_request", default=None)
"""The request that is being answered here."""


class Observer:
    """Watches the requests of one process. For any number of threads."""

    def __init__(
        self, settings: Observing, metrics: Metrics | None, tracing: Tracing | None, usage: Callable[[], Usage] | None
    ) -> None:
        self.settings = settings
        self.metrics = metrics
        self._tracing = tracing
        self._usage = usage
        self.calls = Calls(self if metrics is not None or tracing is not None or settings.requests else None)

    @staticmethod
    def of(
        settings: Observing, *, usage: Callable[[], Usage] | None = None, tracing: Tracing | None = None
    ) -> Observer:
        """An observer as the settings say. `usage` tells how many of the database's connections are in use; `tracing` is given
        where spans do not go where the environment says.

        Raises ActionLangError where something that traces need is not there.
        """
        resolved = settings.with_environment(os.environ)
        if tracing is None and resolved.traces != OFF:
            from actionlang.server.observing.tracing import Tracing

            tracing = Tracing.of_environment()
        return Observer(resolved, None if resolved.metrics == OFF else Metrics(), tracing, usage)

    def begin(self, scope: Scope) -> Observed:
        """A request is there; called where it is read, in a context of its own."""
        observed = Observed(self, scope)
        current.set(observed)
        if self.metrics is not None:
            self.metrics.request_began()
        return observed

    def alive(self) -> None:
        """The process lives; called once a second. What has a level, and is no count, is noted then."""
        if self.metrics is not None:
            self.metrics.levels_noted(self._usage)

    def close(self) -> None:
        """The process ends."""
        if self._tracing is not None:
            self._tracing.close()
        forget_process(os.getpid())

    # --------------------------------------------------------------------------------------------------------- requests

    def span_of(self, method: str, headers: Headers) -> Span | None:
        """The span of a request that begins."""
        return None if self._tracing is None else self._tracing.request_began(_method(method), headers)

    def request_ended(self, observed: Observed, told: dict[str, object], prefix: str | None, seconds: float) -> None:
        """A request was answered."""
        status, code, method, route = int(str(told["status"])), told["code"], str(told["method"]), str(told["route"])
        code = None if code is None else str(code)
        if self.metrics is not None:
            self.metrics.request_ended(prefix or OTHER, method, status, code, seconds)
        if self._tracing is not None and observed.span is not None:
            facts: dict[str, str | int | float] = {"http.route": route, "http.response.status_code": status}
            facts["actionlang.request_id"] = observed.id
            self._tracing.request_ended(observed.span, f"{method} {route}", facts, code)
        if self.settings.requests and (self.settings.probes or route not in PROBES):
            level = logging.ERROR if status >= INTERNAL else logging.INFO
            if REQUESTS.isEnabledFor(level):
                # As `log` would, which looks for the place in the program, too.
                line = f"{method} {route} {status}"
                REQUESTS.handle(REQUESTS.makeRecord(REQUESTS.name, level, "", 0, line, (), None, extra={TOLD: told}))

    # ------------------------------------------------------------------------------------------------------------ calls

    def call_began(self, call: WatchedCall) -> None:
        """See `CallEnded`."""
        if self._tracing is not None:
            request = current.get()
            call.held = self._tracing.call_began(None if request is None else request.span)

    def call_ended(self, call: WatchedCall) -> None:
        """See `CallEnded`."""
        if self._tracing is not None and call.held is not None:
            held: CallSpan = call.held  # type: ignore[assignment]
            self._tracing.call_ended(held, call)
        request = current.get()
        if request is not None:
            request.calls.append(call)
        if self.metrics is None:
            return
        verb = call.verb or OTHER
        self.metrics.call_ended(verb, call.status, call.code, call.seconds)
        if call.retries:
            self.metrics.retried(verb, call.retries)
        if call.result is not None and call.result.replayed:
            self.metrics.replayed(verb)


def _method(method: str) -> str:
    return method if method.isascii() and method.isalpha() and len(method) <= len("PROPPATCH") else "OTHER"


NOT_OBSERVED = Observer(Observing(metrics=OFF, traces=OFF, requests=False), None, None, None)
"""Nothing is logged, counted or traced."""
