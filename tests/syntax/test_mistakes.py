"""What a beginner reads after a mistake. Each file in mistakes/ has many small scripts parted by `---`, each with one mistake; the
golden file has each script, then the whole message."""

from __future__ import annotations

from pathlib import Path

import pytest

from actionlang.diagnostics.render import render
from actionlang.diagnostics.source import Source
from actionlang.syntax.parser import parse
from tests import golden
from tests.syntax.reading import HERE, chunks, problems

FILES = sorted((HERE / "mistakes").glob("*.act"))
SCRIPTS = [(file.stem, line, text) for file in FILES for line, text in chunks(file)]


@pytest.mark.parametrize("file", FILES, ids=[file.stem for file in FILES])
def test_messages(file: Path) -> None:
    parts = []
    for _, text in chunks(file):
        found = parse(Source("script.act", text)).diagnostics
        parts += [text, *(f"{render(diagnostic)}\n" for diagnostic in found)]
    golden.compare(f"diagnostics/syntax/{file.stem}.txt", "\n".join(parts))


@pytest.mark.parametrize(("name", "line", "text"), SCRIPTS, ids=[f"{name}:{line}" for name, line, _ in SCRIPTS])
def test_one_mistake_is_told_once_and_with_a_hint(name: str, line: int, text: str) -> None:
    found = parse(Source("script.act", text)).diagnostics
    assert len(found) == 1, problems(found)
    assert found[0].hint
