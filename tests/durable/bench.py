"""A bench to try background runs on: a few tables, verbs in use, and what became of runs."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import attrs
import sqlalchemy as sa

from actionlang import Background, Verbs
from actionlang.durable.runs import BackgroundRun
from actionlang.durable.working import LEASE, Working
from actionlang.engine.sql.codecs import write_moment
from actionlang.registry.installing import install
from actionlang.runtime.background import BACKGROUND
from actionlang.runtime.database import Database
from actionlang.runtime.hosting import PLAIN, Hosting
from tests.registry.board import activate, ask, do, schema_of

TABLES = """
choice Color < red; green; blue >
table shelf < name text(20) required key >
table book <
  data json;
  title text(100) required key; pages integer; place shelf | mark; color Color; secret text(50) sensitive;
  status < fresh -> read; read -> fresh >; shelf shelf
>
table mark < number integer required key; text text(500) >

## What a unit leaves behind.
action Say (text text(500)) returns (number integer) <
  create mark as made set number = count(mark) + 1, text = text;
  return number: made.number
>
"""
"""What every script of these tests begins with."""

MODULE = "bench"


def script(verbs: str) -> str:
    """A script with these verbs."""
    return f"{TABLES}\n{verbs}"


@contextmanager
def bench(url: str, hosting: Hosting = PLAIN) -> Iterator[Database]:
    """A new database with the tables, and an empty registry."""
    with Database.connect(url, create=True, synchronous="off", hosting=hosting) as database:
        database.tables.create(schema_of(TABLES, MODULE))
        install(database)
        yield database


@attrs.frozen
class Bench:
    """A database in use, and its background runs."""

    database: Database
    background: Background

    def use(self, verbs: str, *names: str) -> None:
        """Activate the verbs of a script, or some of them."""
        activate(self.database, script(verbs), *names, name=MODULE)

    def start(self, name: str, /, **options: Any) -> str:
        """Start a verb; gives the run."""
        run = self.background.start(name, **options).run
        assert run is not None
        return run

    def work(self) -> int:
        """Go on with all that is due."""
        return self.background.work_once()

    def run(self, name: str, /, **options: Any) -> BackgroundRun:
        """Start a verb, and go on with it as far as it comes."""
        run = self.start(name, **options)
        self.work()
        return self.background.find(run)

    def find(self, run: str) -> BackgroundRun:
        """A run as it stands."""
        return self.background.find(run)

    def one_unit(self, run: str) -> BackgroundRun:
        """Have the next unit made by a worker of its own, who then leaves."""
        runs = self.background.runs
        taken = runs.take(datetime.now(UTC), LEASE)
        assert taken is not None
        assert taken.run.id == run
        Working(self.background.verbs, runs)._unit(taken)
        runs.later(taken, datetime.now(UTC))
        return self.find(run)

    def pass_time(self, run: str) -> None:
        """What a run waits for has come."""
        assert self.find(run).due > datetime.now(UTC)  # type: ignore[operator]
        self.set(run, due=write_moment(datetime.now(UTC)))

    def set(self, run: str, **values: object) -> None:
        """Somebody changes a run's row by hand."""
        with self.database.connection() as connection, connection.begin():
            connection.execute(sa.update(BACKGROUND).where(BACKGROUND.c.id == run).values(**values))

    def ask(self, statement: str) -> list[tuple[object, ...]]:
        """Rows of the database."""
        return ask(self.database, statement)

    def do(self, statement: str) -> None:
        """Somebody writes by hand."""
        do(self.database, statement)

    @property
    def said(self) -> list[str]:
        """The texts of the marks, in order."""
        return [str(text) for (text,) in self.ask("SELECT text FROM mark ORDER BY number")]


def at(database: Database) -> Bench:
    """The bench that a database is."""
    return Bench(database, Background(Verbs.open(database, max_age=0.0)))
