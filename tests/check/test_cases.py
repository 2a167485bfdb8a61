"""Small scripts with what is wrong with them: `cases/*.act`, parted by lines of `---`.

What is expected stands as a comment on the very line, `# E0502: message`, or on its own below it, `# ^ E0502: message`. A script
without any checks, and every plan of it is let pass.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from actionlang.diagnostics.diagnostic import Severity
from tests.check.checking import NAME, loader_with, verify_all

CASES = sorted((Path(__file__).parent / "cases").glob("*.act"))
EXPECTED = re.compile(r"# (\^ )?([EW]\d{4}|[a-z]+(?:-[a-z]+)+): (.*)$")

Complaint = tuple[int, str, str]
"""A line within a script, a code and a message."""


def scripts(file: Path) -> Iterator[tuple[int, str]]:
    """The scripts in a file, each with the line of the file before it."""
    before = 0
    for text in file.read_text("utf-8").rstrip("\n").split("\n---\n"):
        yield before, text
        before += text.count("\n") + 2


def expected(text: str) -> list[Complaint]:
    """What the comments in a script say is wrong with it."""
    found: list[Complaint] = []
    last = 0
    for number, line in enumerate(text.splitlines(), 1):
        match = EXPECTED.search(line)
        below = match is not None and match[1] is not None
        last = last if below else number
        if match is not None:
            found.append((last, match[2], match[3]))
    return found


ALL = [pytest.param(text, id=f"{file.name}:{before + 1}") for file in CASES for before, text in scripts(file)]


@pytest.mark.parametrize("text", ALL)
def test_what_is_wrong_with_a_script(text: str) -> None:
    loader = loader_with(**{NAME: text})
    module = loader.checked[NAME]
    found: list[Complaint] = []
    for diagnostic in module.diagnostics:
        assert diagnostic.primary is not None
        line = module.source.position(diagnostic.primary.span.start).line
        found.append((line, diagnostic.code.id, diagnostic.message))
    assert found == expected(text)
    if not any(diagnostic.severity is Severity.ERROR for diagnostic in module.diagnostics):
        verify_all(loader, NAME)


def test_there_are_many_scripts() -> None:
    assert len(ALL) > 100
