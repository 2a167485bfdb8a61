"""Spans of OpenTelemetry: one a request, below it one a call, below that one a step of its run."""

from __future__ import annotations

import os
from collections.abc import Mapping
from importlib.metadata import entry_points
from threading import Thread
from typing import TYPE_CHECKING, Any

import attrs

from actionlang.diagnostics.catalogue.project import MISSING_EXTRA
from actionlang.diagnostics.catalogue.server import NO_EXPORTER
from actionlang.diagnostics.diagnostic import ActionLangError, Diagnostic
from actionlang.engine.recorder import FAILED
from actionlang.server.observing.calls import WatchedCall

if TYPE_CHECKING:
    from opentelemetry.context import Context
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import SpanExporter
    from opentelemetry.trace import Span, Tracer

NANOSECONDS = 1000
"""In a microsecond."""

PROTOCOLS = {"http/protobuf": "otlp_proto_http", "grpc": "otlp_proto_grpc"}
INTERNAL_ERROR = 500

LAST_CHANCE = 2.0
"""Seconds that the end of the server waits for whoever takes spans."""


@attrs.frozen
class CallSpan:
    """The span of a call that is under way, and what takes it away from its thread."""

    span: Span
    token: Any


class Tracing:
    """Makes spans with a provider."""

    def __init__(self, provider: TracerProvider) -> None:
        from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

        self._provider = provider
        self._tracer: Tracer = provider.get_tracer("actionlang")
        self._propagator = TraceContextTextMapPropagator()

    @staticmethod
    def of_environment() -> Tracing:
        """As OpenTelemetry's variables say; where the host has made a provider for its process, with that one.

        Raises ActionLangError (E0911) where OpenTelemetry is not installed, E1155 where nothing exports as they say.
        """
        try:
            from opentelemetry import trace
            from opentelemetry.sdk.trace import TracerProvider
            from opentelemetry.sdk.trace.export import BatchSpanProcessor
        except ModuleNotFoundError:
            message = "Traces need packages that are not installed."
            raise ActionLangError(
                Diagnostic(MISSING_EXTRA, message, hint="pip install 'actionlang[telemetry]'")
            ) from None
        there = trace.get_tracer_provider()
        if isinstance(there, TracerProvider):
            return Tracing(there)
        provider = TracerProvider(resource=_resource())
        provider.add_span_processor(BatchSpanProcessor(exporter_of(os.environ)))
        trace.set_tracer_provider(provider)
        return Tracing(provider)

    def close(self) -> None:
        """Send what is not sent yet, unless nobody takes it."""
        # The library does not hold to the time that it is given (open-telemetry/opentelemetry-python#4568).
        sending = Thread(target=self._provider.force_flush, name="actionlang-last-spans", daemon=True)
        sending.start()
        sending.join(LAST_CHANCE)

    # ---------------------------------------------------------------------------------------------------------- requests

    def request_began(self, method: str, headers: Mapping[str, str]) -> Span:
        """The span of a request, in the trace that its sender names."""
        from opentelemetry.trace import SpanKind

        return self._tracer.start_span(
            method, self._propagator.extract(headers), SpanKind.SERVER, {"http.request.method": method}
        )

    def request_ended(self, span: Span, name: str, facts: Mapping[str, str | int | float], code: str | None) -> None:
        """The request was answered."""
        from opentelemetry.trace import StatusCode

        span.update_name(name)
        for fact, value in facts.items():
            span.set_attribute(fact, value)
        if code is not None:
            span.set_attribute("error.type", code)
        if facts["http.response.status_code"] >= INTERNAL_ERROR:  # type: ignore[operator]
            span.set_status(StatusCode.ERROR, code)
        span.end()

    # ------------------------------------------------------------------------------------------------------------- calls

    def call_began(self, parent: Span | None) -> CallSpan:
        """The span of a call, which what happens in this thread is below of until `call_ended`."""
        from opentelemetry import context, trace

        above = None if parent is None else trace.set_span_in_context(parent)
        span = self._tracer.start_span("call", above)
        return CallSpan(span, context.attach(trace.set_span_in_context(span, above)))

    def call_ended(self, held: CallSpan, call: WatchedCall) -> None:
        """The call has ended: its steps are told, too, where they were traced."""
        from opentelemetry import context, trace
        from opentelemetry.trace import StatusCode

        context.detach(held.token)
        span = held.span
        if span.is_recording():
            span.update_name(call.verb or "call")
            facts = {"actionlang.verb": call.verb, "actionlang.run": call.run, "error.type": call.code}
            span.set_attributes({name: value for name, value in facts.items() if value is not None})
            if call.active is not None:
                span.set_attribute("actionlang.version", call.active.version)
            if call.retries:
                span.set_attribute("actionlang.retries", call.retries)
            if call.code is not None:
                span.set_status(StatusCode.ERROR, call.code)
            self._tell_steps(trace.set_span_in_context(span), call)
        span.end()

    def _tell_steps(self, above: Context, call: WatchedCall) -> None:
        from opentelemetry import trace
        from opentelemetry.trace import StatusCode

        for run, traced, began in call.traces:
            contexts: dict[object, Context] = {None: above}
            for row in traced.rows(run, kept=False):
                _, number, parent, kind, verb, line, label, times, started, lasted, outcome = row[:11]
                starts = began + int(started) * NANOSECONDS  # type: ignore[call-overload]
                facts = {"actionlang.kind": kind, "actionlang.verb": verb, "code.line.number": line}
                facts |= {"actionlang.times": times, "actionlang.outcome": outcome}
                known: Any = {name: value for name, value in facts.items() if value is not None}
                span = self._tracer.start_span(
                    str(label) or str(kind), contexts[parent], attributes=known, start_time=starts
                )
                if outcome == FAILED:
                    span.set_status(StatusCode.ERROR)
                contexts[number] = trace.set_span_in_context(span, above)
                span.end(starts + int(lasted) * NANOSECONDS)  # type: ignore[call-overload]


def exporter_of(environment: Mapping[str, str]) -> SpanExporter:
    """What `OTEL_TRACES_EXPORTER` and `OTEL_EXPORTER_OTLP_PROTOCOL` name: packages register it as OpenTelemetry says. It reads
    its own variables itself. Raises ActionLangError (E1155) where there is none."""
    named = environment.get("OTEL_TRACES_EXPORTER", "").strip() or "otlp"
    name = named
    if named == "otlp":
        told = environment.get("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL") or environment.get("OTEL_EXPORTER_OTLP_PROTOCOL")
        named = told or "http/protobuf"
        name = PROTOCOLS.get(named, named)
    for found in entry_points(group="opentelemetry_traces_exporter", name=name):
        exporter: SpanExporter = found.load()()
        return exporter
    message = f"Nothing that is installed exports traces as {named}."
    hint = "set OTEL_TRACES_EXPORTER=otlp and OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf; or install what exports so"
    raise ActionLangError(Diagnostic(NO_EXPORTER, message, hint=hint))


def _resource() -> Any:
    """What the spans are of: `OTEL_SERVICE_NAME` and `OTEL_RESOURCE_ATTRIBUTES` say more."""
    from opentelemetry.sdk.resources import SERVICE_NAME, Resource

    made = Resource.create()
    if str(made.attributes.get(SERVICE_NAME, "")).startswith("unknown_service"):
        return made.merge(Resource({SERVICE_NAME: "actionlang"}))
    return made
