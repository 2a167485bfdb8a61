"""What headers say of how to answer."""

from __future__ import annotations

import pytest
from starlette.datastructures import Headers

from actionlang.server.odata.headers import conventions_of, preferences_of, see_json
from actionlang.server.odata.values import Writing
from actionlang.server.refusal import Refusal


def asked(format_: str | None = None, **headers: str) -> tuple[str, Writing, str]:
    found = conventions_of(Headers({name.replace("_", "-"): value for name, value in headers.items()}), format_)
    return found.version, found.writing, found.content_type


PLAIN = "application/json; odata.metadata=minimal"


@pytest.mark.parametrize(
    ("headers", "version"),
    [
        ({}, "4.0"),
        ({"OData_MaxVersion": "4.0"}, "4.0"),
        ({"OData_MaxVersion": "4.01"}, "4.01"),
        ({"OData_MaxVersion": "5.0"}, "4.01"),
        ({"OData_Version": "4.01"}, "4.0"),
    ],
)
def test_versions(headers: dict[str, str], version: str) -> None:
    assert asked(**headers) == (version, Writing(), PLAIN)


@pytest.mark.parametrize(
    ("accept", "writing"),
    [
        ("*/*", Writing()),
        ("text/html, application/*;q=0.5", Writing()),
        ("application/json;odata.metadata=none", Writing(metadata="none")),
        ("application/json; metadata=full; IEEE754Compatible=true", Writing(ieee754=True, metadata="full")),
        ("application/json;odata.metadata=full;q=0.1, application/json", Writing()),
        ('application/json;odata.metadata="minimal";odata.streaming=true', Writing()),
    ],
)
def test_what_is_accepted(accept: str, writing: Writing) -> None:
    assert asked(Accept=accept)[1] == writing


def test_the_format_goes_before_what_is_accepted() -> None:
    assert asked("json", Accept="text/html")[2] == PLAIN
    assert asked("application/json;odata.metadata=none", Accept="text/html")[1] == Writing(metadata="none")


@pytest.mark.parametrize(
    ("headers", "status", "target"),
    [
        ({"Accept": "text/html"}, 406, "Accept"),
        ({"Accept": "application/json;q=0"}, 406, "Accept"),
        ({"Accept": "application/json;odata.metadata=some"}, 406, "Accept"),
        ({"Accept": "a," * 600}, 400, "Accept"),
        ({"OData_Version": "3.0"}, 400, "OData-Version"),
        ({"OData_Version": "x"}, 400, "OData-Version"),
        ({"OData_MaxVersion": "3.0"}, 400, "OData-MaxVersion"),
    ],
)
def test_headers_that_can_not_be_followed(headers: dict[str, str], status: int, target: str) -> None:
    with pytest.raises(Refusal) as raised:
        asked(**headers)
    assert (raised.value.status, raised.value.code, raised.value.target) == (status, "E1126", target)


def test_preferences() -> None:
    prefer = (
        'return=minimal, respond-async; wait=5, odata.include-annotations="OData.Community.*,-x", dry-run, unknown=1'
    )
    found = preferences_of(prefer)
    assert (found.minimal, found.asynchronous, found.dry_run, found.formatted) == (True, True, True, True)
    assert found.annotations == "OData.Community.*,-x"
    assert not preferences_of("return=representation").minimal
    # What is not well formed counts for nothing.
    assert preferences_of('return=minimal, "') == preferences_of("")
    assert not conventions_of(Headers({"Prefer": "return=minimal," + "x" * 2000})).preferences.minimal


@pytest.mark.parametrize(
    ("annotations", "wanted"),
    [
        ("*", True),
        ("-*", False),
        ("*,-OData.Community.Display.V1.FormattedValue", False),
        ("-*,OData.Community.Display.V1.FormattedValue", True),
        ("Microsoft.*", False),
    ],
)
def test_the_most_specific_annotation_counts(annotations: str, wanted: bool) -> None:
    assert preferences_of(f'odata.include-annotations="{annotations}"').formatted is wanted


@pytest.mark.parametrize(
    "kind", ["application/json", "Application/JSON; charset=UTF-8", "application/json;IEEE754Compatible=true"]
)
def test_bodies_of_json(kind: str) -> None:
    see_json(kind)


@pytest.mark.parametrize("kind", [None, "", "text/plain", "application/xml", "application/json; charset=latin-1"])
def test_bodies_of_something_else(kind: str | None) -> None:
    with pytest.raises(Refusal) as raised:
        see_json(kind)
    assert (raised.value.status, raised.value.code, raised.value.target) == (415, "E1126", "Content-Type")


def test_bodies_that_are_compressed() -> None:
    see_json("application/json", "identity")
    with pytest.raises(Refusal) as raised:
        see_json("application/json", "gzip")
    assert (raised.value.status, raised.value.target) == (415, "Content-Encoding")
