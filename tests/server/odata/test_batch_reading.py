"""What is taken for a batch, and what is refused: nothing of a batch that can not be read is carried out."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actionlang.server.odata.batch_addresses import Root
from actionlang.server.odata.batch_json import json_bytes, read_json
from actionlang.server.odata.batch_multipart import read_multipart
from actionlang.server.odata.batch_parts import Batch, ChangeSetPart, Part, see_ids
from actionlang.server.odata.json_body import parse_json
from actionlang.server.refusal import Refusal
from tests.server.odata.batches import change_set, multipart, part

KIND = "multipart/mixed; boundary=batch_1"
ROOT = Root("https://desk.example/app", "/api/data/v9.2")


def read(body: str | bytes, kind: str = KIND, most: int = 1000) -> Batch:
    return read_multipart(kind, body if isinstance(body, bytes) else body.encode(), most)


def only(batch: Batch) -> Part:
    (part,) = batch
    assert isinstance(part, Part)
    return part


def refused(body: str | bytes, kind: str = KIND) -> Refusal:
    with pytest.raises(Refusal) as raised:
        read(body, kind)
    return raised.value


ONE = part("POST Escalate", {"a": "b"}, "7", If_Match='W/"1"')


@pytest.mark.parametrize("ending", ["\r\n", "\n"])
@pytest.mark.parametrize(
    ("written", "kind"),
    [
        (multipart(ONE), KIND),
        ("before\r\n\r\n" + multipart(ONE) + "behind\r\n--batch_1\r\n", KIND),
        (multipart(ONE, boundary="a b"), 'Multipart/Mixed; charset=utf-8; boundary="a b"'),
        (multipart(ONE).replace("--batch_1\r\n", "--batch_1 \t\r\n"), KIND),
        (multipart(ONE).removesuffix("\r\n"), KIND),
        ("\r\n" + multipart(ONE), KIND),
    ],
)
def test_a_request_is_read(written: str, kind: str, ending: str) -> None:
    found = only(read(written.replace("\r\n", ending), kind))
    assert (found.id, found.method, found.url) == ("7", "POST", "Escalate")
    assert dict(found.headers) == {"content-type": "application/json", "if-match": 'W/"1"'}
    assert json.loads(found.body) == {"a": "b"}


def test_a_request_without_anything_more() -> None:
    bare = "Content-Type: application/http\r\n\r\nget cases?$filter=number eq 'CAS-1' http/1.1"
    found = only(read(multipart(bare)))
    assert (found.method, found.url, found.body, dict(found.headers)) == (
        "GET",
        "cases?$filter=number eq 'CAS-1'",
        b"",
        {},
    )


def test_an_address_in_other_letters() -> None:
    assert only(read(multipart(part("GET cases(number='Ä')")))).url == "cases(number='Ä')"


def test_a_change_set_keeps_its_delimiters_to_itself() -> None:
    body = multipart(change_set(ONE, part("POST Other", "--batch_10"), boundary="batch_1x"), part("GET cases"))
    first, second = read(body)
    assert isinstance(first, ChangeSetPart)
    assert [(each.url, each.body) for each in first.parts] == [("Escalate", b'{"a": "b"}'), ("Other", b"--batch_10")]
    assert isinstance(second, Part)


WRONG = {
    "no delimiter": ("", KIND, "There is no line --batch_1 in the batch."),
    "another delimiter": (multipart(ONE, boundary="b"), KIND, "There is no line --batch_1 in the batch."),
    "cut off": (multipart(ONE)[:-14], KIND, "There is no line --batch_1-- at the end of the batch"),
    "change set cut off": (
        multipart(change_set(ONE).removesuffix("--changes_1--\r\n")),
        KIND,
        "There is no line --changes_1-- at the end of a change set",
    ),
    "change set with the delimiter of the batch": (
        multipart(change_set(ONE, boundary="batch_1")),
        KIND,
        "There is no line --batch_1 in a change set",
    ),
    "no boundary": (multipart(ONE), "multipart/mixed", "has no boundary"),
    "strange boundary": (multipart(ONE), 'multipart/mixed; boundary="a\u00e4"', "has no boundary"),
    "long boundary": (multipart(ONE, boundary="b" * 71), f"multipart/mixed; boundary={'b' * 71}", "has no boundary"),
    "long type": (multipart(ONE), f'{KIND}; x="{"a" * 1_000}"', "has no boundary"),
    "no type": (multipart("\r\nGET cases HTTP/1.1"), KIND, "A part of the batch is text/plain"),
    "another type": (multipart("Content-Type: message/rfc822\r\n\r\nGET x HTTP/1.1"), KIND, "is message/rfc822"),
    "another encoding": (
        multipart(ONE.replace("binary", "base64")),
        KIND,
        "Content-Transfer-Encoding that is not spoken here",
    ),
    "no request": (multipart("Content-Type: application/http\r\n\r\n"), KIND, "has no line such as"),
    "no version": (multipart(part("GET x").replace(" HTTP/1.1", "")), KIND, "has no line such as"),
    "half a header": (multipart(part("GET x").replace("-Type: application/json", "")), KIND, "headers of a part"),
    "strange header": (multipart(part("GET x", **{"a/b": "c"})), KIND, "A header of a part of the batch can not"),
    "folded id": (multipart(part("GET x", None, "a\r\n b")), KIND, "A Content-ID of the batch is none."),
    "long id": (multipart(part("GET x", None, "a" * 101)), KIND, "A Content-ID of the batch is none."),
    "nested change set": (
        multipart(change_set(change_set(ONE, boundary="c2"))),
        KIND,
        "A change set holds no other change sets.",
    ),
    "many headers": (multipart(part("GET x", **{f"a{n}": "b" for n in range(101)})), KIND, "headers of a part"),
    "long headers": (multipart(part("GET x", a="b" * 70_000)), KIND, "headers of a part of the batch are too long"),
    "no UTF-8": (multipart(ONE).encode().replace(b"Escalate", b"\xff"), KIND, "is not in UTF-8"),
}


@pytest.mark.parametrize("name", WRONG)
def test_wrong_multiparts(name: str) -> None:
    body, kind, told = WRONG[name]
    refusal = refused(body, kind)
    assert (refusal.status, refusal.code) == (400, "E1140")
    assert told in refusal.message


def test_deep_nesting_costs_nothing() -> None:
    """Only two levels are looked at, however many there are."""
    body = "--b\r\n".join(f"--c{n}\r\nContent-Type: multipart/mixed; boundary=c{n + 1}\r\n\r\n" for n in range(20_000))
    refused(f"--batch_1\r\nContent-Type: multipart/mixed; boundary=c0\r\n\r\n{body}\r\n--batch_1--")


@given(
    st.lists(
        st.tuples(st.sampled_from(["\r\n", "\n"]), st.binary(max_size=40).map(lambda each: each.replace(b"-", b""))),
        max_size=5,
    )
)
def test_bodies_come_out_as_they_went_in(bodies: list[tuple[str, bytes]]) -> None:
    text = b"".join(
        f"--batch_1{end}Content-Type: application/http{end}{end}POST X HTTP/1.1{end}A: b{end}{end}".encode()
        + body.strip() + end.encode()
        for end, body in bodies
    )  # fmt: skip
    found = read(text + b"--batch_1--")
    assert [each.body for each in found if isinstance(each, Part)] == [body.strip() for _, body in bodies]


@given(st.binary(max_size=300))
def test_whatever_is_sent_is_read_or_refused(body: bytes) -> None:
    for sent in (body, b"--batch_1\r\n" + body + b"\r\n--batch_1--", b'{"requests": [' + body + b"]}"):
        for reading in (lambda sent=sent: read(sent), lambda sent=sent: read_json(sent, 10, 32)):
            try:
                reading()
            except Refusal as refusal:
                assert refusal.status in (400, 413)


# ------------------------------------------------------------------------------------------------------------ JSON


def in_json(*requests: Any) -> Batch:
    batch = read_json(json.dumps({"requests": requests}).encode(), 1000, 32)
    see_ids(batch)
    return batch


GOOD = {"id": "1", "method": "get", "url": "cases"}


@pytest.mark.parametrize(
    ("request_", "target"),
    [
        (7, "requests/0"),
        ({**GOOD, "id": None}, "requests/0/id"),
        ({**GOOD, "id": ""}, "requests/0/id"),
        ({"id": "1", "url": "x"}, "requests/0/method"),
        ({**GOOD, "url": 7}, "requests/0/url"),
        ({**GOOD, "url": "a\nb"}, "requests/0/url"),
        ({**GOOD, "headers": [1]}, "requests/0/headers"),
        ({**GOOD, "headers": {"a b": "c"}}, "requests/0/headers/a b"),
        ({**GOOD, "headers": {"a": "b\r\nc: d"}}, "requests/0/headers/a"),
        ({**GOOD, "headers": {"a": 1}}, "requests/0/headers/a"),
        ({**GOOD, "dependsOn": "1"}, "requests/0/dependsOn"),
        ({**GOOD, "dependsOn": ["1"]}, "1"),
        ({**GOOD, "dependsOn": ["2"]}, "2"),
        ({**GOOD, "atomicityGroup": 7}, "requests/0/atomicityGroup"),
        ({**GOOD, "if": "x"}, "requests/0/if"),
        ({**GOOD, "headers": {"content-type": "image/png"}, "body": {}}, "requests/0/body"),
        ({**GOOD, "body": "\ud800"}, "requests/0/body"),
        ({**GOOD, "headers": {"content-type": "text/plain"}, "body": "\ud800"}, "requests/0/body"),
        ({**GOOD, "headers": {"content-type": "image/png"}, "body": "a"}, "requests/0/body"),
    ],
)
def test_wrong_requests_in_json(request_: Any, target: str) -> None:
    with pytest.raises(Refusal) as raised:
        in_json(request_)
    assert (raised.value.status, raised.value.code, raised.value.target) == (400, "E1140", target)


def test_ids_are_each_ones_own() -> None:
    for requests in (
        [GOOD, GOOD],
        [{**GOOD, "atomicityGroup": "1"}],
        [{**GOOD, "atomicityGroup": "g"}, {**GOOD, "id": "2"}, {**GOOD, "id": "3", "atomicityGroup": "g"}],
    ):
        with pytest.raises(Refusal, match="are called"):
            in_json(*requests)


def test_bodies_in_json() -> None:
    text, binary, nothing = in_json(
        {"id": "1", "method": "post", "url": "x", "headers": {"Content-Type": "text/plain"}, "body": "ä"},
        {"id": "2", "method": "post", "url": "x", "headers": {"Content-Type": "image/png"}, "body": "_w"},
        {"id": "3", "method": "post", "url": "x"},
    )
    assert [part.body for part in (text, binary, nothing) if isinstance(part, Part)] == ["ä".encode(), b"\xff", b""]


@given(
    st.recursive(
        st.none()
        | st.booleans()
        | st.integers()
        | st.text()
        | st.decimals(allow_nan=False, allow_infinity=False, places=4),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    )
)
def test_json_is_written_as_it_was_read(data: Any) -> None:
    written = json_bytes(data)
    assert json_bytes(parse_json(written, 32)) == written


# ------------------------------------------------------------------------------------------------------------ addresses


@pytest.mark.parametrize(
    ("url", "path", "query"),
    [
        ("cases", "cases", ""),
        ("cases?$filter=number eq 'CAS-1'&$top=1", "cases", "$filter=number%20eq%20'CAS-1'&$top=1"),
        ("/api/data/v9.2/cases(number='a%2Fb')", "cases(number='a%2Fb')", ""),
        ("/app/api/data/v9.2/cases", "cases", ""),
        ("https://desk.example/app/api/data/v9.2/cases?a=b?c", "cases", "a=b?c"),
        ("https://desk.example:443/api/data/v9.2/cases", "cases", ""),
        ("HTTPS://DESK.example/api/data/v9.2/cases", "cases", ""),
        ("http://desk.example/api/data/v9.2/cases", "cases", ""),
        ("cases(number='Ä')", "cases(number='%C3%84')", ""),
        ("cases(number='a:b')", "cases(number='a:b')", ""),
        ("", "", ""),
        ("/api/data/v9.2", "", ""),
        ("$metadata", "$metadata", ""),
    ],
)  # fmt: skip
def test_addresses_of_the_service(url: str, path: str, query: str) -> None:
    assert ROOT.target(url) == (f"/api/data/v9.2/{path}", query)


@pytest.mark.parametrize(
    "url",
    [
        "https://other.example/api/data/v9.2/cases",
        "https://desk.example:8443/api/data/v9.2/cases",
        "https://desk.example@other.example/api/data/v9.2/cases",
        "https://ann:secret@desk.example/api/data/v9.2/cases",
        "https://desk.example.other.example/api/data/v9.2/cases",
        "https://desk.example",
        "//other.example/api/data/v9.2/cases",
        "file:///etc/passwd",
        "gopher://desk.example/api/data/v9.2/cases",
        "https://[desk.example/api/data/v9.2/cases",
        "https://desk.example:port/api/data/v9.2/cases",
        "/",
        "/mcp",
        "/healthz",
        "/api/data/v9.20/cases",
        "/api/data/v9.2x",
        "/api/data/v9.2/../../../mcp",
        "../v9.1/cases",
        "./cases",
        "cases/../../x",
        "%2e%2e/x",
        "cases/%2E%2e/x",
        "cases//x",
        "cases\\..\\x",
        "cases#x",
        "cases\tx",
        "cases\x00",
        "$batch",
        "%24batch",
        "$BATCH?x",
        "/api/data/v9.2/$batch",
    ],
)
def test_addresses_of_others(url: str) -> None:
    with pytest.raises(Refusal) as raised:
        ROOT.target(url)
    assert (raised.value.status, raised.value.code) == (400, "E1142")
