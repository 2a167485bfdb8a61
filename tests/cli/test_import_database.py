"""`actionlang import database`, as it is typed."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.cli.running import actionlang
from tests.metadata.test_merging import BY_HAND, SQL
from tests.postgres import connect, fresh_database

pytestmark = pytest.mark.process

IMPORT = ("import", "database", "shop.db")
INTO = (*IMPORT, "-o", "tables.act")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a database in it."""
    change(tmp_path, SQL)
    return tmp_path


def change(folder: Path, sql: str) -> None:
    """Do something to the database."""
    with closing(sqlite3.connect(folder / "shop.db")) as driver:
        driver.executescript(sql)


def tables(folder: Path) -> str:
    """The script that was written."""
    return (folder / "tables.act").read_text("utf-8")


def test_standard_output(folder: Path) -> None:
    printed = actionlang(folder, *IMPORT, "--tables", "cust*").fine()
    assert printed == (
        "table customer <\n  id integer primary readonly;\n  name text(80) required;\n  mail text unique;\n>\n"
    )
    assert actionlang(folder, "import", "database", "sqlite:///shop.db", "--tables", "cust*").fine() == printed


def test_what_is_left_out_is_told_beside_standard_output(folder: Path) -> None:
    change(folder, "CREATE TABLE log (line TEXT)")
    done = actionlang(folder, *IMPORT)
    assert done.status == 0
    assert "# Not imported: the table log: it has no primary key\n" in done.out
    told = "1 comment in it (# Not imported: or # In the database:) tells what a script can not say.\n"
    assert done.error == told
    assert actionlang(folder, *INTO).fine() == f"Wrote tables.act: 2 tables.\n{told}"


def test_a_file_is_written_once(folder: Path) -> None:
    assert actionlang(folder, *INTO, "--check").status == 1
    assert not (folder / "tables.act").exists()
    assert actionlang(folder, *INTO).fine() == "Wrote tables.act: 2 tables.\n"
    assert actionlang(folder, "check").fine() == "1 script checked: no problems found.\n"
    before = (folder / "tables.act").stat()
    assert actionlang(folder, *INTO).fine() == "tables.act is up to date.\n"
    assert actionlang(folder, *INTO, "--check").fine() == "tables.act is up to date.\n"
    assert (folder / "tables.act").stat() == before


def test_a_file_is_brought_up_to_date(folder: Path) -> None:
    (folder / "tables.act").write_text(BY_HAND, "utf-8")
    change(folder, "ALTER TABLE customer ADD phone VARCHAR(20); ALTER TABLE ticket DROP amount")
    done = actionlang(folder, *INTO, "--dry-run")
    assert (done.status, done.error) == (1, "")
    lines = done.out.splitlines()
    assert lines[:2] == ["--- tables.act", "+++ tables.act"]
    assert [line for line in lines[2:] if line.startswith(("+", "-"))] == [
        "-  amount        money;",
        "-table customer < id integer primary; name text(80) required key; mail text unique; >",
        "+table customer < id integer primary; name text(80) required key; mail text unique; phone text(20); >",
    ]
    assert tables(folder) == BY_HAND
    assert actionlang(folder, *INTO).fine() == (
        "removed  ticket.amount: money\n"
        "added    customer.phone: text(20)\n"
        "kept     ticket.created: required\n"
        "kept     customer.name: key\n"
        "Updated tables.act: 1 added, 1 removed.\n"
    )
    assert "phone text(20); >" in tables(folder)
    assert [each.name for each in folder.iterdir() if each.name.startswith(".")] == []


def test_a_file_with_a_mistake_is_left_alone(folder: Path) -> None:
    (folder / "tables.act").write_text("table t <\n  a integer primary key required\n  b text;\n>\n", "utf-8")
    done = actionlang(folder, *INTO)
    assert (done.status, done.out) == (1, "")
    assert done.error.startswith("error[E0918]: tables.act can not be brought up to date: ")
    assert "--> tables.act:2:" in done.error
    assert tables(folder).startswith("table t <\n  a integer primary key required\n")


@pytest.mark.parametrize(
    ("arguments", "status", "told"),
    [
        (("import", "database", "nowhere.db"), 1, "error[E0801]: There is no database nowhere.db."),
        (("import", "database", "fox://x"), 1, "error[E0801]: fox is no kind of database that is known here."),
        (("import", "database", "postgresql://127.0.0.1:1/x"), 1, "error[E0801]: postgresql+psycopg://127.0.0.1:1/x"),
        ((*IMPORT, "--tables", "x*"), 1, "error[E0917]: The database has no table whose name fits x*."),
        ((*IMPORT, "--check"), 2, "--check compares with a file: name it with -o."),
        ((*IMPORT, "-o", "none/tables.act"), 1, "error[E0908]: none/tables.act can not be written: "),
        ((*IMPORT, "-o", "."), 2, "is a directory"),
        (("import", "datebase", "x"), 2, "datebase"),
    ],
)
def test_what_goes_wrong(arguments: tuple[str, ...], status: int, told: str, folder: Path) -> None:
    done = actionlang(folder, *arguments)
    assert (done.status, done.out) == (status, "")
    assert told in done.error
    assert sorted(each.name for each in folder.iterdir()) == ["shop.db"]


def test_bytes_that_are_no_script_are_left_alone(folder: Path) -> None:
    (folder / "tables.act").write_bytes(b"\xff\xfe")
    done = actionlang(folder, *INTO)
    assert done.status == 1
    assert "tables.act is not UTF-8 text" in done.error
    assert (folder / "tables.act").read_bytes() == b"\xff\xfe"


@pytest.fixture
def server() -> Iterator[str]:
    """A PostgreSQL database with tables that know each other by two columns."""
    sql = """
    CREATE SCHEMA sales;
    CREATE TYPE state AS ENUM ('new', 'in transit', 'there');
    CREATE TABLE sales."order" (
        year integer, number integer, state state NOT NULL DEFAULT 'new', PRIMARY KEY (year, number)
    );
    CREATE TABLE sales.line (
        no integer, order_year integer, line smallint, weight numeric(8, 3) NOT NULL,
        PRIMARY KEY (order_year, no, line),
        FOREIGN KEY (no, order_year) REFERENCES sales."order" (number, year)
    );
    CREATE TABLE "user" (id serial PRIMARY KEY, "Full name" text NOT NULL);
    INSERT INTO sales."order" VALUES (2026, 7);
    INSERT INTO sales.line VALUES (7, 2026, 1, 2.5), (7, 2026, 2, 0.125);
    INSERT INTO "user" ("Full name") VALUES ('Ann');
    """
    with fresh_database() as url:
        with connect(url) as driver:
            driver.execute(sql)
        yield url


VERBS = """
import "tables.act";

action Send on order (who tables.user) returns (weight decimal, name text) <
  require (order.state = new) else "{order.year}-{order.number} is sent already.";
  update order set state = `in transit`;
  for each each_line in line where (each_line.order = order) <
    update each_line set weight = each_line.weight + 1
  >
  return weight: sum(each.weight from line as each where each.order = order), name: who.`Full name`
>
"""


def test_verbs_run_on_what_was_there(server: str, tmp_path: Path) -> None:
    actionlang(tmp_path, "import", "database", server, "-o", "tables.act").fine()
    assert 'order order primary stored as "order_year, no";' in tables(tmp_path)
    (tmp_path / "verbs.act").write_text(VERBS, "utf-8")
    assert actionlang(tmp_path, "check").fine() == "2 scripts checked: no problems found.\n"
    assert "5 tables created." in actionlang(tmp_path, "tables", "create", "--db", server).fine()
    done = actionlang(tmp_path, "run", "Send", "--on", "2026,7", "who=1", "--db", server).fine()
    assert "weight  4.625" in done
    assert "Ann" in done
    again = actionlang(tmp_path, "run", "Send", "--on", "2026,7", "who=1", "--db", server)
    assert again.status == 3
    assert "2026-7 is sent already." in again.error
    with connect(server) as driver:
        assert driver.execute('SELECT state FROM sales."order"').fetchall() == [("in transit",)]
        found = driver.execute("SELECT line, weight::text FROM sales.line ORDER BY line").fetchall()
    assert found == [(1, "3.500"), (2, "1.125")]
    assert actionlang(tmp_path, "import", "database", server, "-o", "tables.act", "--check").status == 0
