"""How rows of a table are addressed by their keys: examples for whoever wrote another key."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from uuid import UUID

from actionlang.metadata import types as t
from actionlang.metadata.tables import Column, Table
from actionlang.server.odata.literals import write_literal
from actionlang.server.odata.lookup_keys import key_type
from actionlang.server.odata.wire import Wire, key_name

MOST = 3

SAMPLES: dict[type[t.Type], object] = {
    t.Decimal: Decimal("1.5"),
    t.Money: Decimal("1.5"),
    t.Float: Decimal("1.5"),
    t.Boolean: True,
    t.Date: date(2026, 11, 24),
    t.DateTime: datetime(2026, 11, 24, 9, 30, tzinfo=UTC),
    t.Duration: timedelta(hours=1),
    t.Id: UUID(int=0),
}
"""Values by their types; `...` is one of all others."""


def key_forms(table: Table, name: str, wire: Wire) -> list[str]:
    """A row by each of its table's keys, as a path has it where the table is called `name`: `cases(number='...')`,
    `order_lines(order=1,line=2)`. Keys that a person would write come first."""
    others = [tuple(table.by_name[each] for each in key) for key in table.keys]
    keys = dict.fromkeys([*others, table.primary])
    return [f"{name}({_parts(key, key == table.primary, wire)})" for key in keys][:MOST]


def _parts(key: tuple[Column, ...], is_primary: bool, wire: Wire) -> str:
    values = [write_literal(_sample(column.type, number, wire)) for number, column in enumerate(key, 1)]
    if is_primary and len(key) == 1:
        return values[0]
    return ",".join(f"{key_name(column)}={value}" for column, value in zip(key, values, strict=True))


def _sample(type_: t.Type, number: int, wire: Wire) -> object:
    """A value of a column, the `number`th one of its key."""
    if isinstance(type_, t.Row):
        inner = key_type(type_, wire)
        if inner is None:
            return _parts(wire.schema.tables[type_.tables[0]].primary, True, wire)
        return _sample(inner, number, wire)
    if isinstance(type_, t.Integer):
        return number
    if isinstance(type_, t.Choice):
        return wire.choice(type_.name).members[0].name
    return SAMPLES.get(type(type_), "...")
