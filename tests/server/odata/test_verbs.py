"""Verbs called as Dataverse's clients call messages. What goes over the wire stands in tests/golden/odata: one conversation a file,
the same on both databases."""

from __future__ import annotations

import json
import re

import pytest
import sqlalchemy as sa

from actionlang.runtime.database import Database
from actionlang.server.odata.door import ODataDoor
from tests.golden import compare
from tests.server.odata.asking import Ask, asked, shown

NS = "Microsoft.Dynamics.CRM"
CASE_2 = "00000000-0000-4000-8000-000200000002"
SAMPLE = {
    "code": "S-1", "note": "A \"first\" one", "count": 3, "weight": 3.1234, "price": 12.5, "ready": True,
    "made_on": "2026-11-24", "made_at": "2026-11-24T09:30:00.1200000Z", "wait": "PT90M", "grade": "high",
}  # fmt: skip
NOTES = 'odata.include-annotations="*"'

CONVERSATIONS: dict[str, list[tuple[tuple[object, ...], dict[str, str]]]] = {
    "bound": [
        (("POST", f"/cases({CASE_2})/{NS}.Escalate", {"reason": "No reply"}), {}),
        (("POST", f"/cases(number='CAS-1')/{NS}.Escalate", {"reason": "No reply", "level": 2}), {"Prefer": NOTES}),
        (("POST", "/cases(number=%27CAS-3%27)/Escalate", {"reason": "No reply"}), {"Prefer": "return=minimal"}),
        (("POST", "/cases(number='CAS-77')/Escalate", {"reason": "No reply"}), {}),
        (("POST", "/cases('CAS-1')/Escalate", {"reason": "No reply"}), {}),
        (("POST", "/cases(number='CAS-4')/Escalate", {"level": "two", "why": "x"}), {}),
        (("POST", "/cases(number='CAS-4')/Escalate", {"reason": " "}), {}),
        (("POST", "/cases(number='CAS-4')/Resolve", {}), {}),
        (("POST", "/cases(number='CAS-4')/Close"), {}),
        (("GET", "/cases(number='CAS-4')/Escalate"), {}),
        (("POST", "/Escalate", {"reason": "x"}), {}),
        (("POST", "/cases/Escalate", {"reason": "x"}), {}),
        (("POST", "/teams(name='Tier%202')/Escalate", {"reason": "x"}), {}),
    ],
    "unbound": [
        (("POST", "/TakeSample", SAMPLE), {}),
        (("POST", "/TakeSample", b'{"code": "S-2", "price": 922337203685477.5807, "grade": 1}'), {"Prefer": NOTES}),
        (
            ("POST", "/TakeSample", {"code": "S-3", "price": "0.0001", "parent@odata.bind": "/samples(code='S-1')"}),
            {"Accept": "application/json;odata.metadata=full;IEEE754Compatible=true", "OData-MaxVersion": "4.01"},
        ),
        (
            ("POST", "/TakeSample", {"code": "S-4", "parent": {"@odata.type": f"{NS}.sample", "sampleid": 1}}),
            {"Accept": "application/json;odata.metadata=none"},
        ),
        (
            (
                "POST",
                "/TakeSample",
                {"code": "S-5", "parent": {"@odata.id": "https://desk.example/api/data/v9.0/samples(1)"}},
            ),
            {},
        ),
        (("POST", f"/{NS}.TakeSample", {"code": "S-6", "parent": "S-1"}), {"Prefer": "dry-run"}),
        (("POST", "/TakeSample", {"code": "S-6", "parent": "S-99"}), {}),
        (("POST", "/TakeSample", {"code": "S-1"}), {}),
        (("POST", "/TakeSample", b'{"code": "S-7", "code": "S-8"}'), {}),
        (("POST", "/TakeSample?$select=made", {"code": "S-7"}), {}),
        (("POST", "/TakeSample(code='S-7')", {}), {}),
        (("POST", "/TakeSample", b"code=S-7"), {"Content-Type": "application/x-www-form-urlencoded"}),
        (("POST", "/TakeSample", [SAMPLE]), {}),
        (("POST", "/TakeSample", {"code": "S-7", "wait": "90 minutes"}), {}),
    ],
    "functions": [
        (("POST", "/TakeSample", SAMPLE), {}),
        (("POST", "/TakeSample", {"code": "O'Neil", "weight": 1}), {}),
        (("GET", "/samples_of(grade=3)"), {}),
        (("GET", f"/samples_of(grade=@g)?@g={NS}.Priority'low'"), {"Prefer": NOTES}),
        (("GET", "/samples_of?grade='High'"), {}),
        (("GET", "/samples_of(grade=@g)"), {}),
        (("GET", '/weight_of(first=@f,others=@o,factor=2.50)?@f={"@odata.id":"samples(1)"}&@o=[2,{"code":"S-1"}]'), {}),
        (("GET", "/weight_of(first='O''Neil')"), {}),
        (("GET", f"/samples(1)/{NS}.price_of()"), {}),
        (("GET", "/samples(code='O''Neil')/price_of"), {}),
        (("GET", "/samples(code='none')/price_of"), {}),
        (("GET", "/samples_of(grade=high)"), {}),
        (("GET", "/samples_of(3)"), {}),
        (("POST", "/samples_of", {"grade": 3}), {}),
        (("HEAD", "/samples_of(grade=3)"), {}),
    ],
    "sets of rows": [
        (("POST", "/TakeSample", SAMPLE), {}),
        (("POST", "/TakeSample", {"code": "S-2"}), {}),
        (("POST", f"/samples/{NS}.CountAll", {"Targets": [{"@odata.id": "samples(2)"}, "S-1"], "step": 2}), {}),
        (("POST", f"/samples/{NS}.CountAll", {"Targets": [1, 2]}), {"Prefer": "return=minimal"}),
        (("POST", "/samples(2)/CountAll", {}), {}),
        (("POST", "/samples/CountAll", {"Targets": [1, 99]}), {}),
        (("POST", "/samples/CountAll", {"Targets": 1}), {}),
        (("POST", "/samples/CountAll", {}), {}),
        (("POST", "/samples/GradeAll", {"samples": [1, "S-2"], "grade": "low"}), {}),
        (("POST", "/GradeAll", {"samples@odata.bind": ["samples(1)", "/samples(code='S-2')"], "grade": 3}), {}),
        (("POST", "/GradeAll", {"samples": [1], "samples@odata.bind": ["samples(1)"], "grade": 3}), {}),
    ],
    "deprecated": [
        (("POST", "/TakeSample", SAMPLE), {}),
        (("POST", "/samples(1)/Reweigh", {"weight": 1.5}), {}),
        (("POST", "/samples(1)/Reweigh", {"weight": 1.5, "scale": "A"}), {}),
    ],
}


@pytest.mark.parametrize("name", CONVERSATIONS)
def test_conversations(door: ODataDoor, name: str) -> None:
    told = []
    for parts, headers in CONVERSATIONS[name]:
        request = asked(*parts, **headers)  # type: ignore[arg-type]
        told.append(shown(request, door(request)))
    text = f"{'-' * 100}\n".join(told)
    compare(f"odata/{name.replace(' ', '-')}.txt", re.sub(r"Deprecation: @\d+", "Deprecation: @<activated>", text))


def test_what_was_given_is_told_in_its_own_letters(ask: Ask) -> None:
    """Those that would turn the text around are told by their numbers."""
    ask("POST", "/TakeSample", {"code": "S-1"})
    told = ask("POST", "/samples(1)/CountUp", {"step": "東京\u202e"})
    assert json.loads(told.body)["error"]["message"].endswith('not "東京<U+202E>".')


def test_nothing_is_done_twice_for_one_key(ask: Ask, database: Database) -> None:
    ask("POST", "/TakeSample", {"code": "S-1"})
    first = ask("POST", "/samples(1)/CountUp", {}, Idempotency_Key='"k1"')
    again = ask("POST", "/samples(1)/CountUp", {}, Idempotency_Key="k1")
    assert first.status == again.status == 200
    assert first.body == again.body
    assert "Idempotency-Replayed" not in first.headers
    assert again.headers["Idempotency-Replayed"] == "true"
    other = ask("POST", "/samples(1)/CountUp", {"step": 2}, Idempotency_Key="k1")
    assert (other.status, json.loads(other.body)["error"]["code"]) == (422, "E0813")
    assert scalar(database, "SELECT count FROM sample") == 2


def test_a_row_that_was_changed_since(ask: Ask) -> None:
    ask("POST", "/TakeSample", {"code": "S-1"})
    late = ask("POST", "/samples(1)/CountUp", {}, If_Match='W/"0123456789abcdef"')
    assert (late.status, json.loads(late.body)["error"]["code"]) == (412, "E0725")
    version = re.findall("[0-9a-f]{16}", late.body.decode())[-1]
    done = ask("POST", "/samples(1)/CountUp", {}, If_Match=f'W/"{version}"')
    assert done.status == 200
    assert re.fullmatch('W/"[0-9a-f]{16}"', done.headers["ETag"])
    assert ask("POST", "/samples(1)/CountUp", {}, If_Match=done.headers["ETag"]).status == 200
    assert ask("POST", "/samples(1)/CountUp", {}, If_Match=done.headers["ETag"]).status == 412
    assert ask("POST", "/samples(1)/CountUp", {}, If_Match="*").status == 200


def test_a_dry_run_changes_nothing(ask: Ask, database: Database) -> None:
    ask("POST", "/TakeSample", {"code": "S-1"})
    tried = ask("POST", "/samples(1)/CountUp", {"step": 5}, Prefer="dry-run")
    assert (tried.status, json.loads(tried.body)["count"]) == (200, 6)
    assert tried.headers["Preference-Applied"] == "dry-run"
    assert scalar(database, "SELECT count FROM sample") == 1


def test_rights(ask: Ask) -> None:
    ask("POST", "/TakeSample", {"code": "S-1"})
    refused = ask("POST", "/cases(number='CAS-1')/Escalate", {"reason": "x"}, who="dan")
    assert (refused.status, json.loads(refused.body)["error"]["code"]) == (403, "E0730")
    # Cara sees her own samples only: another's is told of as one that is not there.
    hidden = ask("POST", "/samples(code='S-1')/CountUp", {}, who="cara")
    missing = ask("POST", "/samples(code='S-9')/CountUp", {}, who="cara")
    assert hidden.status == missing.status == 404
    assert json.loads(hidden.body) == json.loads(missing.body)


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_refusals_are_not_much_larger_than_what_they_refuse(ask: Ask) -> None:
    many = ask("POST", "/TakeSample", {f"{number} {'x' * 500}": number for number in range(2_000)})
    assert many.status == 400
    assert len(json.loads(many.body)["error"]["details"]) == 20
    assert len(many.body) < 8_000


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_private_verbs_are_not_there(ask: Ask) -> None:
    hidden, missing = ask("POST", "/samples(1)/Hidden"), ask("POST", "/samples(1)/Missing")
    assert hidden.status == missing.status == 404
    assert hidden.body.replace(b"Hidden", b"Missing") == missing.body


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_the_version_in_the_address_is_any(door: ODataDoor) -> None:
    for version, status in (("v9.0", 200), ("v1.12", 200), ("9.2", 400), ("v9", 400)):
        request = asked("GET", "/samples_of(grade=3)")
        path = request.path.replace("v9.2", version)
        assert (
            door(type(request)("GET", path, "", request.headers, b"", request.identity, request.base)).status == status
        )


def scalar(database: Database, statement: str) -> object:
    with database.connection() as connection:
        return connection.scalar(sa.text(statement))
