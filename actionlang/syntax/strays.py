"""Characters that no token begins with: what was meant by them, and what to write instead."""

from __future__ import annotations

import re

import attrs

SINGLE_QUOTED = re.compile(r"'([^'\n]*)'")
TYPOGRAPHIC = re.compile("[“„]([^“”\n]*)[“”]")
WORD = re.compile(r"\w+")

BLOCKS = "Blocks are written with < and >."
LISTS = "A list is written in parentheses: (high, low)."
TEXTS = 'Texts stand in straight double quotes: "...".'
SIGNS = {
    "{": ("<", BLOCKS),
    "}": (">", BLOCKS),
    "[": ("(", LISTS),
    "]": (")", LISTS),
    "&&": ("and", "Write the word and."),
    "&": ("and", "Write the word and."),
    "!": ("not", "Write the word not, or != for unequal."),
    "“": ("", TEXTS),
    "”": ("", TEXTS),
    "„": ("", TEXTS),
    "'": ("", TEXTS),
    "%": ("", "For the remainder of a division there is the function modulo(a, b)."),
    "``": ("", "A name in backticks has at least one character: `Order Details`."),
    "`": ("", "A name in backticks ends on its own line: `Order Details`."),
}
OPENER = {"}": "{", "]": "["}
"""Closing signs, not told of when their opening one was."""


@attrs.frozen
class Stray:
    """What stands from a place up to `end`, taken for what was probably meant: a `sign` of the language, one of its
    words, a `text` or a `name`; all None when nothing was."""

    end: int
    hint: str | None
    sign: str | None = None
    text: str | None = None
    name: str | None = None


def read_stray(text: str, start: int, before: str) -> Stray:
    """Read what begins at `start` with a character that no token begins with. `before` is the word that ends there, if one
    does: `Größe` reaches here as `ö` behind `Gr`."""
    quoted = SINGLE_QUOTED.match(text, start) or TYPOGRAPHIC.match(text, start)
    if quoted:
        return Stray(quoted.end(), TEXTS, text=quoted[1])
    word = WORD.match(text, start)
    if word:
        name = before + word.group()
        hint = f"Names use the letters A to Z, digits and _; any other name stands in backticks: `{name}`."
        return Stray(word.end(), hint, name=name)
    sign = text[start : start + 2] if text[start : start + 2] in SIGNS else text[start]
    meant, advice = SIGNS.get(sign, ("", None))
    if meant.isalpha():
        return Stray(start + len(sign), advice, name=meant)
    return Stray(start + len(sign), advice, sign=meant or None)
