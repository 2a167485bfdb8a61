"""Which known name a misspelt one was meant to be."""

from __future__ import annotations

import re
from collections.abc import Iterable

from actionlang.diagnostics.fix import Edit, Fix
from actionlang.diagnostics.source import Span
from actionlang.syntax import ast

PLAIN = re.compile("[A-Za-z_][A-Za-z0-9_]*")
"""A name that needs no backticks."""

SHORTEST_BEGINNING = 3
"""Characters that two names must share before one counts as the beginning of the other."""


def nearest(wrong: str, names: Iterable[str]) -> str | None:
    """The name most like a wrong one, or None when none is near: one that differs only in capital letters, else the one
    that takes the fewest slips of the pen, else one that the wrong name begins with or begins."""
    candidates = sorted(set(names) - {wrong})
    plain = wrong.lower()
    for name in candidates:
        if name.lower() == plain:
            return name
    limit = max(1, len(wrong) // 3)
    near = [
        (distance(plain, name.lower()), name)
        for name in candidates
        if abs(len(name) - len(wrong)) <= limit and len(name) > 1
    ]
    if near and min(near)[0] <= limit:
        return min(near)[1]
    alike = [name for name in candidates if _begins(plain, name.lower())]
    return max(alike, key=len) if alike else None


def respelt(place: ast.Node, wrong: str, names: Iterable[str], text: str) -> tuple[Fix, ...]:
    """The fix that writes the name that a misspelt one was meant to be, if one is near. The wrong name ends its place in the text
    of the script: what stands before it there stays."""
    found = nearest(wrong, names)
    if found is None:
        return ()
    quotes = 2 if text[place.end - 1 : place.end] == "`" else 0
    span = Span(place.end - len(wrong) - quotes, place.end)
    return (Fix(f"Write {found}", (Edit(span, found if PLAIN.fullmatch(found) else f"`{found}`"),)),)


def distance(left: str, right: str) -> int:
    """How many slips of the pen lie between two words: a letter more, less or other, or two neighbours swapped."""
    before: list[int] = []
    row = list(range(len(right) + 1))
    for i, letter in enumerate(left):
        two_before, before, row = before, row, [i + 1]
        for j, other in enumerate(right):
            cost = min(before[j + 1] + 1, row[j] + 1, before[j] + (letter != other))
            if i and j and letter == right[j - 1] and left[i - 1] == other:
                cost = min(cost, two_before[j - 1] + 1)
            row.append(cost)
    return row[-1]


def _begins(left: str, right: str) -> bool:
    short, long = sorted((left, right), key=len)
    return len(short) >= SHORTEST_BEGINNING and long.startswith(short)
