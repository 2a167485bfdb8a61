"""The lines of one source that a diagnostic speaks of, with what it says beneath them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import attrs

from actionlang.diagnostics.annotate import Mark, Row, put, rows_beneath
from actionlang.diagnostics.display import ClippedLine, DisplayLine
from actionlang.diagnostics.source import Position, Source, Span

MAXIMUM_WIDTH = 120
"""Cells of a source line that are shown; longer lines are clipped around what they are shown for."""

MAXIMUM_LINES = 6
"""Lines of a longer place that are all shown; of one with more, the first and the last are."""


@attrs.frozen
class Part:
    """A place to show: from `start` to `end` (behind its last character), the underlining sign, words."""

    start: Position
    end: Position
    sign: str
    style: str
    message: str

    @classmethod
    def of(cls, source: Source, span: Span, sign: str, style: str, message: str) -> Part:
        """The part for a span. A span that ends with a line's ending ends on that line."""
        end = span.end
        if end > span.start and source.text[end - 1 : end] == "\n":
            end -= 1
        return cls(source.position(span.start), source.position(end), sign, style, message)

    @property
    def is_long(self) -> bool:
        """Whether the place goes over several lines."""
        return self.end.line > self.start.line


@attrs.frozen
class SnippetRow:
    """One row: its characters, and the number of the source line it shows (None: it stands beneath
    one, 0: lines were left out)."""

    number: int | None
    cells: Row


class Snippet:
    """Lays out the parts of one source."""

    def __init__(self, source: Source, parts: Sequence[Part]) -> None:
        self.source = source
        self.short = [part for part in parts if not part.is_long]
        self.long = sorted((part for part in parts if part.is_long), key=lambda part: (part.start.line, -part.end.line))
        self.numbers = self._numbers(parts)

    def rows(self) -> Iterator[SnippetRow]:
        """All rows, from the first line to the last."""
        previous = self.numbers[0] - 1
        for number in self.numbers:
            if number > previous + 1:
                yield SnippetRow(0, self._lanes(number - 1, passed=True))
            previous = number
            yield from self._line(number)

    def _numbers(self, parts: Sequence[Part]) -> list[int]:
        """The lines to show; a single line between two of them is shown rather than left out."""
        numbers: set[int] = set()
        for part in parts:
            first, last = part.start.line, part.end.line
            numbers |= (
                set(range(first, last + 1)) if last - first < MAXIMUM_LINES else {first, first + 1, last - 1, last}
            )
            if first == last and first > 1 and not self.source.line(first).strip():
                numbers.add(first - 1)
        numbers |= {number + 1 for number in numbers if number + 2 in numbers}
        return sorted(numbers)

    def _line(self, number: int) -> Iterator[SnippetRow]:
        """A source line and the rows beneath it."""
        line = DisplayLine.of(self.source.line(number))
        short = [part for part in self.short if part.start.line == number]
        clipped = line.clip(self._wanted(line, number, short), MAXIMUM_WIDTH)
        lanes = self._lanes(number, passed=False)
        yield SnippetRow(number, [*lanes, *((character, "") for character in clipped.text)])
        beneath = self._lanes(number, passed=True)
        marks = []
        for part in short:
            start, end = (clipped.cell(line.cell(place.column - 1)) for place in (part.start, part.end))
            marks.append(Mark(start, end, part.sign, part.style, part.message))
        for row in rows_beneath(marks):
            yield SnippetRow(None, [*beneath, *row])
        yield from self._long_ends(number, line, clipped)

    def _wanted(self, line: DisplayLine, number: int, short: list[Part]) -> int:
        """The cell to be seen when the line is clipped: where its first primary place begins, or another."""
        best = min(short, key=lambda part: (part.sign != "^", part.start.column), default=None)
        if best is not None:
            return line.cell(best.start.column - 1)
        columns = [part.start.column for part in self.long if part.start.line == number]
        columns += [part.end.column for part in self.long if part.end.line == number]
        return line.cell(columns[0] - 1) if columns else 0

    # -------------------------------------------------------------------------------- places over many lines

    def _lanes(self, number: int, passed: bool) -> Row:
        """The bars at the left of a line (or, `passed`, of what stands beneath it): one lane a long place."""
        row: Row = []
        for part in self.long:
            bar = " "
            if part.start.line == number and self._begins_its_line(part):
                bar = "|" if passed else "/"
            elif part.start.line < number <= part.end.line:
                bar = "|"
            row.append((bar, part.style))
        return [*row, (" ", "")] if row else row

    def _begins_its_line(self, part: Part) -> bool:
        return not self.source.line(part.start.line)[: part.start.column - 1].strip()

    def _long_ends(self, number: int, line: DisplayLine, clipped: ClippedLine) -> Iterator[SnippetRow]:
        """The rows that lead from a lane to where a long place begins or ends."""
        open_lanes = self._lanes(number, passed=True)
        for lane, part in enumerate(self.long):
            begins = part.start.line == number
            if begins and self._begins_its_line(part):
                continue
            if not begins and part.end.line != number:
                continue
            index = part.start.column - 1 if begins else max(0, part.end.column - 2)
            at = len(open_lanes) + clipped.cell(line.cell(index))
            row = list(open_lanes)
            put(row, lane + 1, "_" * (at - lane - 1), part.style)
            put(row, at, part.sign, part.style)
            if not begins:
                row += [(" ", ""), *((character, part.style) for character in part.message)]
            yield SnippetRow(None, row)
            open_lanes[lane] = ("|" if begins else " ", part.style)
