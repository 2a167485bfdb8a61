"""Where a database and the metadata disagree, what that means for each verb, and the revision that adds what is missing."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import attrs
import pytest
from alembic.migration import MigrationContext
from alembic.operations import Operations

from actionlang.compile.link import Linker
from actionlang.compile.modules import Loader
from actionlang.diagnostics.diagnostic import ActionLangError
from actionlang.diagnostics.source import Source
from actionlang.engine.schema import Schema
from actionlang.plan.plan import StepPlan
from actionlang.runtime.comparison import consequences
from actionlang.runtime.database import Database
from actionlang.runtime.differences import Kind
from actionlang.runtime.migrations import revision_for
from actionlang.runtime.plans import Plan
from tests.postgres import fresh_database

SCRIPT = """
table area < name text(20) required key >
table desk <
  number integer required key;
  area area required;
  place text(20);
  price decimal(8,2);
  unique (area, place);
>

action Move on desk (to area) < update desk set area = to >
action Price on desk < perform Double() on desk >
action Double on desk < update desk set price = (desk.price otherwise 0) * 2 >
action Add (number integer, area area) < create desk set number = number, area = area >
function dear(limit decimal) returns (count integer) < return count: count(desk where desk.price otherwise 0 > limit) >
"""


def plans_of(script: str) -> dict[str, StepPlan]:
    loader = Loader(Path.cwd())
    module = loader.load_source("office", Source("office.act", script), None)
    assert not [each for each in loader.program().diagnostics if each.code.id.startswith("E")]
    linker = Linker(loader.program().modules)
    return {verb.short_name: linker.plan(verb) for verb in module.verbs.values()}


PLANS = plans_of(SCRIPT)
SCHEMA = Schema.of([table for plan in PLANS.values() for table in plan.tables])


@contextmanager
def on_sqlite(path: Path) -> Iterator[Database]:
    with Database.connect(f"sqlite:///{path / 'office.db'}", create=True) as database:
        yield database


@contextmanager
def on_postgres(path: Path) -> Iterator[Database]:
    with fresh_database() as url, Database.connect(url) as database:
        yield database


@pytest.fixture(params=[on_sqlite, on_postgres], ids=["sqlite", "postgres"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    with request.param(tmp_path) as database:
        database.tables.create(SCHEMA)
        yield database


def change(database: Database, *statements: str) -> None:
    with database.connection() as connection, connection.begin():
        for statement in statements:
            connection.exec_driver_sql(statement)


def told(database: Database) -> list[tuple[Kind, str, list[str]]]:
    """Kinds, texts, and what they mean for whom."""
    return [
        (each.kind, each.text, [f"{one.verb} {one.text}" for one in consequences(each, PLANS.values())])
        for each in database.tables.compare(SCHEMA)
    ]


def test_what_agrees_is_not_told(database: Database) -> None:
    assert told(database) == []


def test_a_column_that_is_gone_stops_those_who_use_it(database: Database) -> None:
    change(database, "ALTER TABLE desk DROP COLUMN price")
    assert told(database) == [
        (
            Kind.NO_COLUMN,
            "desk has no column price",
            [
                "office.Add can not run: it creates such a row at line 14",
                "office.Double can not run: it changes it at line 13",
                "office.Price can not run: Double, which it performs, changes it at line 13",
                "office.dear can not run: it reads it at line 15",
            ],
        )
    ]
    with pytest.raises(ActionLangError, match=r"desk has no column price; Double changes it at line 13\."):
        Plan.of(PLANS["Price"]).run(database, on=1)


def test_a_verb_that_does_not_use_it_runs(database: Database) -> None:
    change(
        database,
        "ALTER TABLE desk DROP COLUMN price",
        "INSERT INTO area (id, name) VALUES ('00000000-0000-7000-8000-000000000001', 'A')",
        "INSERT INTO area (id, name) VALUES ('00000000-0000-7000-8000-000000000002', 'B')",
        "INSERT INTO desk (id, number, area) VALUES"
        " ('00000000-0000-7000-8000-000000000003', 1, '00000000-0000-7000-8000-000000000001')",
    )
    assert len(Plan.of(PLANS["Move"]).run(database, on=1, to="B").changes) == 1


def test_what_only_the_database_has(database: Database) -> None:
    change(
        database,
        "CREATE TABLE other (number integer)",
        "ALTER TABLE desk ADD COLUMN colour text",
        "ALTER TABLE desk ADD COLUMN legs integer NOT NULL DEFAULT 4",
    )
    assert told(database) == [
        (Kind.UNKNOWN_COLUMN, "no script describes the column desk.colour", []),
        (Kind.UNKNOWN_COLUMN, "no script describes the column desk.legs", []),
        (Kind.UNKNOWN_TABLE, "no script describes the table other", []),
    ]


def test_tables_of_another_namespace(tmp_path: Path) -> None:
    loader = Loader(tmp_path)
    script = (
        'table order stored as "sales.order" < number integer primary >\naction Add < create order set number = 1 >'
    )
    module = loader.load_source("shop", Source("shop.act", script), None)
    plan = Linker(loader.program().modules).plan(module.verbs["shop.Add"])
    schema = Schema.of_plan(plan)
    with on_postgres(tmp_path) as database:
        change(database, "CREATE TABLE other (number integer)")
        database.tables.create(schema)
        change(database, "CREATE TABLE sales.line (number integer)")
        assert [each.stored for each in database.tables.compare(schema)] == ["other", "sales.line"]
        assert Plan.of(plan).run(database).changes


def test_what_is_said_in_another_way(tmp_path: Path) -> None:
    with on_sqlite(tmp_path) as database:
        change(
            database,
            "CREATE TABLE area (id text PRIMARY KEY, name text)",
            "CREATE TABLE desk (id text PRIMARY KEY, number integer NOT NULL, area text NOT NULL REFERENCES area (id),"
            " place text NOT NULL, price blob, legs integer NOT NULL)",
        )
        found = told(database)
    assert [(kind, text) for kind, text, _ in found] == [
        (Kind.OTHER_TYPE, "desk.price is BLOB, which can not hold values of type decimal(8,2)"),
        (Kind.NO_RECORDS, "there is no table actionlang_run (for the audit records of runs)"),
        (Kind.NO_RECORDS, "there is no table actionlang_change (for the audit records of runs)"),
        (Kind.MAY_BE_EMPTY, "area.name may be empty in the database, and name must not be"),
        (Kind.NOT_UNIQUE, "the database does not see that name of area is there once only"),
        (Kind.NEVER_EMPTY, "desk.place must not be empty in the database, and place may be"),
        (Kind.NOT_UNIQUE, "the database does not see that number of desk is there once only"),
        (Kind.NOT_UNIQUE, "the database does not see that area and place of desk is there once only"),
        (
            Kind.DEMANDED_COLUMN,
            "no script describes the column desk.legs, which must not be empty and has no default",
        ),
    ]
    assert found[5][2] == ["office.Add fails when it creates such a row at line 14 and leaves it empty"]
    assert found[8][2] == ["office.Add fails when it creates such a row at line 14"]


GROWN = """
choice Size < small = 1; large = 2; huge = 3 >
table desk <
  number integer required key;
  place text(40);
  size Size;
  state < free -> taken; taken -> free, broken; broken >;
>
action Take on desk (place text(40)) < update desk set place = place; move desk to taken >
"""


def test_what_the_database_has_no_room_for(database: Database) -> None:
    """The scripts went on: a longer text, another member, another state. The database's checks are those of before."""
    before = GROWN.replace("text(40)", "text(20)").replace("; huge = 3", "").replace(", broken; broken", "")
    take = plans_of(before)["Take"]
    database.tables.drop(SCHEMA)
    database.tables.create(Schema.of_plan(take))
    assert database.tables.compare(Schema.of_plan(take)) == ()
    take = plans_of(GROWN)["Take"]
    found = database.tables.compare(Schema.of_plan(take))
    assert {each.kind for each in found} == {Kind.NARROWER}
    assert [(each.text, [one.text for one in consequences(each, [take])]) for each in found] == [
        (
            "desk.place holds at most 20 characters, and place may have 40",
            ["fails when it changes it at line 9 and gives it what does not fit"],
        ),
        ("the database's check on desk.size does not know huge", []),
        (
            "the database's check on desk.state does not know broken",
            ["fails when it changes it at line 9 and gives it what does not fit"],
        ),
    ]


def test_columns_of_postgresql_that_are_narrower(tmp_path: Path) -> None:
    columns = "size Size; price decimal(8,2); cost decimal(8,2); mood Mood;"
    take = plans_of("choice Mood < calm; wild >" + GROWN.replace("size Size;", columns))["Take"]
    schema = Schema.of_plan(take)
    with on_postgres(tmp_path) as database:
        database.tables.create(schema)
        change(
            database,
            "CREATE TYPE mood AS ENUM ('calm')",
            "ALTER TABLE desk DROP COLUMN place, DROP COLUMN price, DROP COLUMN cost, DROP COLUMN state, DROP COLUMN mood",
            "ALTER TABLE desk ADD place varchar(39), ADD price numeric(7, 2), ADD cost numeric(9, 1), ADD mood mood,"
            " ADD state varchar(5) NOT NULL, ADD route xml",
        )
        found = database.tables.compare(schema)
        assert [each.text for each in found] == [
            "desk.mood is of an enumerated type without wild",
            "desk.place holds at most 39 characters, and place may have 40",
            "desk.price is NUMERIC(7, 2), and price may have any value of type decimal(8,2)",
            "desk.cost is NUMERIC(9, 1), and cost may have any value of type decimal(8,2)",
            "desk.state holds at most 5 characters, too few for broken",
            "no script describes the column desk.route",
        ]


def test_tables_of_runs_are_no_difference(database: Database) -> None:
    change(database, "CREATE TABLE actionlang_series (id text)")
    assert told(database) == []


def write_revision(database: Database, schema: Schema, folder: Path) -> str | None:
    differences = database.tables.compare(schema)
    with database.connection() as connection:
        revision = revision_for(schema, differences, connection, database.dialect, message='a "new" one', folder=folder)
    if revision is None:
        return None
    folder.mkdir(exist_ok=True)
    (folder / revision.file).write_text(revision.text, "utf-8")
    return revision.text


def upgrade(database: Database, text: str, way: str = "upgrade") -> None:
    names: dict[str, object] = {}
    exec(compile(text, "revision", "exec"), names)
    with (
        database.connection() as connection,
        connection.begin(),
        Operations.context(MigrationContext.configure(connection)),
    ):
        names[way]()  # type: ignore[operator]
        if way == "upgrade":
            connection.exec_driver_sql(
                "CREATE TABLE IF NOT EXISTS alembic_version (version_num varchar(32) PRIMARY KEY)"
            )
            connection.exec_driver_sql("DELETE FROM alembic_version")
            connection.exec_driver_sql(f"INSERT INTO alembic_version VALUES ('{names['revision']}')")


def test_a_revision_makes_what_is_missing_and_undoes_it(tmp_path: Path) -> None:
    for opened in (on_sqlite, on_postgres):
        with opened(tmp_path) as database:
            text = write_revision(database, SCHEMA, tmp_path / opened.__name__)
            assert text is not None
            upgrade(database, text)
            assert told(database) == []
            assert write_revision(database, SCHEMA, tmp_path / opened.__name__) is None
            upgrade(database, text, "downgrade")
            assert {kind for kind, _, _ in told(database)} == {Kind.NO_TABLE, Kind.NO_RECORDS}


def test_a_revision_follows_the_one_before_and_drops_nothing(database: Database, tmp_path: Path) -> None:
    folder = tmp_path / "versions"
    change(database, "CREATE TABLE other (number integer)", "ALTER TABLE desk DROP COLUMN price")
    first = write_revision(database, SCHEMA, folder)
    assert first is not None
    assert "other" not in first
    upgrade(database, first)
    desk = SCHEMA.tables["office.desk"]
    wider = Schema.of(
        [
            *SCHEMA.tables.values(),
            attrs.evolve(desk, columns=(*desk.columns, attrs.evolve(desk.columns[-1], name="cost", stored="cost"))),
        ]
    )
    second = write_revision(database, wider, folder)
    assert second is not None
    assert "down_revision = None" in first
    assert f"down_revision = {first.split('revision = ')[1].splitlines()[0]}" in second
    assert "add_column" in second
    upgrade(database, second)
    assert [kind for kind, _, _ in told(database)] == [Kind.UNKNOWN_COLUMN, Kind.UNKNOWN_TABLE]


def test_a_type_that_has_to_be_converted_is_named(tmp_path: Path) -> None:
    with on_sqlite(tmp_path) as database:
        database.tables.create(SCHEMA)
        change(database, "ALTER TABLE desk DROP COLUMN price", "ALTER TABLE desk ADD COLUMN price blob")
        assert write_revision(database, SCHEMA, tmp_path / "versions") is None
        change(database, "DROP TABLE actionlang_change")
        text = write_revision(database, SCHEMA, tmp_path / "versions")
    assert text is not None
    assert "# To be converted by hand: desk.price is BLOB, which can not hold values of type decimal(8,2)." in text


def test_a_required_column_is_added_where_rows_are(database: Database, tmp_path: Path) -> None:
    """No database adds a column that must not be empty to a table with rows."""
    change(
        database,
        "INSERT INTO area (id, name) VALUES ('00000000-0000-7000-8000-000000000001', 'A')",
        "INSERT INTO desk (id, number, area) VALUES"
        " ('00000000-0000-7000-8000-000000000003', 1, '00000000-0000-7000-8000-000000000001')",
    )
    desk = SCHEMA.tables["office.desk"]
    colour = attrs.evolve(desk.by_name["number"], name="colour", stored="colour")
    wider = Schema.of([*SCHEMA.tables.values(), attrs.evolve(desk, columns=(*desk.columns, colour))])
    text = write_revision(database, wider, tmp_path / "versions")
    assert text is not None
    assert "# desk.colour must not be empty: fill it where there are rows, then make it NOT NULL." in text
    upgrade(database, text)
    assert [each.kind for each in database.tables.compare(wider)] == [Kind.MAY_BE_EMPTY]


def test_a_revision_that_was_not_run_is_not_followed(database: Database, tmp_path: Path) -> None:
    change(database, "ALTER TABLE desk DROP COLUMN price")
    assert write_revision(database, SCHEMA, tmp_path / "versions") is not None
    with pytest.raises(ActionLangError, match=r"the last one, \w+, has not been run on this database") as raised:
        write_revision(database, SCHEMA, tmp_path / "versions")
    assert raised.value.diagnostics[0].code.id == "E0817"
