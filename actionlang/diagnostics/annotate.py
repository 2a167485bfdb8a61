"""The rows beneath a source line: underlines, and the words that go with them.

12 |   let total = case.amount + quote.name;
   |               -----------   ^^^^^^^^^^ this is a text
   |               |
   |               this is an amount of money
"""

from __future__ import annotations

from collections.abc import Sequence

import attrs

Row = list[tuple[str, str]]
"""Characters, each with its style."""

PRIMARY = "^"
SECONDARY = "-"


@attrs.frozen
class Mark:
    """An underline from cell `start` up to `end` (at least one cell), made of `sign`, and its words."""

    start: int
    end: int
    sign: str
    style: str
    message: str = ""


def rows_beneath(marks: Sequence[Mark]) -> list[Row]:
    """The rows to print beneath a line: the underlines, then the words that did not fit behind them."""
    if not marks:
        return []
    ordered = sorted(marks, key=lambda mark: (mark.start, mark.end))
    row = _underlines(ordered)
    spoken = [mark for mark in ordered if mark.message]
    last = ordered[-1]
    if last.message and last.end >= max(mark.end for mark in ordered):
        spoken.pop()
        row += [(" ", ""), *((character, last.style) for character in last.message)]
    return [row, *_hanging(spoken)]


def put(row: Row, at: int, text: str, style: str) -> None:
    """Write signs of one cell each into a row, making it longer where needed."""
    row += [(" ", "")] * (at + len(text) - len(row))
    row[at : at + len(text)] = [(character, style) for character in text]


def _underlines(marks: Sequence[Mark]) -> Row:
    row: Row = []
    for sign in (SECONDARY, PRIMARY):
        for mark in marks:
            if mark.sign == sign:
                put(row, mark.start, sign * max(1, mark.end - mark.start), mark.style)
    return row


def _hanging(marks: Sequence[Mark]) -> list[Row]:
    """Words under their underline, the rightmost first, each hung on a line down from it."""
    rows: list[Row] = []
    previous = -1
    for index in reversed(range(len(marks))):
        mark = marks[index]
        if mark.start != previous:
            rows.append(_threads(marks[: index + 1]))
        previous = mark.start
        row = _threads([other for other in marks[:index] if other.start < mark.start])
        row += [(" ", "")] * (mark.start - len(row))
        rows.append([*row, *((character, mark.style) for character in mark.message)])
    return rows


def _threads(marks: Sequence[Mark]) -> Row:
    row: Row = []
    for mark in marks:
        put(row, mark.start, "|", mark.style)
    return row
