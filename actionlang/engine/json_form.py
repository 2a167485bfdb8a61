"""Values as JSON data and back: for audit records, outputs, arguments.

`to_json` writes one form a value; `from_json` reads that form, and wherever nothing can be mistaken also what
people write on a command line (`"42"`, `"90 minutes"`) and what Python programs hold (`Decimal`, `date`,
`UUID`). A row is its primary key; where a row may be of several tables, an object with `table` and `key`; a
key of several columns is an array.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import lru_cache, partial
from typing import Any
from uuid import UUID

from actionlang.engine.decimals import exactly, integer, plain
from actionlang.engine.display import float_text
from actionlang.engine.failure import Failure
from actionlang.engine.schema import Schema
from actionlang.engine.store import Key, RowRef
from actionlang.engine.times import (
    LONGEST,
    SHORTEST,
    iso_datetime,
    iso_duration,
    parse_date,
    parse_datetime,
    parse_duration,
)
from actionlang.engine.values import fitting
from actionlang.metadata import types as t

NUMBER = re.compile(r"[+-]?[0-9]+(?:\.[0-9]+)?", re.ASCII)
WHOLE = re.compile(r"[+-]?[0-9]+", re.ASCII)
LONGEST_NUMBER = 80
EXACT_IN_JSON = 2**53 - 1

UNAVAILABLE = "nothing: values of this type are not available in this host yet"

Reader = Callable[[object], Any]
RowFinder = Callable[[tuple[str, ...], object], RowRef]


def to_json(value: object, type_: t.Type) -> Any:
    """A value as JSON data. Integers beyond 2^53 and all decimals are texts: other readers of JSON would
    round them."""
    if value is None:
        return None
    if isinstance(type_, t.ListOf):
        assert isinstance(value, tuple)
        return [to_json(item, type_.item) for item in value]
    if isinstance(type_, t.Json):
        assert isinstance(value, str)
        return json.loads(value)
    if isinstance(type_, t.Row) and len(type_.tables) > 1:
        assert isinstance(value, RowRef)
        return {"table": value.table, "key": _plain_json(value.key)}
    return _plain_json(value)


def _plain_json(value: object) -> Any:
    """A value that says by its Python class what it is."""
    if isinstance(value, bool | str):
        return value
    if isinstance(value, int):
        return value if abs(value) <= EXACT_IN_JSON else str(value)
    if isinstance(value, Decimal):
        return plain(value)
    if isinstance(value, float):
        return value
    if isinstance(value, datetime):
        return iso_datetime(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, timedelta):
        return iso_duration(value)
    if isinstance(value, RowRef):
        return _plain_json(value.key)
    assert isinstance(value, tuple)
    return [_plain_json(item) for item in value]


def from_json(data: object, type_: t.Type, schema: Schema, rows: RowFinder | None = None) -> Any:
    """The value of a type that JSON data, command line text or a Python object stands for; None is empty.

    `rows` finds a row by what stands for it; without it a row is taken by its primary key, unseen.
    Raises ValueError, with what the type takes as its text, when the data is none of the type's values.
    """
    return None if data is None else reader_of(type_, schema, rows)(data)


def reader_of(type_: t.Type, schema: Schema, rows: RowFinder | None = None) -> Reader:
    """What reads values of a type, as `from_json` does, from data that is not None."""
    if isinstance(type_, t.Row):
        return partial(rows, type_.tables) if rows else lambda data: _row(type_, data, schema)
    if isinstance(type_, t.ListOf):
        item = reader_of(type_.item, schema, rows)
        return lambda data: _list(data, item)
    if isinstance(type_, t.Choice):
        return lambda data: _member(data, type_, schema)
    if isinstance(type_, t.Choices):
        return lambda data: _members(data, type_, schema)
    return _scalar_reader(type_)


@lru_cache(maxsize=1000)
def _scalar_reader(type_: t.Type) -> Reader:
    read, takes, fit = READERS.get(type(type_), _unavailable), TAKES.get(type(type_), ""), fitting(t.Empty(), type_)

    def scalar(data: object) -> object:
        try:
            value = read(data)
            return fit(value) if fit else value
        except Failure as failure:
            raise ValueError(f"{takes} ({failure.message})") from None
        except (ValueError, TypeError, ArithmeticError, RecursionError):
            raise ValueError(takes or UNAVAILABLE) from None

    return scalar


def _unavailable(data: object) -> object:
    raise ValueError(UNAVAILABLE)


def _text(data: object) -> str:
    if not isinstance(data, str) or "\x00" in data:
        raise ValueError
    if not data.isascii():
        data.encode()
    return data


def _integer(data: object) -> int:
    if isinstance(data, str) and len(data) <= LONGEST_NUMBER and WHOLE.fullmatch(data.strip()):
        return integer(int(data))
    if type(data) is not int:
        raise ValueError
    return integer(data)


def _decimal(data: object) -> Decimal:
    if isinstance(data, str) and len(data) <= LONGEST_NUMBER and NUMBER.fullmatch(data.strip()):
        return exactly(Decimal(data.strip()))
    if isinstance(data, bool) or not isinstance(data, int | Decimal):
        raise ValueError
    return _exact(data)


def _exact(data: int | Decimal) -> Decimal:
    number = Decimal(data)
    if not number.is_finite():
        raise ValueError
    return exactly(number)


def _float(data: object) -> float:
    if isinstance(data, bool) or not isinstance(data, int | float | str | Decimal):
        raise ValueError
    value = float(data)
    if not math.isfinite(value):
        raise ValueError
    return value + 0.0


def _boolean(data: object) -> bool:
    if isinstance(data, str) and data in ("true", "false"):
        return data == "true"
    if not isinstance(data, bool):
        raise ValueError
    return data


def _date(data: object) -> date:
    if isinstance(data, str):
        return parse_date(data)
    if not isinstance(data, date) or isinstance(data, datetime):
        raise ValueError
    return data


def _datetime(data: object) -> datetime:
    if isinstance(data, str):
        return parse_datetime(data)
    if not isinstance(data, datetime) or data.tzinfo is None:
        raise ValueError
    return data.astimezone(UTC)


def _duration(data: object) -> timedelta:
    if isinstance(data, str):
        return parse_duration(data)
    if not isinstance(data, timedelta) or not SHORTEST <= data <= LONGEST:
        raise ValueError
    return data


def _id(data: object) -> str:
    if not isinstance(data, str | UUID):
        raise ValueError
    return str(UUID(str(data)))


def _json(data: object) -> str:
    """Canonical JSON text: keys sorted, no blanks, plain digits; a text given is a JSON string, not JSON
    text."""
    return _canonical(data)


def _canonical(data: object) -> str:
    if data is None or isinstance(data, bool):
        return json.dumps(data)
    if isinstance(data, str):
        return json.dumps(_text(data), ensure_ascii=False)
    if isinstance(data, int | Decimal):
        return plain(_exact(data))
    if isinstance(data, float):
        return float_text(_float(data))
    if isinstance(data, dict):
        members = (f"{_canonical(_text(name))}:{_canonical(data[name])}" for name in sorted(data))
        return "{" + ",".join(members) + "}"
    if isinstance(data, list | tuple):
        return "[" + ",".join(_canonical(item) for item in data) + "]"
    raise ValueError


READERS: dict[type[t.Type], Callable[[object], object]] = {
    t.Text: _text,
    t.Integer: _integer,
    t.Decimal: _decimal,
    t.Money: _decimal,
    t.Float: _float,
    t.Boolean: _boolean,
    t.Date: _date,
    t.DateTime: _datetime,
    t.Duration: _duration,
    t.Id: _id,
    t.Json: _json,
}

TAKES: dict[type[t.Type], str] = {
    t.Text: "a text",
    t.Integer: "a whole number of 64 bits, such as 42",
    t.Decimal: "an exact number, such as 12.50",
    t.Money: "an amount of money, such as 12.50",
    t.Float: "a number, such as 0.1",
    t.Boolean: "true or false",
    t.Date: "a day, such as 2026-11-24",
    t.DateTime: "a moment with its offset, such as 2026-11-24T09:30:00Z",
    t.Duration: "a length of time, such as 90 minutes or PT90M",
    t.Id: "an id: 32 hexadecimal digits with hyphens",
    t.Json: "JSON data",
}


def _member(data: object, type_: t.Choice, schema: Schema) -> str:
    members = schema.choices[type_.name].by_name
    if isinstance(data, str) and data in members:
        return data
    raise ValueError(f"one of {', '.join(members)}")


def _members(data: object, type_: t.Choices, schema: Schema) -> tuple[str, ...]:
    wanted = [part.strip() for part in data.split(",")] if isinstance(data, str) and data else data or ()
    members = schema.choices[type_.name].by_name
    if not isinstance(wanted, Sequence) or not all(isinstance(name, str) and name in members for name in wanted):
        raise ValueError(f"any of {', '.join(members)}")
    return tuple(name for name in members if name in wanted)


def _list(data: object, item: Reader) -> tuple[object, ...]:
    if not isinstance(data, list | tuple) or isinstance(data, RowRef) or None in data:
        raise ValueError("a list without empty items")
    return tuple([item(each) for each in data])


def _row(type_: t.Row, data: object, schema: Schema) -> RowRef:
    """A row by its primary key, as `to_json` writes it."""
    if isinstance(data, RowRef):
        return data
    if len(type_.tables) == 1:
        return RowRef(type_.tables[0], key_from_json(data, type_.tables[0], schema))
    if not isinstance(data, dict) or set(data) != {"table", "key"} or data["table"] not in type_.tables:
        raise ValueError("an object with the row's table and key")
    return RowRef(data["table"], key_from_json(data["key"], data["table"], schema))


def key_from_json(data: object, table: str, schema: Schema) -> Key:
    """A primary key of a table, as `to_json` writes it.

    Raises ValueError when it is none.
    """
    primary = schema.tables[table].primary
    if len(primary) == 1:
        return from_json(data, primary[0].type, schema)
    if not isinstance(data, list | tuple) or len(data) != len(primary):
        raise ValueError(f"the values of {', '.join(column.name for column in primary)}")
    return tuple(from_json(part, column.type, schema) for part, column in zip(data, primary, strict=True))
