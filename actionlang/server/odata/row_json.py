"""Rows that were read, as OData's JSON: their columns as properties, the rows that they lead to within them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from json.encoder import encode_basestring

import attrs

from actionlang.engine.store import RowRef
from actionlang.metadata import types as t
from actionlang.metadata.tables import Column
from actionlang.runtime.reading import MASKED, FoundRow
from actionlang.server.etags import etag_of
from actionlang.server.odata.headers import Conventions
from actionlang.server.odata.lookup_keys import key_writer
from actionlang.server.odata.query_options import Shape
from actionlang.server.odata.surface import Surface
from actionlang.server.odata.values import FORMATTED, FULL, NONE, edm_type, member_of

LOGICAL_NAME = "Microsoft.Dynamics.CRM.lookuplogicalname"
NAVIGATION = "Microsoft.Dynamics.CRM.associatednavigationproperty"
"""The annotations by which Dataverse says of which table the row is that a lookup leads to, and by which property."""

MASK = '"***"'


@attrs.frozen
class Told:
    """A row to be told: what was found of it, the rows that it leads to by navigation property (None where it leads to none), and
    what the rows that it leads to are called, by lookup."""

    row: FoundRow
    expanded: Mapping[str, Told | None] = {}
    names: Mapping[RowRef, str] = {}


Write = Callable[[Told], str]


class RowWriter:
    """Writes rows of one table in one shape, as JSON objects."""

    def __init__(self, surface: Surface, table: str, shape: Shape, conventions: Conventions) -> None:
        self._surface = surface
        self._table = table
        self._conventions = conventions
        self._level = conventions.writing.metadata
        self._members = [self._member(column) for column in columns_of(surface, table, shape)]
        self._expands = {
            each.navigation.name: RowWriter(surface, each.navigation.table, each.shape, conventions)
            for each in shape.expands
        }

    def text(self, told: Told, context: str | None = None) -> str:
        """A row; with its context where it is the whole answer."""
        parts = [] if context is None or self._level == NONE else [f'"@odata.context":{encode_basestring(context)}']
        if self._level != NONE:
            if self._level == FULL:
                parts += self._about(told.row.row)
            if told.row.version is not None:
                parts.append(f'"@odata.etag":{encode_basestring(etag_of(told.row.version))}')
        parts += [member(told) for member in self._members]
        for name, writer in self._expands.items():
            inner = told.expanded.get(name)
            parts.append(f"{encode_basestring(name)}:{'null' if inner is None else writer.text(inner)}")
        return "{" + ",".join(parts) + "}"

    def _about(self, row: RowRef) -> list[str]:
        wire = self._surface.wire
        address = wire.address(row)
        return [
            f'"@odata.type":{encode_basestring(f"#{wire.type_name(row.table)}")}',
            f'"@odata.id":{encode_basestring(address)}',
            f'"@odata.editLink":{encode_basestring(address)}',
        ]

    def _member(self, column: Column) -> Write:
        """What writes the property of a column."""
        if isinstance(column.type, t.Row):
            return self._lookup(column, column.type)
        wire, writing = self._surface.wire, self._conventions.writing
        name = self._surface.properties[self._table].names[column.name]
        if isinstance(column.type, t.File):
            # What a file holds is no part of a row.
            return lambda _: f"{encode_basestring(name)}:null"
        write = member_of(name, column.type, wire, writing)
        masked = f"{encode_basestring(name)}:{MASK if edm_type(column.type, wire) == 'String' else 'null'}"

        def member(told: Told) -> str:
            value = told.row.values[column.name]
            return masked if value is MASKED else write(value)

        return member

    def _lookup(self, column: Column, type_: t.Row) -> Write:
        """What writes the key of the row that a lookup leads to, and what is told of that row beside it."""
        wire = self._surface.wire
        write = key_writer(type_, wire, self._conventions.writing)
        properties = self._surface.properties[self._table]
        name = properties.names[column.name]
        start = f"{encode_basestring(name)}:"
        preferences = self._conventions.preferences
        said = self._level != NONE
        tells_table = said and (len(type_.tables) > 1 or preferences.includes(LOGICAL_NAME))
        tells_navigation = said and preferences.includes(NAVIGATION)
        navigations = {each.table: each.name for each in properties.navigations.values() if each.column is column}

        def member(told: Told) -> str:
            row = told.row.values[column.name]
            if not isinstance(row, RowRef):
                return f"{start}null"
            parts = [f"{start}{write(row)}"]
            if row in told.names:
                parts.append(_annotation(name, FORMATTED, told.names[row]))
            if tells_table:
                parts.append(_annotation(name, LOGICAL_NAME, wire.names.entity_type(row.table)))
            if tells_navigation:
                parts.append(_annotation(name, NAVIGATION, navigations[row.table]))
            return ",".join(parts)

        return member


def _annotation(name: str, term: str, value: str) -> str:
    return f"{encode_basestring(f'{name}@{term}')}:{encode_basestring(value)}"


def columns_of(surface: Surface, table: str, shape: Shape) -> tuple[Column, ...]:
    """The columns that are told: those selected, and those of the primary key in any case."""
    known = surface.table(table)
    if shape.columns is None:
        return known.columns
    return tuple(each for each in known.columns if each.primary or each.name in shape.columns)
