"""How values stand in columns that we did not make, on any database: `docs/decisions/0008-storage-by-native-type.md`.

A column may hold less than its type has: a `numeric(10, 2)` no third decimal, a `real` no exact 0.1. Then a value is written only
when it reads back as itself; any other raises NeverStored, of which the store makes a refused write.
"""

from __future__ import annotations

import json
import re
import struct
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import sqlalchemy as sa

from actionlang.engine.decimals import LARGEST_INTEGER, SMALLEST_INTEGER, WIDE
from actionlang.engine.failure import Failure
from actionlang.engine.json_form import from_json
from actionlang.engine.sql.codecs import NO_SCHEMA, Codec, Kind, NeverStored, NotConforming, Read, Write
from actionlang.engine.values import MONEY_SCALE
from actionlang.metadata import types as t

HEXADECIMAL = re.compile(r"[0-9a-f]{32}", re.ASCII)
PLAIN_MOMENT = re.compile(r"\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d(\.\d{1,6})?(Z|\+00:00)?", re.ASCII)
HEXADECIMAL_LENGTH = 32


def bounds_of(type_: t.Type) -> tuple[int, Decimal, Decimal] | None:
    """Decimals, smallest and largest number of an exact type; None for other types."""
    if isinstance(type_, t.Money):
        unit = Decimal(1).scaleb(-MONEY_SCALE, WIDE)
        return MONEY_SCALE, SMALLEST_INTEGER * unit, LARGEST_INTEGER * unit
    if isinstance(type_, t.Decimal):
        scale = type_.scale or 0
        largest = Decimal(10 ** (type_.precision or 0) - 1).scaleb(-scale, WIDE)
        return scale, -largest, largest
    return None


def exact_reader(type_: t.Type) -> Read:
    """What reads an exact number out of whatever number the driver gives. Of a binary one that is the shortest text which is
    that number: what a person sees who looks at the column. One with more decimals than the type has does not conform."""
    bounds = bounds_of(type_)
    assert bounds is not None
    scale, smallest, largest = bounds

    def read(stored: object) -> Decimal:
        value = _decimal(stored)
        if smallest <= value <= largest and value == round(value, scale):
            return value
        raise NotConforming

    return read


def _decimal(stored: object) -> Decimal:
    if type(stored) is int:
        return Decimal(stored)
    value = Decimal(repr(stored)) if type(stored) is float else stored
    if type(value) is Decimal and value.is_finite():
        return value
    raise NotConforming


def in_binary(type_: t.Type, single: bool = False) -> Codec:
    """An exact number in a column of binary ones."""
    shorten = shortest_single if single else float

    def write(value: Decimal) -> float:
        written = shorten(float(value))
        if Decimal(repr(written)) == value:
            return written
        raise NeverStored

    return Codec(Kind.SINGLE if single else Kind.REAL, write, exact_reader(type_))


def shortest_single(value: float) -> float:
    """The number that is read when a number was stored in 32 bits: of all that are stored alike, the one with the shortest
    text."""
    try:
        (stored,) = struct.unpack("f", struct.pack("f", value))
    except OverflowError:
        raise NeverStored from None
    for digits in range(1, 10):
        shorter = float(f"{stored:.{digits}g}")
        if struct.pack("f", shorter) == struct.pack("f", stored):
            return shorter
    return float(stored)


def single_float(read: Read) -> Codec:
    """A binary number in a column of 32 bits."""

    def write(value: float) -> float:
        if shortest_single(value) == value:
            return value
        raise NeverStored

    return Codec(Kind.SINGLE, write, read)


def whole_reader(stored: object) -> int:
    """A whole number out of a column of exact ones."""
    value = _decimal(stored)
    if value == value.to_integral_value() and SMALLEST_INTEGER <= value <= LARGEST_INTEGER:
        return int(value)
    raise NotConforming


def float_reader(stored: object) -> float:
    """A binary number out of a column of exact ones, when it is the one that was written."""
    exact = _decimal(stored)
    value = float(exact)
    if Decimal(repr(value)) == exact or (type(stored) is int and value == stored):
        return value
    raise NotConforming


def checked(codec: Codec, fits: Callable[[Any], bool]) -> Codec:
    """A codec for a column that not all of the values fit in: `fits` is asked of what would be written."""
    write: Write = codec.write or _as_it_is

    def write_fitting(value: object) -> object:
        written = write(value)
        if fits(written):
            return written
        raise NeverStored

    return Codec(codec.kind, write_fitting, codec.read, codec.ordered, codec.exact, codec.compared)


def _as_it_is(value: Any) -> Any:
    return value


def canonical_json(kind: Kind) -> Codec:
    """JSON in whatever way it is spelt: equality is not that of the texts."""

    def read(stored: object) -> str:
        try:
            canonical = from_json(json.loads(stored, parse_float=Decimal), t.Json(), NO_SCHEMA)  # type: ignore[arg-type]
        except (TypeError, ValueError, RecursionError, Failure):
            raise NotConforming from None
        return canonical or "null"

    return Codec(kind, None, read, ordered=False, exact=False)


def _read_hexadecimal(stored: object) -> str:
    if type(stored) is str and HEXADECIMAL.fullmatch(stored):
        return f"{stored[:8]}-{stored[8:12]}-{stored[12:16]}-{stored[16:20]}-{stored[20:]}"
    raise NotConforming


def _write_hexadecimal(value: str) -> str:
    return value.replace("-", "")


HEXADECIMAL_ID = Codec(Kind.TEXT, _write_hexadecimal, _read_hexadecimal)
"""An id in a column for 32 characters."""


def read_plain_moment(stored: object) -> datetime:
    """A moment spelt `2026-11-24 09:30:00`, with a fraction or without, in UTC."""
    if type(stored) is str and PLAIN_MOMENT.fullmatch(stored):
        try:
            return datetime.fromisoformat(stored.removesuffix("Z").removesuffix("+00:00")).replace(tzinfo=UTC)
        except ValueError:
            pass
    raise NotConforming


def _write_plain_moment(value: datetime) -> str:
    return value.replace(tzinfo=None).isoformat(" ")


PLAIN_MOMENT_TEXT = Codec(Kind.TEXT, _write_plain_moment, read_plain_moment, ordered=False, exact=False)
"""A moment as most programs spell it; the same one may be spelt with a fraction and without."""


def is_hexadecimal(found: sa.types.TypeEngine[Any]) -> bool:
    """Whether a text column is of the length of an id without hyphens."""
    return isinstance(found, sa.String) and found.length == HEXADECIMAL_LENGTH
