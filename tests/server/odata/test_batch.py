"""Batches are carried out as OData says, on both databases: one after another, change sets as one."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
import sqlalchemy as sa
from starlette.datastructures import Headers

from actionlang.registry.verbs import Verbs
from actionlang.runtime.database import Database
from actionlang.server.identity.authenticator import Authenticator
from actionlang.server.identity.settings import IdentitySettings
from actionlang.server.odata import batch
from actionlang.server.odata.door import ODataDoor
from actionlang.server.odata.settings import ODataSettings
from actionlang.server.refusal import Refusal
from actionlang.server.service import Service
from tests.server.odata.batches import BASE, ROOT, change_set, multipart, part, sent, sent_json, told
from tests.server.world import desk, service, somebody

NS = "Microsoft.Dynamics.CRM"
CONTINUE = {"prefer": "odata.continue-on-error"}


@pytest.fixture(params=["sqlite", "postgres"])
def database(request: pytest.FixtureRequest) -> Iterator[Database]:
    """A desk on each kind of database."""
    with desk(request.param) as database:
        yield database


@pytest.fixture
def door(database: Database) -> ODataDoor:
    return ODataDoor(service(database), ODataSettings(async_workers=0))


def counts(database: Database) -> dict[str, int]:
    with database.connection() as connection:
        return dict(connection.execute(sa.text("SELECT code, count FROM sample")).all())


def take(code: str, id_: str | None = None, **more: object) -> str:
    return part("POST TakeSample", {"code": code, **more}, id_)


def count_up(code: str, step: int, **headers: str) -> str:
    return part(f"POST samples(code='{code}')/{NS}.CountUp", {"step": step}, **headers)


def test_requests_and_change_sets_in_their_order(door: ODataDoor, database: Database) -> None:
    response = sent(
        door,
        multipart(
            take("S-1"),
            change_set(take("S-2", "2"), count_up("S-1", 4), count_up("S-2", 1)),
            part("GET samples_of(grade='normal')"),
        ),
    )
    assert response.status == 200
    assert response.headers["OData-Version"] == "4.0"
    found = told(response)
    assert [(each.status, each.id, each.change_set) for each in found] == [
        (200, None, False),
        (200, "2", True),
        (200, None, True),
        (200, None, True),
        (200, None, False),
    ]
    assert [each.body.get("count") for each in found[2:4]] == [5, 2]
    assert found[4].body["total"] == 2
    assert found[4].headers["odata-version"] == "4.0"
    assert counts(database) == {"S-1": 5, "S-2": 2}


def test_the_first_that_fails_is_the_last(door: ODataDoor, database: Database) -> None:
    body = multipart(take("S-1"), count_up("S-1", 0), take("S-2"))
    found = told(sent(door, body))
    assert [(each.status, each.code) for each in found] == [(200, None), (422, "E0701")]
    assert counts(database) == {"S-1": 1}


def test_others_go_on_where_that_is_preferred(door: ODataDoor, database: Database) -> None:
    body = multipart(take("S-1"), count_up("S-1", 0), change_set(take("S-2"), count_up("S-1", 0)), take("S-3"))
    for prefer in (
        "odata.continue-on-error",
        'continue-on-error="true"',
        "return=representation, odata.continue-on-error=true",
    ):
        response = sent(door, body.replace("S-", f"{len(prefer)}-"), prefer=prefer)
        assert response.headers["Preference-Applied"] == "odata.continue-on-error"
        assert [each.status for each in told(response)] == [200, 422, 422, 200]
    assert len(told(sent(door, body, prefer="odata.continue-on-error=false"))) == 2
    assert "S-2" not in counts(database)


def test_of_a_change_set_that_fails_nothing_is_kept(door: ODataDoor, database: Database) -> None:
    for last in (
        count_up("S-1", 0),
        part("POST Nothing", {}),
        part("POST TakeSample", {"code": 7}),
        part("POST TakeSample", "{"),
        part("GET samples_of(grade='normal')"),
        part(f"POST {ROOT}/../../TakeSample", {"code": "S-9"}),
        part("PATCH samples(1)", {"code": "S-9"}),
    ):
        (only,) = told(sent(door, multipart(change_set(take("S-1"), take("S-2"), last))))
        assert only.status >= 400
        assert not only.change_set
        assert counts(database) == {}


def test_rows_that_were_just_made_are_referred_to(door: ODataDoor, database: Database) -> None:
    response = sent(
        door,
        multipart(
            change_set(
                take("S-1", "a"),
                part(f"POST $a/{NS}.CountUp", {"step": 2}),
                take("S-2", "b", **{"parent@odata.bind": "$a", "weight": 1.5}),
                part(f"POST /$b/{NS}.CountUp", {"step": 5}),
            ),
            part(f"POST $b/{NS}.CountUp", {"step": 7}),
        ),
    )
    assert [each.status for each in told(response)] == [200] * 5
    assert counts(database) == {"S-1": 3, "S-2": 13}
    with database.connection() as connection:
        found = connection.execute(sa.text("SELECT p.code FROM sample s JOIN sample p ON p.id = s.parent")).all()
    assert [tuple(each) for each in found] == [("S-1",)]


@pytest.mark.parametrize(
    ("second", "what"),
    [
        (part(f"POST $z/{NS}.CountUp", {}), "is not before this one"),
        (part(f"POST $up/{NS}.CountUp", {}), "gave no row"),
        (part("POST TakeSample", {"code": "S-2", "parent@odata.bind": "$z"}), "is not before this one"),
    ],
)
def test_references_to_nothing(door: ODataDoor, database: Database, second: str, what: str) -> None:
    first = part(f"POST samples(code='S-1')/{NS}.CountUp", {}, "up")
    found = told(sent(door, multipart(take("S-1"), first, second)))
    assert (found[-1].status, found[-1].code) == (400, "E1143")
    assert what in found[-1].body["error"]["message"]


def test_a_reference_to_what_failed(door: ODataDoor) -> None:
    body = multipart(part("POST TakeSample", {}, "a"), part(f"POST $a/{NS}.CountUp", {}))
    found = told(sent(door, body, **CONTINUE))
    assert [(each.status, each.code) for each in found][1] == (400, "E1143")


def test_json(door: ODataDoor, database: Database) -> None:
    response = sent_json(
        door,
        {"id": "1", "method": "post", "url": "TakeSample", "body": {"code": "S-1", "weight": 1.5}},
        {"id": "2", "atomicityGroup": "g", "method": "POST", "url": f"{ROOT}/TakeSample", "body": {"code": "S-2"}},
        {"id": "3", "atomicityGroup": "g", "dependsOn": ["2"], "method": "POST", "url": f"$2/{NS}.CountUp"},
        {"id": "4", "method": "GET", "url": f"{BASE}{ROOT}/samples_of(grade=@g)?@g='normal'", "dependsOn": ["g"]},
    )
    assert (response.status, response.headers["Content-Type"]) == (200, "application/json")
    found = told(response)
    assert [(each.id, each.status, each.change_set) for each in found] == [
        ("1", 200, False),
        ("2", 200, True),
        ("3", 200, True),
        ("4", 200, False),
    ]
    assert found[3].body["total"] == 2
    assert found[0].headers["content-type"].startswith("application/json")
    assert counts(database) == {"S-1": 1, "S-2": 2}


def test_json_what_depends_on_what_failed_is_left_out(door: ODataDoor, database: Database) -> None:
    requests = (
        {"id": "1", "atomicityGroup": "g", "method": "post", "url": "TakeSample", "body": {"code": "S-1"}},
        {
            "id": "2",
            "atomicityGroup": "g",
            "method": "post",
            "url": f"samples(code='S-1')/{NS}.CountUp",
            "body": {"step": 0},
        },
        {"id": "3", "atomicityGroup": "g", "method": "post", "url": "TakeSample", "body": {"code": "S-3"}},
        {"id": "4", "dependsOn": ["g"], "method": "post", "url": "TakeSample", "body": {"code": "S-4"}},
        {"id": "5", "dependsOn": ["1"], "method": "post", "url": "TakeSample", "body": {"code": "S-5"}},
        {"id": "6", "method": "post", "url": "TakeSample", "body": {"code": "S-6"}},
    )
    found = told(sent_json(door, *requests, **CONTINUE))
    assert [(each.id, each.status, each.code) for each in found] == [
        ("1", 424, "E1144"),
        ("2", 422, "E0701"),
        ("3", 424, "E1144"),
        ("4", 424, "E1144"),
        ("5", 424, "E1144"),
        ("6", 200, None),
    ]
    assert [each.id for each in told(sent_json(door, *requests))] == ["1", "2", "3"]
    assert counts(database) == {"S-6": 1}


def test_numbers_keep_their_digits(door: ODataDoor, database: Database) -> None:
    body = (
        '{"requests":[{"id":"1","method":"post","url":"TakeSample","body":{"code":"S-1"}},'
        '{"id":"2","method":"post","url":"TakeSample","body":'
        '{"code":"S-2","weight":12345678.1250,"price":99999999999999.9999,"parent@odata.bind":"$1"}}]}'
    )
    found = told(sent(door, body, kind="application/json"))
    assert [each.status for each in found] == [200, 200]
    with database.connection() as connection:
        weight, price = connection.execute(sa.text("SELECT weight, price FROM sample WHERE code = 'S-2'")).one()
    assert (str(weight), str(price)) in {
        ("12345678.1250", "99999999999999.9999"),
        ("123456781250", "999999999999999999"),
    }


def test_keys_and_etags_of_each_request(door: ODataDoor, database: Database) -> None:
    key = {"Idempotency_Key": '"k-1"'}
    body = multipart(part("POST TakeSample", {"code": "S-1"}, **key), count_up("S-1", 4, Idempotency_Key="k-2"))
    first, again = told(sent(door, body)), told(sent(door, body))
    assert [each.headers.get("idempotency-replayed") for each in (*first, *again)] == [None, None, "true", "true"]
    assert again[1].body["count"] == 5
    body = multipart(change_set(take("S-2"), count_up("S-1", 1, If_Match=f'W/"{"0" * 16}"')))
    (only,) = told(sent(door, body))
    assert (only.status, only.code) == (412, "E0725")
    assert counts(database) == {"S-1": 5}
    other = told(sent(door, multipart(part("POST TakeSample", {"code": "S-9"}, **key))))
    assert (other[0].status, other[0].code) == (422, "E0813")
    assert "k-1" in other[0].body["error"]["message"].split()
    # Keys are everybody's own.
    found = told(sent(door, multipart(part("POST TakeSample", {"code": "S-9"}, **key)), who=somebody("bob")))
    assert found[0].status == 200


def test_all_act_for_whoever_sent_the_batch(door: ODataDoor) -> None:
    for name in ("Authorization", "CallerObjectId", "MSCRMCallerID"):
        (only,) = told(sent(door, multipart(part("POST TakeSample", {"code": "S-1"}, **{name: "Bearer x"}))))
        assert (only.status, only.code) == (400, "E1142")
    headers = {"authorization": "Bearer x"}
    body = multipart(part("POST TakeSample", {"code": "S-1"}, Authorization="Bearer x"))
    assert told(sent(door, body, **headers))[0].status == 200
    assert told(sent(door, multipart(take("S-2")), who=somebody("dan")))[0].status == 403


def test_a_batch_of_a_thousand() -> None:
    calls = [part("GET nothing")] * 999
    with desk("sqlite") as database:
        door = ODataDoor(Service(Verbs.open(database)), ODataSettings(async_workers=0))
        found = told(sent(door, multipart(*calls, take("S-0")), **CONTINUE))
        assert [each.status for each in found] == [404] * 999 + [200]
        response = sent(door, multipart(take("S-1"), *calls, take("S-2")))
        assert (response.status, json.loads(response.body)["error"]["code"]) == (413, "E1141")
        inside = sent(door, multipart(change_set(*[take("S-1")] * 1001)))
        assert inside.status == 413
        response = sent_json(door, *({"id": str(n), "method": "get", "url": "x"} for n in range(1001)))
        assert response.status == 413
        assert counts(database) == {"S-0": 1}


def test_each_request_of_a_batch_counts_as_a_call(database: Database) -> None:
    authenticator = Authenticator(
        database, IdentitySettings(anonymous="ann@example.com", burst=4, calls_per_second=0.001)
    )
    door = ODataDoor(service(database), ODataSettings(async_workers=0), charge=authenticator.charge)
    who = authenticator(Headers({"host": "127.0.0.1:8000"}), "127.0.0.1")
    body = multipart(take("S-1"), change_set(take("S-2"), take("S-3"), take("S-4")), take("S-5"), take("S-6"))
    assert [each.status for each in told(sent(door, body, who=who))] == [200] * 6
    with pytest.raises(Refusal) as raised:
        authenticator(Headers({"host": "127.0.0.1:8000"}), "127.0.0.1")
    assert raised.value.status == 429


def test_answers_that_are_too_large(door: ODataDoor, database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batch, "LARGEST_ANSWER", 100)
    body = multipart(take("S-1"), take("S-2"), change_set(take("S-3"), take("S-4")))
    assert [(each.status, each.code) for each in told(sent(door, body))] == [(200, None), (413, "E1141")]
    found = told(sent(door, body.replace("S-", "T-"), **CONTINUE))
    assert [each.status for each in found] == [200, 413, 413]
    assert counts(database) == {"S-1": 1, "T-1": 1}
