"""Stores to test on: the one in memory, and one on a real SQLite database with the tables made."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager

from sqlalchemy.dialects import sqlite
from sqlalchemy.schema import CreateIndex, CreateTable

from actionlang.engine.memory import MemoryStore
from actionlang.engine.schema import Schema
from actionlang.engine.sql.definition import define
from actionlang.engine.sql.sqlite import SQLITE
from actionlang.engine.sql.store import SqlStore
from actionlang.engine.store import Store
from actionlang.metadata.tables import Choice, Table

Open = Callable[[Iterable[Table], Iterable[Choice]], AbstractContextManager[Store]]


@contextmanager
def in_memory(tables: Iterable[Table], choices: Iterable[Choice]) -> Iterator[Store]:
    yield MemoryStore(tables, choices)


@contextmanager
def on_sqlite(tables: Iterable[Table], choices: Iterable[Choice]) -> Iterator[SqlStore]:
    """In a transaction that is not kept."""
    schema = Schema.of(tables, choices)
    with opened() as driver:
        make_tables(driver, schema)
        driver.execute("BEGIN")
        yield SqlStore(driver.cursor(), SQLITE, schema)


@contextmanager
def opened(path: str = ":memory:") -> Iterator[sqlite3.Connection]:
    """A connection as runs have it."""
    driver = sqlite3.connect(path, isolation_level=None)
    try:
        driver.execute("PRAGMA foreign_keys = ON")
        yield driver
    finally:
        driver.close()


def make_tables(driver: sqlite3.Connection, schema: Schema) -> None:
    for table in define(schema, SQLITE).sorted_tables:
        driver.execute(str(CreateTable(table).compile(dialect=sqlite.dialect())))
        for index in table.indexes:
            driver.execute(str(CreateIndex(index).compile(dialect=sqlite.dialect())))


STORES: dict[str, Open] = {"memory": in_memory, "sqlite": on_sqlite}


def key(number: int) -> str:
    """An id."""
    return f"00000000-0000-7000-8000-{number:012x}"
