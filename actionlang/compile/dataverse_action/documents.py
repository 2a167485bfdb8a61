"""XML files as trees whose elements know where they stand."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from pathlib import Path
from xml.parsers import expat

import attrs

from actionlang.diagnostics.catalogue.documents import NOT_XML, XML_TOO_LARGE, XML_WITH_DTD
from actionlang.diagnostics.catalogue.project import NO_SUCH_FILE
from actionlang.diagnostics.diagnostic import ActionLangError, Code, Diagnostic, Label
from actionlang.diagnostics.source import Source, Span

XAML = "http://schemas.microsoft.com/winfx/2006/xaml"
LARGEST = 32 * 1024 * 1024
DEEPEST = 200
"""How deep elements may be nested; a condition in a condition takes eight."""


@attrs.frozen(eq=False)
class Node:
    """An element: local name, attributes (those of XAML's own namespace with `x:` before), children, the text in it;
    `line` and `column` begin at 1."""

    name: str
    attributes: dict[str, str]
    children: tuple[Node, ...]
    text: str
    line: int
    column: int

    def child(self, name: str) -> Node | None:
        """The first child of a name."""
        return next((child for child in self.children if child.name == name), None)

    def named(self, name: str) -> Iterator[Node]:
        """All children of a name."""
        return (child for child in self.children if child.name == name)

    def within(self, name: str) -> Iterator[Node]:
        """All elements of a name in this one, at any depth, in the order of the file."""
        for child in self.children:
            if child.name == name:
                yield child
            yield from child.within(name)


@attrs.frozen
class Document:
    """A file that was read: its root and its text. `prefix` tells of a document that stands inside another one."""

    root: Node
    source: Source
    prefix: str = ""


def read_document(path: Path, name: str) -> Document:
    """The XML in a file that is shown under `name`.

    Raises ActionLangError when there is no such file, or it is not XML, has a document type, is too large or too deep.
    """
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        raise ActionLangError(Diagnostic(NO_SUCH_FILE, f"There is no file {name}.")) from None
    except OSError as error:
        raise ActionLangError(Diagnostic(NO_SUCH_FILE, f"{name} can not be read: {error.strerror}.")) from None
    if len(data) > LARGEST:
        raise problem(XML_TOO_LARGE, f"{name} has {len(data):,} bytes; a workflow may have at most {LARGEST:,}.")
    return parse_document(_decoded(data, name), name)


def parse_document(text: str, name: str, prefix: str = "") -> Document:
    """The XML in a text. Raises ActionLangError when it is none, has a document type or is too deep."""
    source = Source(name, text)
    builder = _Builder(source)
    return Document(builder.build(), source, prefix)


def problem(code: Code, message: str, label: Label | None = None, hint: str | None = None) -> ActionLangError:
    """What to raise for a file that is not as it should be."""
    return ActionLangError(Diagnostic(code, message, label, hint=hint))


def place_of(document: Document, node: Node) -> Label:
    """Where an element begins."""
    offset = document.source.line_starts[node.line - 1] + node.column - 1
    return Label(document.source, Span(offset, offset + 1 + len(node.name)))


def _decoded(data: bytes, name: str) -> str:
    is_wide = data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    try:
        return data.decode("utf-16" if is_wide else "utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError:
        hint = "Export it again; Dataverse writes UTF-8."
        raise problem(NOT_XML, f"{name} is neither UTF-8 nor UTF-16 text.", hint=hint) from None


@attrs.define
class _Open:
    """An element whose end is still to come."""

    name: str
    attributes: dict[str, str]
    line: int
    column: int
    children: list[Node] = attrs.Factory(list)
    texts: list[str] = attrs.Factory(list)


class _Builder:
    """Makes the tree of one text."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.stack: list[_Open] = [_Open("", {}, 1, 1)]
        self.parser = expat.ParserCreate("utf-8", "}")
        self.parser.StartDoctypeDeclHandler = self._refuse
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._characters

    def build(self) -> Node:
        text = re.sub(r"^\s*<\?xml.*?\?>", _blank, self.source.text, count=1, flags=re.DOTALL)
        try:
            self.parser.Parse(text.encode("utf-8", "surrogatepass"), True)
        except expat.ExpatError as error:
            why = expat.ErrorString(error.code)
            label = self._label(error.lineno, error.offset + 1)
            hint = "Was it cut off, or changed by hand? Export it again."
            raise problem(NOT_XML, f"{self.source.name} is not well-formed XML: {why}.", label, hint) from None
        return self.stack[0].children[0]

    def _refuse(self, *_: object) -> None:
        message = f"{self.source.name} has a document type, which no workflow has."
        hint = "It is not read, as what it declares could be endless."
        raise problem(XML_WITH_DTD, message, self._label(*self._here()), hint)

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        if len(self.stack) > DEEPEST:
            message = f"{self.source.name} nests elements more than {DEEPEST} deep."
            raise problem(XML_TOO_LARGE, message, self._label(*self._here()))
        line, column = self._here()
        known = {_attribute(key): value for key, value in attributes.items()}
        self.stack.append(_Open(name.rpartition("}")[2], known, line, column))

    def _end(self, _: str) -> None:
        done = self.stack.pop()
        text = "".join(done.texts)
        self.stack[-1].children.append(
            Node(done.name, done.attributes, tuple(done.children), text, done.line, done.column)
        )

    def _characters(self, text: str) -> None:
        self.stack[-1].texts.append(text)

    def _here(self) -> tuple[int, int]:
        return self.parser.CurrentLineNumber, self.parser.CurrentColumnNumber + 1

    def _label(self, line: int, column: int) -> Label:
        starts = self.source.line_starts
        offset = min(starts[min(line, len(starts)) - 1] + column - 1, len(self.source.text))
        return Label(self.source, Span(offset, offset))


def _attribute(name: str) -> str:
    space, _, local = name.rpartition("}")
    return f"x:{local}" if space == XAML else local


def _blank(found: re.Match[str]) -> str:
    """The XML declaration without its encoding, which is that of a file of long ago; all else keeps its place."""
    return re.sub(r"[^\n]", " ", found[0])
