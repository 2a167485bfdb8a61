"""Prose broken anew for a terminal."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actionlang.cli.reflow import COLOR, reflow
from actionlang.diagnostics.catalogue import by_id
from actionlang.diagnostics.pages import error_page, plain


def test_paragraphs_are_broken_and_all_else_is_kept() -> None:
    text = "Title\n\none two three four\nfive six\n\n    code that is long and stays\n| a | table |\n\nend"
    assert reflow(text, 12) == (
        "Title\n\none two\nthree four\nfive six\n\n    code that is long and stays\n| a | table |\n\nend"
    )


@pytest.mark.parametrize("color", [False, True])
def test_a_page_fits_a_terminal(color: bool) -> None:
    code = by_id("E0907")
    assert code is not None
    for line in reflow(plain(error_page(code), color), 80).splitlines():
        shown = COLOR.sub("", line)
        assert len(shown) <= 80 or shown.startswith((" ", "|"))


@given(st.text("ab \n|", max_size=200), st.integers(1, 40))
def test_no_word_is_lost(text: str, width: int) -> None:
    assert re.split(r"[ \n]+", reflow(text, width)) == re.split(r"[ \n]+", text)
