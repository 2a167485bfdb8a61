"""Prose broken anew for a terminal; what is set in, tables and headings stay as they are."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import groupby

COLOR = re.compile(r"\x1b\[[0-9;]*m")
KEPT = (" ", "|", "- ", "\x1b[1;34m ")
"""How lines begin that are not prose: code, tables, lists, code in colour."""


def reflow(text: str, width: int) -> str:
    """The text with paragraphs of at most `width` cells a line, if their words allow that."""
    lines: list[str] = []
    for is_prose, group in groupby(text.split("\n"), key=_is_prose):
        block = list(group)
        lines += _wrapped(" ".join(block).split(" "), width) if is_prose else block
    return "\n".join(lines)


def _is_prose(line: str) -> bool:
    return bool(line) and not line.startswith(KEPT)


def _wrapped(words: list[str], width: int) -> Iterator[str]:
    line, cells = "", 0
    for word in words:
        length = len(COLOR.sub("", word))
        if line and cells + 1 + length > width:
            yield line
            line, cells = word, length
        else:
            line, cells = (f"{line} {word}", cells + 1 + length) if line else (word, length)
    yield line
