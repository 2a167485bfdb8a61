"""The TypeScript client, compiled and run by Node.js, calls a server over a socket."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.clients.made import typescript_package
from tests.clients.node_tools import node, tsc
from tests.clients.server import answer, losing, serving

pytestmark = pytest.mark.process

STORY = Path(__file__).parent / "story.mjs"
ELSEWHERE = '{"value": [], "@odata.nextLink": "http://evil.example.com/api/data/v9.2/cases?$skip=1"}'
STARTED_ELSEWHERE = answer("202 Accepted", "Location: http://evil.example.com/api/data/v9.2/$calls(some-run)")


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What the story printed."""
    package = typescript_package(tmp_path_factory.mktemp("typescript") / "desk")
    assert tsc(package) == []
    answers: list[bytes | None] = [None, b"", None, b"", None, answer("200 OK", body=ELSEWHERE)]
    # Of runs: one is started, its answer lost; one is said to be elsewhere; one goes on; one is taken back, that answer lost.
    answers += [
        None,
        b"",
        STARTED_ELSEWHERE,
        answer("202 Accepted", "Retry-After: 7"),
        None,
        b"",
        answer("204 No Content"),
    ]
    with serving(at_work=True) as url, losing(url, answers) as lossy:
        out = node(STORY, str(package / "dist" / "index.js"), url, lossy)
    lines = (line.partition(": ") for line in out.splitlines())
    return {name: None if value == "nothing" else json.loads(value) for name, _, value in lines}


def test_values_of_every_type_come_back_as_they_went(told: dict[str, Any]) -> None:
    assert told["taken"] == {"made": {"id": "2n"}, "price": "-0.0001", "grade": 3}
    assert told["same"] == []
    assert told["row"] == {"id": "2n", "grade": 3, "parent": {"id": "1n"}, "made": True}
    assert told["owner"] == "ann@example.com"
    assert told["weighed"] == {"weight": "6172839.4506", "all": [{"id": "2n"}, {"id": "1n"}]}
    assert told["above"] == {"total": "0n", "above": [2, 3]}
    assert told["counted"] == [{"count": "0n"}, {"count": f"{2**62 - 1}n"}], "in the order of keys"
    assert told["touched"] is None
    assert told["ticket"] == "Call back: Case 1"
    assert told["dated"] == "2026-07-01T12:00:00Z"


def test_refusals_are_errors_with_all_that_was_told(told: dict[str, Any]) -> None:
    assert told["refused"] == {
        "kind": "ActionLangError",
        "status": 422,
        "code": "E0701",
        "message": "Say why the case is escalated.",
        "target": None,
        "details": [],
        "run": "string",
    }
    assert (told["wrong"]["status"], told["wrong"]["target"], told["wrong"]["details"]) == (
        400,
        "code",
        ["code", "weight"],
    )
    assert (told["missing"]["status"], told["nobody"]["status"], told["stale"]["status"]) == (404, 401, 412)
    assert told["unsafe"]["kind"] == "RangeError"
    assert "use a bigint" in told["unsafe"]["message"]


def test_a_dry_run_keeps_nothing_and_a_key_acts_once(told: dict[str, Any]) -> None:
    assert told["dry"] == [{"count": "5n"}, "0n"]
    assert told["once"] == [{"count": "1n"}, {"count": "1n"}]


def test_rows_are_read_page_by_page(told: dict[str, Any]) -> None:
    assert told["pages"] == " ".join(f"CAS-{number}" for number in range(9, 0, -1))
    assert told["elsewhere"]["kind"] == "UnexpectedAnswer"
    assert "evil.example.com" in told["elsewhere"]["message"]


def test_lost_answers_are_asked_for_again_and_verbs_act_once(told: dict[str, Any]) -> None:
    assert told["lost"] == [{"count": "2n"}, "2n"]
    assert told["asked"] == "0n"
    assert told["impatient"]["kind"] == "TypeError", "what fetch says where no answer came"
    assert told["acted"] == "3n"
    assert told["aborted"]["message"] == "enough"


def test_what_is_started_is_waited_for_and_found_again(told: dict[str, Any]) -> None:
    run = told["started"]["id"]
    assert told["started"]["address"].endswith(f"/api/data/v9.2/$calls({run})")
    assert told["waited"] == {"count": "5n"}
    assert told["again"] == {"done": True, "returned": {"count": "5n"}}
    assert (told["failed"]["status"], told["failed"]["code"]) == (422, "E0701")
    assert told["failed"]["message"] == "Count by one at least."
    assert told["not started"] is None
    assert told["not to be started"]["status"] == 404


def test_what_waits_is_taken_back(told: dict[str, Any]) -> None:
    assert told["goes on"] == {"done": False, "retryAfter": 3_600_000}
    assert told["too long"]["kind"] == "TimeoutError"
    assert told["enough"]["message"] == "enough"
    assert (told["taken back"]["status"], told["taken back"]["code"]) == (404, "E1127")


def test_lost_answers_of_what_is_started(told: dict[str, Any]) -> None:
    assert told["started once"] is True
    assert told["asked here"] == [True, {"done": False, "retryAfter": 7000}]
    assert told["removed"] is None
    assert told["unsure"]["kind"] == "UnexpectedAnswer"
