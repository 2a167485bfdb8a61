"""The keys of rows as the values of properties: what `_owner_value` holds.

Where a lookup leads to rows whose keys are of one column each, and of one type, that is the key itself; else it is a text, with
what stands in the parentheses of the row's address.
"""

from __future__ import annotations

from collections.abc import Callable
from json.encoder import encode_basestring

from actionlang.engine.store import RowRef
from actionlang.metadata import types as t
from actionlang.server.odata.literals import write_literal
from actionlang.server.odata.values import Writing, writer_of
from actionlang.server.odata.wire import Wire, key_name, key_of


def key_type(type_: t.Row, wire: Wire) -> t.Type | None:
    """The type of the keys of these tables' rows; None where they are told as texts."""
    found = {_key_type(name, wire) for name in type_.tables}
    return found.pop() if len(found) == 1 else None


def _key_type(table: str, wire: Wire) -> t.Type | None:
    primary = wire.schema.tables[table].primary
    if len(primary) != 1:
        return None
    inner = primary[0].type
    return key_type(inner, wire) if isinstance(inner, t.Row) else inner


def key_writer(type_: t.Row, wire: Wire, writing: Writing) -> Callable[[RowRef], str]:
    """What writes the key of a row as JSON text."""
    inner = key_type(type_, wire)
    if inner is None:
        return lambda row: encode_basestring(key_text(row, wire))
    write = writer_of(inner, wire, writing)

    def innermost(row: RowRef) -> str:
        key: object = row
        while isinstance(key, RowRef):
            key = key.key
        return write(key)

    return innermost


def key_text(row: RowRef, wire: Wire) -> str:
    """What stands in the parentheses of a row's address; of a single text without its quotes."""
    parts = [
        (key_name(column), wire.plain(value, column.type))
        for column, value in key_of(wire.schema.tables[row.table], row)
    ]
    if len(parts) == 1:
        value = parts[0][1]
        return value if isinstance(value, str) else write_literal(value)
    return ",".join(f"{name}={write_literal(value)}" for name, value in parts)
