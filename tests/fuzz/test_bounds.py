"""Work and memory grow no faster than the script: whatever piece of the language is repeated, four times as much of it takes about
four times as much. Work is counted in calls of functions, which are the same on every machine."""

from __future__ import annotations

import sys
import tracemalloc
from collections.abc import Callable
from itertools import count

import pytest

from actionlang.diagnostics.diagnostic import ActionLangError
from actionlang.diagnostics.render import render
from actionlang.diagnostics.source import Source
from actionlang.formatting import format_source
from actionlang.syntax.parser import parse
from actionlang.syntax.tokens import KEYWORDS, SIGNS

FEW, FOLD = 300, 4
SLACK = 1.25
"""How much more than in proportion: lists grow by jumps."""

PIECES = [
    *sorted(KEYWORDS), *SIGNS, '"', '"""', "{", "}", "'", "`", "`a b`", "\\", "\n", "# a comment\n", "## a doc\n", "1", "1.5", "2 days",
    'date "2024-02-29"', '"text {a} more"', "x", "\u00e9", "\U0001f642", "\ufeff", "\u00a0", "\t", "a.b", "f(", "(1", "[", "==", "//", "/*",
    "action A < stop >\n", "table t < a text >\n", "if (a) < stop > else < stop >\n", "choice C < a; b >\n", "import x;\n",
    "create t set a = 1;\n", "update c set a = 1, b = 2;\n", 'test "x" < stop >\n', "action A < if (a) <\n", "for each x in t <\n",
]  # fmt: skip

WITHIN = {
    "list of": "action A (x ", "not": "action A < require (", "- ": "action A < let x = ", "a.": "action A < let x = ", "x, ": "choice C < a; b > table t < key (",
    "a | ": "table t < c ", "if (a) < stop > else": "action A < ", "f(1, ": "action A < let x = ", "order by a, ": "action A < find t ",
    "-> a, ": "table t < s < b ",
}  # fmt: skip
"""Pieces that only go on where something before them has begun."""

REPEATED = [*((piece, "") for piece in PIECES), *WITHIN.items()]


def read(text: str) -> None:
    """Read a text and show the first complaint."""
    for diagnostic in parse(Source("a.act", text)).diagnostics[:1]:
        render(diagnostic)


def put_in_form(text: str) -> None:
    """Format a text, if it can be."""
    try:
        format_source(Source("a.act", text))
    except ActionLangError:
        return


def calls(act: Callable[[str], None], text: str) -> int:
    """How many functions are called, Python's and C's."""
    counter = count()
    before = sys.getprofile()
    sys.setprofile(lambda frame, event, _: next(counter) if event in ("call", "c_call") else None)
    try:
        act(text)
    finally:
        sys.setprofile(before)
    return next(counter)


def peak(act: Callable[[str], None], text: str) -> int:
    """The most memory in use, in bytes."""
    tracemalloc.start()
    try:
        act(text)
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("act", [read, put_in_form])
@pytest.mark.parametrize(("piece", "before"), REPEATED, ids=ascii)
def test_work_grows_with_the_script(piece: str, before: str, act: Callable[[str], None]) -> None:
    act(before + piece)
    few, many = (calls(act, before + f"{piece} " * times) for times in (FEW, FOLD * FEW))
    assert many <= SLACK * FOLD * few + 2_000


@pytest.mark.parametrize("act", [read, put_in_form])
@pytest.mark.parametrize(("piece", "before"), REPEATED, ids=ascii)
def test_memory_grows_with_the_script(piece: str, before: str, act: Callable[[str], None]) -> None:
    act(before + piece)
    few, many = (peak(act, before + f"{piece} " * times) for times in (FEW, FOLD * FEW))
    assert many <= SLACK * FOLD * few + 50_000
