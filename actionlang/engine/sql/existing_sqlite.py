"""How values stand in the columns that an SQLite database has. SQLite converts what is written by the column's affinity: a
`NUMERIC` one turns 2.0 into 2 and keeps 0.1 as binary floating point."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import sqlalchemy as sa

from actionlang.engine.decimals import LARGEST_INTEGER, SMALLEST_INTEGER
from actionlang.engine.schema import Schema
from actionlang.engine.sql.codecs import Codec, Kind, NeverStored, codec_of
from actionlang.engine.sql.existing import (
    HEXADECIMAL_ID,
    PLAIN_MOMENT_TEXT,
    bounds_of,
    canonical_json,
    exact_reader,
    float_reader,
    in_binary,
    is_hexadecimal,
)
from actionlang.metadata import types as t


def codec_in(type_: t.Type, schema: Schema, found: sa.types.TypeEngine[Any]) -> Codec | None:
    """How a type stands in a column of a type; None when such a column can not hold it."""
    made = codec_of(type_, schema)
    if isinstance(found, sa.types.NullType):
        return made
    if isinstance(found, sa.Float):
        return _in_real(type_, made)
    if isinstance(found, sa.Numeric):
        return _in_numeric(type_, made, found)
    if isinstance(found, sa.Boolean):
        return made if isinstance(type_, t.Boolean | t.Integer) else None
    if isinstance(found, sa.Integer):
        return made if made.kind is Kind.INTEGER else None
    if isinstance(found, sa.DateTime):
        return PLAIN_MOMENT_TEXT if isinstance(type_, t.DateTime) else None
    if isinstance(found, sa.Date):
        return made if isinstance(type_, t.Date) else None
    if isinstance(found, sa.JSON):
        return canonical_json(Kind.TEXT) if isinstance(type_, t.Json) else None
    if isinstance(found, sa.String):
        if isinstance(type_, t.Id) and is_hexadecimal(found):
            return HEXADECIMAL_ID
        return made if made.kind is Kind.TEXT else None
    return None


def _in_real(type_: t.Type, made: Codec) -> Codec | None:
    if bounds_of(type_) is not None:
        return in_binary(type_)
    return made if isinstance(type_, t.Float) else None


def _in_numeric(type_: t.Type, made: Codec, found: sa.Numeric[Any]) -> Codec | None:
    if bounds_of(type_) is not None:
        return Codec(Kind.NUMERIC, _write_number, exact_reader(type_))
    if isinstance(type_, t.Float):
        return Codec(Kind.NUMERIC, None, float_reader)
    if isinstance(type_, t.Id):
        # A type that SQLite does not know, such as UUID, is a numeric one.
        return made if found.precision is None else None
    return made if made.kind is Kind.INTEGER else None


def _write_number(value: Decimal) -> int | float:
    """As SQLite keeps it: a whole number as such, another one as the binary number with that shortest text."""
    if value == value.to_integral_value():
        whole = int(value)
        if SMALLEST_INTEGER <= whole <= LARGEST_INTEGER:
            return whole
    written = float(value)
    if Decimal(repr(written)) == value:
        return written
    raise NeverStored
