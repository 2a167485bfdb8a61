"""The site is built from the pages, strictly: a link that leads nowhere fails, and nothing is loaded from elsewhere."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import urljoin

import pytest

from tests.docs.fences import DOCS, ROOT, pages_under
from website.navigation import FIRST, SECTIONS
from website.staging import fence_words, outside_fences, stage

pytestmark = pytest.mark.process

LOADED = {"img": "src", "script": "src", "link": "href", "iframe": "src", "source": "src", "object": "data"}
"""Elements by which a page loads something, with what says where that is."""


class Loads(HTMLParser):
    """What a page loads by itself."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        address = values.get(LOADED.get(tag, "")) or ""
        if tag != "link" or values.get("rel") not in ("canonical", "next", "prev"):
            self.found.append(address)


def build(folder: Path) -> subprocess.CompletedProcess[str]:
    """Build a site from FOLDER/build/docs as `python -m website` does."""
    shutil.copy(ROOT / "zensical.toml", folder)
    command = [sys.executable, "-m", "zensical", "build", "--clean", "--strict"]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, timeout=120)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site")
    stage(folder / "build" / "docs")
    done = build(folder)
    assert done.returncode == 0, done.stdout + done.stderr
    return folder / "build" / "site"


def html(site: Path) -> dict[str, str]:
    """Each page of the site by its place."""
    return {str(page.parent.relative_to(site)): page.read_text("utf-8") for page in site.rglob("index.html")}


def test_each_page_is_on_the_site(site: Path) -> None:
    built = set(html(site))
    expected = {str(page.relative_to(DOCS).with_suffix("")) for page in pages_under(DOCS)} - {"README"}
    assert expected - built == set()
    assert {
        ".",
        "errors",
        "lints",
        "decisions",
        "project/CHANGELOG",
        "project/stdlib",
        "project/stdlib/helpdesk.act",
    } <= built


def test_each_page_can_be_reached(site: Path) -> None:
    """The page that a section begins with links to all pages of the section; every page links to that page."""
    pages = html(site)
    for section in SECTIONS:
        assert {place for place in pages if place.startswith(f"{section}/")} - _links(
            pages[section], f"/{section}/"
        ) == set()
    assert set(SECTIONS) - _links(pages["."], "/") == set()


def _links(page: str, place: str) -> set[str]:
    return {urljoin(place, link).strip("/") for link in re.findall(r'href="([^"#]+)', page)}


def test_nothing_is_loaded_from_elsewhere(site: Path) -> None:
    for place, text in html(site).items():
        loads = Loads()
        loads.feed(text)
        assert [address for address in loads.found if "//" in address] == [], place
    for sheet in site.rglob("*.css"):
        assert not re.search(r"url\([\"']?https?:|@import", sheet.read_text("utf-8")), sheet


def test_no_block_is_taken_for_text(site: Path) -> None:
    for place, text in html(site).items():
        outside = re.sub(r"<(pre|code)\b.*?</\1>", "", text, flags=re.DOTALL)
        assert "```" not in outside, place


def test_scripts_have_colours(site: Path) -> None:
    page = html(site)["tutorial/first-verb"]
    assert '<span class="k">required</span>' in page
    assert '<span class="filename">library.act</span>' in page
    assert "library.act, added at the end" in page


def test_diagrams_are_part_of_their_page(site: Path) -> None:
    page = html(site)["reference/grammar"]
    assert page.count('<div class="railroad"><svg') > 40
    assert '<a href="#block">' in page
    assert "<style>" not in page.partition('<div class="railroad">')[2]


def test_pages_that_are_named_are_there() -> None:
    assert [name for folder, names in FIRST.items() for name in names if not (DOCS / folder / name).exists()] == []


def test_a_link_that_leads_nowhere_fails(tmp_path: Path) -> None:
    docs = tmp_path / "build" / "docs"
    (docs / "assets").mkdir(parents=True)
    shutil.copytree(ROOT / "website" / "assets", docs / "assets", dirs_exist_ok=True)
    (docs / "README.md").write_text("# A\n\n[there](b.md#c), [nowhere](c.md)\n", "utf-8")
    (docs / "b.md").write_text("# B\n\n## C\n", "utf-8")
    assert build(tmp_path).returncode != 0
    (docs / "README.md").write_text("# A\n\n[there](b.md#c)\n", "utf-8")
    assert build(tmp_path).returncode == 0
    (docs / "README.md").write_text("# A\n\n[no heading](b.md#d)\n", "utf-8")
    assert build(tmp_path).returncode != 0


@pytest.mark.parametrize(
    ("info", "expected"),
    [
        ("", ""),
        ("act", "act"),
        ("act steps", "act"),
        ("console exit 1", "console"),
        ("file a/b.act", 'act title="a/b.act"'),
        ("file b.py more", 'python title="b.py, added at the end"'),
        ("file data.csv", 'text title="data.csv"'),
    ],
)
def test_words_behind_a_fence(info: str, expected: str) -> None:
    assert fence_words(info) == expected


def test_blocks_are_left_alone() -> None:
    text = "a [b](c.md)\n\n```\n[b](c.md)\n```\n\n````md\n```\n[b](c.md)\n```\n````\n[b](c.md)\n"
    changed = outside_fences(text, lambda part: part.replace("c.md", "d.md"))
    assert changed.count("d.md") == 2
    assert changed.count("c.md") == 2
