"""What is no `$metadata` document, or an attack, gets one coded error with its place."""

from __future__ import annotations

import gzip
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from actionlang.diagnostics.diagnostic import ActionLangError, Diagnostic
from actionlang.metadata.sources import dataverse_xml
from tests.metadata.sources.documents import CLOSING, OPENING, ORGANISATION, document, entity, imported

WHOLE = ORGANISATION.read_bytes()
BOMB = b"""<?xml version="1.0"?>
<!DOCTYPE lolz [<!ENTITY a "lol"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>
<lolz>&b;</lolz>"""
OLD = b'<edmx:Edmx Version="1.0" xmlns:edmx="http://schemas.microsoft.com/ado/2007/06/edmx"></edmx:Edmx>'

BAD: dict[str, tuple[bytes, str, str]] = {
    "empty": (b"", "E0431", "metadata.xml is empty."),
    "malformed": (document("<EntityType Name=x>"), "E0431", "line 2, column 18: not well-formed (invalid token)."),
    "tags that cross": (document("<Action Name='a'>"), "E0431", "line 3, column 3: mismatched tag."),
    "cut off": (document(entity("case"))[:-20], "E0431", "line 3, column 10: it ends too early."),
    "JSON": (b'{"$Version": "4.0"}', "E0431", "line 1, column 1: not well-formed (invalid token)."),
    "binary": (bytes(range(256)), "E0431", "line 1, column 1: not well-formed (invalid token)."),
    "unknown encoding": (b'<?xml version="1.0" encoding="klingon"?><a/>', "E0431", "unknown encoding"),
    "undefined entity": (document('<EntityType Name="&a;"/>'), "E0431", "line 2, column 1: undefined entity."),
    "wrong root": (b"\n<svg/>", "E0432", "line 2, column 1: it begins with <svg>, not with <edmx:Edmx>."),
    "page": (b"<!DOCTYPE html>\n<html><p>Sign in</html>", "E0432", "an HTML page."),
    "older OData": (OLD, "E0432", "line 1, column 1: it is of an OData version before 4."),
    "no schema": (b'<e:Edmx xmlns:e="http://docs.oasis-open.org/odata/ns/edmx"/>', "E0432", "without a Schema"),
    "entity bomb": (BOMB, "E0433", "line 2, column"),
    "document type": (b'<!DOCTYPE x SYSTEM "file:///etc/passwd"><x/>', "E0433", "it declares a document type"),
    "huge tag": (document(f'<EntityType Name="{"a" * 3_000_000}"/>'), "E0434", "line 2, column 1: a tag has more than"),
    "huge value": (
        document(f'<EntityType Name="{"a" * 70_000}"/>'),
        "E0434",
        "line 2, column 1: a value of <EntityType>",
    ),
    "huge text": (
        document(
            f'<EntityType Name="a"><Annotation Term="t"><String>{"a b " * 20_000}</String></Annotation></EntityType>'
        ),
        "E0434",
        "the text in <String> has more than 65,536 characters.",
    ),
    "deep": (document("<a>" * 500 + "</a>" * 500), "E0434", "line 2, column 292: elements stand more than 100 deep"),
    "deep in what is skipped": (document("<EntityContainer>" + "<a>" * 5000), "E0434", "more than 100 deep"),
    "cut off when compressed": (gzip.compress(WHOLE)[:1500], "E0435", "is compressed and ends too early"),
    "compressed and damaged": (gzip.compress(WHOLE)[:10] + b"\xff" * 900, "E0435", "is compressed and damaged"),
    "wrong checksum": (gzip.compress(WHOLE)[:-8] + b"\x00" * 8, "E0435", "is compressed and damaged: CRC check failed"),
    "no name": (document("<EntityType/>"), "E0436", "line 2, column 1: <EntityType> has no Name."),
    "strange name": (document('<EnumType Name="a`b"/>'), "E0436", "<EnumType> is named 'a`b', which is no name."),
    "dotted name": (document('<ComplexType Name="a.b"/>'), "E0436", "<ComplexType> is named 'a.b', which is no name."),
    "no type": (document('<Action Name="a"><Parameter Name="b"/></Action>'), "E0436", "<Parameter> has no Type."),
    "twice": (
        document(entity("a"), '<EnumType Name="a"/>'),
        "E0436",
        "line 3, column 1: Microsoft.Dynamics.CRM.a is declared",
    ),
    "kind of itself": (
        document('<ComplexType Name="a" BaseType="mscrm.b"/>', '<ComplexType Name="b" BaseType="mscrm.a"/>'),
        "E0436",
        "line 2, column 1: Microsoft.Dynamics.CRM.a is a kind of itself.",
    ),
    "unknown base": (document('<EntityType Name="a" BaseType="mscrm.b"/>'), "E0436", "which is not in the document."),
    "number": (
        document('<EnumType Name="a"><Member Name="b" Value="1e9"/></EnumType>'),
        "E0436",
        "'1e9' where a whole number",
    ),
    "long number": (
        document(f'<EnumType Name="a"><Member Name="b" Value="{"9" * 9999}"/></EnumType>'),
        "E0436",
        "whole number",
    ),
    "neither": (
        document('<EntityType Name="a" Abstract="maybe"/>'),
        "E0436",
        "Abstract is 'maybe', neither true nor false.",
    ),
}


def refused(data: bytes) -> Diagnostic:
    with pytest.raises(ActionLangError) as caught:
        imported(data)
    (diagnostic,) = caught.value.diagnostics
    return diagnostic


@pytest.mark.parametrize("case", BAD)
def test_a_bad_document_gets_one_coded_error(case: str) -> None:
    data, code, said = BAD[case]
    diagnostic = refused(data)
    assert (diagnostic.code.id, said in diagnostic.message) == (code, True), diagnostic
    assert diagnostic.message.endswith(".")
    assert len(diagnostic.message) < 300


@pytest.mark.parametrize("case", BAD)
def test_the_same_compressed(case: str) -> None:
    data, code, _ = BAD[case]
    assert refused(gzip.compress(data)).code.id == (code if code != "E0435" else "E0431")


def test_a_document_larger_than_the_limit_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dataverse_xml, "LARGEST_DOCUMENT", 100_000)
    bomb = gzip.compress((OPENING + " " * 50_000_000 + CLOSING).encode())
    diagnostic = refused(bomb)
    assert (diagnostic.code.id, "more than 100,000 bytes" in diagnostic.message) == ("E0434", True)


def test_much_space_between_elements_is_fine() -> None:
    found = imported(document(entity("a"), " " * 5_000_000, f"<!-- {'x' * 60_000} -->", entity("b")))
    assert [table.short_name for table in found.tables] == ["a", "b"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "iso-8859-1"])
def test_any_encoding_that_xml_has(encoding: str) -> None:
    declared = "" if encoding == "utf-8-sig" else f'<?xml version="1.0" encoding="{encoding}"?>'
    data = (declared + document(entity("größe")).decode()).encode(encoding)
    assert [table.short_name for table in imported(data).tables] == ["größe"]


def test_elements_of_others_are_passed_over() -> None:
    data = document(
        entity("a", '<x:Thing xmlns:x="urn:x" Name="b"/>'),
        '<Term Name="t" Type="Edm.String"/>',
        '<x:Y xmlns:x="urn:x"/>',
    )
    assert [column.name for column in imported(data).tables[0].columns] == ["aid"]


@settings(max_examples=150, deadline=None)
@given(st.integers(0, 2**32))
def test_a_damaged_document_is_read_or_refused(seed: int) -> None:
    """Bytes changed, taken away or doubled: there may be an error, and it is a coded one."""
    dice = random.Random(seed)
    data = bytearray(WHOLE)
    for _ in range(dice.randint(1, 4)):
        at, size = dice.randrange(len(data)), dice.choice([1, 1, 5, 200])
        how = dice.choice(["change", "remove", "double"])
        piece = data[at : at + size]
        data[at : at + size] = {"change": dice.randbytes(1), "remove": b"", "double": piece * 2}[how]
    try:
        imported(bytes(data)).text()
    except ActionLangError as error:
        assert len(error.diagnostics) == 1
        assert error.diagnostics[0].code.id.startswith("E043")
