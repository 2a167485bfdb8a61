"""Tables that fit the terminal."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from wcwidth import wcswidth

from actionlang.diagnostics.display import DisplayLine
from actionlang.repl.grid import Heading, clipped, grid, one_line

HEADINGS = (Heading("number"), Heading("title"), Heading("amount", right=True), Heading("notes"))
ROWS = (("CAS-1", "Printer on 火事 fire", "1.00", "x" * 60), ("CAS-2", "日本語" * 8, "1,000.00", "two\nlines"))


def test_a_table_with_room() -> None:
    assert grid(HEADINGS, ROWS, 200) == [
        "number  title                                               amount  notes",
        "------  ------------------------------------------------  --------  " + "-" * 60,
        "CAS-1   Printer on 火事 fire                                  1.00  " + "x" * 60,
        "CAS-2   日本語日本語日本語日本語日本語日本語日本語日本語  1,000.00  two\\nlines",
    ]


def test_long_values_are_clipped_and_the_widest_columns_first() -> None:
    assert grid(HEADINGS, ROWS, 60) == [
        "number  title                   amount  notes",
        "------  --------------------  --------  --------------------",
        "CAS-1   Printer on 火事 fire      1.00  xxxxxxxxxxxxxxxxx...",
        "CAS-2   日本語日本語日本...   1,000.00  two\\nlines",
    ]


def test_columns_without_room_are_named() -> None:
    assert grid(HEADINGS, ROWS, 35) == [
        "number  title                amount",
        "------  -----------------  --------",
        "CAS-1   Printer on 火...       1.00",
        "CAS-2   日本語日本語日...  1,000.00",
        "(no room for notes)",
    ]


@settings(deadline=None)
@given(
    st.lists(st.lists(st.text(max_size=30), min_size=3, max_size=3), max_size=4),
    st.integers(min_value=12, max_value=120),
)
def test_no_line_is_wider_than_the_terminal(rows: list[list[str]], width: int) -> None:
    headings = [Heading("one"), Heading("second one", right=True), Heading("c")]
    lines = grid(headings, rows, width)
    assert len(lines) in (2 + len(rows), 3 + len(rows))
    assert all(DisplayLine.of(line).starts[-1] <= width for line in lines)


@pytest.mark.parametrize("width", [20, 33, 47, 80])
def test_wide_characters_take_two_cells(width: int) -> None:
    lines = grid([Heading("a"), Heading("b")], [("日本語" * 9, "x"), ("ab", "한국어" * 9)], width)
    assert all(wcswidth(line) <= width for line in lines)


@pytest.mark.parametrize(
    ("text", "width", "shown"),
    [
        ("abc", 3, "abc"),
        ("abcd", 3, "..."),
        ("abcde", 4, "a..."),
        ("日本語", 5, "日..."),
        ("abc", 2, ".."),
        ("", 0, ""),
    ],
)
def test_clipping(text: str, width: int, shown: str) -> None:
    assert clipped(text, width) == shown


def test_line_feeds_do_not_break_a_line() -> None:
    assert one_line("a\nb\r\nc") == "a\\nb\\nc"
