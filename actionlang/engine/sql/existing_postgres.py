"""How values stand in the columns that a PostgreSQL database has."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from actionlang.engine.schema import Schema
from actionlang.engine.sql.codecs import Codec, Kind, NotConforming, codec_of
from actionlang.engine.sql.existing import (
    HEXADECIMAL_ID,
    bounds_of,
    canonical_json,
    checked,
    float_reader,
    in_binary,
    is_hexadecimal,
    single_float,
    whole_reader,
)
from actionlang.engine.sql.native import NATIVE, native_codec_of
from actionlang.metadata import types as t

AS_TEXT = "({0})::text"
BY_CODE_POINT = '{0} COLLATE "C"'
EXACT_COLLATIONS = (None, "C", "POSIX", "C.UTF-8", "default", "ucs_basic", "pg_c_utf8")
"""Collations known to take only the same text for the same; one with a name of its own may take others for the same too."""


def codec_in(type_: t.Type, schema: Schema, found: sa.types.TypeEngine[Any]) -> Codec | None:
    """How a type stands in a column of a type; None when such a column can not hold it."""
    while isinstance(found, postgresql.DOMAIN):
        found = found.data_type
    for kind_of_column, codec_for in BY_COLUMN.items():
        if isinstance(found, kind_of_column):
            return codec_for(type_, schema, found)
    return None


def _in_float(type_: t.Type, schema: Schema, found: sa.Float[Any]) -> Codec | None:
    single = isinstance(found, sa.REAL) or (found.precision is not None and found.precision <= 24)
    if bounds_of(type_) is not None:
        return in_binary(type_, single)
    if not isinstance(type_, t.Float):
        return None
    made = codec_of(type_, schema)
    return single_float(made.read) if single else made


def _in_numeric(type_: t.Type, schema: Schema, found: sa.Numeric[Any]) -> Codec | None:
    bounds, scale = bounds_of(type_), found.scale
    if bounds is not None:
        made = native_codec_of(type_, schema)
        return made if scale is None or scale >= bounds[0] else checked(made, _has_decimals(scale))
    if isinstance(type_, t.Float):
        exact = Codec(Kind.NUMERIC, lambda value: Decimal(repr(value)), float_reader)
        return exact if scale is None else checked(exact, _has_decimals(scale))
    return Codec(Kind.NUMERIC, None, whole_reader) if isinstance(type_, t.Integer) else None


def _has_decimals(scale: int) -> Callable[[Decimal], bool]:
    return lambda value: value == round(value, scale)


def _in_integer(type_: t.Type, schema: Schema, found: sa.types.TypeEngine[Any]) -> Codec | None:
    del found
    made = codec_of(type_, schema)
    return made if made.kind is Kind.INTEGER and bounds_of(type_) is None else None


def _in_text(type_: t.Type, schema: Schema, found: sa.String) -> Codec | None:
    if isinstance(type_, t.Id) and is_hexadecimal(found):
        return HEXADECIMAL_ID
    made = codec_of(type_, schema)
    if made.kind is not Kind.TEXT:
        return None
    compared = made.compared
    if isinstance(found, postgresql.CITEXT):
        compared = AS_TEXT
    elif getattr(found, "collation", None) not in EXACT_COLLATIONS:
        compared = BY_CODE_POINT
    made = Codec(made.kind, made.write, made.read, made.ordered, made.exact, compared)
    return _padded(made) if isinstance(found, sa.CHAR) else made


def _padded(made: Codec) -> Codec:
    """In a column that fills texts up with spaces, so that none can end with one."""

    def read(stored: object) -> Any:
        return made.read(stored.rstrip(" ") if type(stored) is str else stored)

    unpadded = Codec(made.kind, made.write, read, made.ordered, made.exact, made.compared)
    return checked(unpadded, lambda text: not text.endswith(" "))


def _in_enum(type_: t.Type, schema: Schema, found: sa.Enum) -> Codec | None:
    """Enumerated values are in an order of their own."""
    made = codec_of(type_, schema)
    if isinstance(type_, t.Text):
        return Codec(Kind.ENUM, None, made.read, ordered=False, compared=AS_TEXT)
    if not isinstance(type_, t.Choice) or made.kind is not Kind.TEXT:
        return None
    has_all = set(schema.choices[type_.name].by_name) <= set(found.enums)
    return Codec(Kind.ENUM, None, made.read, ordered=False) if has_all else None


def _in_timestamp(type_: t.Type, schema: Schema, found: sa.DateTime) -> Codec | None:
    """One without a time zone holds moments in UTC."""
    if not isinstance(type_, t.DateTime):
        return None
    made = native_codec_of(type_, schema)
    if not found.timezone:
        made = Codec(Kind.PLAIN_MOMENT, _without_zone, made.read)
    precision = getattr(found, "precision", None)
    if precision is None or precision >= 6:
        return made
    return checked(made, lambda value: value.microsecond % 10 ** (6 - precision) == 0)


def _without_zone(value: datetime) -> datetime:
    return value.replace(tzinfo=None)


def _in_interval(type_: t.Type, schema: Schema, found: sa.types.TypeEngine[Any]) -> Codec | None:
    del schema, found
    return Codec(Kind.INTERVAL, None, _read_interval) if isinstance(type_, t.Duration) else None


def _read_interval(stored: object) -> timedelta:
    if type(stored) is timedelta:
        return stored
    raise NotConforming


def _in_boolean(type_: t.Type, schema: Schema, found: sa.types.TypeEngine[Any]) -> Codec | None:
    del schema, found
    return NATIVE[t.Boolean] if isinstance(type_, t.Boolean) else None


def _in_date(type_: t.Type, schema: Schema, found: sa.types.TypeEngine[Any]) -> Codec | None:
    del schema, found
    return NATIVE[t.Date] if isinstance(type_, t.Date) else None


def _in_uuid(type_: t.Type, schema: Schema, found: sa.types.TypeEngine[Any]) -> Codec | None:
    del schema, found
    return NATIVE[t.Id] if isinstance(type_, t.Id) else None


def _in_json(type_: t.Type, schema: Schema, found: sa.types.TypeEngine[Any]) -> Codec | None:
    del schema
    kind = Kind.JSONB if isinstance(found, postgresql.JSONB) else Kind.JSON
    return canonical_json(kind) if isinstance(type_, t.Json) else None


BY_COLUMN: dict[type[sa.types.TypeEngine[Any]], Callable[[t.Type, Schema, Any], Codec | None]] = {
    sa.Float: _in_float,
    sa.Numeric: _in_numeric,
    sa.Integer: _in_integer,
    sa.Enum: _in_enum,
    sa.String: _in_text,
    sa.Boolean: _in_boolean,
    sa.Date: _in_date,
    sa.DateTime: _in_timestamp,
    sa.Interval: _in_interval,
    postgresql.INTERVAL: _in_interval,
    sa.Uuid: _in_uuid,
    sa.JSON: _in_json,
}
"""By the column's type, the narrower ones first."""
