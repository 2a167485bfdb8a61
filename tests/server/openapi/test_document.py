"""The OpenAPI document: valid, complete, with the examples of tests, and no more than its reader may see."""

from __future__ import annotations

import json
from collections.abc import Iterator
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlsplit

import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

from actionlang.registry.examples import Example, keep_examples
from actionlang.registry.verbs import Verbs
from actionlang.server.catalog import Catalog, catalog_of
from actionlang.server.openapi.document import ROOT, About, Seen, document
from tests.server.openapi.serving import Desk, make_key, serving
from tests.server.world import desk, service


@pytest.fixture(scope="module")
def catalog() -> Iterator[Catalog]:
    """What the desk serves."""
    with desk("sqlite") as database:
        yield catalog_of(service(database).snapshot())


@pytest.fixture(scope="module")
def made(catalog: Catalog) -> Any:
    """Its document, without examples."""
    return document(catalog, Seen(tuple(catalog.verbs.values())), About())


@pytest.fixture(scope="module")
def served() -> Iterator[Desk]:
    """The desk on a socket, with examples."""
    with serving("sqlite") as found:
        verbs = Verbs.open(found.database)
        take, escalate, above = (verbs.find(name).plan.hash for name in ("TakeSample", "Escalate", "samples_of"))
        row = "00000000-0000-4000-8000-000200000001"
        with found.database.connection() as connection, connection.begin():
            keep_examples(
                connection,
                {
                    take: [
                        Example(
                            "a sample is taken",
                            {"code": "S-1", "price": "12.5", "grade": "high", "parent": 1, "wait": "PT1H"},
                            outputs={"made": 2, "price": "12.5", "grade": "high"},
                        ),
                        Example(
                            "a sample is taken", {"code": "S-2"}, outputs={"made": 3, "price": None, "grade": "low"}
                        ),
                    ],
                    escalate: [
                        Example(
                            "why?", {"reason": " "}, row=row, code="E0701", message="Say why the case is escalated."
                        )
                    ],
                    above: [Example("high ones", {"grade": "high"}, outputs={"total": 0, "above": []})],
                },
            )
        yield found


def operations(made: Any) -> Iterator[tuple[str, str, Any]]:
    for path, item in made["paths"].items():
        for method, operation in item.items():
            yield path, method, operation


def test_it_is_valid_and_each_operation_has_a_name_of_its_own(made: Any, served: Desk) -> None:
    for each in (made, served.document()):
        OpenAPIV31SpecValidator(each).validate()
        names = [operation["operationId"] for _, _, operation in operations(each)]
        assert len(names) == len(set(names))
        tags = {tag["name"] for tag in each["tags"]}
        for _, _, operation in operations(each):
            assert set(operation["tags"]) <= tags
            assert operation["summary"]
            assert all(
                response.get("description") or "$ref" in response for response in operation["responses"].values()
            )


def test_what_is_referred_to_is_there_and_all_that_is_there_is_referred_to(made: Any) -> None:
    text = json.dumps(made)
    for kind in ("schemas", "responses", "parameters"):
        for name in made["components"][kind]:
            assert f'"#/components/{kind}/{name}"' in text, name
    for reference in (part.split('"')[0] for part in text.split('"$ref": "#/')[1:]):
        found: Any = made
        for name in reference.split("/"):
            found = found[name]


def test_each_verb_stands_where_it_is_called(catalog: Catalog, made: Any) -> None:
    ids = {operation["operationId"]: (path, method) for path, method, operation in operations(made)}
    assert ids["Escalate"] == (f"{ROOT}/cases({{key}})/Microsoft.Dynamics.CRM.Escalate", "post")
    assert ids["samples_of"] == (f"{ROOT}/samples_of", "get")
    assert ids["TakeSample"] == (f"{ROOT}/TakeSample", "post")
    assert set(catalog.names.verbs.values()) <= ids.keys()
    assert "Hidden" not in json.dumps(made)


def test_a_verb_tells_how_it_may_be_refused(made: Any) -> None:
    escalate = made["paths"][f"{ROOT}/cases({{key}})/Microsoft.Dynamics.CRM.Escalate"]["post"]
    assert {"200", "202", "204", "400", "401", "403", "404", "409", "412", "413", "415", "422", "429"} <= set(
        escalate["responses"]
    )
    assert "`E0701` the verb refused" in escalate["responses"]["422"]["description"]
    price = made["paths"][f"{ROOT}/samples({{key}})/Microsoft.Dynamics.CRM.price_of"]["get"]
    assert {"204", "202", "409", "413", "415"}.isdisjoint(price["responses"])
    assert "`E0701`" not in price["responses"]["422"]["description"]
    assert price["responses"]["401"] == {"$ref": "#/components/responses/NoCredentials"}


def test_examples_are_what_tests_did_as_it_is_on_the_wire(served: Desk) -> None:
    made = served.document()
    take = made["paths"][f"{ROOT}/TakeSample"]["post"]
    assert take["requestBody"]["content"]["application/json"]["examples"] == {
        "a-sample-is-taken": {
            "summary": "a sample is taken",
            "value": {"code": "S-1", "wait": "PT1H", "price": 12.5, "grade": 3, "parent": {"@odata.id": "samples(1)"}},
        },
        "a-sample-is-taken-2": {"summary": "a sample is taken", "value": {"code": "S-2"}},
    }
    answers = take["responses"]["200"]["content"]["application/json"]["examples"]
    assert answers["a-sample-is-taken"]["value"] == {
        "made": {"@odata.type": "#Microsoft.Dynamics.CRM.sample", "@odata.id": "samples(2)", "id": 2},
        "price": 12.5,
        "grade": 3,
    }
    escalate = made["paths"][f"{ROOT}/cases({{key}})/Microsoft.Dynamics.CRM.Escalate"]["post"]
    refusal = escalate["responses"]["422"]["content"]["application/json"]["examples"]["why"]["value"]
    assert refusal == {"error": {"code": "E0701", "message": "Say why the case is escalated."}}
    assert escalate["parameters"][0]["example"] == "00000000-0000-4000-8000-000200000001"
    assert made["paths"][f"{ROOT}/samples_of"]["get"]["parameters"][0]["example"] == 3


def test_an_example_that_no_longer_fits_is_left_out(catalog: Catalog) -> None:
    active = catalog.verbs["verbs.desk.TakeSample"]
    kept = {active.plan.hash: [Example("old", {"grade": "gone"}), Example("new", {"code": "S-1"})]}
    made = document(catalog, Seen((active,)), About(), kept)
    content = made["paths"][f"{ROOT}/TakeSample"]["post"]["requestBody"]["content"]["application/json"]
    assert list(content["examples"]) == ["new"]


def test_callers_see_what_their_credentials_go_as_far_as(served: Desk) -> None:
    narrow = served.document(make_key(served.database, "verb:helpdesk.Escalate"))
    paths = set(narrow["paths"])
    assert f"{ROOT}/cases({{key}})/Microsoft.Dynamics.CRM.Escalate" in paths
    assert f"{ROOT}/TakeSample" not in paths
    assert f"{ROOT}/cases" not in paths
    assert "TakeSample" not in json.dumps(narrow)
    status, _, body = served.get("/openapi.json", "")
    assert (status, json.loads(body)["error"]["code"]) == (401, "E1111")


def test_who_has_it_gets_it_once(served: Desk) -> None:
    status, headers, _ = served.get("/openapi.json")
    assert status == 200
    again, told, body = served.get("/openapi.json", If_None_Match=headers["etag"])
    assert (again, body, told["etag"]) == (304, b"", headers["etag"])
    assert served.get("/openapi.json", make_key(served.database, "read"), If_None_Match=headers["etag"])[0] == 200
    assert served.document()["servers"] == [{"url": served.base}]


def test_the_page_has_all_that_it_needs_from_this_server(served: Desk) -> None:
    status, headers, body = served.get("/docs", "")
    assert (status, headers["content-type"]) == (200, "text/html; charset=utf-8")
    policy = headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; script-src 'self'")
    assert "unsafe" not in policy
    page = body.decode()
    for name, kind in (("viewer.js", "text/javascript"), ("viewer.css", "text/css")):
        assert f'"/docs/{name}"' in page
        status, told, asset = served.get(f"/docs/{name}", "")
        assert (status, told["content-type"]) == (200, f"{kind}; charset=utf-8")
        assert b"http://" not in asset
        assert b"https://" not in asset
        assert b"innerHTML" not in asset
    assert "style=" not in page
    assert "<script>" not in page
    assert served.get("/docs/../secret", "")[0] == 404
    assert served.get("/docs/", "", If_None_Match=headers["etag"])[0] == 304


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("cases?$orderby=0.5", 400),
        ("cases?$nosuch=1", 400),
        ("cases?$search=x", 501),
        ("$metadata?$format=", 406),
        ("cases?$orderby=length(title)", 501),
        ("weight_of?first='S-9'&factor=5e-324", 422),
        ("samples(code='S-9')/Microsoft.Dynamics.CRM.price_of", 404),
    ],
)
def test_what_schemathesis_found_stays_mended(served: Desk, path: str, status: int) -> None:
    assert served.get(f"{ROOT}/{path}")[0] == status


@pytest.mark.parametrize(("method", "status"), [("TRACE", 405), ("QUERY", 405), ("PATCH", 405)])
def test_methods_that_no_operation_has(served: Desk, method: str, status: int) -> None:
    connection = HTTPConnection(urlsplit(served.base).netloc, timeout=20)
    connection.request(method, f"{ROOT}/TakeSample", headers={"X-Api-Key": served.key})
    answer = connection.getresponse()
    answer.read()
    connection.close()
    assert answer.status == status
