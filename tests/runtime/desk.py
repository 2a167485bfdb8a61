"""A helpdesk's database in a real SQLite file, with the samples' tables and rows, and verbs to run on it."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import attrs

from actionlang.diagnostics.diagnostic import ActionLangError
from actionlang.engine.schema import Schema
from actionlang.engine.sql.store import SqlStore
from actionlang.plan.plan import StepPlan, Verb
from actionlang.runtime.database import Database
from actionlang.runtime.plans import Plan
from tests.plan.running import ROWS
from tests.plan.samples import BY_NAME, CHOICES, ESCALATE, NOTIFY, TABLES, plan_of

NOW = datetime(2026, 11, 24, 23, 30, tzinfo=UTC)
SCHEMA = Schema.of(TABLES, CHOICES)
ESCALATE_PLAN = Plan.of(plan_of(ESCALATE, NOTIFY))


def ready(entry: Verb | StepPlan, *others: Verb) -> Plan:
    """A verb as a verified plan."""
    return Plan.of(entry if isinstance(entry, StepPlan) else plan_of(entry, *others))


def fill(database: Database) -> None:
    """Make the samples' tables and rows; there are no tasks yet."""
    database.tables.create(SCHEMA)
    with database.connection() as connection, connection.begin():
        driver: Any = connection.connection.driver_connection
        store = SqlStore(driver.cursor(), database.dialect, SCHEMA)
        for table, key, values in ROWS[:-1]:
            store.prepare_insert(BY_NAME[table], tuple(values))(key, tuple(values.values()))


@attrs.frozen
class Desk:
    """The file and a database on it."""

    path: Path
    database: Database

    def query(self, statement: str, *values: object) -> list[tuple[Any, ...]]:
        """Rows as another program sees them."""
        return query(self.path, statement, *values)

    def case(self, *columns: str) -> tuple[Any, ...]:
        """Columns of case CAS-1 as stored."""
        found = self.query(f"SELECT {', '.join(columns)} FROM \"dbo.Incident\" WHERE number = 'CAS-1'")
        return found[0]

    def execute(self, statement: str, *values: object) -> None:
        """Another program writes."""
        with other_program(self.path) as driver:
            driver.execute(statement, values)


@contextmanager
def other_program(path: Path) -> Iterator[sqlite3.Connection]:
    """A connection that knows nothing of ActionLang; every statement is kept at once."""
    driver = sqlite3.connect(path, isolation_level=None)
    try:
        yield driver
    finally:
        driver.close()


def query(path: Path, statement: str, *values: object) -> list[tuple[Any, ...]]:
    with other_program(path) as driver:
        return driver.execute(statement, values).fetchall()


def dump(path: Path) -> list[str]:
    """All that is in a database file."""
    with other_program(path) as driver:
        return list(driver.iterdump())


@contextmanager
def open_desk(path: Path, **settings: Any) -> Iterator[Desk]:
    """A filled helpdesk in a new file."""
    with Database.connect(f"sqlite:///{path}", create=True, **settings) as database:
        fill(database)
        yield Desk(path, database)


def refused(error: ActionLangError) -> tuple[str, str]:
    """Code and message of the first thing wrong."""
    first = error.diagnostics[0]
    return first.code.id, first.message
