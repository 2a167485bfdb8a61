"""A small office whose runs are recorded: its verbs, its database with all of ActionLang's own tables, and someone who tampers."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

import attrs
import sqlalchemy as sa

from actionlang.audit.tables import NEVER_CHANGED
from actionlang.engine.schema import Schema
from actionlang.registry.installing import install
from actionlang.runtime.database import Database
from actionlang.runtime.hosting import Hosting
from actionlang.runtime.plans import Plan
from tests.conformance.scripts import Script, compiled
from tests.postgres import connect

SCRIPT = """\
choice Priority < low = 1; normal = 2; high = 3 >

table firm "Firm" < name text(50) required key >

table case "Case" <
  number    text(20) required key;
  title     text(200) required;
  priority  Priority required default normal;
  status    < open -> done, dropped; done -> open; dropped >;
  firm      firm;
  pin       text(10) sensitive;
  amount    money
>

table task "Task" < subject text(100) required; regarding case required; note text(100) >

table badge "Badge" < code text(10) primary sensitive; color text(10) >

action Hand (code text sensitive, color text) < create badge set code = code, color = color; >

action Found (name text) < create firm set name = name >

action Open (number text, title text default "A case", firm firm optional, pin text optional sensitive) <
  create case set number = number, title = title, firm = firm, pin = pin;
>

action Rename on case (title text) < update case set title = title; >

action Note on case (text text) < create task set subject = text, regarding = case; >

## Raise a case, and plan a call back.
action Escalate on case (reason text) returns (ticket task) <
  require (case.status = open) else "Only an open case can be escalated.";
  stage "Raise" <
    update case set priority = high, title = "Urgent: {case.title}";
    perform Note(text: "Why: {reason}") on case;
  >
  attempt < perform Note(text: "lost") on case; fail "no" > else < perform Note(text: "kept") on case >
  create task as ticket set subject = reason, regarding = case;
  emit Escalated(number: case.number, reason: reason);
  return ticket: ticket
>

action Finish on case < move case to done; >
action Leave on case < update case set firm = empty; >
action Drop on case < delete case; >
action Dismiss on case < move case to dropped; >
action Pin on case (pin text sensitive) < update case set pin = pin; >
action Reprice on case (amount money) < update case set amount = amount; >
action MarkAll (mark text) < for each t in task < update t set note = mark; > >
action Touch on each case < update case set title = "{case.title}!"; >
action Nothing <>
"""


@cache
def office() -> Script:
    """The script, compiled."""
    return compiled(SCRIPT)


@cache
def plan(verb: str) -> Plan:
    """A verb of the office."""
    return Plan.of(office().plan(verb))


def schema() -> Schema:
    return office().schema


@attrs.frozen
class Office:
    """The office's database."""

    url: str
    database: Database

    def run(self, verb: str, on: str | None = None, **arguments: Any) -> str:
        """Run a verb; gives the run's id."""
        done = plan(verb).run(self.database, on=on, arguments=arguments)
        assert done.run is not None
        return done.run

    def query(self, statement: str) -> list[tuple[Any, ...]]:
        """Rows as they are stored."""
        with self.database.connection() as connection:
            return [tuple(row) for row in connection.exec_driver_sql(statement)]

    def tamper(self, *statements: str) -> None:
        """Someone who may do everything changes records: drops the triggers first, and knows nothing of ActionLang."""
        with _stranger(self.url) as execute:
            for table in NEVER_CHANGED:
                for suffix in ("changed", "deleted", "emptied"):
                    on = "" if self.url.startswith("sqlite") else f" ON {table.name}"
                    execute(f"DROP TRIGGER IF EXISTS {table.name}_is_not_{suffix}{on}")
            for statement in statements:
                execute(statement)


@contextmanager
def _stranger(url: str) -> Iterator[Any]:
    if url.startswith("sqlite"):
        driver = sqlite3.connect(str(sa.make_url(url).database), isolation_level=None)
        try:
            yield driver.execute
        finally:
            driver.close()
    else:
        with connect(url) as other:
            yield other.execute


def make_tables(url: str) -> None:
    """Make the office's tables, and all of ActionLang's own."""
    with Database.connect(url, create=True) as database:
        database.tables.create(schema())
        install(database)


@contextmanager
def open_office(url: str, *, trace: bool = True) -> Iterator[Office]:
    """The office in a database that has its tables."""
    with Database.connect(url, hosting=Hosting(trace=trace), synchronous="off") as database:
        yield Office(url, database)
