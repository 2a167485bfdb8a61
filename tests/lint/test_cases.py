"""Small scripts with what lints find in them: `cases/*.act`, in the form of tests/check/cases; most find nothing, on purpose."""

from __future__ import annotations

from pathlib import Path

import pytest

from actionlang.diagnostics.render import render_all
from tests.check.checking import check
from tests.check.test_cases import Complaint, expected, scripts
from tests.check.test_messages import without_expectations
from tests.golden import compare

CASES = sorted((Path(__file__).parent / "cases").glob("*.act"))
ALL = [pytest.param(text, id=f"{file.name}:{before + 1}") for file in CASES for before, text in scripts(file)]


@pytest.mark.parametrize("text", ALL)
def test_what_lints_find(text: str) -> None:
    module = check(text)
    found: list[Complaint] = []
    for diagnostic in module.diagnostics:
        assert diagnostic.primary is not None
        line = module.source.position(diagnostic.primary.span.start).line
        found.append((line, diagnostic.code.id, diagnostic.message))
    assert found == expected(text)


@pytest.mark.parametrize("file", CASES, ids=lambda file: file.stem)
def test_messages(file: Path) -> None:
    parts = []
    for _, text in scripts(file):
        source = without_expectations(text)
        diagnostics = check(source).diagnostics
        if diagnostics:
            parts.append(f"{source}\n\n{render_all(diagnostics)}\n")
    compare(f"diagnostics/lints/{file.stem}.txt", f"\n{'=' * 100}\n\n".join(parts))
