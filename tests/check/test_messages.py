"""What a person reads: each script of `cases/` that something is wrong with, and the whole of what is said about it."""

from __future__ import annotations

from pathlib import Path

import pytest

from actionlang.diagnostics.render import render_all
from tests.check.checking import check
from tests.check.test_cases import CASES, EXPECTED, scripts
from tests.golden import compare


def without_expectations(text: str) -> str:
    """A script without the comments that say what is wrong with it."""
    lines = [(line, EXPECTED.sub("", line).rstrip()) for line in text.splitlines()]
    return "\n".join(left for line, left in lines if left or not line.strip())


@pytest.mark.parametrize("file", CASES, ids=lambda file: file.stem)
def test_messages(file: Path) -> None:
    parts = []
    for _, text in scripts(file):
        source = without_expectations(text)
        diagnostics = check(source).diagnostics
        if diagnostics:
            parts.append(f"{source}\n\n{render_all(diagnostics)}\n")
    compare(f"diagnostics/check/{file.stem}.txt", f"\n{'=' * 100}\n\n".join(parts))
