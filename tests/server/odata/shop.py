"""A shop to read from: the tables over which programs are generated, with rows in which much is odd, on a database without rules."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from random import Random
from unittest.mock import patch

from actionlang.engine.sql.store import SqlStore
from actionlang.metadata.wire_names import WireNames
from actionlang.runtime.database import Database
from actionlang.server.catalog import Catalog
from actionlang.server.odata.surface import surface_of
from tests.postgres import fresh_database
from tests.strategies import rows as shop_rows
from tests.strategies.shop import schema
from tests.strategies.shop import tables as shop_tables

MANY = {"account": 6, "person": 5, "item": 40}
ITEM = shop_tables()["item"]
with patch.dict(shop_rows.COUNTS, MANY):
    ROWS = shop_rows.some_rows(Random(7))
CATALOG = Catalog(schema().tables, schema().choices, {}, WireNames.of(schema().tables, schema().choices), 1)
SURFACE = surface_of(CATALOG)


@contextmanager
def shop(kind: str) -> Iterator[Database]:
    """A database with the rows."""
    if kind == "postgres":
        with fresh_database() as url, Database.connect(url) as database:
            _fill(database)
            yield database
        return
    with Database.connect("sqlite://") as database:
        _fill(database)
        yield database


def _fill(database: Database) -> None:
    database.tables.create(schema())
    with database.connection() as connection:
        driver = connection.connection.driver_connection
        assert driver is not None
        cursor = driver.cursor()
        store = SqlStore(cursor, database.dialect, schema())
        cursor.execute(database.dialect.begin)
        for name in shop_rows.COUNTS:
            for row in ROWS[shop_tables()[name].name]:
                columns = tuple(row.values)
                store.prepare_insert(row.table, columns)(row.key, [row.values[each] for each in columns])
        cursor.execute("COMMIT")
