"""Rows that clients name: in the address of a request, in its body, as a parameter of a function."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Protocol
from urllib.parse import urlsplit

from actionlang.engine.store import RowRef
from actionlang.metadata import types as t
from actionlang.metadata.tables import Column, Table
from actionlang.metadata.wire_names import WireNames
from actionlang.server.odata.literals import parse_literal
from actionlang.server.odata.segments import Segment, segments_of
from actionlang.server.odata.wire import Wire, key_name
from actionlang.server.refusal import Refusal

Read = Callable[[object], object]

TYPE, ID = ("@odata.type", "@type"), ("@odata.id", "@id")
NOT_SAID = object()
ROOT = "/api/data/v"


class ReaderOf(Protocol):
    """Gives what reads values of a type."""

    def __call__(self, type_: t.Type, wire: Wire) -> Read: ...


def row_reader(type_: t.Row, wire: Wire, reader: ReaderOf) -> Read:
    """What reads a row of one of these tables."""
    given = GivenRows(wire, reader)

    def row(data: object) -> object:
        if isinstance(data, dict):
            return given.of_object(type_, data)
        if isinstance(data, bool | list):
            raise ValueError(given.wanted(type_))
        return given.plain(type_, data)

    return row


def bound_reader(type_: t.Type, wire: Wire, reader: ReaderOf) -> Read:
    """What reads what stands behind `@odata.bind`: the address of a row, or a list of such."""
    given = GivenRows(wire, reader)
    row = type_.item if isinstance(type_, t.ListOf) else type_
    assert isinstance(row, t.Row)

    def one(data: object) -> object:
        if not isinstance(data, str):
            raise ValueError(f"the address of a row, such as {given.example(row)}")
        return given.at(row, data)

    if not isinstance(type_, t.ListOf):
        return one

    def several(data: object) -> object:
        if not isinstance(data, list):
            raise ValueError(f"a list of addresses, such as [{given.example(row)}]")
        return tuple(one(each) for each in data)

    return several


class GivenRows:
    """Reads what names rows. All of it raises ValueError, with what it takes."""

    def __init__(self, wire: Wire, reader: ReaderOf) -> None:
        self._wire = wire
        self._reader = reader
        self._made: dict[t.Type, Read] = {}
        self._names_of: dict[str, dict[str, str]] = {}

    def example(self, type_: t.Row) -> str:
        """An address of a row."""
        table = self._wire.schema.tables[type_.tables[0]]
        key = f"{WireNames.property(table.keys[0][0])}=..." if table.keys else "..."
        return f'"{self._wire.names.entity_set(table.name)}({key})"'

    def wanted(self, type_: t.Row) -> str:
        """What names a row of these tables, in words."""
        names = " or ".join(self._wire.schema.tables[name].short_name for name in type_.tables)
        return f'a {names}: {{"@odata.id": {self.example(type_)}}}, or a key of it'

    # ------------------------------------------------------------------------------------------------------ addresses

    def at(self, type_: t.Row, address: str) -> object:
        """The row at an address: whole, from the root of the host, or from that of the service."""
        try:
            path = urlsplit(address).path
            if ROOT in path:
                path = path.partition(ROOT)[2].partition("/")[2]
            segments = segments_of(path.lstrip("/"))
        except (Refusal, ValueError):
            segments = ()
        name = self._wire.names.table_of_set(segments[0].name) if len(segments) == 1 else None
        if name not in type_.tables or segments[0].inner is None:
            raise ValueError(f"the address of a {self._short(type_)}, such as {self.example(type_)}")
        return self.by_key(self._wire.schema.tables[name], segments[0])

    def by_key(self, table: Table, segment: Segment) -> object:
        """The row of a table whose key stands in an address."""
        arguments = segment.arguments()
        try:
            values = {name: parse_literal(text) for name, text in arguments}
        except (ValueError, Refusal):
            raise ValueError(self._key_wanted(table)) from None
        if list(values) == [None]:
            return self._primary(table, values[None])
        return self.of_members(table, {str(name): value for name, value in values.items()})

    # -------------------------------------------------------------------------------------------------------- objects

    def of_object(self, type_: t.Row, data: Mapping[str, object]) -> object:
        """The row that an object stands for."""
        address = next((data[name] for name in ID if name in data), None)
        if isinstance(address, str):
            return self.at(type_, address)
        tables = self._tables(type_, next((data[name] for name in TYPE if name in data), NOT_SAID))
        members = {name: value for name, value in data.items() if "@" not in name}
        if len(tables) > 1:
            return self._of_any(tables, members)
        return self.of_members(self._wire.schema.tables[tables[0]], members)

    def _of_any(self, tables: tuple[str, ...], members: Mapping[str, object]) -> object:
        """The row of one of several tables that has a key: which one it is, the run finds out."""
        told = None
        for name in tables:
            table = self._wire.schema.tables[name]
            try:
                self.of_members(table, members)
            except ValueError as error:
                told = told or error
            else:
                return {name: members[each] for each, name in self._named(table).items() if each in members}
        assert told is not None
        raise told

    def _tables(self, type_: t.Row, named: object) -> tuple[str, ...]:
        if named is NOT_SAID:
            return type_.tables
        names = self._wire.names
        short = str(named).removeprefix("#").removeprefix(f"{names.namespace}.")
        table = names.table_of_type(short)
        if table not in type_.tables:
            wanted = " or ".join(self._wire.type_name(name) for name in type_.tables)
            raise ValueError(f'an object whose "@odata.type" is {wanted}')
        return (table,)

    def of_members(self, table: Table, members: Mapping[str, object]) -> object:
        """The row of a table that has these values in the columns of a key. Other members are left alone where the primary key is
        among them, as clients send whole rows."""
        found = self._columns(table, members)
        primary = {column.name for column in table.primary}
        if primary <= found.keys():
            return self._primary(table, *(found[column.name] for column in table.primary))
        for key in table.keys:
            if found.keys() == set(key) and len(members) == len(key):
                values = {name: self._part(table, table.by_name[name], found[name]) for name in key}
                return {"table": table.name, "key": values}
        raise ValueError(self._key_wanted(table))

    def _columns(self, table: Table, members: Mapping[str, object]) -> dict[str, object]:
        """Members by the columns that they are of."""
        named = self._named(table)
        return {named[name]: value for name, value in members.items() if name in named}

    def _named(self, table: Table) -> dict[str, str]:
        """The columns by what members are called. Where one column makes up the primary key, it also goes by the table's name
        with `id` behind it, as Dataverse has it."""
        known = self._names_of.get(table.name)
        if known is not None:
            return known
        by_name = {WireNames.property(column.name): column.name for column in table.columns}
        by_name |= {key_name(column): column.name for column in table.columns if isinstance(column.type, t.Row)}
        if len(table.primary) == 1:
            by_name.setdefault(f"{table.short_name}id", table.primary[0].name)
        self._names_of[table.name] = by_name
        return by_name

    # ----------------------------------------------------------------------------------------------------------- keys

    def plain(self, type_: t.Row, data: object) -> object:
        """The row that a plain value stands for: the value of a key of one column. The run looks the keys through."""
        takes: list[str] = []
        for name in type_.tables:
            table = self._wire.schema.tables[name]
            if len(table.primary) == 1 and (row := self._if_key(table, table.primary[0], data)) is not None:
                return row if len(type_.tables) == 1 and not self._alternates(table) else data
            if any(self._if_key(table, column, data) is not None for column in self._alternates(table)):
                return data
            if (row := self.of_text(table, data)) is not None:
                return row
            takes.append(name)
        raise ValueError(self.wanted(type_))

    def of_text(self, table: Table, data: object) -> object:
        """The row whose key is told as properties of lookups tell it where it has several parts: `order=1,line=2`. None where
        it is none of this table's."""
        if len(table.primary) == 1 or not isinstance(data, str):
            return None
        try:
            row = self.by_key(table, Segment(table.short_name, data))
        except (ValueError, Refusal):
            return None
        return row if isinstance(row, RowRef) else None

    @staticmethod
    def _alternates(table: Table) -> list[Column]:
        return [table.by_name[key[0]] for key in table.keys if len(key) == 1]

    def _if_key(self, table: Table, column: Column, data: object) -> object:
        try:
            return RowRef(table.name, self._part(table, column, data))
        except ValueError:
            return None

    def _primary(self, table: Table, *values: object) -> object:
        """The row with this primary key. Where that names other rows by keys of theirs, the run looks those up."""
        if len(values) != len(table.primary):
            raise ValueError(self._key_wanted(table))
        parts = [self._part(table, column, value) for column, value in zip(table.primary, values, strict=True)]
        if any(isinstance(part, dict) for part in parts):
            named = {column.name: part for column, part in zip(table.primary, parts, strict=True)}
            return {"table": table.name, "key": named}
        return RowRef(table.name, parts[0] if len(parts) == 1 else tuple(parts))

    def _part(self, table: Table, column: Column, value: object) -> object:
        """A value of a column of a key. A row in it is named by its primary key, by an address or by an object."""
        if value is None:
            raise ValueError(self._key_wanted(table))
        try:
            if isinstance(column.type, t.Row) and not isinstance(value, dict):
                target = self._wire.schema.tables[column.type.tables[0]]
                return self.of_text(target, value) or self._primary(target, value)
            return self._readers(column)(value)
        except ValueError as error:
            raise ValueError(f"for `{column.name}` of a {table.short_name} {error}") from None

    def _readers(self, column: Column) -> Read:
        read = self._made.get(column.type)
        if read is None:
            read = self._made[column.type] = self._reader(column.type, self._wire)
        return read

    def _short(self, type_: t.Row) -> str:
        return " or ".join(self._wire.schema.tables[name].short_name for name in type_.tables)

    def _key_wanted(self, table: Table) -> str:
        keys = [tuple(column.name for column in table.primary), *table.keys]
        named = " or by ".join(" and ".join(dict.fromkeys(key)) for key in dict.fromkeys(keys))
        return f"a {table.short_name} by {named}"
