"""SQLite's own numbers of rows, where a column is another name of them."""

from __future__ import annotations

import sqlalchemy as sa


def row_number(inspector: sa.Inspector, table: str) -> str | None:
    """The column of a table that SQLite counts: the primary key, of type INTEGER and no other, without an index of its own
    (https://www.sqlite.org/lang_createtable.html#rowid). None where there is none, and on other databases."""
    if inspector.dialect.name != "sqlite":
        return None
    quoted = inspector.dialect.identifier_preparer.quote_identifier(table)
    assert isinstance(inspector.bind, sa.Connection)
    columns = inspector.bind.exec_driver_sql(f"PRAGMA table_info({quoted})").fetchall()
    key = [column for column in columns if column[5]]
    if len(key) != 1 or str(key[0][2]).upper() != "INTEGER":
        return None
    indexes = inspector.bind.exec_driver_sql(f"PRAGMA index_list({quoted})").fetchall()
    return None if any(index[3] == "pk" for index in indexes) else str(key[0][1])
