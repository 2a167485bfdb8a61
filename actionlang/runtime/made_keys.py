"""Primary keys: whether the database makes those of new rows just where the metadata says so."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import sqlalchemy as sa

from actionlang.engine.sql.storage import StoredTable
from actionlang.metadata.sources.database_row_numbers import row_number
from actionlang.runtime.differences import Difference, Kind


def otherwise_made(
    stored: StoredTable, real: Mapping[str, Mapping[str, Any]], inspector: sa.Inspector, name: str
) -> Iterator[Difference]:
    """Where verbs that create rows of a table fail on account of its key. `real` are the columns of the table `name` as the
    inspector found them, by the stored names of the metadata."""
    table = stored.table
    for column in stored.primary:
        cell = column.cells[0]
        found = real.get(cell.name)
        if found is None or len(column.cells) > 1:
            continue
        named = f"{table.stored}.{cell.name}"
        text = None
        if column.column.readonly:
            made = (
                "identity" in found or found.get("default") is not None or row_number(inspector, name) == found["name"]
            )
            text = None if made else f"the database does not make {named}, and {column.column.name} is readonly"
        elif (found.get("identity") or {}).get("always"):
            text = f"{named} is made by the database alone, and {column.column.name} is not readonly"
        if text is not None:
            yield Difference(Kind.OTHERWISE_MADE, table.stored, text, cell.name, table.name)
