"""Characters that no token begins with: what was meant by them, and what to write instead."""

from __future__ import annotations

import re
from decimal import Decimal

import attrs

from actionlang.diagnostics.fix import Edit
from actionlang.diagnostics.source import Span
from actionlang.syntax.tokens import Token

SINGLE_QUOTED = re.compile(r"'([^'\n]*)'")
TYPOGRAPHIC = re.compile("[“„«]([^“”«»\n]*)[“”»]")
WORD = re.compile(r"\w+")
COMMENT = re.compile(r"/\*(.*?)\*/|(//|--)[^\n]*|/\*.*", re.DOTALL)
OPERAND = re.compile(r'[ \t]*[\w("]')
PLAIN = re.compile(r'[^"\\{}]*\Z')

BLOCKS = "Blocks are written with < and >."
LISTS = "A list is written in parentheses: (high, low)."
TEXTS = 'Texts stand in straight double quotes: "...".'
COMMENTS = "A comment begins with #, and ends with its line."
BLANKS = "Write a blank: this is another character that looks like one, or like nothing at all."
TYPED = "Write the sign as it is typed."
AMOUNTS = "An amount of money is a number alone; which currency it is in, a column says."
PRINTED = "\u2013\u2014\u2212\u00d7\u00f7\u2264\u2265\u2260\u2192\uff1b\uff0c\uff1a\uff08\uff09"
"""Dashes, signs of mathematics, and signs that are as wide as Chinese characters."""

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
    "?": ("", "There is no ? to choose between values: write if (...) < ... > else < ... >."),
    "``": ("", "A name in backticks has at least one character: `Order Details`."),
    "`": ("", "A name in backticks ends on its own line: `Order Details`."),
    **{sign: (typed, TYPED) for sign, typed in zip(PRINTED, "- - - * / <= >= != -> ; , : ( )".split(), strict=True)},
}
OPENER = {"}": "{", "]": "["}
"""Closing signs, not told of when their opening one was."""

BLANK = frozenset("\u00a0\u2002\u2003\u2007\u2009\u200a\u202f\u3000\u200b\u200c\u200d\u2060")
"""Blanks of word processors and web pages; the first of a kind is told of for all of them."""

CURRENCIES = frozenset("$€£¥")
BEGINS_STATEMENT = frozenset({"SEMI", "OPEN", "CLOSE"})


@attrs.frozen
class Stray:
    """What stands from a place up to `end`, taken for what was probably meant: `tokens` as pairs of a kind (`sign`, `text`,
    `name`, or nothing at all for a comment or a blank) and its value. `instead` is what to write in its place, if that is known,
    and `message` says what is wrong where it is not the character alone."""

    end: int
    hint: str | None
    sign: str | None = None
    text: str | None = None
    name: str | None = None
    instead: str | None = None
    safe: bool = True
    message: str | None = None
    start: int | None = None

    def edits(self, start: int) -> tuple[Edit, ...]:
        """What mends it, where it begins at `start`."""
        if self.instead is None:
            return ()
        return (Edit(Span(start if self.start is None else self.start, self.end), self.instead),)


def read_stray(text: str, start: int, before: Token | None) -> Stray:
    """Read what begins at `start` with a character that no token begins with. `before` is the token before it: `Größe` reaches
    here as `ö` behind `Gr`."""
    quoted = SINGLE_QUOTED.match(text, start) or TYPOGRAPHIC.match(text, start)
    if quoted:
        plain = PLAIN.match(quoted[1]) is not None
        written = quoted[1].replace("\\", "\\\\").replace('"', '\\"')
        return Stray(quoted.end(), TEXTS, text=quoted[1], instead=f'"{written}"', safe=plain)
    comment = COMMENT.match(text, start)
    if comment:
        return _comment(text, comment)
    word = WORD.match(text, start)
    if word:
        joined = before is not None and before.type == "NAME" and before.end == start
        name = (str(before.value) if before and joined else "") + word.group()
        hint = f"Names use the letters A to Z, digits and _; any other name stands in backticks: `{name}`."
        begin = before.start if before and joined else start
        return Stray(word.end(), hint, name=name, instead=f"`{name}`", start=begin)
    return _sign(text, start, before)


def _comment(text: str, found: re.Match[str]) -> Stray:
    """`// ...`, `-- ...`, `/* ... */`."""
    begin = found[2] or "/*"
    message = f"A comment does not begin with {begin}."
    if found[2]:
        return Stray(found.end(), COMMENTS, instead=f"#{found.group()[2:]}", message=message)
    end = text.find("\n", found.end())
    rest = text[found.end() : end if end >= 0 else len(text)]
    if found[1] is None or rest.strip():
        return Stray(found.end(), COMMENTS, message=message)
    lines = [line.strip().lstrip("*").strip() for line in found[1].split("\n")]
    indent = text[text.rfind("\n", 0, found.start()) + 1 : found.start()]
    separator = "\n" + (indent if not indent.strip() else "")
    return Stray(found.end(), COMMENTS, instead=separator.join(f"# {line}" for line in lines if line), message=message)


def _sign(text: str, start: int, before: Token | None) -> Stray:
    """A sign of another language, or of print."""
    character = text[start]
    # A number may be what was made of one with its sign: `5%%`.
    number = (
        before is not None
        and before.type == "NUMBER"
        and text[before.end - 1].isdigit()
        and not text[before.end : start].strip(" ")
    )
    if character in BLANK:
        shown = "" if character in "\u200b\u200c\u200d\u2060" else " "
        return Stray(start + 1, BLANKS, instead=shown)
    if character in CURRENCIES:
        instead = "" if number or text[start + 1 : start + 2].isdigit() else None
        return Stray(start + 1, AMOUNTS, instead=instead)
    if character == "%" and number and before is not None and not OPERAND.match(text, start + 1):
        part = f"{Decimal(text[before.start : before.end].replace('_', '')).scaleb(-2):f}"
        return Stray(start + 1, f"A part of a hundred is a number: {part}.", instead=part, start=before.start)
    sign = text[start : start + 2] if text[start : start + 2] in SIGNS else character
    meant, advice = SIGNS.get(sign, ("", None))
    if not meant.isalpha():
        return Stray(start + len(sign), advice, sign=meant or None, instead=meant or None)
    blank = " " if text[start + len(sign) : start + len(sign) + 1].strip() else ""
    before_it = " " if text[start - 1 : start].strip() and sign != "!" else ""
    return Stray(start + len(sign), advice, name=meant, instead=f"{before_it}{meant}{blank}")


def is_comment(text: str, start: int, before: Token | None) -> bool:
    """Whether the `--` at `start` was meant to begin a comment: a minus begins no statement, and two of them may stand in an
    expression."""
    if before is None or before.type in BEGINS_STATEMENT:
        return True
    alone = not text[text.rfind("\n", 0, start) + 1 : start].strip()
    return alone and text[start + 2 : start + 3] in (" ", "-", "\n", "")
