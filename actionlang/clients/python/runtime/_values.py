"""Values in OData's JSON and in its URLs, to and from Python: numbers exact, moments with their offset."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from enum import Enum
from typing import ClassVar, Final, Generic, Literal, TypeAlias, TypeVar, cast
from urllib.parse import quote
from uuid import UUID

import attrs

JSON: TypeAlias = "bool | int | float | Decimal | str | list[JSON] | dict[str, JSON] | None"
"""Any JSON value. Fractions are read as Decimal."""

T = TypeVar("T")
C = TypeVar("C", bound=Enum)
Data: TypeAlias = Mapping[str, object]

DURATION = re.compile(r"(-?)P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)(?:\.(\d{1,6})\d*)?S)?)?", re.ASCII)
MICROSECOND = timedelta(microseconds=1)


class Mark(Enum):
    """What stands for arguments that are left out, and for those that are empty, where the two differ."""

    LEFT_OUT = "left out"
    EMPTY = None


LEFT_OUT: Final = Mark.LEFT_OUT
LeftOut: TypeAlias = Literal[Mark.LEFT_OUT]


class UnexpectedAnswer(ValueError):
    """What the server sent is not what this client was made for: it was made from other contracts, or this is no such server."""


@attrs.frozen
class Row:
    """Base of what names a row: by its primary key or another one. `wire_key` has the names of the key's columns on the wire,
    each with the attribute that has its value."""

    wire_set: ClassVar[str]
    wire_key: ClassVar[Mapping[str, str]]
    wire_primary: ClassVar[bool] = False


def address_of(row: Row) -> str:
    """A row's address below the root of the service: `cases(number='CAS-1')`."""
    parts = {name: _key_literal(getattr(row, attribute)) for name, attribute in row.wire_key.items()}
    if row.wire_primary and len(parts) == 1:
        return f"{row.wire_set}({next(iter(parts.values()))})"
    return f"{row.wire_set}({','.join(f'{name}={value}' for name, value in parts.items())})"


# ---------------------------------------------------------------------------------------------------------------- sending


def to_json(value: object) -> str:
    """A value as JSON: decimals as numbers with all their digits, which the standard library does not write."""
    if isinstance(value, Enum):
        return to_json(value.value)
    if value is None or isinstance(value, (bool, str)):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, (int, float, Decimal)):
        return _number_text(value)
    if isinstance(value, Row):
        return to_json({"@odata.id": address_of(value)})
    if isinstance(value, (UUID, date, timedelta)):
        return to_json(_text(value))
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{to_json(str(name))}: {to_json(each)}" for name, each in value.items()) + "}"
    if isinstance(value, Iterable):
        return "[" + ", ".join(map(to_json, value)) + "]"
    raise TypeError(f"{value!r} is nothing that can be sent")


def literal(value: object) -> str:
    """A value as it stands in a URL, encoded."""
    return quote(_literal(value), safe="'(),:@-.")


def _number_text(value: float | Decimal) -> str:
    if isinstance(value, int):
        return str(int(value))
    if not math.isfinite(value):
        raise ValueError(f"{value} is no number that can be sent")
    return f"{value:f}" if isinstance(value, Decimal) else repr(float(value))


def _text(value: object) -> str:
    if isinstance(value, datetime):
        if value.tzinfo is None:
            raise ValueError(f"{value} has no time zone: datetime.now(timezone.utc) has one")
        return f"{value.astimezone(UTC).replace(tzinfo=None).isoformat()}Z"
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, timedelta):
        return _iso_duration(value)
    return str(value)


def _iso_duration(value: timedelta) -> str:
    total = value // MICROSECOND
    seconds, fraction = divmod(abs(total), 1_000_000)
    days, seconds = divmod(seconds, 86_400)
    return f"{'-' if total < 0 else ''}P{days}DT{seconds}{f'.{fraction:06d}' if fraction else ''}S"


def _literal(value: object) -> str:
    if value is None:
        return "null"
    if isinstance(value, Enum):
        return _literal(value.value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return "'" + value.replace("'", "''") + "'"
    if isinstance(value, timedelta):
        return f"duration'{_text(value)}'"
    if isinstance(value, (int, float, Decimal)):
        return _number_text(value)
    return _text(value) if isinstance(value, (UUID, date)) else to_json(value)


def _key_literal(value: object) -> str:
    """A value of a key: a row by the one value of its own key."""
    while isinstance(value, Row):
        (attribute,) = value.wire_key.values()
        value = getattr(value, attribute)
    return quote(_literal(value), safe="'-.")


# ---------------------------------------------------------------------------------------------------------------- reading


def read(data: Data, name: str, how: Callable[[object], T]) -> T:
    """A member of an object. Raises UnexpectedAnswer when it is not there or is something else, and says which it is."""
    try:
        return how(data.get(name))
    except UnexpectedAnswer as error:
        raise UnexpectedAnswer(f"{name}: {error}") from None


def read_optional(data: Data, name: str, how: Callable[[object], T]) -> T | None:
    """A member of an object that may be null, or left out."""
    return None if data.get(name) is None else read(data, name, how)


def read_lookup(data: Data, name: str, rows: OneOf[T]) -> T | None:
    """The row that a lookup to several tables leads to: which table's it is stands beside its key."""
    if data.get(name) is None:
        return None
    return read(data, name, rows.of(text(data.get(f"{name}@Microsoft.Dynamics.CRM.lookuplogicalname"))))


def items(data: object, read: Callable[[object], T]) -> tuple[T, ...]:
    """A list."""
    if not isinstance(data, list):
        raise _unexpected("a list", data)
    return tuple([read(item) for item in data])


def members(data: object) -> Data:
    """An object."""
    if not isinstance(data, dict):
        raise _unexpected("an object", data)
    return data


def text(data: object) -> str:
    """A text."""
    if not isinstance(data, str):
        raise _unexpected("a text", data)
    return data


def integer(data: object) -> int:
    """A whole number; servers may send large ones as texts."""
    if isinstance(data, bool) or not isinstance(data, (int, str)):
        raise _unexpected("a whole number", data)
    return _read(int, data, "a whole number")


def decimal(data: object) -> Decimal:
    """An exact number."""
    if isinstance(data, bool) or not isinstance(data, (int, str, Decimal)):
        raise _unexpected("a number", data)
    return _read(Decimal, data, "a number")


def number(data: object) -> float:
    """A binary floating point number."""
    if isinstance(data, bool) or not isinstance(data, (int, float, str, Decimal)):
        raise _unexpected("a number", data)
    return _read(float, data, "a number")


def boolean(data: object) -> bool:
    """True or false."""
    if not isinstance(data, bool):
        raise _unexpected("true or false", data)
    return data


def day(data: object) -> date:
    """A day."""
    return _read(date.fromisoformat, text(data), "a day")


def moment(data: object) -> datetime:
    """A moment, in UTC."""
    return _read(datetime.fromisoformat, text(data), "a moment").astimezone(UTC)


def duration(data: object) -> timedelta:
    """A length of time."""
    found = DURATION.fullmatch(text(data))
    if found is None:
        raise _unexpected("a length of time", data)
    days, hours, minutes, seconds = (int(found[part] or 0) for part in range(2, 6))
    fraction = int((found[6] or "").ljust(6, "0"))
    length = timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds, microseconds=fraction)
    return -length if found[1] else length


def uuid(data: object) -> UUID:
    """An id."""
    return _read(UUID, text(data), "an id")


def any_json(data: object) -> JSON:
    """Whatever it is."""
    return cast(JSON, data)


def member(choice: type[C]) -> Callable[[object], C]:
    """What reads a member of a choice: by its number, or its name."""

    def read_member(data: object) -> C:
        for each in choice:
            if data in (each.value, each.name) and not isinstance(data, bool):
                return each
        raise _unexpected(f"a member of {choice.__name__}", data)

    return read_member


def several(choice: type[C]) -> Callable[[object], tuple[C, ...]]:
    """What reads any number of members of a choice: `1,3`."""
    by_text = {str(each.value): each for each in choice}

    def read_several(data: object) -> tuple[C, ...]:
        parts = text(data).split(",") if data else []
        if not by_text.keys() >= set(parts):
            raise _unexpected(f"members of {choice.__name__}", data)
        return tuple([by_text[part] for part in parts])

    return read_several


def nullable(value: object) -> object:
    """An argument that may be left out, or be empty: as a call has them, where None is what is left out."""
    return Mark.EMPTY if value is None else None if value is LEFT_OUT else value


def joined(values: Iterable[Enum] | None) -> str | None:
    """Any number of members of a choice as they are sent."""
    return None if values is None else ",".join(str(each.value) for each in values)


def nothing(_: Data) -> None:
    """What is returned by what returns nothing."""


def each(how: Callable[[object], T]) -> Callable[[object], tuple[T, ...]]:
    """What reads a list of what something else reads."""
    return lambda data: items(data, how)


@attrs.frozen
class OneOf(Generic[T]):
    """What reads a row of one of several tables, by the type that its object says it is of."""

    readers: Mapping[str, Callable[[object], T]]

    def __call__(self, data: object) -> T:
        """The row."""
        return self.of(text(members(data).get("@odata.type")).rpartition(".")[2])(data)

    def of(self, entity_type: str) -> Callable[[object], T]:
        """What reads rows of a type."""
        if entity_type not in self.readers:
            raise _unexpected(f"a row of type {' or '.join(self.readers)}", entity_type)
        return self.readers[entity_type]


def _read(read: Callable[[str], T], data: object, what: str) -> T:
    try:
        return read(data)  # type: ignore[arg-type]
    except (ValueError, ArithmeticError):
        raise _unexpected(what, data) from None


def _unexpected(what: str, data: object) -> UnexpectedAnswer:
    shown = repr(data)
    return UnexpectedAnswer(f"The server should have sent {what}, and sent {shown[:100]}.")
