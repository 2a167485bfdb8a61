"""Functions that read a value out of a text, and that write one with a fixed number of decimals."""

from __future__ import annotations

import re
from datetime import date, datetime
from decimal import Decimal

from actionlang.engine.decimals import exactly, integer, rounded
from actionlang.engine.failure import Failure
from actionlang.engine.functions.casing import trim
from actionlang.engine.functions.no_answer import no_answer, within
from actionlang.engine.times import parse_date, parse_datetime

NUMBER = re.compile(r"[+-]?[0-9]+(?:\.[0-9]+)?", re.ASCII)
WHOLE = re.compile(r"([+-]?)0*([0-9]+)", re.ASCII)
DIGITS_OF_64_BITS = 19
SHOWN = 40


def _shown(text: str) -> str:
    return f'"{text}"' if len(text) <= SHOWN else f'"{text[:SHOWN]}..."'


def number_of(text: str) -> Decimal:
    trimmed = trim(text)
    if NUMBER.fullmatch(trimmed) is None:
        raise no_answer(f"{_shown(text)} is not a number.", "ask is_number(...) first")
    return exactly(Decimal(trimmed))


def integer_of(text: str) -> int:
    match = WHOLE.fullmatch(trim(text))
    if match is None:
        raise no_answer(f"{_shown(text)} is not a whole number.")
    if len(match[2]) > DIGITS_OF_64_BITS:
        raise no_answer(f"{_shown(text)} does not fit in 64 bits.")
    return integer(int(match[1] + match[2]))


def date_of(text: str) -> date:
    try:
        return parse_date(trim(text))
    except ValueError:
        raise no_answer(f"{_shown(text)} is not a day.", "write it as 2026-11-24, or ask is_date(...) first") from None


def datetime_of(text: str) -> datetime:
    try:
        return parse_datetime(trim(text))
    except ValueError:
        raise no_answer(f"{_shown(text)} is not a moment.", "write it with its offset: 2026-11-24T09:30:00Z") from None


def is_number(text: str) -> bool:
    try:
        number_of(text)
    except Failure:
        return False
    return True


def is_date(text: str) -> bool:
    try:
        date_of(text)
    except Failure:
        return False
    return True


def with_places(value: Decimal, places: int) -> str:
    within("places", places, 0, 12)
    return format(rounded(value, places), "f")
