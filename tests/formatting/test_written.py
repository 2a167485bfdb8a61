"""What is written in this repository, and what ActionLang writes, is in the canonical form."""

from __future__ import annotations

import textwrap
from pathlib import Path

import pytest
from hypothesis import given, settings

from actionlang.cli import first_project
from actionlang.diagnostics.diagnostic import ActionLangError
from actionlang.diagnostics.source import Source
from actionlang.formatting import format_source
from actionlang.metadata.emit import Script, emit
from tests.docs.fences import all_pages, fences
from tests.metadata.test_emit import scripts

ROOT = Path(__file__).parents[2]
SCRIPTS = [file for folder in ("stdlib", "examples") for file in sorted((ROOT / folder).rglob("*.act"))]


def form(text: str) -> str:
    """The canonical form of a script."""
    return format_source(Source("s.act", text))


@pytest.mark.parametrize("file", SCRIPTS, ids=lambda file: str(file.relative_to(ROOT)))
def test_the_standard_library_and_the_examples(file: Path) -> None:
    assert form(file.read_text("utf-8")) == file.read_text("utf-8")


def test_the_documentation() -> None:
    odd = []
    for page in all_pages():
        for fence in fences(page):
            if fence.language == "act":
                steps = "steps" in fence.info
                text = f"action A <\n{textwrap.indent(fence.text, '  ')}>\n" if steps else fence.text
                try:
                    odd += [str(fence)] if form(text) != text else []
                except ActionLangError:
                    continue  # the page is about a script that can not be read
    assert odd == []


@pytest.mark.parametrize("name", [name for name in first_project.FILES if name.endswith(".act")])
def test_a_new_project(name: str) -> None:
    assert form(first_project.FILES[name]) == first_project.FILES[name]


@settings(max_examples=40, deadline=None)
@given(scripts())
def test_imported_tables(script: Script) -> None:
    assert form(emit(script)) == emit(script)


@pytest.mark.parametrize("file", sorted((ROOT / "tests/golden/metadata").glob("*.act")), ids=lambda file: file.name)
def test_imported_databases(file: Path) -> None:
    assert form(file.read_text("utf-8")) == file.read_text("utf-8")
