"""The page of a code: docs/errors/CODE.md, docs/lints/NAME.md or docs/breaking/NAME.md, which the package carries as
`actionlang.error_pages`, `actionlang.lint_pages` and `actionlang.breaking_pages`."""

from __future__ import annotations

import re
from importlib import resources

from actionlang.diagnostics.diagnostic import Code
from actionlang.diagnostics.paint import BLUE, BOLD, Painter

LINK = re.compile(r"\[([^\]]+)\]\([^)]*\)")
EMPHASIS = re.compile(r"\*\*([^*]+)\*\*|\*(\S[^*]*\S|\S)\*(?!\w)")
SPAN_OF_CODE = re.compile(r"`` ?(.+?) ?``|`([^`]+)`")
FENCE = "```"


def error_page(code: Code) -> str:
    """The Markdown of a code's page."""
    kind = "lint" if code.is_lint else "breaking" if code.is_breaking else "error"
    return resources.files(f"actionlang.{kind}_pages").joinpath(f"{code.id}.md").read_text("utf-8")


def plain(markdown: str, color: bool = False) -> str:
    """A page as text for a terminal: code set in by four blanks, headings without their signs. `color` makes
    headings bold and code blue."""
    painter = Painter(color)
    lines = []
    in_code = False
    for line in markdown.splitlines():
        if line.startswith(FENCE):
            in_code = not in_code
        elif in_code:
            lines.append(painter.paint(f"    {line}", BLUE) if line else "")
        elif line.startswith("#"):
            lines.append(painter.paint(_inline(line.lstrip("#").strip(), Painter(False)), BOLD))
        else:
            lines.append(_inline(line, painter))
    return "\n".join(lines).strip("\n")


def _inline(line: str, painter: Painter) -> str:
    """A line of prose without the signs of Markdown; what is inside code stays as it is."""
    parts = []
    position = 0
    for code in SPAN_OF_CODE.finditer(line):
        parts.append(_prose(line[position : code.start()]))
        parts.append(painter.paint(code[1] or code[2], BLUE))
        position = code.end()
    return "".join([*parts, _prose(line[position:])])


def _prose(text: str) -> str:
    return EMPHASIS.sub(lambda found: found[1] or found[2], LINK.sub(r"\1", text))
