"""The mistakes that newcomers are most likely to make (docs/explanation/newcomers-mistakes.md): each is told once, in a message
that reads well, with the script as it should be.

A file in newcomers/ has a script with one mistake, `---`, and the script that was meant.
"""

from __future__ import annotations

import html
import re
from functools import cache
from pathlib import Path

import pytest

from actionlang.compile.modules import Loader
from actionlang.diagnostics.diagnostic import Diagnostic, Severity
from actionlang.diagnostics.mended import mended, mended_lines
from actionlang.diagnostics.render import render
from actionlang.diagnostics.source import Source
from tests import golden
from tests.syntax.reading import HERE, problems

FOLDER = HERE / "newcomers"
BESIDE = FOLDER / "beside"
"""Where the scripts are taken to be, and what they may import stands."""

FILES = sorted(FOLDER.glob("*.act"))
PAGE = Path(__file__).parents[2] / "docs" / "explanation" / "newcomers-mistakes.md"
EXPLAINED = {
    "while",
    "choose-with-question-mark",
    "print",
    "missing-argument",
    "missing-column",
    "used-after-delete",
    "member-of-another-choice",
}
"""Mistakes after which only their maker knows what to write; the message says what that has to be."""


def both(file: Path) -> tuple[str, str]:
    """The script with the mistake, and the one that was meant."""
    wrong, meant = file.read_text("utf-8").split("---\n")
    return wrong, meant


@cache
def standard() -> Loader:
    """The modules that the scripts import."""
    loader = Loader(BESIDE)
    for name in ("prelude", "core", "helpdesk"):
        loader.load_standard(name)
    return loader


def check(text: str) -> tuple[Diagnostic, ...]:
    """What is wrong with a script."""
    loader = Loader(BESIDE)
    loader.checked.update(standard().checked)
    return loader.load_source("script", Source("script.act", text), BESIDE).diagnostics


def name(file: Path) -> str:
    """A mistake's name."""
    return file.stem.partition("-")[2]


@pytest.mark.parametrize("file", FILES, ids=[file.stem for file in FILES])
def test_a_mistake_is_told_once_with_what_to_write(file: Path) -> None:
    wrong, meant = both(file)
    (found,) = check(wrong)
    assert found.severity is Severity.ERROR
    assert found.hint
    golden.compare(f"diagnostics/newcomers/{file.stem}.txt", f"{wrong}\n{render(found)}\n")
    if name(file) in EXPLAINED:
        assert not found.fixes
    else:
        assert mended(wrong, found.fixes[0].edits) == meant
        assert mended_lines(Source("script.act", wrong), found.fixes[0].edits)
    assert not problems(check(meant))


def test_at_least_the_forty_most_likely_are_there() -> None:
    assert len(FILES) >= 40
    assert not EXPLAINED - {name(file) for file in FILES}


def test_the_page_has_each_of_them() -> None:
    """Each row names, by its number, a line that is in the script with the mistake and one that is in the mended script."""
    rows = [row.split(" | ") for row in PAGE.read_text("utf-8").split("\n") if re.match(r"\| [0-9]+ ", row)]
    assert [int(row[0].removeprefix("| ")) for row in rows] == list(range(1, len(FILES) + 1))
    for row, file in zip(rows, FILES, strict=True):
        assert len(row) == 4
        for cell, script in zip(row[1:3], both(file), strict=True):
            lines = [line.strip() for line in script.split("\n")]
            for written in cell.split("<br>"):
                assert _plain(written) in lines, file.stem


def _plain(cell: str) -> str:
    """A line of a script out of a cell of the page's tables."""
    if cell.startswith("<code>"):
        return html.unescape(cell.removeprefix("<code>").removesuffix("</code>"))
    return cell.strip("`").strip() if cell.startswith("`` ") else cell[1:-1]
