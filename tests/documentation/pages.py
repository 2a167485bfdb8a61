"""Looking at pages as a strict reader does: elements nest, ids are unique, links lead somewhere."""

from __future__ import annotations

from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

VOID = frozenset({"meta", "link", "input", "br", "hr", "img"})


INLINE = frozenset({"a", "code", "span", "strong", "em", "b"})
"""Elements whose ends do not part words."""


class Page(HTMLParser):
    """A page that has been read: its ids, its links, what it loads, its text. Raises AssertionError where elements do not nest."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.ids: list[str] = []
        self.links: list[str] = []
        self.loaded: list[str] = []
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.words: list[str] = []
        self._open: list[str] = []
        assert text.startswith("<!DOCTYPE html>\n")
        self.feed(text)
        self.close()
        assert self._open == []

    @property
    def text(self) -> str:
        """What is shown."""
        return " ".join("".join(self.words).split())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note an element."""
        found = {name: value or "" for name, value in attrs}
        assert len(found) == len(attrs), (tag, attrs)
        self.elements.append((tag, found))
        if "id" in found:
            self.ids.append(found["id"])
        if tag == "a":
            self.links.append(found["href"])
        if tag in ("link", "script", "img", "iframe", "source"):
            self.loaded.append(found.get("href", found.get("src", "")))
        if tag not in VOID:
            self._open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note an element that is empty, as drawings have them."""
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self._open.pop()

    def handle_endtag(self, tag: str) -> None:
        """See that the last element opened is the one that ends."""
        assert self._open, tag
        assert self._open.pop() == tag, (tag, self._open)
        if tag not in INLINE:
            self.words.append(" ")

    def handle_data(self, data: str) -> None:
        """Note text."""
        self.words.append(data)


def pages_of(folder: Path) -> dict[str, Page]:
    """All pages of a site, by their paths."""
    files = sorted(folder.rglob("*.html"))
    return {file.relative_to(folder).as_posix(): Page(file.read_text("utf-8")) for file in files}


def dead_links(folder: Path, pages: dict[str, Page]) -> Iterator[str]:
    """Links within a site that lead nowhere, and files that pages ask for and that are not there."""
    for path, page in pages.items():
        for link in (*page.links, *page.loaded):
            parts = urlsplit(link)
            if parts.scheme:
                continue
            file = (folder / path).parent / unquote(parts.path) if parts.path else folder / path
            target = file.resolve().relative_to(folder.resolve()).as_posix()
            known = file.is_file() and (not parts.fragment or unquote(parts.fragment) in pages[target].ids)
            if not known:
                yield f"{path}: {link}"
