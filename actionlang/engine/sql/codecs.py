"""How a value of each type is written into one stored column, and read back: `docs/decisions/0005-storage-on-sqlite.md`.

Writers and readers never get None: empty is NULL everywhere. What needs no writer is stored as it is.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from enum import Enum
from typing import Any

import attrs

from actionlang.engine.decimals import LARGEST_INTEGER, SMALLEST_INTEGER, WIDE, plain
from actionlang.engine.failure import Failure
from actionlang.engine.json_form import from_json
from actionlang.engine.schema import Schema
from actionlang.engine.times import MICROSECOND
from actionlang.engine.values import MONEY_SCALE
from actionlang.metadata import types as t
from actionlang.metadata.tables import Choice

Write = Callable[[Any], Any]
Read = Callable[[Any], Any]

SCALED_DIGITS = 18
"""Digits of the largest decimal that is stored as a scaled 64-bit integer; larger ones are stored as text."""

NOT_A_NUMBER = Decimal("NaN")
UUID_TEXT = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", re.ASCII)


class Kind(Enum):
    """The kinds of stored columns. Of those that we make on SQLite there are the first three only; a `numeric` one of an existing
    SQLite database holds whole and binary numbers. Those from `single` on are found in existing PostgreSQL databases only."""

    TEXT = "text"
    INTEGER = "integer"
    REAL = "real"
    NUMERIC = "numeric"
    BOOLEAN = "boolean"
    DATE = "date"
    MOMENT = "timestamp with time zone"
    UUID = "uuid"
    SINGLE = "real of 32 bits"
    PLAIN_MOMENT = "timestamp without time zone"
    INTERVAL = "interval"
    ENUM = "enumeration"
    JSON = "json"
    JSONB = "jsonb"


class NotConforming(Exception):
    """A stored value that is none of its column's type."""


class NeverStored(Exception):
    """A value that the column can not hold, so that no row has it."""


@attrs.frozen
class Codec:
    """How one stored column holds values: its kind; what writes a value (None: as it is), raising NeverStored for one that the
    column can not hold; what reads it, raising NotConforming; whether the database orders what is stored as the language orders
    the values; whether equal values are always stored `exact`ly alike; how the column (`{0}`) is spelt where it is compared."""

    kind: Kind
    write: Write | None
    read: Read
    ordered: bool = True
    exact: bool = True
    compared: str = "{0}"


def codec_of(type_: t.Type, schema: Schema) -> Codec:
    """The codec of a type that is stored in one column by itself (every type but a row)."""
    if isinstance(type_, t.Text):
        return Codec(Kind.TEXT, None, _text_reader(type_.length))
    if isinstance(type_, t.Money):
        return _scaled(MONEY_SCALE, LARGEST_INTEGER)
    if isinstance(type_, t.Decimal):
        precision, scale = type_.precision or 0, type_.scale or 0
        if precision <= SCALED_DIGITS:
            return _scaled(scale, 10**precision - 1)
        return Codec(Kind.TEXT, plain, _decimal_reader(precision, scale), ordered=False)
    if isinstance(type_, t.Choice):
        return _choice(schema.choices[type_.name])
    if isinstance(type_, t.Choices):
        return _choices(schema.choices[type_.name])
    return SIMPLE[type(type_)]


def _text_reader(length: int | None) -> Read:
    longest = length or 2**63

    def read(stored: object) -> str:
        if type(stored) is str and len(stored) <= longest and "\x00" not in stored:
            return stored
        raise NotConforming

    return read


def _integer(stored: object) -> int:
    if type(stored) is int:
        return stored
    raise NotConforming


def _scaled(scale: int, largest: int) -> Codec:
    """Numbers as integers, so many times 10 as they have decimals: exact, and in order."""
    smallest = SMALLEST_INTEGER if largest == LARGEST_INTEGER else -largest

    def write(value: Decimal) -> int:
        scaled = value.scaleb(scale, WIDE)
        whole = int(scaled)
        if whole == scaled and smallest <= whole <= largest:
            return whole
        raise NeverStored

    def read(stored: object) -> Decimal:
        if type(stored) is int and smallest <= stored <= largest:
            return Decimal(stored).scaleb(-scale, WIDE)
        raise NotConforming

    return Codec(Kind.INTEGER, write, read)


def _decimal_reader(precision: int, scale: int) -> Read:
    bound = Decimal(1).scaleb(precision - scale, WIDE)
    unit = Decimal(1).scaleb(-scale, WIDE)

    def read(stored: object) -> Decimal:
        try:
            value = Decimal(stored) if type(stored) is str else NOT_A_NUMBER
            conforms = value.is_finite() and plain(value) == stored and -bound < value < bound
            if conforms and value == value.quantize(unit, context=WIDE):
                return value
        except InvalidOperation:
            pass
        raise NotConforming

    return read


def _float(stored: object) -> float:
    if type(stored) is float and math.isfinite(stored):
        return stored + 0.0
    raise NotConforming


def _boolean(stored: object) -> bool:
    if stored == 1:
        return True
    if stored == 0:
        return False
    raise NotConforming


def _date(stored: object) -> date:
    try:
        value = date.fromisoformat(stored)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        raise NotConforming from None
    if value.isoformat() == stored:
        return value
    raise NotConforming


_last_written: tuple[datetime, str] = (datetime(1970, 1, 1, tzinfo=UTC), "1970-01-01T00:00:00.000000Z")
"""The moment that was written last, which mostly is a run's own, and is written again and again."""


def write_moment(value: datetime) -> str:
    """A moment in UTC as text of 27 characters, in order like the moments: `2026-11-24T09:30:00.000000Z`."""
    global _last_written  # noqa: PLW0603 - replaced whole, so that every thread finds a pair that belongs together
    last, text = _last_written
    if value is last:
        return text
    text = value.isoformat("T", "microseconds")[:26] + "Z"
    _last_written = (value, text)
    return text


def read_moment(stored: object) -> datetime:
    """The moment in such a text.

    Raises NotConforming for anything else.
    """
    try:
        value = datetime.fromisoformat(stored)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        raise NotConforming from None
    if write_moment(value) == stored:
        return value
    raise NotConforming


def _write_duration(value: timedelta) -> int:
    return value // MICROSECOND


def _duration(stored: object) -> timedelta:
    if type(stored) is int:
        return timedelta(microseconds=stored)
    raise NotConforming


def _id(stored: object) -> str:
    if type(stored) is str and UUID_TEXT.fullmatch(stored):
        return stored
    raise NotConforming


def _json(stored: object) -> str:
    """Only the canonical text, for equality is that of texts."""
    try:
        canonical = from_json(json.loads(stored, parse_float=Decimal), t.Json(), NO_SCHEMA)  # type: ignore[arg-type]
    except (TypeError, ValueError, RecursionError, Failure):
        raise NotConforming from None
    if (canonical or "null") == stored:
        return str(stored)
    raise NotConforming


NO_SCHEMA = Schema.of(())

SIMPLE: dict[type[t.Type], Codec] = {
    t.Integer: Codec(Kind.INTEGER, None, _integer),
    t.Float: Codec(Kind.REAL, None, _float),
    t.Boolean: Codec(Kind.INTEGER, int, _boolean),
    t.Date: Codec(Kind.TEXT, date.isoformat, _date),
    t.DateTime: Codec(Kind.TEXT, write_moment, read_moment),
    t.Duration: Codec(Kind.INTEGER, _write_duration, _duration),
    t.Id: Codec(Kind.TEXT, None, _id),
    t.Json: Codec(Kind.TEXT, None, _json),
    t.File: Codec(Kind.TEXT, None, _text_reader(None)),
}


def _choice(choice: Choice) -> Codec:
    """By number where members have numbers, so that the database orders them; else by name."""
    stored_as = {m.name: m.name if m.number is None else m.number for m in choice.members}
    names: dict[object, str] = {stored: name for name, stored in stored_as.items()}

    def read(stored: object) -> str:
        try:
            return names[stored]
        except KeyError:
            raise NotConforming from None

    if choice.numbered:
        return Codec(Kind.INTEGER, stored_as.__getitem__, read)
    return Codec(Kind.TEXT, None, read)


def _choices(choice: Choice) -> Codec:
    """A JSON array of names, in declared order."""
    known = list(choice.by_name)

    def write(value: tuple[str, ...]) -> str:
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"))

    def read(stored: object) -> tuple[str, ...]:
        try:
            names = json.loads(stored)  # type: ignore[arg-type]
            value = tuple(name for name in known if name in names)
        except (TypeError, ValueError, RecursionError):
            raise NotConforming from None
        if write(value) == stored:
            return value
        raise NotConforming

    return Codec(Kind.TEXT, write, read)
