"""Scripts as HTML with coloured words."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from markupsafe import Markup

if TYPE_CHECKING:
    from pygments.lexer import Lexer

LANGUAGE = "actionlang"


def highlighted(text: str) -> Markup:
    """A part of a script as HTML: words in `span`s, whose classes are those of Pygments."""
    from pygments import highlight
    from pygments.formatters import HtmlFormatter

    return Markup(highlight(text, _lexer(), HtmlFormatter(nowrap=True)))  # noqa: S704 - Pygments escapes it


@cache
def _lexer() -> Lexer:
    from pygments.lexers import get_lexer_by_name

    return get_lexer_by_name(LANGUAGE)
