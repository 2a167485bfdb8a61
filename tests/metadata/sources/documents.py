"""`$metadata` documents for tests: our own small ones, and a real one where it is at hand."""

from __future__ import annotations

import gzip
import xml.etree.ElementTree as ET
from io import BufferedReader, BytesIO
from pathlib import Path

import pytest

from actionlang.metadata.sources.dataverse import Imported, read_dataverse

DATA = Path(__file__).parent / "data"
ORGANISATION = DATA / "organisation.xml"
REAL = Path(__file__).parents[4] / "shared" / "data" / "dataverse" / "metadata-2020-04.xml.gz"
"""A whole document as an organisation served it, kept beside the project and not in it."""

DOCUMENTS = [
    pytest.param(ORGANISATION, id="our own"),
    pytest.param(REAL, id="real")
    if REAL.exists()
    else pytest.param(ORGANISATION, id="our own again, because the real one is not there"),
]

EDM = "{http://docs.oasis-open.org/odata/ns/edm}"
OPENING = (
    '<edmx:Edmx Version="4.0" xmlns:edmx="http://docs.oasis-open.org/odata/ns/edmx"><edmx:DataServices>'
    '<Schema Namespace="Microsoft.Dynamics.CRM" Alias="mscrm" xmlns="http://docs.oasis-open.org/odata/ns/edm">'
)
CLOSING = "</Schema></edmx:DataServices></edmx:Edmx>"


def document(*elements: str) -> bytes:
    """A document with these elements, each on a line of its own, the first on line 2."""
    return "\n".join((OPENING, *elements, CLOSING)).encode()


def entity(name: str, *elements: str, more: str = "") -> str:
    """An entity type with a key called after it."""
    key = f'<Key><PropertyRef Name="{name}id" /></Key><Property Name="{name}id" Type="Edm.Guid" />'
    return f'<EntityType Name="{name}" {more}>{key}{"".join(elements)}</EntityType>'


def opened(data: bytes) -> BufferedReader:
    """Bytes as a file."""
    return BufferedReader(BytesIO(data))  # type: ignore[arg-type]  # a BytesIO is raw enough


def imported(data: bytes, *patterns: str) -> Imported:
    """What a document becomes."""
    return read_dataverse(opened(data), "metadata.xml", "tables", patterns)


def unpacked(file: Path) -> bytes:
    """A document's XML."""
    return gzip.decompress(file.read_bytes()) if file.suffix == ".gz" else file.read_bytes()


def schema_of(file: Path) -> ET.Element:
    """A document's schema, read in another way than the one tested."""
    found = ET.fromstring(unpacked(file)).find(f".//{EDM}Schema")
    assert found is not None
    return found
