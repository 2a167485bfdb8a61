"""What rows of tables are called that were there before: by keys in columns that tables made anew would not have."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from actionlang.engine.schema import Schema
from actionlang.engine.store import RowRef
from actionlang.metadata import types as t
from actionlang.runtime.database import Database
from actionlang.runtime.row_names import RowNames
from tests.engine.building import column, table
from tests.postgres import connect, fresh_database


def name_of(key_type: t.Type, url: str) -> str:
    """What the tax with number 1 is called."""
    tax = table(
        "desk.tax",
        column("number", t.Integer(), primary=True),
        column("rate", key_type, key=True, required=True),
    )
    database = Database.connect(url)
    names = RowNames(Schema.of((tax,), ()))
    one, none = RowRef("desk.tax", 1), RowRef("desk.tax", 2)
    names.read(database, [one, none])
    database.close()
    assert names.name(none) == "tax 2"
    return names.name(one)


def test_on_sqlite(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "there.db")) as driver:
        driver.executescript(
            "CREATE TABLE tax (number INT PRIMARY KEY, rate NUMERIC(6, 2)); INSERT INTO tax VALUES (1, 7.5)"
        )
    assert name_of(t.Decimal(6, 2), f"sqlite:///{tmp_path / 'there.db'}") == "tax 7.5"


def test_on_postgres() -> None:
    with fresh_database() as url:
        with connect(url) as driver:
            driver.execute("CREATE TABLE tax (number integer, rate char(10)); INSERT INTO tax VALUES (1, 'low')")
        assert name_of(t.Text(10), url) == "tax low"
