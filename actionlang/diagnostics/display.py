"""Text as a terminal shows it: the cells that characters take, and nothing that a terminal would obey."""

from __future__ import annotations

import unicodedata
from bisect import bisect_left, bisect_right

import attrs

TAB_WIDTH = 4
ELLIPSIS = "..."

ZERO_WIDTH_JOINER = "\u200d"
ZERO_WIDTH_NON_JOINER = "\u200c"
JOINED = {"Mn", "Me"}
"""Categories of characters that are drawn over the one before."""

UNSAFE = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
"""Categories that a terminal would obey, hide or not show: controls, changes of writing direction."""


def safe(text: str) -> str:
    """The text with `<U+001B>` for each character that is no picture; line feeds stay."""
    if text.isprintable():
        return text
    return "".join(character if character == "\n" else _picture(character) for character in text)


@attrs.frozen
class DisplayLine:
    """One line of a script, ready to be shown. `pieces[i]` is what is shown for character i, which begins at
    cell `starts[i]`; the last of `starts` is the width of the whole."""

    pieces: tuple[str, ...]
    starts: tuple[int, ...]

    @classmethod
    def of(cls, text: str) -> DisplayLine:
        """Work out a line that has no line ending: tabs reach to the next multiple of four cells."""
        pieces: list[str] = []
        starts = [0]
        before = ""
        for character in text:
            at = starts[-1]
            piece = " " * (TAB_WIDTH - at % TAB_WIDTH) if character == "\t" else _picture(character)
            cells = 0 if before == ZERO_WIDTH_JOINER else sum(map(_cells, piece))
            pieces.append(piece)
            starts.append(at + cells)
            before = character
        return cls(tuple(pieces), tuple(starts))

    def cell(self, index: int) -> int:
        """The cell at which a character begins; that of the line's end for an index behind it."""
        return self.starts[min(index, len(self.pieces))]

    def clip(self, wanted: int, most: int) -> ClippedLine:
        """At most `most` cells of the line, the cell `wanted` among them, and `...` for what was left out."""
        total = self.starts[-1]
        if total <= most:
            return ClippedLine("".join(self.pieces), 0, total)
        room = most - 2 * len(ELLIPSIS)
        first = 0 if wanted < room * 3 // 4 else min(wanted - room // 4, total - room)
        begin = bisect_left(self.starts, first)
        end = max(begin + 1, bisect_right(self.starts, first + room) - 1)
        before = ELLIPSIS if begin else ""
        after = ELLIPSIS if end < len(self.pieces) else ""
        shift = self.starts[begin] - len(before)
        return ClippedLine(f"{before}{''.join(self.pieces[begin:end])}{after}", shift, self.starts[end])


@attrs.frozen
class ClippedLine:
    """What is shown of a line. A cell of the whole line stands `shift` further left here; `end` is the
    first cell of the whole line that is not shown any more."""

    text: str
    shift: int
    end: int

    def cell(self, whole: int) -> int:
        """Where a cell of the whole line stands in what is shown, at its edge if it was left out."""
        first = len(ELLIPSIS) if self.shift else 0
        return max(first, min(whole, self.end) - self.shift)


def _picture(character: str) -> str:
    if character.isprintable() or character in (ZERO_WIDTH_JOINER, ZERO_WIDTH_NON_JOINER):
        return character
    return f"<U+{ord(character):04X}>" if unicodedata.category(character) in UNSAFE else character


def _cells(character: str) -> int:
    if character.isascii():
        return 1
    if unicodedata.category(character) in JOINED or character in (ZERO_WIDTH_JOINER, ZERO_WIDTH_NON_JOINER):
        return 0
    if "\u1160" <= character <= "\u11ff":  # the later parts of a Korean syllable are drawn into its first
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1
