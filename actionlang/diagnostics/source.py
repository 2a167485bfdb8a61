"""A script's text and places in it."""

from bisect import bisect_right
from functools import cached_property

import attrs


@attrs.frozen
class Span:
    """Half-open range of code-point offsets `[start, end)` into a source's text."""

    start: int
    end: int


@attrs.frozen
class Position:
    """A place as people count it: line and column both start at 1, columns count code points."""

    line: int
    column: int


@attrs.frozen(slots=False, eq=False)
class Source:
    """One script: the name to show for it (a relative path, `<stdin>`, `stdlib/core.act`) and its text."""

    name: str
    text: str = attrs.field(repr=False)

    @cached_property
    def line_starts(self) -> list[int]:
        """Offset of the first character of each line."""
        starts = [0]
        find = self.text.find
        at = find("\n")
        while at >= 0:
            starts.append(at + 1)
            at = find("\n", at + 1)
        return starts

    def position(self, offset: int) -> Position:
        """Line and column of an offset; an offset past the end is the end's."""
        offset = min(offset, len(self.text))
        line = bisect_right(self.line_starts, offset)
        return Position(line, offset - self.line_starts[line - 1] + 1)

    def line(self, number: int) -> str:
        """Text of a line (numbered from 1) without its line ending."""
        start = self.line_starts[number - 1]
        end = self.line_starts[number] if number < len(self.line_starts) else len(self.text)
        return self.text[start:end].rstrip("\r\n")
