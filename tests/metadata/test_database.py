"""What is made of databases with every oddity that a real one has, and that scripts made of it are fine."""

from __future__ import annotations

import sqlite3
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import sqlalchemy as sa

from actionlang.diagnostics.catalogue import database as database_codes
from actionlang.diagnostics.catalogue import importing as codes
from actionlang.diagnostics.diagnostic import ActionLangError
from actionlang.metadata.emit import emit
from actionlang.metadata.sources.database import Imported, read_database
from actionlang.metadata.sources.database_opening import open_to_read
from tests.check.checking import check
from tests.golden import compare
from tests.postgres import connect, fresh_database

HERE = Path(__file__).parent


@contextmanager
def sqlite_of(folder: Path, sql: str) -> Iterator[sa.Connection]:
    """A file with what SQL makes, opened to be looked at."""
    file = folder / "there.db"
    driver = sqlite3.connect(file)
    driver.executescript(sql)
    driver.close()
    with open_to_read(f"sqlite:///{file}") as connection:
        yield connection


@contextmanager
def postgres_of(sql: str) -> Iterator[sa.Connection]:
    """A database with what SQL makes, opened to be looked at."""
    with fresh_database() as url:
        with connect(url) as driver:
            driver.execute(sql)
        with open_to_read(url) as connection:
            yield connection


def text_of(imported: Imported) -> str:
    """The script, which has to be one without mistakes that declares what was imported."""
    text = emit(imported.script)
    checked = check(text.replace("\r", ""))
    assert [found.message for found in checked.diagnostics] == [], text
    assert [table.stored for table in checked.tables.values()] == [table.stored for table in imported.script.tables]
    return text


def test_oddities_of_sqlite(tmp_path: Path) -> None:
    with sqlite_of(tmp_path, (HERE / "oddities.sqlite.sql").read_text("utf-8")) as connection:
        compare("metadata/oddities.sqlite.act", text_of(read_database(connection, "tables")))


def test_oddities_of_postgres() -> None:
    with postgres_of((HERE / "oddities.postgres.sql").read_text("utf-8")) as connection:
        compare("metadata/oddities.postgres.act", text_of(read_database(connection, "tables")))


def test_what_a_virtual_table_keeps_its_rows_in_is_no_table(tmp_path: Path) -> None:
    """Whoever writes there breaks the index."""
    with sqlite_of(
        tmp_path, "CREATE TABLE note (id INTEGER PRIMARY KEY); CREATE VIRTUAL TABLE found USING fts5(body);"
    ) as opened:
        imported = read_database(opened, "tables")
    assert [table.stored for table in imported.script.tables] == ["note"]
    assert "# Not imported: the table found_data: it is a part of another table\n" in text_of(imported)


def test_values_of_any_type_are_left_out(tmp_path: Path) -> None:
    with sqlite_of(tmp_path, "CREATE TABLE note (id INTEGER PRIMARY KEY, said ANY) STRICT;") as opened:
        assert "  # Not imported: said, of type any\n" in text_of(read_database(opened, "tables"))


def test_a_foreign_key_to_a_partitioned_table_is_one() -> None:
    sql = (
        "CREATE TABLE booking (id integer, day date, PRIMARY KEY (id, day)) PARTITION BY RANGE (day);"
        "CREATE TABLE first PARTITION OF booking FOR VALUES FROM ('2000-01-01') TO ('2030-01-01');"
        "CREATE TABLE guest (id integer PRIMARY KEY, booking integer, day date, old integer, old_day date,"
        " FOREIGN KEY (booking, day) REFERENCES booking, FOREIGN KEY (old, old_day) REFERENCES first)"
    )
    with postgres_of(sql) as opened:
        text = text_of(read_database(opened, "tables", ("guest", "booking")))
    assert "booking, day refers to" not in text
    assert "# In the database: old, old_day refers to first (id, day), which is not imported" in text


@pytest.mark.parametrize(
    ("patterns", "tables"),
    [
        (("order*",), ["Order Details"]),
        (("Order*", "person"), ["Order Details", "person"]),
        (("*e[cm]*",), ["employee"]),
        (("main.person",), ["person"]),
    ],
)
def test_patterns(patterns: tuple[str, ...], tables: list[str], tmp_path: Path) -> None:
    with sqlite_of(tmp_path, (HERE / "oddities.sqlite.sql").read_text("utf-8")) as connection:
        if patterns == ("order*",):
            with pytest.raises(ActionLangError) as raised:
                read_database(connection, "tables", patterns)
            (found,) = raised.value.diagnostics
            assert found.code is codes.NOTHING_TO_IMPORT
            assert found.message == "The database has no table whose name fits order*."
            assert found.hint is not None
            assert found.hint.startswith("its tables are Order Details, assignment, chicken")
        else:
            script = read_database(connection, "tables", patterns).script
            assert [table.stored for table in script.tables] == tables


def test_what_refers_to_tables_not_asked_for_is_no_lookup(tmp_path: Path) -> None:
    with sqlite_of(tmp_path, (HERE / "oddities.sqlite.sql").read_text("utf-8")) as connection:
        text = text_of(read_database(connection, "tables", ("employee",)))
    assert text == (
        "table employee <\n"
        "  # In the database: person_id refers to person (person_id), which is not imported\n"
        "  person_id integer primary;\n"
        "  salary decimal(19,4);\n"
        ">\n"
    )


def test_a_schema_is_asked_for_by_name() -> None:
    with postgres_of((HERE / "oddities.postgres.sql").read_text("utf-8")) as connection:
        script = read_database(connection, "tables", ("sales.*",)).script
    assert [table.stored for table in script.tables] == ["sales.customer", "sales.line", "sales.order"]
    assert [table.name for table in script.tables] == ["tables.customer", "tables.line", "tables.order"]


@pytest.mark.parametrize(
    ("sql", "message"),
    [
        ("", "The database has no tables."),
        ("CREATE TABLE actionlang_run (id TEXT PRIMARY KEY)", "The database has no tables."),
        ("CREATE TABLE t (x INTEGER)", "None of the tables has a primary key, or one that can be imported."),
    ],
)
def test_nothing_to_import(sql: str, message: str, tmp_path: Path) -> None:
    with sqlite_of(tmp_path, sql) as connection, pytest.raises(ActionLangError) as raised:
        read_database(connection, "tables")
    (found,) = raised.value.diagnostics
    assert (found.code, found.message) == (codes.NOTHING_TO_IMPORT, message)


def test_looking_changes_nothing(tmp_path: Path) -> None:
    with sqlite_of(tmp_path, "CREATE TABLE t (x INTEGER PRIMARY KEY)") as connection:
        file = tmp_path / "there.db"
        before = file.read_bytes()
        read_database(connection, "tables")
        with pytest.raises(sa.exc.OperationalError, match="readonly"):
            connection.exec_driver_sql("CREATE TABLE u (x INTEGER)")
    assert file.read_bytes() == before
    assert [each.name for each in tmp_path.iterdir()] == ["there.db"]


@pytest.mark.parametrize(
    ("url", "code", "message"),
    [
        ("sqlite:///nowhere.db", database_codes.NO_DATABASE_THERE, "There is no database nowhere.db."),
        ("sqlite://", database_codes.NO_DATABASE_THERE, "There is no database in memory."),
        ("nothing", database_codes.NO_DATABASE_THERE, "nothing is not a database's URL."),
        (
            "mysql+no_such_driver://x/y",
            database_codes.NO_DATABASE_THERE,
            "mysql+no_such_driver is no kind of database that is known here.",
        ),
        ("fox://x/y", database_codes.NO_DATABASE_THERE, "fox is no kind of database that is known here."),
        (f"sqlite:///{__file__}", database_codes.DAMAGED, "The file is not an SQLite database."),
    ],
)
def test_databases_that_can_not_be_opened(url: str, code: object, message: str) -> None:
    with pytest.raises(ActionLangError) as raised, open_to_read(url) as connection:
        read_database(connection, "tables")
    (found,) = raised.value.diagnostics
    assert (found.code, found.message) == (code, message)


def test_a_server_that_is_not_there_is_told_without_the_password() -> None:
    url = "postgresql://me:secret@127.0.0.1:1/shop"
    with pytest.raises(ActionLangError) as raised, open_to_read(url):
        pass
    (found,) = raised.value.diagnostics
    assert found.code is database_codes.NO_DATABASE_THERE
    assert found.message.startswith("postgresql+psycopg://me:***@127.0.0.1:1/shop can not be looked at: ")
    assert "secret" not in found.message


def test_a_driver_that_is_not_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "oracledb", None)
    with pytest.raises(ActionLangError) as raised, open_to_read("oracle+oracledb://x/y"):
        pass
    (found,) = raised.value.diagnostics
    assert found.code is database_codes.NO_DATABASE_THERE
    assert found.message == "The driver for this kind of database is not installed: there is no module oracledb."
