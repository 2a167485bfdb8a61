"""The log has a line a request, which says what happened and nothing that is a secret, whatever was sent."""

from __future__ import annotations

import io
import json
import logging

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actionlang.diagnostics.diagnostic import ActionLangError, Code, Diagnostic
from actionlang.server.messages import Response
from actionlang.server.observing.observer import Observer
from actionlang.server.observing.request_id import request_id
from actionlang.server.observing.route import told_route
from actionlang.server.observing.settings import OFF, Observing
from actionlang.server.observing.structured_log import JsonLines, PlainLines, configure_logging
from actionlang.server.refusal import Refusal
from actionlang.server.service import Service, VerbCall, refusal_of
from tests.server.observing.watched import answer, log_lines
from tests.server.world import desk, service, somebody

QUIET = Observing(metrics=OFF, traces=OFF)


def test_a_line_says_what_happened() -> None:
    with desk("sqlite") as database, log_lines(QUIET) as lines:
        observer = Observer.of(QUIET)
        verbs = Service(service(database).verbs, observer.calls)

        def door(observed: object) -> Response:
            observed.subject = "key 3f2a"  # type: ignore[attr-defined]
            made = verbs.call(VerbCall("TakeSample", somebody("ann"), arguments={"code": "TOP-SECRET"}))
            return Response(200, {"OData-Version": "4.0"}, b"{}", run=made.result.run, verb=made.verb.name)

        told = answer(observer, "/api/data/v9.2/TakeSample", door, X_Request_Id="abc-1", Authorization="Bearer s3cret")
        assert told.headers == {"OData-Version": "4.0", "X-Request-Id": "abc-1"}
        (line,) = lines()
        run = database.log.runs()[0].id
    duration = line.pop("duration_ms")
    assert isinstance(duration, float) and duration > 0
    assert line.pop("time").endswith("Z")
    assert line == {
        "level": "info",
        "logger": "actionlang.server.requests",
        "message": "POST /api/data/v9.2/TakeSample 200",
        "method": "POST",
        "route": "/api/data/v9.2/TakeSample",
        "status": 200,
        "code": None,
        "verb": "verbs.desk.TakeSample",
        "run": run,
        "subject": "key 3f2a",
        "request_id": "abc-1",
    }


def test_a_request_of_many_calls_names_their_runs() -> None:
    with desk("sqlite") as database, log_lines(QUIET) as lines:
        observer = Observer.of(QUIET)
        verbs = Service(service(database).verbs, observer.calls)

        def door(_: object) -> Response:
            for number in range(2):
                verbs.call(VerbCall("TakeSample", somebody("ann"), arguments={"code": f"S-{number}"}))
            with pytest.raises(Refusal):
                verbs.call(VerbCall("TakeSample", somebody("dan"), arguments={"code": "S-3"}))
            return Response(200)

        answer(observer, "/api/$batch", door)
        (line,) = lines()
        assert (line["calls"], line["verb"]) == (3, None)
        assert {run.id for run in database.log.runs()} == set(line["runs"])


def test_what_a_refused_call_was_is_told() -> None:
    with desk("sqlite") as database, log_lines(QUIET) as lines:
        observer = Observer.of(QUIET)
        verbs = Service(service(database).verbs, observer.calls)

        def door(_: object) -> Response:
            try:
                verbs.call(VerbCall("Escalate", somebody("ann"), "CAS-1", {"reason": " "}))
            except Refusal as refusal:
                return Response(refusal.status)
            raise AssertionError

        answer(observer, "/api/cases(number='CAS-1')/Escalate", door)
        (line,) = lines()
        failed = database.log.runs()[0].id
    assert (line["verb"], line["code"], line["run"]) == ("helpdesk.Escalate", "E0701", failed)
    assert (line["route"], line["status"]) == ("/api/cases(*)/Escalate", 422)


def test_errors_of_the_server_are_told_as_such_and_probes_not_at_all() -> None:
    with log_lines(QUIET) as lines:
        observer = Observer.of(QUIET)
        answer(observer, "/api/x", lambda _: Response(500, code="E0809"))
        observed = observer.begin({"type": "http", "method": "GET", "path": "/healthz", "headers": []})
        observed.mounted("/healthz")
        observed.ended(Response(200))
        (line,) = lines()
    assert (line["level"], line["code"]) == ("error", "E0809")


@pytest.mark.parametrize(
    ("given_id", "is_kept"),
    [
        ("7f1c-22", True),
        ("a" * 128, True),
        ("a" * 129, False),
        ("", False),
        ('x"y', False),
        ("x\ny", False),
        ("x y", False),
        ("é", False),
        (None, False),
    ],
)
def test_ids_of_requests(given_id: str | None, is_kept: bool) -> None:
    assert (request_id(given_id) == given_id) == is_kept
    assert request_id(given_id)


@pytest.mark.parametrize(
    ("path", "told"),
    [
        ("/api/data/v9.2/cases(number='O''Brien/x)(')/Microsoft.Dynamics.CRM.Escalate", "/api/data/v9.2/cases(*)/Microsoft.Dynamics.CRM.Escalate"),
        ("/api/data/v9.2/cases%28number='secret'%29/owner", "/api/data/v9.2/cases(*)/owner"),
        ("/api/data/v9.2/weight_of(first=@p)", "/api/data/v9.2/weight_of(*)"),
        ("/api/cases('never closed", "/api/cases(*)"),
        ("/api/eyJhbGciOi J9/x", "/api/*/x"),
        ("/api/" + "a" * 65, "/api/*"),
        ("/api/$batch", "/api/$batch"),
        ("/api/" + "a/" * 40, "/api" + "/a" * 11 + "/*"),
    ],
)  # fmt: skip
def test_routes(path: str, told: str) -> None:
    assert told_route(path, "/api") == told


def test_of_an_address_where_nothing_is_nothing_is_told() -> None:
    assert told_route("/reset/eyJhbGciOiJ9", None) == "/*"


@given(st.text(), st.text(), st.sampled_from([JsonLines(), PlainLines()]))
def test_whatever_is_said_stays_on_its_line(message: str, subject: str, lines: logging.Formatter) -> None:
    record = logging.makeLogRecord({"msg": message.replace("%", "%%"), "subject": subject, "levelname": "INFO"})
    line = lines.format(record)
    assert len(line.splitlines()) == 1
    if isinstance(lines, JsonLines):
        assert line.isascii()
        read = json.loads(line)
        assert (read["message"], read["subject"]) == (message.replace("%", "%%"), subject)


@given(st.text())
def test_whatever_is_asked_for_can_be_told(path: str) -> None:
    told = told_route(path, "/api")
    assert told.isascii() and told.isprintable() and len(told) < 1000


def test_the_level_and_the_form_are_settings() -> None:
    stream, root = io.StringIO(), logging.getLogger()
    before, level = root.handlers[:], root.level
    try:
        configure_logging(Observing(log="plain", log_level="warning"), stream)
        logging.getLogger("actionlang.server").info("not told")
        logging.getLogger("actionlang.server").warning("told", extra={"run": "r-1", "code": None})
    finally:
        root.handlers[:] = before
        root.setLevel(level)
    assert stream.getvalue().endswith(" warning told run=r-1\n") and stream.getvalue().count("\n") == 1


def test_a_line_for_people_says_nothing_twice() -> None:
    told = {"method": "POST", "route": "/api/x", "status": 200, "code": None, "duration_ms": 1.5}
    record = logging.makeLogRecord({"msg": "POST /api/x 200", "levelname": "INFO", "told": told})
    assert PlainLines().format(record).endswith(" info POST /api/x 200 duration_ms=1.5")


@pytest.mark.parametrize(("code", "has_traceback"), [("E0801", False), ("E0809", True)])
def test_a_database_that_is_away_is_told_of_without_a_traceback(
    code: str, has_traceback: bool, caplog: pytest.LogCaptureFixture
) -> None:
    """What the log says of it is in the message; a defect of the server itself is told with all that is known."""
    error = ActionLangError(Diagnostic(Code(code, "a title"), "what happened"))
    refusal = refusal_of(error)
    (record,) = caplog.records
    assert refusal.run is not None and refusal.run in record.getMessage() and "what happened" in record.getMessage()
    assert bool(record.exc_info) is has_traceback


def test_an_exception_is_one_line_of_json() -> None:
    try:
        raise ValueError("a\nb")
    except ValueError as error:
        record = logging.makeLogRecord({"msg": "incident", "exc_info": (type(error), error, error.__traceback__)})
    line = JsonLines().format(record)
    assert "\n" not in line and json.loads(line)["exception"].endswith("ValueError: a\nb")
