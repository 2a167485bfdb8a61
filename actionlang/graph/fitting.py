"""Texts that fit into a box: broken into lines of some width, the last cut short where there are too many."""

from __future__ import annotations

import attrs

from actionlang.diagnostics.display import DisplayLine, safe
from actionlang.graph.picture import Node

WIDTH = 38
"""Cells of a line; wide characters take two."""

LINES_OF_A_TEXT = 4
LINES_OF_A_BOX = 12
ELLIPSIS = "…"


@attrs.frozen
class Box:
    """What is written into a box, line by line."""

    title: tuple[str, ...]
    lines: tuple[str, ...]


def box_of(node: Node) -> Box:
    """The lines of a box, none of them too long, and not too many."""
    lines = [line for text in node.lines for line in fitted(text)]
    if len(lines) > LINES_OF_A_BOX:
        lines = [*lines[: LINES_OF_A_BOX - 1], ELLIPSIS]
    return Box(fitted(node.title), tuple(lines))


def whole_text(node: Node) -> str:
    """All that a box says, on one line, nothing shortened; then what else is known of it."""
    said = "; ".join(_plain(text) for text in (node.title, *node.lines))
    return f"{said}. {_plain(node.hint)}" if node.hint else said


def fitted(text: str, width: int = WIDTH, most: int = LINES_OF_A_TEXT) -> tuple[str, ...]:
    """A text in lines of at most `width` cells, at most `most` of them."""
    lines = [""]
    for word in _plain(text).split(" "):
        for piece in _pieces(word, width):
            joined = f"{lines[-1]} {piece}" if lines[-1] else piece
            if _cells(joined) <= width:
                lines[-1] = joined
            else:
                lines.append(piece)
    if len(lines) > most:
        last = _pieces(lines[most - 1], width - 1)[0]
        lines = [*lines[: most - 1], f"{last}{ELLIPSIS}"]
    return tuple(lines)


def _plain(text: str) -> str:
    """A text on one line, with nothing in it that would not show."""
    return safe(" ".join(text.split()))


def _pieces(word: str, width: int) -> list[str]:
    """A word, in pieces where it is wider than a line."""
    starts = DisplayLine.of(word).starts
    pieces: list[str] = []
    begin = 0
    for index in range(1, len(starts)):
        if starts[index] - starts[begin] > width:
            pieces.append(word[begin : index - 1])
            begin = index - 1
    return [*pieces, word[begin:]]


def _cells(text: str) -> int:
    return DisplayLine.of(text).starts[-1]
