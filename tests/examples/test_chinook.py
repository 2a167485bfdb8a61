"""The verbs on Chinook: its own rows, in SQLite and in PostgreSQL, with the tables as its authors made them."""

from __future__ import annotations

import gzip
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.examples.projects import Project
from tests.postgres import connect, fresh_database

pytestmark = pytest.mark.process


@pytest.fixture
def chinook(tmp_path: Path) -> Project:
    return Project.copy("chinook", tmp_path)


def _sell_refund_hand_over(example: Project, *where: str) -> None:
    assert "5 tables created." in example.fine("actionlang", "tables", "create", *where)
    printed = example.fine("actionlang", "run", "PlaceOrder", "--on", "7", "tracks=[3500, 3501]", *where)
    assert "Invoice 413 created" in printed
    assert "1.98" in printed
    again = example.run("actionlang", "run", "PlaceOrder", "--on", "7", "tracks=[3502, 3501]", *where)
    assert again.returncode == 3
    assert "Astrid Gruber has" in again.stdout
    assert "0.99" in example.fine("actionlang", "run", "RefundLine", "--on", "2241", *where)
    old = example.run("actionlang", "run", "RefundLine", "--on", "1", *where)
    assert old.returncode == 3
    assert "Invoice 1 is older than 30 days." in old.stdout
    printed = example.fine("actionlang", "run", "HandOver", "--on", "3", "successor=4", *where)
    assert "customers  21" in printed
    assert example.fine("actionlang", "log", *where).count("done") == 3


def _see(query: Callable[[str], tuple[object, ...]]) -> None:
    assert query("SELECT count(*), sum({0}) FROM {1} WHERE {2} = 413") == (1, 1)
    assert query("SELECT count(*), count({0}) FROM {1} WHERE {2} < 413") == (2240, 2240)


def test_on_sqlite(chinook: Project) -> None:
    assert "3503 tracks, 2240 lines" in chinook.fine("python", "-W", "error", "load.py")
    up_to_date = ("actionlang", "import", "database", "chinook.db", "-o", "verbs/tables.act")
    assert "verbs/tables.act is up to date." in chinook.fine(*up_to_date, "--check")
    _sell_refund_hand_over(chinook)
    with closing(sqlite3.connect(chinook.folder / "chinook.db")) as database:
        _see(lambda sql: database.execute(sql.format("Quantity", "InvoiceLine", "InvoiceId")).fetchone())
        assert database.execute("SELECT count(*) FROM Customer WHERE SupportRepId = 3").fetchone() == (0,)


@pytest.fixture
def server(chinook: Project) -> Iterator[str]:
    """A PostgreSQL database with Chinook in it, without what its script does to make that."""
    script = gzip.decompress((chinook.folder / "data" / "Chinook_PostgreSql.sql.gz").read_bytes()).decode("utf-8-sig")
    lines = script.splitlines()
    kept = [line for line in lines if not line.startswith(("DROP DATABASE", "CREATE DATABASE", "\\c "))]
    with fresh_database() as url:
        with connect(url) as database:
            database.execute("\n".join(kept))
            database.execute((chinook.folder / "postgres" / "counted_keys.sql").read_text("utf-8"))
        yield url


def test_on_postgres(chinook: Project, server: str) -> None:
    up_to_date = ("actionlang", "import", "database", server, "-o", "postgres/tables.act")
    assert "postgres/tables.act is up to date." in chinook.fine(*up_to_date, "--check")
    chinook.fine("cp", "postgres/tables.act", "verbs/tables.act")
    assert "no problems found" in chinook.fine("actionlang", "check")
    _sell_refund_hand_over(chinook, "--db", server)
    with connect(server) as database:

        def query(sql: str) -> tuple[object, ...]:
            row = database.execute(sql.format("quantity", "invoice_line", "invoice_id")).fetchone()
            assert row is not None
            return row

        _see(query)
        assert query("SELECT count(*) FROM customer WHERE support_rep_id = 3") == (0,)
