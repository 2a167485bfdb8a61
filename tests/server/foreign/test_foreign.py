"""Clients of others call a live server, which they know nothing of but its address: a Dataverse client, a generic OData client, curl."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import attrs
import pytest
from starlette.datastructures import Headers

from actionlang.server.app import Application, Mounted
from actionlang.server.identity.identity import Identity
from actionlang.server.odata.door import ODataDoor
from actionlang.server.odata.settings import ODataSettings
from tests.docs.fences import DOCS, fences
from tests.server.foreign.node import printed, steps
from tests.server.live import live
from tests.server.world import desk, service, somebody

pytestmark = pytest.mark.process

Steps = dict[str, Any]


def by_token(headers: Headers, _: str) -> Identity:
    return somebody(headers["authorization"].removeprefix("Bearer "))


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def kind(request: pytest.FixtureRequest) -> str:
    """The kind of database."""
    return str(request.param)


@contextmanager
def serving(kind: str) -> Iterator[str]:
    """The root of a server with a desk of its own."""
    with desk(kind) as database:
        door = ODataDoor(service(database), ODataSettings(async_workers=0))
        with live(Application([Mounted("/api/data/", door)], by_token)) as base:
            yield base


@pytest.fixture(scope="module")
def server(kind: str) -> Iterator[str]:
    """A server for all clients."""
    with serving(kind) as base:
        yield base


@pytest.fixture(scope="module")
def dynamics(server: str) -> Steps:
    return steps("dynamics.mjs", server, "ann")


@pytest.fixture(scope="module")
def generic(server: str, dynamics: Steps) -> Steps:
    return steps("generic.mjs", server, "ann")


def refused(steps: Steps, name: str) -> tuple[object, object]:
    return steps[name]["refused"].get("status"), steps[name]["refused"].get("code")


def numbers(rows: list[dict[str, object]]) -> list[object]:
    return [row["number"] for row in rows]


# ------------------------------------------------------------------------------------------------- dynamics-web-api


def test_dynamics_calls_verbs(dynamics: Steps) -> None:
    made = dynamics["unbound"]
    assert made["oDataContext"].endswith("/api/data/v9.2/$metadata#Microsoft.Dynamics.CRM.TakeSampleResponse")
    assert made["made"]["@odata.type"] == "#Microsoft.Dynamics.CRM.sample"
    assert (made["price"], made["grade"]) == (12.25, 3)
    assert dynamics["bound"]["count"] == 5
    assert dynamics["nothing_comes_back"] is None
    assert dynamics["by_primary_key"]["ticket"]["@odata.id"].startswith("tasks(")
    assert dynamics["links"]["grade"] == 2


def test_dynamics_is_told_what_is_wrong(dynamics: Steps) -> None:
    told = dynamics["refused_by_the_verb"]["refused"]
    assert (told["status"], told["code"], told["message"]) == (422, "E0701", "Say why the case is escalated.")
    assert refused(dynamics, "no_such_verb") == (404, "E1122")
    assert refused(dynamics, "no_such_row") == (404, "E1120")
    assert refused(dynamics, "wrong_value") == (400, "E1125")
    assert dynamics["wrong_value"]["refused"]["target"] == "code"
    assert refused(dynamics, "wrong_filter") == (400, "E1130")
    assert refused(dynamics, "rows_are_changed_by_verbs") == (405, "E1135")


def test_dynamics_calls_once_and_on_what_it_saw(dynamics: Steps) -> None:
    assert dynamics["seen_version"]["count"] == dynamics["seen"]["count"] + 1
    for name in ("old_version", "wrong_version"):
        assert refused(dynamics, name) == (412, "E0725")
    assert dynamics["not_seen_again"] is None
    assert dynamics["key_once"]["count"] == dynamics["key_again"]["count"] == 6
    assert refused(dynamics, "key_for_another") == (422, "E0813")


def test_dynamics_calls_functions(dynamics: Steps) -> None:
    assert (dynamics["function_unbound"]["total"], dynamics["function_unbound"]["above"]) == (1, [3])
    assert dynamics["function_bound"]["price"] == 12.25
    assert dynamics["function_of_rows"]["weight"] == 3.75
    assert len(dynamics["function_of_rows"]["all"]) == 1


def test_dynamics_reads_rows(dynamics: Steps) -> None:
    row = dynamics["row"]
    assert (row["number"], row["title"]) == ("CAS-1", "Case 1")
    assert "status" not in row
    assert dynamics["expanded"]["owner_user"]["email"] == "ann@example.com"
    assert dynamics["rows"]["oDataCount"] == 7
    assert numbers(dynamics["rows"]["value"]) == ["CAS-9", "CAS-8", "CAS-7"]
    assert numbers(dynamics["first_page"]["value"]) == ["CAS-1", "CAS-2", "CAS-3", "CAS-4"]
    assert numbers(dynamics["next_page"]["value"]) == ["CAS-5", "CAS-6", "CAS-7", "CAS-8"]
    assert numbers(dynamics["all_pages"]["value"]) == [f"CAS-{number}" for number in range(1, 10)]
    assert (dynamics["counted"], dynamics["counted_some"]) == (9, 3)
    assert dynamics["formatted"]["priority_Formatted"] == "High"


def test_dynamics_sends_batches(dynamics: Steps) -> None:
    made, counted, asked, read = dynamics["batch"]
    assert made["made"]["@odata.id"].startswith("samples(")
    assert (counted["count"], asked["total"] > 0, read["number"]) == (3, True, "CAS-9")
    assert [each.get("count") for each in dynamics["batch_by_content_id"]] == [None, 7, None]
    (only,) = dynamics["batch_that_fails"]
    assert (only["refused"]["status"], only["refused"]["code"]) == (422, "E0701")
    assert [each.get("refused", {}).get("status") for each in dynamics["batch_that_goes_on"]] == [None, 422, None]
    there = {row["code"]: row["count"] for row in dynamics["what_is_there"]["value"]}
    assert there == {"B-1": 3, "B-2": 7, "B-3": 1, "B-5": 1, "B-6": 1, "D-1": 6, "D-2": 6}


# ---------------------------------------------------------------------------------------------------- @odata/client


def test_generic_calls_verbs_and_reads_rows(generic: Steps) -> None:
    assert generic["unbound"]["made"]["@odata.id"].startswith("samples(")
    assert generic["bound"]["count"] == 4
    assert generic["function_bound"]["price"] is None
    assert generic["row"]["title"] == "Case 1"
    assert numbers(generic["rows"]) == ["CAS-4"]
    assert generic["rows"][0]["owner_user"]["name"] == "Ann"
    assert generic["counted"] == 3
    assert generic["refused"]["refused"] == {"message": "Count by one at least.", "kind": "ODataServerError"}


def test_generic_sends_batches(generic: Steps) -> None:
    assert [each["status"] for each in generic["batch"]] == [200, 200]
    assert numbers(generic["batch"][1]["body"]["value"]) == ["CAS-1"]
    assert [each["status"] for each in generic["batch_in_json"]] == [200, 200, 200]
    assert generic["batch_in_json"][1]["body"]["count"] == 5
    assert [each["status"] for each in generic["batch_that_fails"]] == [424, 422]


# ------------------------------------------------------------------------------------------------------------- curl


@attrs.frozen
class Told:
    """What curl printed."""

    status: int
    headers: dict[str, str]
    body: Any

    @property
    def code(self) -> object:
        return self.body["error"]["code"]


def curl(url: str, *options: str, token: str = "ann") -> Told:
    options = ("--silent", "--show-error", "--include", "--header", f"Authorization: Bearer {token}", *options)
    done = subprocess.run(["curl", *options, url], capture_output=True, text=True, timeout=60, check=True)
    head, _, body = done.stdout.partition("\n\n")
    status, *lines = head.splitlines()
    pairs = (line.split(": ", 1) for line in lines)
    headers = {name.lower(): value for name, value in pairs}
    return Told(int(status.split()[1]), headers, json.loads(body) if body else None)


def json_of(body: object) -> tuple[str, ...]:
    return ("--header", "Content-Type: application/json", "--data", body if isinstance(body, str) else json.dumps(body))


def test_curl_calls_a_verb(server: str) -> None:
    url = f"{server}/api/data/v9.2/TakeSample"
    told = curl(url, *json_of({"code": "C-1"}))
    assert (told.status, told.headers["odata-version"]) == (200, "4.0")
    assert told.headers["content-type"] == "application/json; odata.metadata=minimal"
    row = f"{server}/api/data/v9.2/samples(code='C-1')"
    etag = curl(row).headers["etag"]
    assert curl(row, "--header", f"If-None-Match: {etag}").status == 304
    counting = f"{row}/Microsoft.Dynamics.CRM.CountUp"
    told = curl(counting, "--header", f"If-Match: {etag}", *json_of({"step": 2}))
    assert (told.status, told.body["count"]) == (200, 3)
    assert told.headers["etag"] == curl(row).headers["etag"] != etag
    assert curl(f"{row}/Microsoft.Dynamics.CRM.Touch", "--request", "POST").status == 204


@pytest.mark.parametrize(
    ("path", "options", "status", "code"),
    [
        ("TakeSample", json_of("{"), 400, "E1124"),
        ("TakeSample", ("--header", "Content-Type: text/plain", "--data", "x"), 415, "E1126"),
        ("TakeSample", json_of({"code": 1, "what": 2}), 400, "E1125"),
        ("TakeSample", json_of({}), 400, "E1125"),
        ("TakeSample", (), 405, "E1123"),
        ("TakeSample", ("--header", "Idempotency-Key;", *json_of({"code": "x"})), 400, "E1145"),
        ("samples(code='C-9')/Microsoft.Dynamics.CRM.CountUp", json_of({}), 404, "E1120"),
        ("samples(code='C-9')/CountUp", ("--header", "If-Match: 7", *json_of({})), 400, "E1146"),
        ("samples(/CountUp", json_of({}), 400, "E1121"),
        ("cases(number='CAS-3')/Escalate", json_of({"reason": " "}), 422, "E0701"),
        ("cases(number='CAS-99')", (), 404, "E1120"),
        ("Nothing", json_of({}), 404, "E1122"),
        ("Hidden", json_of({}), 404, "E1122"),
        ("$batch", (), 405, "E1123"),
        ("$batch", json_of({}), 400, "E1140"),
        ("$batch", ("--header", "Content-Type: text/plain", "--data", "x"), 415, "E1126"),
        ("$batch", ("--header", "Content-Type: multipart/mixed", "--data", "x"), 400, "E1140"),
        ("$batch", ("--header", "Idempotency-Key: 7", *json_of({"requests": []})), 400, "E1126"),
    ],
)  # fmt: skip
def test_curl_is_told_what_is_wrong(server: str, path: str, options: tuple[str, ...], status: int, code: str) -> None:
    told = curl(f"{server}/api/data/v9.2/{path}", "--globoff", *options)
    assert (told.status, told.code) == (status, code), told.body
    assert told.headers["odata-version"] == "4.0"
    assert told.body["error"]["message"].endswith(".")


def test_curl_without_rights(server: str) -> None:
    told = curl(f"{server}/api/data/v9.2/TakeSample", *json_of({"code": "C-7"}), token="dan")
    assert (told.status, told.code) == (403, "E0730")


def test_curl_sends_a_batch(server: str, tmp_path: Path) -> None:
    batch = tmp_path / "batch.txt"
    batch.write_text(
        "--b\nContent-Type: application/http\n\n"
        "GET cases(number='CAS-2')?$select=number HTTP/1.1\n\n\n"
        "--b\nContent-Type: application/http\n\n"
        "POST samples(code='C-99')/Microsoft.Dynamics.CRM.CountUp HTTP/1.1\nContent-Type: application/json\n\n{}\n"
        "--b--\n"
    )
    options = ("--header", "Content-Type: multipart/mixed; boundary=b", "--data-binary", f"@{batch}", "--silent")
    url = f"{server}/api/data/v9.2/$batch"
    done = subprocess.run(
        ["curl", *options, "--header", "Authorization: Bearer ann", url], capture_output=True, text=True, check=True
    )
    assert done.stdout.startswith("--batchresponse_")
    assert '"number":"CAS-2"' in done.stdout
    assert "HTTP/1.1 404 Not Found\n" in done.stdout


# --------------------------------------------------------------------------------------------------------- the page

PAGE = DOCS / "how-to" / "call-verbs-from-dataverse-clients.md"


def test_the_programs_of_the_page(kind: str) -> None:
    blocks = [fence for fence in fences(PAGE) if fence.language in ("js", "text")]
    program = "".join(fence.text for fence in blocks if fence.language == "js")
    expected = "".join(fence.text for fence in blocks if fence.language == "text")
    with serving(kind) as base:
        assert printed(program.replace("http://127.0.0.1:8000", base), TOKEN="ann") == expected
