"""Capital and small letters by one pinned Unicode table (14.0), one character at a time.

Python's own `upper` and `lower` follow the Unicode version of the interpreter that runs, and `lower` looks at
a sigma's neighbours; a script's meaning must not depend on either. White space is pinned likewise.
"""

from __future__ import annotations

import re
from functools import cache

from actionlang.engine.functions.case_table import TO_CAPITALS, TO_SMALL

WHITE_SPACE = "\t\n\v\f\r \x85\xa0\u1680" + "".join(map(chr, range(0x2000, 0x200B))) + "\u2028\u2029\u202f\u205f\u3000"
RUN = re.compile(r"([0-9a-f]+)(?:([-~])([0-9a-f]+))?([+-][0-9a-f]+)")


@cache
def mapping(table: str) -> dict[int, int | str]:
    """A table of `case_table` as `str.translate` takes it."""
    found: dict[int, int | str] = {}
    for word in table.split():
        before, _, after = word.partition("=")
        if after:
            found[int(before, 16)] = "".join(chr(int(code, 16)) for code in after.split("."))
        else:
            found.update(_run(word))
    return found


def _run(word: str) -> dict[int, int | str]:
    match = RUN.fullmatch(word)
    assert match is not None
    first = int(match[1], 16)
    last = int(match[3], 16) if match[3] else first
    return {code: code + int(match[4], 16) for code in range(first, last + 1, 2 if match[2] == "~" else 1)}


def upper(value: str) -> str:
    """The text in capitals."""
    return value.upper() if value.isascii() else value.translate(mapping(TO_CAPITALS))


def lower(value: str) -> str:
    """The text in small letters."""
    return value.lower() if value.isascii() else value.translate(mapping(TO_SMALL))


def trim(value: str) -> str:
    """The text without white space at its ends."""
    return value.strip(WHITE_SPACE)
