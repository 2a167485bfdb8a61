"""Places in a text as an editor counts them: lines and columns from 0, columns in UTF-16 units unless it has agreed to others."""

from __future__ import annotations

import re
from bisect import bisect_right

from lsprotocol import types as lsp

LINE_END = re.compile(r"\r\n|\r|\n")
"""What ends a line, by the protocol. Nothing else does: neither a form feed nor U+2028."""

UNITS = {lsp.PositionEncodingKind.Utf8: "utf-8", lsp.PositionEncodingKind.Utf16: "utf-16-le"}
WIDTHS = {"utf-8": 1, "utf-16-le": 2}


class Lines:
    """A text by its lines. Offsets count code points, as everywhere else."""

    def __init__(self, text: str, encoding: str | None = lsp.PositionEncodingKind.Utf16) -> None:
        self.text = text
        self._starts = [0, *(found.end() for found in LINE_END.finditer(text))]
        self._units = None if text.isascii() else UNITS.get(lsp.PositionEncodingKind(encoding or "utf-16"))

    def position(self, offset: int) -> lsp.Position:
        """The place of an offset; one beyond the text is its end's."""
        offset = max(0, min(offset, len(self.text)))
        line = bisect_right(self._starts, offset) - 1
        start = self._starts[line]
        return lsp.Position(line, self._count(self.text[start:offset]))

    def range(self, start: int, end: int) -> lsp.Range:
        """The place from one offset to another."""
        return lsp.Range(self.position(start), self.position(end))

    def offset(self, position: lsp.Position) -> int:
        """The offset of a place; a column beyond the line's end is its end, a line beyond the text is the text's end."""
        if position.line >= len(self._starts):
            return len(self.text)
        start = self._starts[max(0, position.line)]
        end = self._starts[position.line + 1] if position.line + 1 < len(self._starts) else len(self.text)
        line = self.text[start:end].rstrip("\r\n")
        return start + self._characters(line, max(0, position.character))

    def span(self, place: lsp.Range) -> tuple[int, int]:
        """The offsets of a place, in order."""
        start, end = self.offset(place.start), self.offset(place.end)
        return min(start, end), max(start, end)

    def length(self, start: int, end: int) -> int:
        """How long a part of one line is, as the editor counts."""
        return self._count(self.text[start:end])

    def _count(self, text: str) -> int:
        if self._units is None or text.isascii():
            return len(text)
        return len(text.encode(self._units, "surrogatepass")) // WIDTHS[self._units]

    def _characters(self, line: str, column: int) -> int:
        """How many characters of a line stand before a column. One that is in the middle of a character is before it."""
        if self._units is None or line.isascii():
            return min(column, len(line))
        units = line.encode(self._units, "surrogatepass")[: column * WIDTHS[self._units]]
        return len(units.decode(self._units, "ignore"))


def changed(text: str, changes: list[lsp.TextDocumentContentChangeEvent], encoding: str | None) -> str:
    """A text after an editor's changes, made one after the other."""
    for change in changes:
        if isinstance(change, lsp.TextDocumentContentChangePartial):
            start, end = Lines(text, encoding).span(change.range)
            text = text[:start] + change.text + text[end:]
        else:
            text = change.text
    return text
