"""Reading the XML of a `$metadata` document, a schema element at a time.

Whoever sends the document may be anybody: a document type (and with it every entity bomb) is refused, and so is an element, a
value or a depth that no real document has. Nothing is ever fetched.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from gzip import BadGzipFile, GzipFile
from io import BufferedReader
from typing import Any
from xml.parsers import expat

import attrs

from actionlang.diagnostics.catalogue import documents as codes
from actionlang.diagnostics.catalogue.project import NO_SUCH_FILE
from actionlang.diagnostics.diagnostic import ActionLangError, Code, Diagnostic

GZIP = b"\x1f\x8b"
CHUNK = 64 * 1024
LARGEST_DOCUMENT = 1024 * 1024 * 1024
"""Bytes of a document, unpacked. An organisation's has some 4 to 40 million."""

LARGEST_TAG = 1024 * 1024
LARGEST_VALUE = 64 * 1024
DEEPEST = 100

EDMX = "http://docs.oasis-open.org/odata/ns/edmx"
EDM = "http://docs.oasis-open.org/odata/ns/edm"
"""The namespaces of OData 4.0 and 4.01 (OData CSDL XML 4.01, section 2)."""

SEPARATOR = " "
SKIPPED = frozenset({"EntityContainer"})
"""Parts of a schema that say nothing about tables: where they are served."""

TOO_EARLY = ("no element found", "unclosed token")
"""What the parser says of a document that ends inside an element."""

HOW_TO_SAVE = "Save what GET [organisation]/api/data/v9.2/$metadata answers when you are signed in."


@attrs.frozen
class Place:
    """A place in a document; line and column start at 1. Documents as they are served are one line."""

    line: int
    column: int

    def __str__(self) -> str:
        return f"line {self.line}, column {self.column}"


@attrs.define(eq=False)
class Element:
    """An element of a schema: local name, attributes, the elements and the text in it."""

    name: str
    attributes: dict[str, str]
    place: Place
    children: list[Element] = attrs.field(factory=list)
    text: str = ""

    def all(self, name: str) -> Iterator[Element]:
        """The elements of a name that stand directly in this one."""
        return (child for child in self.children if child.name == name)


def trouble(code: Code, message: str, hint: str | None = None) -> ActionLangError:
    """An error with one diagnostic."""
    return ActionLangError(Diagnostic(code, message, hint=hint))


def read_schemas(file: BufferedReader, name: str) -> Iterator[Element]:
    """The elements `Include`, `Schema` (only its attributes) and all that stand directly in a schema, each when it is complete.

    `file` may be compressed by gzip, whatever it is called; `name` is for messages. Raises ActionLangError when it is no
    `$metadata` document, is damaged, or goes beyond a limit.
    """
    reader = _Reader(name)
    for data in _chunks(file, name):
        reader.feed(data)
        yield from reader.take()
    reader.finish()
    yield from reader.take()


def _chunks(file: BufferedReader, name: str) -> Iterator[bytes]:
    """The document's bytes, unpacked."""
    try:
        packed = file.peek(len(GZIP)).startswith(GZIP)
        with GzipFile(fileobj=file, mode="rb") if packed else nullcontext(file) as unpacked:
            while data := unpacked.read(CHUNK):
                yield data
    except EOFError:
        message = f"{name} is compressed and ends too early: a part of it is missing."
        raise trouble(codes.DAMAGED_ARCHIVE, message, "Copy or download it again.") from None
    except (BadGzipFile, zlib.error) as error:
        message = f"{name} is compressed and damaged: {error}."
        raise trouble(codes.DAMAGED_ARCHIVE, message, "Copy or download it again.") from None
    except OSError as error:
        raise trouble(NO_SUCH_FILE, f"{name} can not be read: {error.strerror or error}.") from None


class _Reader:
    """The XML parser with what it has found so far."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.size = 0
        self.depth = 0
        self.schemas = 0
        self.open: list[Element] = []
        self.skipping: int | None = None
        self.found: list[Element] = []
        self.parser = parser = expat.ParserCreate(namespace_separator=SEPARATOR)
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._text
        parser.StartDoctypeDeclHandler = self._doctype

    def take(self) -> list[Element]:
        """The elements completed since the last time."""
        found, self.found = self.found, []
        return found

    def feed(self, data: bytes) -> None:
        """Read on."""
        self.size += len(data)
        if self.size > LARGEST_DOCUMENT:
            raise self.beyond(f"has more than {LARGEST_DOCUMENT:,} bytes")
        self._parse(lambda: self.parser.Parse(data, False))
        if self.size - self.parser.CurrentByteIndex > LARGEST_TAG:
            raise self.beyond(f"a tag has more than {LARGEST_TAG:,} bytes")

    def finish(self) -> None:
        """The end of the document."""
        self._parse(lambda: self.parser.Parse(b"", True))
        if not self.schemas:
            message = f"{self.name} is an <edmx:Edmx> document without a Schema of {EDM}."
            raise trouble(codes.NOT_METADATA, message, HOW_TO_SAVE)

    def _parse(self, parse: Callable[[], Any]) -> None:
        try:
            parse()
        except expat.ExpatError as error:
            raise self._not_well_formed(error) from None
        except (ValueError, LookupError) as error:  # an encoding that Python does not have
            raise trouble(codes.NOT_XML, f"{self.name} is not well-formed XML: {error}.") from None

    def _not_well_formed(self, error: expat.ExpatError) -> ActionLangError:
        if self.size == 0:
            return trouble(codes.NOT_XML, f"{self.name} is empty.", HOW_TO_SAVE)
        place = Place(error.lineno, error.offset + 1)
        told = expat.ErrorString(error.code)
        hint = "Ask for XML: Accept: application/xml." if self.depth == 0 else "Copy or download it again."
        if told in TOO_EARLY and self.depth:
            told = "it ends too early"
        return trouble(codes.NOT_XML, f"{self.name} is not well-formed XML: {place}: {told}.", hint)

    def beyond(self, what: str) -> ActionLangError:
        """An error for what no real document has."""
        message = f"{self.name} is refused: {self.place()}: {what}."
        return trouble(codes.XML_TOO_LARGE, message, "No real $metadata document has that.")

    def place(self) -> Place:
        """Where the parser is."""
        return Place(self.parser.CurrentLineNumber, self.parser.CurrentColumnNumber + 1)

    # ------------------------------------------------------------------------------------------------------ handlers

    def _doctype(self, name: str, *_: object) -> None:
        if name.lower() == "html":
            raise self._wrong_root("an HTML page")
        message = f"{self.name} is refused: {self.place()}: it declares a document type, which $metadata never does."
        raise trouble(codes.XML_WITH_DTD, message, "Remove the <!DOCTYPE ...>, or save the document again.")

    def _wrong_root(self, found: str) -> ActionLangError:
        return trouble(
            codes.NOT_METADATA, f"{self.name} is no $metadata document: {self.place()}: {found}.", HOW_TO_SAVE
        )

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        namespace, _, name = tag.rpartition(SEPARATOR)
        self.depth += 1
        if self.depth == 1:
            self._check_root(namespace, name)
        if self.depth > DEEPEST:
            raise self.beyond(f"elements stand more than {DEEPEST} deep in one another")
        if any(len(value) > LARGEST_VALUE for value in attributes.values()):
            raise self.beyond(f"a value of <{name}> has more than {LARGEST_VALUE:,} characters")
        if self.skipping is not None:
            return
        if self.open:
            element = Element(name, attributes, self.place())
            self.open[-1].children.append(element)
            self.open.append(element)
        elif namespace == EDM and name == "Schema":
            self.schemas += 1
            self.found.append(Element(name, attributes, self.place()))
        elif namespace == EDMX and name == "Include":
            self.found.append(Element(name, attributes, self.place()))
        elif namespace == EDM and name in SKIPPED:
            self.skipping = self.depth
        elif namespace == EDM:
            self.open.append(Element(name, attributes, self.place()))

    def _check_root(self, namespace: str, name: str) -> None:
        if (namespace, name) == (EDMX, "Edmx"):
            return
        if name == "Edmx":
            raise self._wrong_root("it is of an OData version before 4")
        raise self._wrong_root(f"it begins with <{name}>, not with <edmx:Edmx>")

    def _end(self, _: str) -> None:
        if self.skipping == self.depth:
            self.skipping = None
        elif self.open:
            element = self.open.pop()
            if not self.open:
                self.found.append(element)
        self.depth -= 1

    def _text(self, text: str) -> None:
        if self.open:
            element = self.open[-1]
            if len(element.text) + len(text) > LARGEST_VALUE:
                raise self.beyond(f"the text in <{element.name}> has more than {LARGEST_VALUE:,} characters")
            element.text += text
