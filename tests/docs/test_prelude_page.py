"""The reference of functions says what stdlib/prelude.act says."""

from __future__ import annotations

from tests.docs.prelude_page import PAGE, page


def test_the_page_is_up_to_date() -> None:
    assert PAGE.read_text("utf-8") == page(), "run: python -m tests.docs.prelude_page"


def test_it_has_every_function_once() -> None:
    headings = [line for line in page().splitlines() if line.startswith("### ")]
    assert len(headings) == len(set(headings))
    assert "### add_months" in headings
    assert len(headings) > 70
