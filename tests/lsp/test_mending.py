"""A problem whose hint names what was probably meant comes with the fix that writes it."""

from __future__ import annotations

from pathlib import Path

import pytest

from actionlang.diagnostics.diagnostic import Diagnostic
from tests.check.checking import check
from tests.check.test_cases import CASES, scripts
from tests.check.test_messages import without_expectations

MEANT = "Did you mean "


def misspelt(text: str) -> list[Diagnostic]:
    """The problems of a script that are about a misspelt name."""
    return [each for each in check(text).diagnostics if each.hint is not None and each.hint.startswith(MEANT)]


def mended(text: str, diagnostic: Diagnostic) -> str:
    """A script after the first fix of a problem."""
    for edit in sorted(diagnostic.fixes[0].edits, key=lambda edit: edit.span.start, reverse=True):
        text = text[: edit.span.start] + edit.text + text[edit.span.end :]
    return text


@pytest.mark.parametrize("file", CASES, ids=lambda file: file.stem)
def test_a_misspelt_name_can_be_mended(file: Path) -> None:
    for _, script in scripts(file):
        text = without_expectations(script)
        for diagnostic in misspelt(text):
            assert diagnostic.primary is not None
            assert diagnostic.fixes, diagnostic.message
            start = diagnostic.primary.span.start
            after = [
                each
                for each in misspelt(mended(text, diagnostic))
                if each.primary is not None and each.primary.span.start == start and each.message == diagnostic.message
            ]
            assert after == [], diagnostic.message


def test_the_cases_have_misspelt_names() -> None:
    found = [each for file in CASES for _, text in scripts(file) for each in misspelt(without_expectations(text))]
    assert len({each.code for each in found}) >= 8
