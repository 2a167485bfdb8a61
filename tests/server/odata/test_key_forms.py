"""Whoever writes a key that is none is told how the table's keys are written."""

from __future__ import annotations

import pytest

from actionlang.metadata.tables import Table
from actionlang.metadata.wire_names import WireNames
from actionlang.server.catalog import Catalog
from actionlang.server.odata.key_forms import key_forms
from actionlang.server.odata.surface import surface_of
from actionlang.server.odata.urls import address_of, key_in
from actionlang.server.refusal import Refusal
from tests.conformance.scripts import compiled
from tests.server.odata import shop

SCRIPT = compiled("""
choice kind < small; large; >
table customer_order < id integer primary; code text(20) key; kind kind; at datetime; key (kind, at); >
table order_line < order customer_order primary; line integer primary; note text(9); >
table part < id id primary; of_line order_line required key; weight decimal(9,2); key (weight, of_line); >

action Note on order_line (part part) < update order_line set note = "x"; >
""")
PLAN = SCRIPT.plan("Note")
SCHEMA = SCRIPT.schema_for(PLAN)
SURFACE = surface_of(Catalog(SCHEMA.tables, SCHEMA.choices, {}, WireNames.of(SCHEMA.tables, SCHEMA.choices), 1))
TABLES = {table.short_name: table for table in SCHEMA.tables.values()}


def hint(path: str, table: Table) -> tuple[str, str | None]:
    with pytest.raises(Refusal) as caught:
        key_in(address_of("", f"/api/data/v9.2/{path}").segments[0], table, SURFACE.wire)
    assert (caught.value.status, caught.value.code) == (400, "E1121")
    return caught.value.message, caught.value.hint


@pytest.mark.parametrize("key", ["1,2", "order=1", "order=1,line=x", "line=2,order=1,note='x'x", "'1"])
def test_how_a_key_of_several_columns_is_written(key: str) -> None:
    _, told = hint(f"order_lines({key})", TABLES["order_line"])
    assert told == "for instance order_lines(_order_value=1,line=2)"


def test_each_key_is_shown() -> None:
    message, told = hint("customer_orders(x)", TABLES["customer_order"])
    assert told == (
        "for instance customer_orders(code='...') or customer_orders(kind='small',at=2026-11-24T09:30:00Z) "
        "or customer_orders(1)"
    )
    assert message.startswith("What stands in the parentheses of customer_orders is no key: ")


@pytest.mark.parametrize("surface", [SURFACE, shop.SURFACE], ids=["orders", "shop"])
def test_what_is_shown_is_a_key(surface: object) -> None:
    wire = surface.wire  # type: ignore[attr-defined]
    for table in wire.schema.tables.values():
        for form in key_forms(table, wire.names.entity_set(table.name), wire):
            segment = address_of("", f"/api/data/v9.2/{form}").segments[0]
            assert key_in(segment, table, wire) is not None, form
