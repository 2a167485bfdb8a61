"""Spans: one a request, below it one a call, below that one a step; sent to whoever the environment names."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Event

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SimpleSpanProcessor, SpanExporter, SpanExportResult
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind, StatusCode

from actionlang.access.policy import Policy
from actionlang.diagnostics.diagnostic import ActionLangError
from actionlang.registry.verbs import Verbs
from actionlang.runtime.database import Database
from actionlang.runtime.hosting import Hosting
from actionlang.server.messages import Response
from actionlang.server.observing.observer import Observer
from actionlang.server.observing.settings import CALLS, OFF, STEPS, Observing
from actionlang.server.observing.tracing import Tracing, exporter_of
from actionlang.server.refusal import Refusal
from actionlang.server.service import Service, VerbCall
from tests.server.observing.watched import answer
from tests.server.world import desk, desk_url, somebody

TRACED = Observing(metrics=OFF, traces=STEPS, requests=False)
PARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


@pytest.fixture(params=["sqlite", "postgres"])
def database(request: pytest.FixtureRequest) -> Iterator[Database]:
    """A desk whose runs are traced."""
    with (
        desk_url(request.param) as url,
        Database.connect(url, hosting=Hosting(policy=Policy(), trace=True)) as database,
    ):
        yield database


class Spans:
    """A service whose spans are kept in memory."""

    def __init__(self, database: Database) -> None:
        self._kept = InMemorySpanExporter()
        self.provider = TracerProvider()
        self.provider.add_span_processor(SimpleSpanProcessor(self._kept))
        self.observer = Observer.of(TRACED, tracing=Tracing(self.provider))
        self._service = Service(Verbs.open(database, max_age=0.0), self.observer.calls)

    def call(self, call: VerbCall, **headers: str) -> dict[str, ReadableSpan]:
        """Have a verb called by a request; gives the spans by name."""

        def door(_: object) -> Response:
            try:
                made = self._service.call(call)
            except Refusal as refusal:
                return Response(refusal.status, code=refusal.code)
            return Response(200, run=made.result.run)

        answer(self.observer, "/api/cases(number='CAS-1')/Call", door, **headers)
        return {span.name: span for span in self._kept.get_finished_spans()}


def above(span: ReadableSpan, spans: dict[str, ReadableSpan]) -> str | None:
    """The name of the span that one is below of."""
    assert span.parent is not None
    return next((name for name, each in spans.items() if each.context.span_id == span.parent.span_id), None)


def test_a_span_a_request_a_call_and_a_step(database: Database) -> None:
    spans = Spans(database).call(
        VerbCall("Escalate", somebody("ann"), "CAS-1", {"reason": "TOP-SECRET"}), traceparent=PARENT
    )
    request, call = spans["POST /api/cases(*)/Call"], spans["helpdesk.Escalate"]
    assert request.kind is SpanKind.SERVER and call.kind is SpanKind.INTERNAL
    assert f"{request.context.trace_id:032x}" == PARENT.split("-")[1]
    assert request.parent is not None and f"{request.parent.span_id:016x}" == PARENT.split("-")[2]
    assert above(call, spans) == request.name
    run = database.log.runs()[0].id
    assert call.attributes is not None and call.attributes["actionlang.run"] == run
    record = database.log.run(run)
    assert record.steps
    steps = [span for span in spans.values() if span.attributes and "actionlang.kind" in span.attributes]
    assert {step.label for step in record.steps} == {span.name for span in steps}
    assert any(above(span, spans) == call.name for span in steps)
    assert any(above(span, spans) not in (call.name, request.name) for span in steps)
    for span in spans.values():
        assert span.context.trace_id == request.context.trace_id
        assert span.start_time is not None and span.end_time is not None and span.start_time <= span.end_time
    for span in steps:
        assert span.start_time is not None and call.start_time is not None and span.start_time >= call.start_time
    assert "TOP-SECRET" not in "".join(span.to_json() for span in spans.values())


def test_a_refused_call(database: Database) -> None:
    spans = Spans(database).call(VerbCall("Escalate", somebody("ann"), "CAS-1", {"reason": " "}))
    call, request = spans["helpdesk.Escalate"], spans["POST /api/cases(*)/Call"]
    assert call.status.status_code is StatusCode.ERROR
    assert call.attributes is not None and call.attributes["error.type"] == "E0701"
    # What the caller did wrong is no error of the server.
    assert request.status.status_code is StatusCode.UNSET and request.parent is None
    failed = [
        span for span in spans.values() if span.attributes and span.attributes.get("actionlang.outcome") == "failed"
    ]
    assert failed and all(span.status.status_code is StatusCode.ERROR for span in failed)


def test_a_parent_that_is_none_is_left_alone(database: Database) -> None:
    spans = Spans(database).call(VerbCall("Nothing", somebody("ann")), traceparent="00-zz-zz-01")
    assert spans["POST /api/cases(*)/Call"].parent is None
    assert "call" in spans


@pytest.mark.parametrize(
    ("setting", "environment", "wanted"),
    [
        (None, {}, OFF),
        (None, {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://localhost:4318"}, STEPS),
        (None, {"OTEL_TRACES_EXPORTER": "console"}, STEPS),
        (None, {"OTEL_TRACES_EXPORTER": "none", "OTEL_EXPORTER_OTLP_ENDPOINT": "http://localhost:4318"}, OFF),
        (CALLS, {}, CALLS),
        (OFF, {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://localhost:4318"}, OFF),
        (STEPS, {"OTEL_SDK_DISABLED": "true"}, OFF),
    ],
)
def test_when_there_are_traces(setting: str | None, environment: dict[str, str], wanted: str) -> None:
    assert Observing(traces=setting).with_environment(environment).traces == wanted


def test_what_nothing_exports_is_told() -> None:
    with pytest.raises(ActionLangError) as raised:
        exporter_of({"OTEL_TRACES_EXPORTER": "pigeon"})
    assert raised.value.diagnostics[0].code.id == "E1155"


@contextmanager
def receiver() -> Iterator[tuple[str, list[ExportTraceServiceRequest]]]:
    """A receiver of OTLP over HTTP, and what it received."""
    received: list[ExportTraceServiceRequest] = []

    class Receiver(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            assert self.path == "/v1/traces"
            told = ExportTraceServiceRequest()
            told.ParseFromString(self.rfile.read(int(self.headers["Content-Length"])))
            received.append(told)
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Nobody wants to know."""

    with HTTPServer(("127.0.0.1", 0), Receiver) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}", received
        finally:
            server.shutdown()
            thread.join()


def test_spans_are_sent_to_a_receiver(monkeypatch: pytest.MonkeyPatch) -> None:
    with desk_url("sqlite") as url, receiver() as (address, received):
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", address)
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_COMPRESSION", "none")
        with Database.connect(url, hosting=Hosting(policy=Policy(), trace=True)) as database:
            spans = Spans(database)
            spans.provider.add_span_processor(BatchSpanProcessor(exporter_of({"OTEL_TRACES_EXPORTER": "otlp"})))
            kept = spans.call(VerbCall("Escalate", somebody("ann"), "CAS-1", {"reason": "x"}))
            spans.observer.close()
            spans.provider.shutdown()
    sent = [
        span for told in received for part in told.resource_spans for scope in part.scope_spans for span in scope.spans
    ]
    assert {span.name for span in sent} == set(kept)
    by_id = {span.span_id: span for span in sent}
    assert by_id[next(span for span in sent if span.name == "helpdesk.Escalate").parent_span_id].name.startswith(
        "POST "
    )


class Stuck(SpanExporter):
    """One whose receiver does not answer."""

    def __init__(self) -> None:
        self.began, self.may_end = Event(), Event()

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        self.began.set()
        self.may_end.wait()
        return SpanExportResult.FAILURE


def test_the_end_does_not_wait_for_a_receiver_that_does_not_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("actionlang.server.observing.tracing.LAST_CHANCE", 0.01)
    stuck = Stuck()
    with desk("sqlite") as database:
        spans = Spans(database)
        spans.provider.add_span_processor(BatchSpanProcessor(stuck))
        spans.call(VerbCall("Escalate", somebody("ann"), "CAS-1", {"reason": "x"}))
        spans.observer.close()
        # It came back, though the receiver has not answered.
        assert stuck.began.wait(60)
        stuck.may_end.set()
        spans.provider.shutdown()
