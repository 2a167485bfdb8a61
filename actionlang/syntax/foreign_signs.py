"""Signs and numbers as other languages write them."""

from __future__ import annotations

import re

from actionlang.syntax.days import day_meant
from actionlang.syntax.extents import ENDS, operand_begin, statement_begin
from actionlang.syntax.situation import Advice, Situation

UNITS = frozenset("week weeks day days hour hours minute minutes second seconds".split())
PAIRS = {"<>": ("!=", "Unequal is written !=."), "=<": ("<=", "Write <=."), "=>": (">=", "Write >=.")}
ARITHMETIC = frozenset("+-*/")
TEXT_PREFIXES = frozenset("fFrRuUbBnN")
GROUP = re.compile(r"[0-9]{3}\Z", re.ASCII)


def operator(at: Situation) -> str | Advice | None:
    """Operators of other languages."""
    pair = at.word(-1) + at.word()
    if at.joined() and pair == "==":
        return Advice("A single = compares.", (at.replace(""),))
    if at.joined() and at.word(-1) == "!=" and at.word() == "=":
        return Advice("Unequal is written !=.", (at.replace(""),))
    if at.joined() and pair in PAIRS:
        sign, words = PAIRS[pair]
        return Advice(words, (at.replace(sign, -1, 0),))
    if at.word() == ":" and at.word(1) == "=" and at.joined(1):
        return Advice("A value is given with = alone.", (at.replace(""),))
    if at.word() in ARITHMETIC and at.word(1) == "=" and at.joined(1) and at.possible == {"EQUAL"}:
        return _added(at)
    if at.word() == "|":
        twice = at.word(1) == "|" and at.joined(1)
        return Advice("Write the word or.", (at.replace("or", 0, 1 if twice else 0),)) if "OR" in at.possible else None
    return _not_in(at) or _prefixed_text(at)


def _added(at: Situation) -> str | Advice:
    """`set reopened += 1`."""
    words = "The whole value stands behind =."
    begin = statement_begin(at)
    if at.near(begin).type != "UPDATE":
        return words
    row = next((distance for distance in range(begin, 0) if at.near(distance).type == "SET"), None)
    single = at.near(3).type in (*ENDS, "COMMA") or at.word() == "+"
    if row is None or not single:
        return words
    old = f"{at.words(begin + 1, row - 1)}.{at.word(-1)}"
    return Advice(words, (at.replace(f"= {old} {at.word()}", 0, 1),))


def _not_in(at: Situation) -> str | Advice | None:
    if at.word() != "not" or at.word(1) not in ("in", "under", "like", "between"):
        return None
    begin = operand_begin(at, -1)
    edits = () if begin is None else (at.before("not ", begin), at.remove())
    return Advice(f"The word not stands before the whole comparison: (not a {at.word(1)} b)", edits)


def _prefixed_text(at: Situation) -> Advice | None:
    """`f"..."`."""
    prefixed = at.token.type in ("TEXT", "TEXT_START") and at.joined() and at.word(-1) in TEXT_PREFIXES
    if not prefixed:
        return None
    words = "Every text takes values in braces; no letter stands before its quotes."
    return Advice(words, (at.replace("", -1),))


def number(at: Situation) -> str | Advice | None:
    """Numbers and durations as other languages write them."""
    previous, token = at.near(-1), at.token
    if token.type == "NUMBER" and at.word(-1) == "," and at.near(-2).type == "NUMBER" and at.joined() and at.joined(-1):
        return _with_commas(at, -2)
    if previous.type != "NUMBER":
        if at.word() in UNITS and "STAR" in at.possible and "\n" not in at.text[previous.end : token.start]:
            return _counted(at)
        if at.word() == "." and at.near(1).type == "NUMBER" and at.joined(1):
            return Advice("Write 0 before the point.", (at.replace(f"0.{at.word(1)}", 0, 1),))
        return None
    if at.word() == "." and at.near(1).type == "NUMBER" and at.joined() and at.joined(1):
        day = day_meant(at.words(-1, 1))
        if day is not None:
            words = "A day is written as year, month and day, in quotes."
            return Advice(words, (at.replace(f'date "{day}"', -1, 1),), title="Write it as a date")
    if at.word() == "," and at.near(1).type == "NUMBER":
        return _with_commas(at, -1)
    if at.word() in UNITS and at.joined():
        written = f"{at.word(-1)} {at.word()}"
        return Advice(f"A blank stands between a number and its unit: {written}", (at.replace(written, -1, 0),))
    if token.type == "NAME" and at.joined() and at.word().lower().startswith("e"):
        return "A number is written with all its digits: 100_000"
    return None


def _counted(at: Situation) -> Advice | None:
    """`n days`."""
    begin = operand_begin(at, -1)
    if begin is None:
        return None
    written = f"{at.word().removesuffix('s')}s({at.words(begin, -1)})"
    words = f"A unit stands behind digits only. Otherwise: {written}"
    return Advice(words, (at.replace(written, begin, 0),), title=f"Write {written}")


def _with_commas(at: Situation, first: int) -> Advice:
    """`10,000`, `1,000,000`, `99,95`."""
    groups = [at.word(first)]
    last = first
    while (
        at.word(last + 1) == "," and at.near(last + 2).type == "NUMBER" and at.joined(last + 1) and at.joined(last + 2)
    ):
        last += 2
        groups.append(at.word(last))
    left, right = groups[0], "_".join(groups[1:])
    words = f"Digits are grouped with _, and decimals stand behind a point: {left}_{right} or {left}.{right}"
    if last == first:
        return Advice(words)
    thousands = all(map(GROUP.match, groups[1:]))
    whole = f"{left}_{right}" if thousands else f"{left.replace('.', '_')}.{right}"
    return Advice(words, (at.replace(whole, first, last),), safe=False, title=f"Write {whole}")
