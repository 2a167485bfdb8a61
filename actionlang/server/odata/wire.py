"""What values are read and written by: the tables and choices of a plan or of all that is served, and their names on the wire."""

from __future__ import annotations

from uuid import UUID

import attrs

from actionlang.engine.schema import Schema
from actionlang.engine.store import RowRef
from actionlang.metadata.tables import Choice, Column, Table
from actionlang.metadata.types import Id, ListOf, Row, Type
from actionlang.metadata.wire_names import WireNames
from actionlang.server.odata.literals import encoded, write_literal


@attrs.frozen(eq=False)
class Wire:
    """Tables and choices by full name, and what they are called."""

    schema: Schema
    names: WireNames

    def address(self, row: RowRef) -> str:
        """A row's address below the root: `cases(7d2e...)`, `memberships(_team_value=...,_user_value=...)`."""
        table = self.schema.tables[row.table]
        parts = [
            (key_name(column), write_literal(self.plain(value, column.type))) for column, value in key_of(table, row)
        ]
        text = parts[0][1] if len(parts) == 1 else ",".join(f"{name}={literal}" for name, literal in parts)
        return f"{self.names.entity_set(row.table)}({encoded(text)})"

    def plain(self, value: object, type_: Type) -> object:
        """A value of a key as it is written: of a lookup the key of its row, of an id a UUID."""
        while isinstance(type_, Row):
            value = value.key if isinstance(value, RowRef) else value
            primary = self.schema.tables[type_.tables[0]].primary
            if len(primary) != 1:
                return value
            type_ = primary[0].type
        return UUID(value) if isinstance(type_, Id) and isinstance(value, str) else value

    def type_name(self, table: str) -> str:
        """`Microsoft.Dynamics.CRM.case`."""
        return self.names.qualified(self.names.entity_type(table))

    def choice(self, name: str) -> Choice:
        """A choice by its full name."""
        return self.schema.choices[name]


def key_of(table: Table, row: RowRef) -> list[tuple[Column, object]]:
    """The columns of a row's primary key with their values."""
    values = row.key if isinstance(row.key, tuple) and not isinstance(row.key, RowRef) else (row.key,)
    return list(zip(table.primary, values, strict=True))


def key_name(column: Column) -> str:
    """What a column of a key is called: the key of the row itself where it is a lookup."""
    if isinstance(column.type, Row):
        return WireNames.key_property(column.name)
    return WireNames.property(column.name)


def item_of(type_: Type) -> Type:
    """The type itself, or that of the items of a list."""
    return type_.item if isinstance(type_, ListOf) else type_
