"""Where two blocks of steps differ: a tree of lines, of which those that are the same are only shown above what is not."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from typing import NamedTuple

from actionlang.plan import steps as s
from actionlang.plan.describe import Block, lines_of

ADDED, REMOVED, SAME = "+", "-", " "
ALIKE = 0.5
"""How much of their texts two steps of one kind share for one to have been made out of the other."""


class Line(NamedTuple):
    """A line of a comparison: whether it is new, gone, or only says where; how deep it stands; its text."""

    sign: str
    depth: int
    text: str


def compare_steps(old: Sequence[s.Step], new: Sequence[s.Step], depth: int = 0) -> list[Line]:
    """The lines that differ, each under those that it stands in; none where the steps are the same, wherever they stand."""
    before = [block for step in old for block in lines_of(step)]
    after = [block for step in new for block in lines_of(step)]
    matcher = SequenceMatcher(None, [_whole(block) for block in before], [_whole(block) for block in after], False)
    lines: list[Line] = []
    for what, start, end, new_start, new_end in matcher.get_opcodes():
        if what != "equal":
            lines += _changed(before[start:end], after[new_start:new_end], depth)
    return lines


def _changed(before: list[Block], after: list[Block], depth: int) -> Iterator[Line]:
    """Lines of which none is the same: some were changed, the others removed and added."""
    position = 0
    for block in before:
        made = next((number for number in range(position, len(after)) if _is_made_of(block, after[number])), None)
        if made is None:
            yield from _all(REMOVED, block, depth)
            continue
        for added in after[position:made]:
            yield from _all(ADDED, added, depth)
        position = made + 1
        yield from _edited(block, after[made], depth)
    for added in after[position:]:
        yield from _all(ADDED, added, depth)


def _edited(old: Block, new: Block, depth: int) -> Iterator[Line]:
    """A line that was changed, or only the lines under it."""
    if old[1] == new[1]:
        yield Line(SAME, depth, new[1])
    else:
        yield Line(REMOVED, depth, old[1])
        yield Line(ADDED, depth, new[1])
    yield from compare_steps(old[2], new[2], depth + 1)


def _is_made_of(old: Block, new: Block) -> bool:
    """Whether one line may have been made out of the other: the same, or one of the same kind that says much the same, or stands
    above the same steps."""
    if old[1] == new[1]:
        return True
    if old[1].split(" ", 1)[0] != new[1].split(" ", 1)[0]:
        return False
    same_inside = bool(old[2]) and [_whole(b) for b in _lines(old)] == [_whole(b) for b in _lines(new)]
    return same_inside or SequenceMatcher(None, old[1].split(), new[1].split(), False).ratio() >= ALIKE


def _lines(block: Block) -> list[Block]:
    return [inner for step in block[2] for inner in lines_of(step)]


def _whole(block: Block) -> tuple[object, ...]:
    """A line with all that stands under it, as something that can be compared."""
    return (block[1], *(_whole(inner) for inner in _lines(block)))


def _all(sign: str, block: Block, depth: int) -> Iterator[Line]:
    yield Line(sign, depth, block[1])
    for inner in _lines(block):
        yield from _all(sign, inner, depth + 1)
