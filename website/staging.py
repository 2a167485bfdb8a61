"""docs/ made ready for the site, in a folder of its own: build/docs.

Pages are written to be read in the repository too, so their links also lead out of docs/, to scripts, READMEs, folders. On the
site what such a link names becomes a page. Blocks say more behind their fence than a site generator takes (`act steps`).
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Callable
from pathlib import Path

from website.families import errors_index
from website.navigation import navigation_files
from website.pages import DOCS, ROOT

LINK = re.compile(r"(!?\[(?:[^\]\[]|\[[^\]]*\])*\]\()([^)\s]+)(\))")
FENCED = re.compile(r"^( *)(`{3,})[^\n]*\n.*?^\1\2$", re.MULTILINE | re.DOTALL)
OPENING = re.compile(r"^( *`{3,})([^\n`]*)$", re.MULTILINE)
DIAGRAM = re.compile(r"^!\[[^\]]*\]\((grammar/[a-z-]+\.svg)\)$", re.MULTILINE)
SVG_STYLE = re.compile(r"<style[^>]*>.*?</style>", re.DOTALL)

PROJECT = "project"
"""Where on the site is what lies outside of docs/."""

ALWAYS = ("CHANGELOG.md", "CONTRIBUTING.md")
LANGUAGES = {
    ".act": "act",
    ".json": "json",
    ".lark": "text",
    ".py": "python",
    ".sh": "bash",
    ".sql": "sql",
    ".toml": "toml",
}
LEFT_OUT = ("__pycache__", "*.py")


class Stage:
    """The folder that the site is built from, while it is filled. `pending` are files outside of docs/ that a link names."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.pending = [ROOT / name for name in ALWAYS]
        self.done: set[Path] = set()

    def fill(self) -> None:
        """Copy all pages, then what they link to, then what that links to."""
        shutil.rmtree(self.folder, ignore_errors=True)
        shutil.copytree(DOCS, self.folder, ignore=shutil.ignore_patterns(*LEFT_OUT))
        shutil.copytree(ROOT / "website" / "assets", self.folder / "assets")
        for page in sorted(self.folder.rglob("*.md")):
            source = DOCS / page.relative_to(self.folder)
            page.write_text(self.prepared(source), "utf-8")
        errors = self.folder / "errors"
        (errors / "README.md").write_text(errors_index(errors), "utf-8")
        while self.pending:
            self._add(self.pending.pop())
        for folder in sorted(each for each in self.folder.rglob("*") if each.is_dir()):
            self._index(folder)
        for file, text in navigation_files(self.folder).items():
            file.write_text(text, "utf-8")

    def prepared(self, source: Path) -> str:
        """A page as the site has it."""
        text = outside_fences(
            source.read_text("utf-8"), lambda part: LINK.sub(lambda link: self._linked(link, source), part)
        )
        text = OPENING.sub(lambda opening: opening[1] + fence_words(opening[2]), text)
        return DIAGRAM.sub(lambda image: _inline(source.parent / image[1]), text)

    def _linked(self, link: re.Match[str], source: Path) -> str:
        path, mark, anchor = link[2].partition("#")
        target = (source.parent / path).resolve()
        if "://" in path or not path or not target.exists() or not target.is_relative_to(ROOT):
            return link[0]
        if not target.is_relative_to(DOCS) and target not in self.done:
            self.pending.append(target)
        relative = os.path.relpath(self._place(target), self._place(source).parent)
        return f"{link[1]}{relative}{mark}{anchor}{link[3]}"

    def _place(self, target: Path) -> Path:
        """Where a file or folder of the repository is in the stage."""
        if target.is_relative_to(DOCS):
            place = self.folder / target.relative_to(DOCS)
        else:
            place = self.folder / PROJECT / target.relative_to(ROOT)
        if target.is_dir():
            return place / "README.md"
        return place if place.suffix in (".md", ".svg", ".png") else place.with_name(f"{place.name}.md")

    def _add(self, target: Path) -> None:
        """A file or folder outside of docs/ as a page."""
        if target in self.done:
            return
        self.done.add(target)
        place = self._place(target)
        place.parent.mkdir(parents=True, exist_ok=True)
        if target.is_dir() and (target / "README.md").exists():
            self._add(target / "README.md")
        elif target.is_dir():
            self.pending += (children := _shown_in(target))
            place.write_text(_listing(target, [self._place(child) for child in children], place), "utf-8")
        elif target.suffix == ".md":
            place.write_text(self.prepared(target), "utf-8")
        elif target.suffix in LANGUAGES:
            content = target.read_text("utf-8").rstrip()
            place.write_text(f"# {target.name}\n\n````{LANGUAGES[target.suffix]}\n{content}\n````\n", "utf-8")
        else:
            shutil.copy(target, place)

    def _index(self, folder: Path) -> None:
        """A folder that has pages and none that lists them gets one."""
        pages = sorted(folder.glob("*.md"))
        if not pages or (folder / "README.md").exists():
            return
        lines = [f"# {folder.name.capitalize()}\n\n"]
        lines += [f"- [{title_of(page)}]({page.name})\n" for page in pages]
        (folder / "README.md").write_text("".join(lines), "utf-8")


def stage(folder: Path) -> None:
    """Make docs/ ready in a folder."""
    Stage(folder).fill()


def outside_fences(text: str, change: Callable[[str], str]) -> str:
    """A page with its text changed, its blocks left as they are."""
    parts: list[str] = []
    end = 0
    for fence in FENCED.finditer(text):
        parts += [change(text[end : fence.start()]), fence[0]]
        end = fence.end()
    return "".join([*parts, change(text[end:])])


def fence_words(info: str) -> str:
    """What stands behind a fence, as the site generator takes it: a language, perhaps a title."""
    words = info.split()
    if not words:
        return ""
    if words[0] == "file" and len(words) > 1:
        language = LANGUAGES.get(Path(words[1]).suffix, "text")
        added = ", added at the end" if "more" in words else ""
        return f'{language} title="{words[1]}{added}"'
    return words[0]


def title_of(page: Path) -> str:
    """The heading a page begins with."""
    heading = re.search(r"^# (.+)$", page.read_text("utf-8"), re.MULTILINE)
    return heading[1] if heading else page.stem


def _inline(diagram: Path) -> str:
    """A diagram as a part of the page, so that its names are links and its colours the page's."""
    svg = SVG_STYLE.sub("", diagram.read_text("utf-8")).replace("\n", "")
    svg = svg.replace("xlink:href", "href")
    return f'<div class="railroad">{svg}</div>'


def _shown_in(folder: Path) -> list[Path]:
    return sorted(each for each in folder.iterdir() if each.suffix in (".act", ".md") and not each.name.startswith("."))


def _listing(folder: Path, children: list[Path], place: Path) -> str:
    links = [f"- [{child.name.removesuffix('.md')}]({os.path.relpath(child, place.parent)})\n" for child in children]
    return f"# {folder.relative_to(ROOT)}\n\n" + "".join(links)
