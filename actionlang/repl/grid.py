"""Rows as a table that fits the terminal: wide characters counted as two cells, long values clipped, columns for which there is
no room named below."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence

import attrs

from actionlang.diagnostics.display import ELLIPSIS, DisplayLine

GAP = "  "
NARROWEST = 12
"""Cells that a column is never made narrower than, unless all that is in it is."""


@attrs.frozen
class Heading:
    """A column's name, whether its values are set to the right, and whether they say nothing unless they are whole."""

    name: str
    right: bool = False
    whole: bool = False


def grid(headings: Sequence[Heading], rows: Sequence[Sequence[str]], width: int) -> list[str]:
    """The lines of a table no wider than `width` cells: headings, a rule, the rows, and what columns were left out."""
    lines, wanted = _measured(headings, rows)
    widths = _fitted(wanted, [_least(heading, size) for heading, size in zip(headings, wanted, strict=True)], width)
    first, *others = [
        GAP.join(_cell(cell, size, heading.right) for cell, size, heading in zip(line, widths, headings, strict=False))
        for line in lines
    ]
    made = [first.rstrip(), GAP.join("-" * size for size in widths), *(line.rstrip() for line in others)]
    left_out = [heading.name for heading in headings[len(widths) :]]
    if left_out:
        made.append(clipped(f"(no room for {', '.join(left_out)})", width))
    return made


def fits(headings: Sequence[Heading], rows: Sequence[Sequence[str]], width: int) -> bool:
    """Whether the table has room without anything clipped or left out."""
    return sum(_measured(headings, rows)[1]) + len(GAP) * (len(headings) - 1) <= width


def _measured(headings: Sequence[Heading], rows: Sequence[Sequence[str]]) -> tuple[list[list[DisplayLine]], list[int]]:
    """The headings and the rows, ready to be shown, and how many cells each column would like to have."""
    lines = [
        [DisplayLine.of(one_line(cell)) for cell in row] for row in ([heading.name for heading in headings], *rows)
    ]
    return lines, [max(line[column].starts[-1] for line in lines) for column in range(len(headings))]


def one_line(text: str) -> str:
    """A text without line feeds, so that it stays on its line."""
    return text.replace("\r\n", "\n").replace("\n", "\\n")


def clipped(text: str, width: int) -> str:
    """At most so many cells of a text of one line, with `...` for what was left out at its end."""
    return _clip(DisplayLine.of(text), width)


def _least(heading: Heading, wanted: int) -> int:
    """How narrow a column may be made."""
    return wanted if heading.whole else min(wanted, max(NARROWEST, DisplayLine.of(heading.name).starts[-1]))


def _fitted(wanted: Sequence[int], least: Sequence[int], width: int) -> list[int]:
    """How wide each column is made: the widest are made narrower until all fit, and columns at the end for which there is no
    room at all are left out."""
    count = len(wanted)
    while count > 1 and sum(least[:count]) + len(GAP) * (count - 1) > width:
        count -= 1
    if count == 1:
        return [min(wanted[0], width)]
    room = width - len(GAP) * (count - 1)
    limits = list(zip(wanted[:count], least[:count], strict=True))
    most = max(wanted[:count])
    while sum(max(low, min(size, most)) for size, low in limits) > room:
        most -= 1
    widths = [max(low, min(size, most)) for size, low in limits]
    spare = room - sum(widths)
    for column, size in enumerate(wanted[:count]):
        given = min(spare, size - widths[column])
        widths[column] += given
        spare -= given
    return widths


def _cell(line: DisplayLine, size: int, right: bool) -> str:
    text = _clip(line, size)
    padding = " " * (size - min(size, DisplayLine.of(text).starts[-1]))
    return padding + text if right else text + padding


def _clip(line: DisplayLine, width: int) -> str:
    if line.starts[-1] <= width:
        return "".join(line.pieces)
    room = width - len(ELLIPSIS)
    if room <= 0:
        return ELLIPSIS[: max(0, width)]
    kept = bisect_right(line.starts, room) - 1
    return "".join(line.pieces[:kept]) + ELLIPSIS
