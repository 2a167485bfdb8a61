"""Values of the language as OData's JSON: texts that are made by closures, one a type, prepared once.

They are texts and not data, because no other way writes a decimal as a number with all of its digits. The forms are those of
OData JSON Format 4.01, sections 7 and 8, and where that leaves a choice, Dataverse's: choices with numbers are their numbers,
with the label beside them where annotations are asked for.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from json.encoder import encode_basestring
from typing import Any

import attrs

from actionlang.engine.decimals import plain
from actionlang.engine.store import RowRef
from actionlang.engine.times import iso_datetime, iso_duration
from actionlang.metadata import types as t
from actionlang.metadata.tables import Choice
from actionlang.server.odata.wire import Wire, key_name, key_of

FORMATTED = "OData.Community.Display.V1.FormattedValue"
"""The annotation by which Dataverse gives a value as people read it."""

NONE, MINIMAL, FULL = "none", "minimal", "full"

Write = Callable[[Any], str]
"""Writes a value as JSON text."""


@attrs.frozen
class Writing:
    """How a client wants values: decimals and 64-bit integers as texts (`IEEE754Compatible=true`), with formatted values beside
    them, with how much metadata."""

    ieee754: bool = False
    formatted: bool = False
    metadata: str = MINIMAL


def writer_of(type_: t.Type, wire: Wire, writing: Writing) -> Write:
    """What writes values of a type; None is `null`."""
    write = _not_empty(type_, wire, writing)
    return lambda value: "null" if value is None else write(value)


def member_of(name: str, type_: t.Type, wire: Wire, writing: Writing) -> Write:
    """What writes a member of an object, with the annotations that belong to it."""
    write = writer_of(type_, wire, writing)
    start = f"{encode_basestring(name)}:"
    if writing.metadata == FULL and (told := edm_type(type_, wire)) not in PLAIN:
        start = f"{encode_basestring(f'{name}@odata.type')}:{encode_basestring(f'#{told}')},{start}"
    label = label_of(type_, wire) if writing.formatted and writing.metadata != NONE else None
    if label is None:
        return lambda value: start + write(value)
    behind = f",{encode_basestring(f'{name}@{FORMATTED}')}:"
    return lambda value: start + write(value) + ("" if value is None else behind + encode_basestring(label(value)))


def label_of(type_: t.Type, wire: Wire) -> Callable[[Any], str] | None:
    """What gives a value as people read it; None where that is no other than the value."""
    if isinstance(type_, t.Choice):
        labels = _labels(wire.choice(type_.name))
        return labels.__getitem__
    if isinstance(type_, t.Choices):
        labels = _labels(wire.choice(type_.name))
        return lambda value: "; ".join(labels[name] for name in value)
    return None


def _labels(choice: Choice) -> dict[str, str]:
    return {member.name: member.label or member.name for member in choice.members}


PLAIN = frozenset({"String", "Boolean", "Double", ""})
"""Types that are known from the JSON alone (OData JSON Format 4.01, 4.6.3)."""

EDM: dict[type[t.Type], str] = {
    t.Text: "String",
    t.Integer: "Int64",
    t.Decimal: "Decimal",
    t.Money: "Decimal",
    t.Float: "Double",
    t.Boolean: "Boolean",
    t.Date: "Date",
    t.DateTime: "DateTimeOffset",
    t.Duration: "Duration",
    t.Id: "Guid",
    t.Choices: "String",
}


def edm_type(type_: t.Type, wire: Wire) -> str:
    """A type as `@odata.type` names it, without the sign; nothing where it says nothing of itself (rows name their own)."""
    if isinstance(type_, t.ListOf):
        item = edm_type(type_.item, wire)
        return f"Collection({item})" if item else ""
    if isinstance(type_, t.Choice):
        return "Int32" if wire.choice(type_.name).numbered else "String"
    return EDM.get(type(type_), "")


def _text(value: object) -> str:
    return f'"{value}"'


FAST: dict[type[t.Type], Write] = {
    t.Text: encode_basestring,
    t.Integer: str,
    t.Decimal: plain,
    t.Money: plain,
    t.Float: json.dumps,
    t.Boolean: lambda value: "true" if value else "false",
    t.Date: _text,
    t.DateTime: lambda value: f'"{iso_datetime(value)}"',
    t.Duration: lambda value: f'"{iso_duration(value)}"',
    t.Id: _text,
    t.Json: str,
}

AS_TEXT: dict[type[t.Type], Write] = {
    t.Integer: _text,
    t.Decimal: lambda value: f'"{plain(value)}"',
    t.Money: lambda value: f'"{plain(value)}"',
}


def _not_empty(type_: t.Type, wire: Wire, writing: Writing) -> Write:
    if isinstance(type_, t.ListOf):
        item = _not_empty(type_.item, wire, writing)
        return lambda value: "[" + ",".join([item(each) for each in value]) + "]"
    if isinstance(type_, t.Choice):
        return _members(wire.choice(type_.name)).__getitem__
    if isinstance(type_, t.Choices):
        return _several(wire.choice(type_.name))
    if isinstance(type_, t.Row):
        return _row(type_, wire, writing)
    if writing.ieee754 and type(type_) in AS_TEXT:
        return AS_TEXT[type(type_)]
    return FAST[type(type_)]


def _members(choice: Choice) -> dict[str, str]:
    """The members' texts: numbers where they have some."""
    if choice.numbered:
        return {member.name: str(member.number) for member in choice.members}
    return {member.name: encode_basestring(member.name) for member in choice.members}


def _several(choice: Choice) -> Write:
    """Members by comma, as Dataverse writes what may have several."""
    texts = {member.name: str(member.number) if choice.numbered else member.name for member in choice.members}
    return lambda value: encode_basestring(",".join(texts[name] for name in value))


def _row(type_: t.Row, wire: Wire, writing: Writing) -> Write:
    """A row as a reference: its type, its address, its key."""
    by_table = {table: _row_of(table, wire, writing) for table in type_.tables}
    if len(by_table) == 1:
        return by_table[type_.tables[0]]
    return lambda value: by_table[value.table](value)


def _row_of(name: str, wire: Wire, writing: Writing) -> Write:
    table = wire.schema.tables[name]
    said = writing.metadata != NONE
    start = f'"@odata.type":{encode_basestring("#" + wire.type_name(name))},"@odata.id":' if said else ""

    def write(row: RowRef) -> str:
        parts = [f"{start}{encode_basestring(wire.address(row))}"] if said else []
        for column, value in key_of(table, row):
            parts.append(f"{encode_basestring(key_name(column))}:{_key_text(wire.plain(value, column.type))}")
        return "{" + ",".join(parts) + "}"

    return write


def _key_text(value: object) -> str:
    """A value of a key by its Python class."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, tuple):
        return "[" + ",".join(_key_text(each) for each in value) + "]"
    for kind, write in BY_CLASS:
        if isinstance(value, kind):
            return write(value)
    return encode_basestring(str(value))


BY_CLASS: tuple[tuple[type, Write], ...] = (
    (Decimal, plain),
    (datetime, FAST[t.DateTime]),
    (timedelta, FAST[t.Duration]),
)
