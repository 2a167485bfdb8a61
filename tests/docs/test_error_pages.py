"""Each error page: it is its code's, its wrong example is refused with that code, its mended one is fine."""

from __future__ import annotations

import pytest

from actionlang.diagnostics.catalogue import all_codes
from actionlang.diagnostics.diagnostic import Code
from tests.docs.fences import DOCS, Fence, fences, pages_under
from tests.docs.scripts import check, failures

PAGES = {page.stem: page for folder in ("errors", "lints") for page in pages_under(DOCS / folder)}
IN_A_RUN = "E07"
"""How the codes of a run's failures begin: their wrong examples check, and fail when their tests are run."""


def _blocks(word: str) -> list[Fence]:
    return [
        fence for page in PAGES.values() for fence in fences(page) if fence.language == "act" and word in fence.info
    ]


CODES = [code for code in all_codes() if not code.is_breaking]
"""Those of errors and lints; the pages of rules of compatibility are tests/contracts/test_pages.py's."""


def test_every_page_has_a_code() -> None:
    assert set(PAGES) - {code.id for code in all_codes()} == set()


@pytest.mark.parametrize("code", CODES, ids=str)
def test_every_code_has_a_page(code: Code) -> None:
    page = PAGES.get(code.id)
    assert page, f"docs/{'lints' if code.is_lint else 'errors'}/{code.id}.md is missing"
    lines = page.read_text("utf-8").splitlines()
    assert lines[0] == f"# {code.id}: {code.title}"
    headings = [line for line in lines if line.startswith("## ")]
    assert headings == ["## Wrong", "## Mended", "## How to mend it"]
    for word in ("wrong", "mended"):
        assert any(word in fence.info for fence in fences(page)), f"{page.name} has no example that is {word}"


@pytest.mark.parametrize("fence", _blocks("wrong"), ids=str)
def test_wrong(fence: Fence) -> None:
    found = check(fence.text, fence.files)
    if fence.page.stem.startswith(IN_A_RUN):
        assert [(diagnostic.code.id, diagnostic.message) for diagnostic in found] == []
        found = tuple(failures(fence.text, fence.files))
    assert {diagnostic.code.id for diagnostic in found} == {fence.page.stem}, [
        diagnostic.message for diagnostic in found
    ]


@pytest.mark.parametrize("fence", _blocks("mended"), ids=str)
def test_mended(fence: Fence) -> None:
    assert [(diagnostic.code.id, diagnostic.message) for diagnostic in check(fence.text, fence.files)] == []
    assert [diagnostic.message for diagnostic in failures(fence.text, fence.files)] == []


def test_messages_are_sentences() -> None:
    for fence in _blocks("wrong"):
        for diagnostic in check(fence.text, fence.files):
            assert diagnostic.message.endswith((".", "!", "?")), f"{fence}: {diagnostic.message}"
