"""Values that clients send, from JSON or from URLs, as values that runs take.

What is read is strict where two readings are possible, and takes what Dataverse's clients send: choices by number, name or label;
rows as objects with `@odata.type` and a key, as `@odata.id`, as an address behind `@odata.bind`, or by a plain key. A row is not
looked up here: the run does that.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from uuid import UUID

from actionlang.engine.decimals import DIGITS, LARGEST_INTEGER, SMALLEST_INTEGER, rounded
from actionlang.engine.json_form import TAKES, UNAVAILABLE, reader_of
from actionlang.metadata import types as t
from actionlang.metadata.tables import Choice
from actionlang.metadata.wire_names import WireNames
from actionlang.server.odata.given_rows import row_reader
from actionlang.server.odata.literals import GUID, EnumLiteral, datetime_of, duration_of
from actionlang.server.odata.wire import Wire

Read = Callable[[object], object]
"""Reads what JSON or a URL has for a value, which is not null. Raises ValueError with what it takes."""

A_DURATION = "a length of time, such as PT90M"

EXACT_TEXT = re.compile(r"-?[0-9]{1,80}(?:\.[0-9]{1,80})?", re.ASCII)
"""Exact numbers may be texts, for clients whose numbers are binary: `IEEE754Compatible=true` has them so."""


def value_reader(type_: t.Type, wire: Wire) -> Read:
    """What reads values of a type."""
    if isinstance(type_, t.ListOf):
        return _list_reader(value_reader(type_.item, wire))
    if isinstance(type_, t.Choice):
        return _member_reader(wire.choice(type_.name), wire)
    if isinstance(type_, t.Choices):
        return _members_reader(wire.choice(type_.name), wire)
    if isinstance(type_, t.Row):
        return row_reader(type_, wire, value_reader)
    check = CHECKS.get(type(type_))
    return _unavailable if check is None else _scalar_reader(type_, wire, check)


def _unavailable(_: object) -> object:
    raise ValueError(UNAVAILABLE)


def _scalar_reader(type_: t.Type, wire: Wire, check: Read) -> Read:
    takes = A_DURATION if isinstance(type_, t.Duration) else TAKES[type(type_)]
    read = reader_of(type_, wire.schema)

    def scalar(data: object) -> object:
        try:
            checked = check(data)
        except ValueError:
            raise ValueError(takes) from None
        return read(checked)

    return scalar


# ---------------------------------------------------------------------------------------------- what JSON has for a type


def _of(*kinds: type) -> Read:
    def check(data: object) -> object:
        if isinstance(data, kinds) and not (isinstance(data, bool) and bool not in kinds):
            return data
        raise ValueError

    return check


def _whole(data: object) -> object:
    """A whole number, also one that is written with a fraction of zero, which JSON does not tell apart."""
    if isinstance(data, Decimal) and SMALLEST_INTEGER <= data <= LARGEST_INTEGER and data == data.to_integral_value():
        return int(data)
    if isinstance(data, str) and EXACT_TEXT.fullmatch(data) and "." not in data:
        return data
    return _of(int)(data)


def _exact(data: object) -> object:
    if isinstance(data, str) and not EXACT_TEXT.fullmatch(data):
        raise ValueError
    if isinstance(data, Decimal) and data.adjusted() < 0 and data.as_tuple().exponent < -DIGITS:  # type: ignore[operator]
        # What a client computed in binary, such as 5e-324: no exact number has places so far behind the point.
        return rounded(data, DIGITS)
    return _of(int, Decimal, str)(data)


def _date(data: object) -> object:
    if isinstance(data, datetime):
        raise ValueError
    return _of(str, date)(data)


def _moment(data: object) -> object:
    return datetime_of(data) if isinstance(data, str) else _of(datetime)(data)


def _duration(data: object) -> object:
    return duration_of(data) if isinstance(data, str) else _of(timedelta)(data)


def _guid(data: object) -> object:
    if isinstance(data, str) and not GUID.fullmatch(data):
        raise ValueError
    return _of(str, UUID)(data)


def _any(data: object) -> object:
    return data


CHECKS: Mapping[type[t.Type], Read] = {
    t.Text: _of(str),
    t.Integer: _whole,
    t.Decimal: _exact,
    t.Money: _exact,
    t.Float: _of(int, Decimal),
    t.Boolean: _of(bool),
    t.Date: _date,
    t.DateTime: _moment,
    t.Duration: _duration,
    t.Id: _guid,
    t.Json: _any,
}
"""What of JSON's data, and of literals, can be a value of a type: engines take more, for those who write command lines."""


# ------------------------------------------------------------------------------------------------------ choices, lists


def _member_reader(choice: Choice, wire: Wire) -> Read:
    known = _known_members(choice)
    enum = wire.names.enums.get(choice.name)
    takes = f"one of {', '.join(_shown_member(choice, name) for name in choice.by_name)}"

    def member(data: object) -> object:
        if isinstance(data, EnumLiteral):
            if data.type not in (enum, wire.names.qualified(enum or "")):
                raise ValueError(takes)
            data = int(data.member) if data.member.lstrip("-").isdecimal() else data.member
        if isinstance(data, Decimal) and data in known:
            # 3.0, which JSON does not tell from 3.
            data = int(data)
        if isinstance(data, bool) or not isinstance(data, int | str) or data not in known:
            raise ValueError(takes)
        return known[data]

    return member


def _known_members(choice: Choice) -> dict[int | str, str]:
    """Members by number, by name, and by a label or a name in `$metadata` that is nobody's name."""
    known: dict[int | str, str] = {WireNames.property(member.name): member.name for member in choice.members}
    for member in reversed(choice.members):
        if member.label is not None:
            known[member.label] = member.name
    for member in choice.members:
        known[member.name] = member.name
        if member.number is not None:
            known[member.number] = member.name
    return known


def _shown_member(choice: Choice, name: str) -> str:
    number = choice.by_name[name].number
    return name if number is None else f"{name} ({number})"


def _members_reader(choice: Choice, wire: Wire) -> Read:
    one = _member_reader(choice, wire)

    def members(data: object) -> object:
        if isinstance(data, str):
            parts = [part.strip() for part in data.split(",")] if data else []
            data = [int(part) if part.lstrip("-").isdecimal() else part for part in parts]
        if not isinstance(data, list):
            data = [data]
        wanted = {one(each) for each in data}
        return tuple(name for name in choice.by_name if name in wanted)

    return members


def _list_reader(item: Read) -> Read:
    def several(data: object) -> object:
        if not isinstance(data, list) or None in data:
            raise ValueError("a list without empty items")
        return tuple([_at(place, item, each) for place, each in enumerate(data)])

    return several


def _at(place: int, read: Read, data: object) -> object:
    try:
        return read(data)
    except ValueError as error:
        raise ValueError(f"as item {place + 1} {error}") from None
