"""Values as they stand in URLs: in keys, and where functions are called.

The forms are those of OData ABNF 4.01 (`primitiveLiteral`, `enum`): `42`, `2.50`, `true`, `null`, `'O''Neil'`, a guid,
`2026-11-24`, `2026-11-24T09:30:00Z`, `duration'PT1H'`, `Microsoft.Dynamics.CRM.Priority'high'`; arrays and objects are JSON.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal
from urllib.parse import quote
from uuid import UUID

import attrs

from actionlang.engine.decimals import plain
from actionlang.engine.times import iso_datetime, iso_duration, parse_date, parse_datetime, parse_duration
from actionlang.server.odata.json_body import parse_json

LONGEST_NUMBER = 80
DEEPEST = 32

WORDS: dict[str, object] = {"null": None, "true": True, "false": False}
NUMBER = re.compile(r"[+-]?[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]{1,3})?", re.ASCII)
WHOLE = re.compile(r"[+-]?[0-9]+", re.ASCII)
GUID = re.compile(r"[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}", re.ASCII)
PREFIXED = re.compile(r"([A-Za-z_][A-Za-z0-9_.]*)('(?:[^']|'')*')", re.ASCII)
TEXT = re.compile(r"'((?:[^']|'')*)'", re.DOTALL)
FINER = re.compile(r"(\.[0-9]{6})0+(?=Z|[+-])", re.ASCII)
"""Decimals of a second beyond microseconds that say nothing: clients on .NET write seven."""


@attrs.frozen
class EnumLiteral:
    """A member of an enumeration: `type` is the name that stands before it, with its namespace, `member` what is in quotes."""

    type: str
    member: str


def parse_literal(text: str) -> object:
    """What a literal stands for: None, bool, int, Decimal, str, UUID, date, datetime, timedelta, EnumLiteral, or JSON data.

    Raises ValueError for what is none, and what `parse_json` raises.
    """
    if text in WORDS:
        return WORDS[text]
    if found := TEXT.fullmatch(text):
        return found[1].replace("''", "'")
    if NUMBER.fullmatch(text):
        return _number(text)
    if GUID.fullmatch(text):
        return UUID(text)
    if text.startswith(("[", "{")):
        return parse_json(text.encode(), DEEPEST)
    if found := PREFIXED.fullmatch(text):
        return _prefixed(found[1], found[2][1:-1].replace("''", "'"))
    return _moment(text)


def _number(text: str) -> int | Decimal:
    if len(text) > LONGEST_NUMBER:
        raise ValueError(text)
    return int(text) if WHOLE.fullmatch(text) else Decimal(text)


def _prefixed(name: str, inner: str) -> object:
    if name == "duration":
        return duration_of(inner)
    if name == "binary" or "." not in name:
        raise ValueError(name)
    return EnumLiteral(name, inner)


def _moment(text: str) -> date | datetime | timedelta:
    for parse in (parse_date, datetime_of, duration_of):
        try:
            return parse(text)
        except ValueError:
            continue
    raise ValueError(text)


def datetime_of(text: str) -> datetime:
    """A moment with its offset; zeros beyond microseconds are left out. Raises ValueError."""
    return parse_datetime(FINER.sub(r"\1", text))


def duration_of(text: str) -> timedelta:
    """A length of time in ISO 8601, not in words. Raises ValueError."""
    if "P" not in text:
        raise ValueError(text)
    return parse_duration(text)


def split_outside(text: str, sign: str) -> Iterator[str]:
    """The parts of a text between signs that stand outside of quotes and brackets. Raises ValueError where those do not close."""
    begin, depth, quoted = 0, 0, ""
    escaped = False
    for at, char in enumerate(text):
        if quoted:
            if escaped:
                escaped = False
            elif char == "\\" and quoted == '"':
                escaped = True
            elif char == quoted:
                quoted = ""
        elif char in "'\"":
            quoted = char
        elif char in "([{":
            depth += 1
        elif char in ")]}":
            depth -= 1
        elif char == sign and not depth:
            yield text[begin:at]
            begin = at + 1
    if quoted or depth:
        raise ValueError(text)
    yield text[begin:]


WRITERS: dict[type, Callable[..., str]] = {
    bool: lambda value: "true" if value else "false",
    int: str,
    Decimal: plain,
    float: repr,
    str: lambda value: "'" + value.replace("'", "''") + "'",
    UUID: str,
    datetime: iso_datetime,
    date: date.isoformat,
    timedelta: lambda value: f"duration'{iso_duration(value)}'",
}


def write_literal(value: object) -> str:
    """A value as it stands in a URL, not yet percent-encoded. Ids are given as UUID."""
    return "null" if value is None else WRITERS[type(value)](value)


def encoded(text: str) -> str:
    """A part of a path, with all encoded that could be taken for something else."""
    return quote(text, safe="-._~!$'()*,;=:@")
