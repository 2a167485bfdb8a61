"""Reading rows as resources, with the rights of whoever reads."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from actionlang.diagnostics.catalogue.server import NO_SUCH_ROW
from actionlang.engine.store import RowRef
from actionlang.metadata.tables import Column, Table
from actionlang.metadata.types import ListOf, Row
from actionlang.metadata.wire_names import WireNames
from actionlang.plan import expressions as e
from actionlang.runtime.database import Database
from actionlang.runtime.masking import MASK
from actionlang.runtime.readable import BOOLEAN, Columns, every
from actionlang.runtime.reading import MASKED, FoundRow, Reading, RowsQuery, reading
from actionlang.server.identity.challenges import not_scoped
from actionlang.server.identity.identity import Identity
from actionlang.server.mcp.addresses import address_of, keys_of, table_at, values_at
from actionlang.server.mcp.surface import Surface
from actionlang.server.odata.values import NONE, Writing, writer_of
from actionlang.server.refusal import Refusal
from actionlang.server.service import refusing
from actionlang.server.statuses import NOT_FOUND

READ = "read"
WRITING = Writing(metadata=NONE)


def read_row(address: str, identity: Identity, database: Database, surface: Surface) -> str:
    """The row at an address, as JSON. Raises Refusal."""
    if not identity.allows(READ):
        raise not_scoped(READ, "reading rows")
    found = table_at(address, surface)
    if found is None:
        raise _nothing("There is no resource at this address.")
    table, key = found
    with refusing(), reading(database, surface.wire.schema, identity.caller) as opened:
        row = _find(table, key, opened, surface)
    if row is None:
        raise _nothing(f"There is no such {table.short_name}, or you may not read it.")
    return json_of(table, row.values, surface)


def _find(table: Table, key: str, opened: Reading, surface: Surface) -> FoundRow | None:
    """The row with a key, by the first key of the table that it can be."""
    for columns in keys_of(table):
        values = values_at(key, columns, surface)
        if values is None:
            continue
        names = {f" key {place}": value for place, value in enumerate(values)}
        page = opened.page(RowsQuery(table.name, None, _is_it(columns, tuple(names)), names, most=1))
        if page.rows:
            return page.rows[0]
    return None


def _is_it(key: tuple[Column, ...], names: tuple[str, ...]) -> Any:
    """The condition that a row has these values in a key."""

    def where(columns: Columns) -> e.Expression:
        conditions: list[e.Expression] = []
        for column, name in zip(key, names, strict=True):
            value = columns.value(column.name)
            conditions += value.filled
            local = e.Local(column.type, False, name)
            conditions.append(e.Compare(BOOLEAN, False, "=", value.expression, local))
        found = every(conditions)
        assert found is not None
        return found

    return where


def json_of(table: Table, values: Mapping[str, object], surface: Surface) -> str:
    """Columns of a row as JSON: exact, with rows as the addresses of their resources, without what is sensitive."""
    members = (
        f"{json.dumps(WireNames.property(name))}: {value_text(table.by_name[name], value, surface)}"
        for name, value in values.items()
    )
    return "{" + ", ".join(members) + "}"


def value_text(column: Column, value: object, surface: Surface) -> str:
    """A column's value as JSON."""
    if value is MASKED or (column.sensitive and value is not None):
        return json.dumps(MASK)
    if value is None:
        return "null"
    if isinstance(column.type, Row | ListOf) and isinstance(value, RowRef):
        return json.dumps(address_of(value, surface))
    return writer_of(column.type, surface.wire, WRITING)(value)


def _nothing(message: str) -> Refusal:
    return Refusal(NOT_FOUND, NO_SUCH_ROW.id, message)
