"""Documentation comments as HTML. They are Markdown, written by people who may not be trusted with a web page: HTML in them is
shown, not obeyed, links lead to http, https and mail addresses only, and pictures from elsewhere are not asked for."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from markupsafe import Markup

if TYPE_CHECKING:
    from markdown_it import MarkdownIt

SAFE_LINKS = ("http://", "https://", "mailto:")


def prose(text: str) -> Markup:
    """A documentation comment as HTML."""
    return Markup(_markdown().render(text))  # noqa: S704 - the library escapes what it does not make itself


def sentence(text: str) -> Markup:
    """The first sentence of a documentation comment, as HTML without paragraphs."""
    first, stop, _ = " ".join(text.split()).partition(". ")
    return Markup(_markdown().renderInline(f"{first}{stop.strip()}"))  # noqa: S704 - as above


@cache
def _markdown() -> MarkdownIt:
    from markdown_it import MarkdownIt

    markdown = MarkdownIt("commonmark", {"html": False}).enable("table").disable(["image", "heading", "lheading"])
    markdown.validateLink = lambda url: url.lower().startswith(SAFE_LINKS)  # type: ignore[method-assign]
    return markdown
