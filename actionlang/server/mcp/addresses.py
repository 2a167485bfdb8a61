"""Rows as resources: `actionlang://cases/CAS-1`, by the primary key or by another key. Keys of several columns are written with
the names of the columns: `actionlang://memberships/_team_value=...,_user_value=...`."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote, unquote
from uuid import UUID

from actionlang.engine.store import RowRef
from actionlang.metadata.tables import Column, Table
from actionlang.metadata.types import Integer, Row
from actionlang.server.mcp.surface import Surface
from actionlang.server.odata.given import value_reader
from actionlang.server.odata.wire import key_name, key_of

SCHEME = "actionlang://"


def address_of(row: RowRef, surface: Surface) -> str:
    """The address of a row, by its primary key."""
    table = surface.catalog.tables[row.table]
    parts = [
        (key_name(column), quote(str(surface.wire.plain(value, column.type)), safe=""))
        for column, value in key_of(table, row)
    ]
    told = parts[0][1] if len(parts) == 1 else ",".join("=".join(part) for part in parts)
    return f"{SCHEME}{surface.catalog.names.entity_set(row.table)}/{told}"


def template_of(table: Table, surface: Surface) -> str:
    """The addresses of a table's rows, as a template (RFC 6570)."""
    names = ["key"] if len(table.primary) == 1 else [key_name(column) for column in table.primary]
    told = "{key}" if len(names) == 1 else ",".join(f"{name}={{{name}}}" for name in names)
    return f"{SCHEME}{surface.catalog.names.entity_set(table.name)}/{told}"


def keys_of(table: Table) -> list[tuple[Column, ...]]:
    """The keys by which rows can be addressed: those whose values can stand in an address, of which none is sensitive."""
    keys = [table.primary, *(tuple(table.by_name[name] for name in key) for key in table.keys)]
    return [key for key in dict.fromkeys(keys) if not any(column.sensitive for column in key)]


def table_at(address: str, surface: Surface) -> tuple[Table, str] | None:
    """The table of an address, and its key as it was written; None where there is no such table."""
    name, slash, key = address.removeprefix(SCHEME).partition("/")
    if not address.startswith(SCHEME) or not slash or not key:
        return None
    full = surface.catalog.names.table_of_set(name)
    return None if full is None else (surface.catalog.tables[full], key)


def without_scheme(data: Any, surface: Surface) -> Any:
    """What an argument has for a row, or for a list of rows, where that is the address of a resource: an object with its type and
    its key; all else as it is."""
    if isinstance(data, list):
        return [without_scheme(each, surface) for each in data]
    found = table_at(data, surface) if isinstance(data, str) else None
    if found is None:
        return data
    table, key = found
    for columns in keys_of(table):
        values = values_at(key, columns, surface)
        if values is not None:
            named = {
                key_name(column): surface.wire.plain(value, column.type)
                for column, value in zip(columns, values, strict=True)
            }
            kind = surface.wire.type_name(table.name)
            return {
                "@odata.type": kind,
                **{name: str(value) if isinstance(value, UUID) else value for name, value in named.items()},
            }
    return data


def values_at(key: str, columns: tuple[Column, ...], surface: Surface) -> tuple[object, ...] | None:
    """The values of a key's columns as an address has them; None where it has others."""
    if len(columns) == 1:
        texts = {key_name(columns[0]): unquote(key)}
    else:
        texts = {name: unquote(text) for name, _, text in (part.partition("=") for part in key.split(","))}
    if texts.keys() != {key_name(column) for column in columns}:
        return None
    try:
        return tuple(_value(column, texts[key_name(column)], surface) for column in columns)
    except ValueError:
        return None


def _value(column: Column, text: str, surface: Surface) -> object:
    """Raises ValueError where a text is no value of a column."""
    type_ = column.type
    data: object = text
    if isinstance(type_, Row):
        inner = surface.catalog.tables[type_.tables[0]].primary
        if len(type_.tables) > 1 or len(inner) > 1:
            raise ValueError(text)
        return RowRef(type_.tables[0], _value(inner[0], text, surface))
    if isinstance(type_, Integer) and text.isascii():
        data = int(text)
    return value_reader(type_, surface.wire)(data)
