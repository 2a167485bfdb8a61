"""Places as editors count them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lsprotocol import types as lsp

from actionlang.lsp.positions import Lines, changed

TEXT = st.text(st.sampled_from("ab \n\r\u2028\x0b\x85é\N{GRINNING FACE}"), max_size=40)
ENCODINGS = st.sampled_from(list(lsp.PositionEncodingKind))


@given(text=TEXT, encoding=ENCODINGS, offset=st.integers(0, 40))
def test_an_offset_is_where_its_place_is(text: str, encoding: lsp.PositionEncodingKind, offset: int) -> None:
    offset = min(offset, len(text))
    if text[offset - 1 : offset + 1] == "\r\n":
        offset -= 1  # No place is in the middle of a line end.
    lines = Lines(text, encoding)
    assert lines.offset(lines.position(offset)) == offset


@given(before=TEXT, after=TEXT, new=TEXT, encoding=ENCODINGS)
def test_a_change_is_made_where_it_was_meant(
    before: str, after: str, new: str, encoding: lsp.PositionEncodingKind
) -> None:
    if before.endswith("\r") and after.startswith("\n"):
        return
    place = Lines(before + after, encoding).position(len(before))
    change = lsp.TextDocumentContentChangePartial(range=lsp.Range(place, place), text=new)
    assert changed(before + after, [change], encoding) == before + new + after


@pytest.mark.parametrize(
    ("encoding", "column"),
    [(lsp.PositionEncodingKind.Utf8, 5), (lsp.PositionEncodingKind.Utf16, 3), (lsp.PositionEncodingKind.Utf32, 2)],
)
def test_units(encoding: lsp.PositionEncodingKind, column: int) -> None:
    assert Lines("\n\N{GRINNING FACE}a.", encoding).position(3) == lsp.Position(1, column)


def test_what_ends_a_line() -> None:
    assert Lines("a\r\nb\rc\nd\u2028e\x0cf").position(10) == lsp.Position(3, 3)


def test_places_that_are_not_there() -> None:
    lines = Lines("ab\ncd")
    assert lines.offset(lsp.Position(0, 99)) == 2
    assert lines.offset(lsp.Position(99, 0)) == 5
    assert lines.position(99) == lsp.Position(1, 2)
