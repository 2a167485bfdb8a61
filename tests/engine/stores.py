"""Stores to test on: the one in memory, and those on real databases, SQLite and PostgreSQL, with the tables made."""

from __future__ import annotations

import atexit
import sqlite3
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from functools import cache

import psycopg
from sqlalchemy.dialects import postgresql, sqlite

from actionlang.engine.memory import MemoryStore
from actionlang.engine.schema import Schema
from actionlang.engine.sql.definition import creating, define
from actionlang.engine.sql.postgres import POSTGRES
from actionlang.engine.sql.sqlite import SQLITE
from actionlang.engine.sql.store import SqlStore
from actionlang.engine.store import Store
from actionlang.metadata.tables import Choice, Table
from tests.postgres import connect, fresh_database

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
    for statement in creating(define(schema, SQLITE).tables.values(), SQLITE):
        driver.execute(str(statement.compile(dialect=sqlite.dialect())))


@contextmanager
def on_postgres(tables: Iterable[Table], choices: Iterable[Choice]) -> Iterator[SqlStore]:
    """In a transaction that is not kept."""
    schema = Schema.of(tables, choices)
    statements = creating(define(schema, POSTGRES).tables.values(), POSTGRES)
    driver = _with_tables(";".join(str(each.compile(dialect=postgresql.dialect())) for each in statements))
    with driver.cursor() as cursor:
        cursor.execute(POSTGRES.begin)
        try:
            yield SqlStore(cursor, POSTGRES, schema)
        finally:
            cursor.execute("ROLLBACK")


@cache
def _with_tables(statements: str) -> psycopg.Connection:
    """A connection to a database with these tables, which stays for the whole test run."""
    kept = ExitStack()
    driver = kept.enter_context(connect(kept.enter_context(fresh_database())))
    atexit.register(kept.close)
    if statements:
        driver.execute(statements)
    return driver


STORES: dict[str, Open] = {"memory": in_memory, "sqlite": on_sqlite, "postgres": on_postgres}


def key(number: int) -> str:
    """An id."""
    return f"00000000-0000-7000-8000-{number:012x}"
