"""What pages show: scripts check, commands print what the page says, programs run, links lead somewhere."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.docs.consoles import run_page
from tests.docs.fences import DOCS, Fence, all_pages, fences
from tests.docs.scripts import check, check_steps, failures

CODES = (DOCS / "errors", DOCS / "lints", DOCS / "breaking")
LINK = re.compile(r"\]\(([^)\s]+)\)")
HEADING = re.compile(r"^#+ +(.*)$", re.MULTILINE)
FENCED = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)


def _scripts() -> list[Fence]:
    pages = [page for page in all_pages() if page.parent not in CODES]
    found = [fence for page in pages for fence in fences(page) if fence.language == "act"]
    return [fence for fence in found if "shown" not in fence.info]


def _run_on(page: Path) -> list[Fence]:
    return [fence for fence in fences(page) if fence.language in ("console", "python")]


@pytest.mark.parametrize("fence", _scripts(), ids=str)
def test_scripts_check(fence: Fence) -> None:
    found = check_steps(fence.text) if "steps" in fence.info else check(fence.text)
    assert [(diagnostic.code.id, diagnostic.message) for diagnostic in found] == []
    if "steps" not in fence.info:
        assert [diagnostic.message for diagnostic in failures(fence.text)] == []


@pytest.mark.process
@pytest.mark.parametrize("page", [page for page in all_pages() if _run_on(page)], ids=lambda page: page.stem)
def test_commands_and_programs(page: Path, tmp_path: Path) -> None:
    run_page(_run_on(page), tmp_path)


@pytest.mark.parametrize("page", all_pages(), ids=lambda page: f"{page.parent.name}-{page.stem}")
def test_links(page: Path) -> None:
    for target in LINK.findall(FENCED.sub("", page.read_text("utf-8"))):
        if "://" in target:
            continue
        path, _, heading = target.partition("#")
        file = (page.parent / path).resolve() if path else page
        assert file.exists(), f"{page} links to {target}, which is not there"
        if heading:
            assert heading in _anchors(file), f"{page} links to {target}, and there is no such heading"


def _anchors(page: Path) -> set[str]:
    """The anchors that headings get."""
    headings = HEADING.findall(FENCED.sub("", page.read_text("utf-8")))
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}
