"""Making, dropping and showing tables; a database that does not have what a plan needs."""

from __future__ import annotations

from pathlib import Path

import pytest

from actionlang.diagnostics.diagnostic import ActionLangError
from actionlang.engine.schema import Schema
from actionlang.metadata import types as t
from actionlang.metadata.tables import Table
from actionlang.runtime.database import Database
from tests.plan.samples import IDENTITY, column
from tests.runtime.desk import ESCALATE_PLAN, SCHEMA, Desk, dump, other_program, refused

OF_RUNS = {"actionlang_run", "actionlang_change", "actionlang_step", "actionlang_key", "actionlang_event"}
MADE = ("team", "user", "account", *OF_RUNS, "contact", "dbo.Incident", "task")


def empty(tmp_path: Path) -> Database:
    return Database.connect(f"sqlite:///{tmp_path / 'empty.db'}", create=True)


def test_tables_are_made_once_those_referred_to_first(tmp_path: Path) -> None:
    with empty(tmp_path) as database:
        made = database.tables.create(SCHEMA)
        assert set(made) == set(MADE)
        assert made.index("account") < made.index("contact") < made.index("dbo.Incident") < made.index("task")
        assert database.tables.create(SCHEMA) == ()


def test_what_is_shown_makes_the_very_tables(tmp_path: Path) -> None:
    with empty(tmp_path) as database:
        shown = database.tables.show(SCHEMA)
        database.tables.create(SCHEMA)
    with other_program(tmp_path / "shown.db") as driver:
        driver.executescript(shown)
    made, by_hand = dump(tmp_path / "empty.db"), dump(tmp_path / "shown.db")
    assert ["".join(line.split()) for line in made] == ["".join(line.split()) for line in by_hand]


def test_dropping_leaves_the_records_unless_told_otherwise(desk: Desk) -> None:
    ESCALATE_PLAN.run(desk.database, on="CAS-1", reason="x")
    desk.database.close()
    assert set(desk.database.tables.drop(SCHEMA)) == set(MADE) - OF_RUNS
    assert len(desk.database.log.runs()) == 1
    assert set(desk.database.tables.drop(SCHEMA, audit_too=True)) == OF_RUNS
    assert desk.query("SELECT count(*) FROM sqlite_master WHERE name NOT LIKE 'sqlite%'") == [(0,)]


def test_tables_that_others_refer_to_are_not_dropped(desk: Desk) -> None:
    desk.execute("CREATE TABLE other (team TEXT REFERENCES team (id))")
    desk.execute("INSERT INTO other SELECT id FROM team")
    before = dump(desk.path)
    with pytest.raises(ActionLangError) as caught:
        desk.database.tables.drop(SCHEMA)
    assert refused(caught.value)[0] == "E0808"
    assert dump(desk.path) == before


def test_a_table_that_is_there_must_have_what_the_schema_says(tmp_path: Path) -> None:
    with other_program(tmp_path / "empty.db") as driver:
        driver.execute("CREATE TABLE team (id TEXT PRIMARY KEY)")
    before = dump(tmp_path / "empty.db")
    with empty(tmp_path) as database, pytest.raises(ActionLangError) as caught:
        database.tables.create(SCHEMA)
    assert refused(caught.value) == (
        "E0806",
        "The database does not have the tables that this needs: team has no column name.",
    )
    assert dump(tmp_path / "empty.db") == before


def test_tables_that_refer_to_each_other(tmp_path: Path) -> None:
    a, b = t.Row(("x.a",)), t.Row(("x.b",))
    schema = Schema.of(
        (
            Table("x.a", "a", (IDENTITY, column("other", b))),
            Table("x.b", "b", (IDENTITY, column("other", a), column("self", b))),
        )
    )
    with empty(tmp_path) as database:
        assert set(database.tables.create(schema)) >= {"a", "b"}
        with other_program(tmp_path / "empty.db") as driver:
            driver.executescript(
                "PRAGMA foreign_keys = ON; INSERT INTO a VALUES ('1', NULL);"
                "INSERT INTO b VALUES ('2', '1', '2'); UPDATE a SET other = '2';"
            )
        assert set(database.tables.drop(schema)) == {"a", "b"}


CLASHES = {
    "tables": (Table("x.a", "Same", (IDENTITY,)), Table("y.b", "same", (IDENTITY,))),
    "columns": (Table("x.a", "a", (IDENTITY, column("one", t.Text(), stored="ID"))),),
    "a key that is its own": (Table("x.a", "a", (column("me", t.Row(("x.a",)), primary=True),)),),
}


@pytest.mark.parametrize("tables", CLASHES.values(), ids=CLASHES)
def test_names_that_clash_are_refused(tmp_path: Path, tables: tuple[Table, ...]) -> None:
    with empty(tmp_path) as database, pytest.raises(ActionLangError) as caught:
        database.tables.create(Schema.of(tables))
    assert refused(caught.value)[0] == "E0811"


DRIFTS = {
    "a table gone": ("DROP TABLE task", "there is no table task (for helpdesk.task); Escalate names it at line 3"),
    "a column gone": ("ALTER TABLE task DROP COLUMN due", "task has no column due; Escalate creates it at line 9"),
    "a column renamed": (
        "ALTER TABLE task RENAME COLUMN due TO deadline",
        "task has no column due; Escalate creates it at line 9",
    ),
    "a column of another type": (
        "DROP TABLE task; CREATE TABLE task (id TEXT PRIMARY KEY, subject TEXT, regarding TEXT, due TEXT, estimate TEXT)",
        "task.estimate is TEXT, which can not hold values of type duration; Escalate creates it at line 9",
    ),
    "no audit tables": (
        "DROP TABLE actionlang_run",
        "there is no table actionlang_run (for the audit records of runs)",
    ),
}


@pytest.mark.parametrize("case", DRIFTS.values(), ids=DRIFTS)
def test_a_plan_whose_tables_no_longer_match_is_refused(desk: Desk, case: tuple[str, str]) -> None:
    statements, told = case
    for statement in statements.split("; "):
        desk.execute(statement)
    before = dump(desk.path)
    with pytest.raises(ActionLangError) as caught:
        ESCALATE_PLAN.run(desk.database, on="CAS-1", reason="x")
    assert refused(caught.value) == ("E0806", f"The database does not have the tables that this needs: {told}.")
    assert dump(desk.path) == before


def test_tables_changed_after_the_plan_was_made_ready_are_noticed(desk: Desk) -> None:
    ESCALATE_PLAN.run(desk.database, on="CAS-1", reason="x")
    desk.execute("ALTER TABLE task RENAME COLUMN subject TO heading")
    before = desk.query("SELECT * FROM task")
    with pytest.raises(ActionLangError) as caught:
        ESCALATE_PLAN.run(desk.database, on="CAS-1", reason="x")
    assert refused(caught.value) == (
        "E0806",
        "The database's tables are not the plan's: table task has no column named subject.",
    )
    assert desk.query("SELECT * FROM task") == before


def test_many_differences_are_told_shortened(tmp_path: Path) -> None:
    many = Table("x.wide", "wide", (IDENTITY, *(column(f"c{n}", t.Text()) for n in range(12))))
    with other_program(tmp_path / "empty.db") as driver:
        driver.execute("CREATE TABLE wide (id TEXT)")
    with empty(tmp_path) as database, pytest.raises(ActionLangError) as caught:
        database.tables.create(Schema.of((many,)))
    notes = caught.value.diagnostics[0].notes
    assert (len(notes), notes[-1]) == (10, "and 2 more")


def test_a_table_may_be_a_view_and_may_have_more_columns(desk: Desk) -> None:
    desk.execute("ALTER TABLE task ADD COLUMN more BLOB")
    desk.execute("ALTER TABLE user RENAME TO people")
    desk.execute("CREATE VIEW user AS SELECT * FROM people")
    assert ESCALATE_PLAN.run(desk.database, on="CAS-1", reason="x").changes
