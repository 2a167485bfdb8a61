"""Functions over texts. Positions begin at 1; characters are code points."""

from __future__ import annotations

from actionlang.engine.functions.no_answer import no_answer, not_below, within

LONGEST = 1_000_000
"""Characters of the longest text that a function makes out of shorter ones."""


def left(value: str, count: int) -> str:
    not_below("count", count, 0)
    return value[:count]


def right(value: str, count: int) -> str:
    not_below("count", count, 0)
    return value[max(len(value) - count, 0) :]


def middle(value: str, first: int, count: int) -> str:
    not_below("first", first, 1)
    not_below("count", count, 0)
    return value[first - 1 : first - 1 + count]


def contains(value: str, part: str) -> bool:
    return part in value


def replace(value: str, part: str, replacement: str) -> str:
    if not part:
        raise no_answer("There is no telling where to replace an empty text.")
    _limit(len(value) + value.count(part) * (len(replacement) - len(part)))
    return value.replace(part, replacement)


def position(value: str, part: str) -> int:
    return value.find(part) + 1


def position_from(value: str, part: str, first: int) -> int:
    not_below("first", first, 1)
    return value.find(part, first - 1) + 1


def repeat(value: str, count: int) -> str:
    not_below("count", count, 0)
    _limit(len(value) * count)
    return value * count


def join(parts: tuple[str, ...], separator: str) -> str:
    _limit(sum(map(len, parts)) + len(separator) * (len(parts) - 1))
    return separator.join(parts)


def pad_left(value: str, width: int, filler: str = " ") -> str:
    return value.rjust(*_padding(width, filler))


def pad_right(value: str, width: int, filler: str = " ") -> str:
    return value.ljust(*_padding(width, filler))


def _padding(width: int, filler: str) -> tuple[int, str]:
    within("width", width, 0, LONGEST)
    if len(filler) != 1:
        raise no_answer("`filler` must be exactly one character.")
    return width, filler


def _limit(length: int) -> None:
    if length > LONGEST:
        raise no_answer(f"The result would be longer than {LONGEST:,} characters.")
