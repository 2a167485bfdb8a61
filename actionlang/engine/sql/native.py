"""How values stand in the native types of a database that has exact numbers, dates, moments and ids of its own:
`docs/decisions/0008-storage-by-native-type.md`.

What is read is looked at again: a server has values that the language has not (`infinity`, `NaN`, years before Christ), and
the drivers' readers give those as text (`engine/sql/postgres_values.py`).
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

from actionlang.engine.decimals import LARGEST_INTEGER, SMALLEST_INTEGER, WIDE
from actionlang.engine.schema import Schema
from actionlang.engine.sql.codecs import Codec, Kind, NotConforming, Read, codec_of
from actionlang.engine.values import MONEY_SCALE
from actionlang.metadata import types as t

MONEY_DIGITS = 19
"""Digits of a column for money, which has 64 bits: 15 before the point, 4 behind it."""


def native_codec_of(type_: t.Type, schema: Schema) -> Codec:
    """The codec of a type in a column that we make on such a database."""
    if isinstance(type_, t.Money):
        largest = Decimal(LARGEST_INTEGER).scaleb(-MONEY_SCALE, WIDE)
        smallest = Decimal(SMALLEST_INTEGER).scaleb(-MONEY_SCALE, WIDE)
        return Codec(Kind.NUMERIC, None, decimal_reader(MONEY_SCALE, smallest, largest))
    if isinstance(type_, t.Decimal):
        precision, scale = type_.precision or 0, type_.scale or 0
        largest = Decimal(10**precision - 1).scaleb(-scale, WIDE)
        return Codec(Kind.NUMERIC, None, decimal_reader(scale, -largest, largest))
    return NATIVE.get(type(type_)) or codec_of(type_, schema)


def decimal_reader(scale: int, smallest: Decimal, largest: Decimal) -> Read:
    """What reads a number with at most so many decimals, within bounds."""

    def read(stored: object) -> Decimal:
        if type(stored) is Decimal and stored.is_finite() and smallest <= stored <= largest:
            exponent = stored.as_tuple().exponent
            assert isinstance(exponent, int)
            if -exponent <= scale or stored == round(stored, scale):
                return stored
        raise NotConforming

    return read


def read_boolean(stored: object) -> bool:
    if type(stored) is bool:
        return stored
    raise NotConforming


def read_date(stored: object) -> date:
    if type(stored) is date:
        return stored
    raise NotConforming


def read_moment(stored: object) -> datetime:
    if type(stored) is datetime and stored.tzinfo is UTC:
        return stored
    raise NotConforming


def read_uuid(stored: object) -> str:
    if type(stored) is str:
        return stored
    raise NotConforming


NATIVE: dict[type[t.Type], Codec] = {
    t.Boolean: Codec(Kind.BOOLEAN, None, read_boolean),
    t.Date: Codec(Kind.DATE, None, read_date),
    t.DateTime: Codec(Kind.MOMENT, None, read_moment),
    t.Id: Codec(Kind.UUID, None, read_uuid),
}
