"""Keys that the database makes and the metadata does not leave to it, or the other way round; what becomes of verbs then."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import pytest
import sqlalchemy as sa

from actionlang.compile.link import Linker
from actionlang.compile.modules import Loader
from actionlang.diagnostics.diagnostic import ActionLangError
from actionlang.diagnostics.source import Source
from actionlang.engine.schema import Schema
from actionlang.plan.plan import StepPlan
from actionlang.runtime.audit import METADATA
from actionlang.runtime.comparison import consequences
from actionlang.runtime.database import Database
from actionlang.runtime.differences import Kind
from actionlang.runtime.plans import Plan
from tests.postgres import fresh_database

SCRIPT = """
table made < number integer primary readonly; title text >
table given < number integer primary; title text >
action Make returns (number integer) < create made as new set title = "x"; return number: new.number >
action Give < create given set number = 1, title = "x" >
function Count() returns (count integer) < return count: count(made) + count(given) >
"""


def plans() -> dict[str, StepPlan]:
    loader = Loader(Path.cwd())
    module = loader.load_source("shop", Source("shop.act", SCRIPT), None)
    assert not loader.program().diagnostics
    linker = Linker(loader.program().modules)
    return {verb.short_name: linker.plan(verb) for verb in module.verbs.values()}


PLANS = plans()
SCHEMA = Schema.of([table for plan in PLANS.values() for table in plan.tables])


@pytest.fixture(params=["sqlite", "postgres"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """With the tables for records."""
    if request.param == "sqlite":
        with Database.connect(f"sqlite:///{tmp_path / 'shop.db'}", create=True) as opened:
            yield with_records(opened)
        return
    with fresh_database() as url, Database.connect(url) as opened:
        yield with_records(opened)


def with_records(database: Database) -> Database:
    with database.connection() as connection, connection.begin():
        METADATA.create_all(connection)
    return database


def make(database: Database, made: str, given: str) -> None:
    with database.connection() as connection, connection.begin():
        for name, key in (("made", made), ("given", given)):
            connection.execute(sa.text(f"CREATE TABLE {name} (number {key} PRIMARY KEY, title text)"))


def told(database: Database) -> list[tuple[Kind, str, list[str]]]:
    return [
        (each.kind, each.text, [one.text for one in consequences(each, PLANS.values())])
        for each in database.tables.compare(SCHEMA)
    ]


KEYS = {"sqlite": ["INTEGER"], "postgresql": ["serial", "bigint GENERATED ALWAYS AS IDENTITY", "int DEFAULT 7"]}


def test_what_the_database_makes(database: Database) -> None:
    for key in KEYS[database.dialect.name]:
        make(database, key, "INTEGER")
        assert told(database) == []
        first = Plan.of(PLANS["Make"]).run(database).outputs["number"]
        assert first in (1, 7)
        with database.connection() as connection, connection.begin():
            connection.execute(sa.text("DROP TABLE made"))
            connection.execute(sa.text("DROP TABLE given"))


def test_what_the_database_does_not_make(database: Database) -> None:
    make(database, "int", "INTEGER")
    text = "the database does not make made.number, and number is readonly"
    assert told(database) == [(Kind.OTHERWISE_MADE, text, ["fails when it creates such a row at line 4"])]
    with pytest.raises(ActionLangError) as raised:
        Plan.of(PLANS["Make"]).run(database)
    (found,) = raised.value.diagnostics
    assert (found.code.id, found.message) == ("E0710", "`number` of the made is empty.")
    with database.connection() as connection:
        assert connection.execute(sa.text("SELECT count(*) FROM made")).scalar() == 0


def test_what_the_database_alone_makes() -> None:
    with fresh_database() as url, Database.connect(url) as database:
        make(with_records(database), "serial", "int GENERATED ALWAYS AS IDENTITY")
        text = "given.number is made by the database alone, and number is not readonly"
        assert told(database) == [(Kind.OTHERWISE_MADE, text, ["fails when it creates such a row at line 5"])]
        with pytest.raises(ActionLangError) as raised:
            Plan.of(PLANS["Give"]).run(database)
        (found,) = raised.value.diagnostics
        assert found.code.id == "E0806"
        assert "cannot insert a non-DEFAULT value into column" in found.message


@pytest.mark.parametrize("engine", ["interpreter", "server"])
def test_a_counter_that_was_not_moved_on(engine: Literal["interpreter", "server"]) -> None:
    with fresh_database() as url, Database.connect(url) as database:
        make(with_records(database), "smallserial", "int")
        with database.connection() as connection, connection.begin():
            connection.execute(sa.text("INSERT INTO made VALUES (1, 'a'), (3, 'c')"))
        plan = Plan.of(PLANS["Make"])
        message = "There is already a made with the same `number`."
        # What the server's function fails at, the interpreter tries: it gets the next number.
        for expected in (2, 4) if engine == "server" else (None, 2, None, 4):
            if expected is not None:
                assert plan.run(database, engine=engine).outputs == {"number": expected}
                continue
            with pytest.raises(ActionLangError) as raised:
                plan.run(database, engine=engine)
            (found,) = raised.value.diagnostics
            assert (found.code.id, found.message) == ("E0711", message)
