"""Reading over HTTP: addresses, options, links to next pages, forms, ETags, refusals."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
import sqlalchemy as sa

from actionlang.runtime.database import Database
from actionlang.server.identity.identity import Identity
from actionlang.server.odata.door import ODataDoor
from actionlang.server.odata.reading_settings import ReadingSettings
from tests.server.odata.reading import ROOT, ask, pages, read, refusal
from tests.server.world import desk, service

ANN = "00000000-0000-4000-8000-000100000000"
FIRST = "00000000-0000-4000-8000-000200000001"


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def database(request: pytest.FixtureRequest) -> Iterator[Database]:
    """A desk on each kind of database; nobody changes the cases CAS-1 to CAS-9."""
    with desk(request.param) as database:
        yield database


@pytest.fixture
def door(database: Database) -> ODataDoor:
    """What is asked."""
    return ODataDoor(service(database))


def test_a_row_by_each_of_its_keys(door: ODataDoor) -> None:
    for address in (f"cases({FIRST})", "cases(number='CAS-1')", f"cases(id={FIRST})"):
        found = read(door, address)
        assert found["@odata.context"] == f"http://host{ROOT}$metadata#cases/$entity"
        assert (found["id"], found["number"], found["priority"], found["status"]) == (FIRST, "CAS-1", 2, "open")
        assert found["_owner_value"] == ANN
        assert found["_owner_value@Microsoft.Dynamics.CRM.lookuplogicalname"] == "user"
        assert found["_queue_value"] is None


def test_a_key_that_is_a_lookup(door: ODataDoor) -> None:
    found = read(door, "memberships?$filter=user/email eq 'ann@example.com'&$expand=team($select=name),user")["value"]
    assert [(each["team"]["name"], each["user"]["id"]) for each in found] == [("Tier 2", ANN)]


def test_selecting_and_expanding(door: ODataDoor) -> None:
    found = read(door, "cases?$select=title&$expand=owner_user($select=name),owner_team,queue&$top=1")
    assert found["@odata.context"].endswith("$metadata#cases(title,owner_user(name),owner_team(),queue())")
    (row,) = found["value"]
    assert {name for name in row if "@" not in name} == {"id", "title", "owner_user", "owner_team", "queue"}
    assert row["owner_user"]["name"] == "Ann"
    assert (row["owner_team"], row["queue"]) == (None, None)
    assert set(read(door, f"cases({FIRST})?$select=number,*")) > {"number", "title"}


def test_counting(door: ODataDoor) -> None:
    response = ask(door, "cases/$count?$filter=number gt 'CAS-4'")
    assert (response.body, response.headers["Content-Type"]) == (b"5", "text/plain;charset=utf-8")
    found = read(door, "cases?$count=true&$top=2&$filter=number gt 'CAS-4'")
    assert (found["@odata.count"], len(found["value"])) == (5, 2)
    assert "@odata.nextLink" not in found
    assert "@odata.count" not in read(door, "cases?$top=2")


def test_properties_by_themselves(door: ODataDoor) -> None:
    row = "cases(number='CAS-2')"
    assert read(door, f"{row}/title") == {
        "@odata.context": f"http://host{ROOT}$metadata#cases(number='CAS-2')/title",
        "value": "Case 2",
    }
    for path, raw in (("title", b"Case 2"), ("priority", b"2"), ("reopened", b"0"), ("_owner_value", ANN.encode())):
        response = ask(door, f"{row}/{path}/$value")
        assert (response.status, response.body) == (200, raw)
    assert ask(door, f"{row}/description").status == 204
    assert ask(door, f"{row}/description/$value").status == 204
    assert read(door, f"{row}/owner_user")["email"] == "ann@example.com"
    assert read(door, f"{row}/owner_user/name")["value"] == "Ann"
    assert ask(door, f"{row}/owner_team").status == 204


def test_pages_stay_what_they_are_while_rows_come_and_go(database: Database, door: ODataDoor) -> None:
    def change(statement: str) -> None:
        with database.engine.begin() as connection:
            connection.execute(sa.text(statement))

    for number in range(1, 8):
        change(f"INSERT INTO sample (id, code, count) VALUES ({number * 10}, 'P-{number}', {number % 3})")
    page = read(door, "samples?$select=code&$filter=startswith(code,'P-')&$count=true", prefer="odata.maxpagesize=3")
    assert [row["code"] for row in page["value"]] == ["P-1", "P-2", "P-3"]
    assert page["@odata.count"] == 7
    # One that was shown goes, one comes before the place, one behind it.
    change("DELETE FROM sample WHERE id = 20")
    change("INSERT INTO sample (id, code, count) VALUES (5, 'P-early', 0), (45, 'P-late', 0)")
    link = page["@odata.nextLink"].removeprefix(f"http://host{ROOT}")
    assert "%24count" not in link and "$count" not in link
    rest = [row["code"] for each in pages(door, _decoded(link)) for row in each]
    assert rest == ["P-4", "P-late", "P-5", "P-6", "P-7"]
    change("DELETE FROM sample")


def _decoded(link: str) -> str:
    from urllib.parse import unquote

    return unquote(link)


def test_how_many_at_once(door: ODataDoor, database: Database) -> None:
    assert [len(page) for page in pages(door, "cases?$top=7", prefer="odata.maxpagesize=3")] == [3, 3, 1]
    assert [len(page) for page in pages(door, "cases?$top=6", prefer="odata.maxpagesize=3")] == [3, 3]
    assert [len(page) for page in pages(door, "cases?$skip=2&$orderby=number desc", prefer="odata.maxpagesize=4")] == [
        4,
        3,
    ]
    small = ODataDoor(service(database), rows=ReadingSettings(page=4, largest_page=5))
    assert [len(page) for page in pages(small, "cases")] == [4, 4, 1]
    assert [len(page) for page in pages(small, "cases", prefer="odata.maxpagesize=100")] == [5, 4]
    response = ask(door, "cases?$top=1", prefer="odata.maxpagesize=3")
    assert response.headers["Preference-Applied"] == "odata.maxpagesize=3"
    assert read(door, "cases?$top=0")["value"] == []


def test_forms(door: ODataDoor) -> None:
    plain = read(door, "cases?$top=1&$select=number", accept="application/json;odata.metadata=none")
    assert plain == {"value": [{"id": FIRST, "number": "CAS-1"}]}
    (full,) = read(door, "cases?$top=1&$select=priority,_owner_value&$format=application/json;odata.metadata=full")[
        "value"
    ]
    assert (full["@odata.type"], full["@odata.id"]) == ("#Microsoft.Dynamics.CRM.case", f"cases({FIRST})")
    (shown,) = read(door, "cases?$top=1&$select=priority,_owner_value", prefer='odata.include-annotations="*"')["value"]
    assert shown["priority@OData.Community.Display.V1.FormattedValue"] == "Normal"
    assert shown["_owner_value@OData.Community.Display.V1.FormattedValue"] == "ann@example.com"
    assert shown["_owner_value@Microsoft.Dynamics.CRM.associatednavigationproperty"] == "owner_user"
    (exact,) = read(door, "cases?$top=1&$select=reopened", accept="application/json;IEEE754Compatible=true")["value"]
    assert exact["reopened"] == "0"


def test_etags(door: ODataDoor) -> None:
    response = ask(door, "cases(number='CAS-3')")
    etag = response.headers["ETag"]
    assert json.loads(response.body)["@odata.etag"] == etag
    assert ask(door, "cases(number='CAS-3')", if_none_match=etag).status == 304
    assert ask(door, "cases(number='CAS-3')", if_none_match='W/"0000000000000000"').status == 200
    listed = read(door, "cases?$filter=number eq 'CAS-3'&$select=number")["value"]
    assert [row["@odata.etag"] for row in listed] == [etag]


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("nothings", 404, "E1122"),
        ("cases(number='CAS-99')", 404, "E1120"),
        ("cases(number='CAS-1')/nothing", 404, "E1122"),
        ("cases(number='CAS-1')/title/more", 404, "E1122"),
        ("cases/title", 404, "E1122"),
        ("cases(1)", 400, "E1121"),
        ("cases?$filter=nope eq 1", 400, "E1130"),
        ("cases?$select=nope", 400, "E1130"),
        ("cases?$expand=title", 400, "E1130"),
        ("cases?$expand=owner_user($select=nope)", 400, "E1130"),
        ("cases?$expand=owner_user(", 400, "E1130"),
        ("cases?$expand=owner_user" + " " * 200_000 + "!", 400, "E1130"),
        ("cases?$expand=owner_user,owner_user", 400, "E1130"),
        ("cases?$orderby=nope", 400, "E1130"),
        ("cases?$orderby=_owner_value", 400, "E1130"),
        ("cases?$top=-1", 400, "E1130"),
        ("cases?$top=x", 400, "E1130"),
        ("cases?$count=maybe", 400, "E1130"),
        ("cases?$top=1&$top=2", 400, "E1121"),
        ("cases?$skip=5001", 400, "E1131"),
        ("samples?$expand=parent($expand=parent($expand=parent($expand=parent($expand=parent))))", 400, "E1131"),
        ("cases?$select=" + ",".join(["title"] * 201), 400, "E1131"),
        ("cases?$skiptoken=abc", 400, "E1134"),
        ("cases?$apply=x", 501, "E1132"),
        ("cases?$search=x", 501, "E1132"),
        ("cases?$orderby=owner_user/name", 501, "E1132"),
        ("cases?$orderby=length(title)", 501, "E1132"),
        ("cases?$expand=owner_user($filter=name eq 'x')", 501, "E1132"),
        ("cases(number='CAS-1')?$filter=title eq 'x'", 501, "E1132"),
        ("cases/$count?$top=1", 501, "E1132"),
        # Else all rows would be given for those that are asked for.
        ("cases?fetchXml=<fetch/>", 501, "E1132"),
        ("cases?savedQuery=00000000-0000-4000-8000-000000000001", 501, "E1132"),
        ("cases/$count?userQuery=x", 501, "E1132"),
        ("cases?$format=atom", 406, "E1126"),
    ],
)
def test_refusals(door: ODataDoor, path: str, status: int, code: str) -> None:
    assert refusal(door, path) == (status, code)


@pytest.mark.parametrize("path", ["cases?$expand=owner", "cases?$filter=owner/name eq 'Ann'"])
def test_what_may_be_meant_is_told(door: ODataDoor, path: str) -> None:
    told = json.loads(ask(door, path).body)["error"]
    assert (told["code"], told["innererror"]["hint"]) == ("E1130", "write owner_user or owner_team")


@pytest.mark.parametrize("method", ["POST", "PATCH", "PUT", "DELETE"])
@pytest.mark.parametrize("path", ["cases", "cases(number='CAS-1')", "cases(number='CAS-1')/title"])
def test_only_verbs_change_rows(door: ODataDoor, path: str, method: str) -> None:
    response = ask(door, path, "ann", method)
    told = json.loads(response.body)["error"]
    assert (response.status, told["code"], response.headers["Allow"]) == (405, "E1135", "GET, HEAD")
    assert told["message"] == "Rows of cases are not made, changed or deleted directly: verbs do that."
    assert read(door, "cases(number='CAS-1')/title")["value"] == "Case 1"


@pytest.mark.parametrize(
    ("method", "path", "verb"),
    [
        ("PATCH", "cases(number='CAS-1')", "cases(KEY)/Microsoft.Dynamics.CRM.Escalate"),
        ("PUT", "cases(number='CAS-1')/title", "cases(KEY)/Microsoft.Dynamics.CRM.Escalate"),
        ("PATCH", "samples(1)", "samples(KEY)/Microsoft.Dynamics.CRM.CountAll"),
        ("POST", "samples", "TakeSample"),
        ("DELETE", "samples(1)", "samples(KEY)/Microsoft.Dynamics.CRM.Discard"),
        # No verb deletes or makes one.
        ("DELETE", "cases(number='CAS-1')", None),
        ("PATCH", "users(00000000-0000-0000-0000-000000000000)", None),
    ],
)
def test_a_verb_is_named_that_does_it(door: ODataDoor, method: str, path: str, verb: str | None) -> None:
    told = json.loads(ask(door, path, "ann", method).body)["error"]
    assert told["code"] == "E1135"
    assert told.get("innererror", {}).get("hint") == (None if verb is None else f"for instance POST {verb}")


# ------------------------------------------------------------------------------------------- what there is to find out


def test_the_service_document(door: ODataDoor) -> None:
    found = read(door, "")
    assert found["@odata.context"] == f"http://host{ROOT}$metadata"
    assert {"name": "cases", "kind": "EntitySet", "url": "cases"} in found["value"]
    assert refusal(door, "", method="POST") == (405, "E1123")


def test_metadata_over_http(door: ODataDoor) -> None:
    response = ask(door, "$metadata")
    assert (response.status, response.headers["Content-Type"]) == (200, "application/xml")
    assert response.body.startswith(b'<?xml version="1.0" encoding="utf-8"?>\n<edmx:Edmx Version="4.0"')
    unchanged = ask(door, "$metadata", if_none_match=response.headers["ETag"])
    assert (unchanged.status, unchanged.body) == (304, b"")
    for asked in ({"accept": "application/json"}, {"accept": "application/json, application/xml;q=0.5"}):
        assert ask(door, "$metadata", **asked).headers["Content-Type"] == "application/json"
    assert json.loads(ask(door, "$metadata?$format=json").body)["$EntityContainer"] == "Microsoft.Dynamics.CRM.System"
    assert ask(door, "$metadata", accept="*/*").body == response.body
    assert refusal(door, "$metadata", accept="text/html") == (406, "E1136")
    assert refusal(door, "$metadata", method="POST") == (405, "E1123")
    assert refusal(door, "$metadata?$top=1") == (501, "E1132")


def test_metadata_tells_of_what_the_credentials_are_for(door: ODataDoor) -> None:
    limited = Identity("key", {"email": "ann@example.com"}, frozenset({"verb:helpdesk.Escalate"}))
    mine, all_of_it = (ask(door, "$metadata", who).body for who in (limited, "ann"))
    assert b'Action Name="Escalate"' in mine
    assert b'Action Name="Resolve"' not in mine and b'Action Name="Resolve"' in all_of_it
    assert b"Hidden" not in all_of_it
