"""Verbs run on databases with every oddity, as they are imported."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.cli.running import actionlang
from tests.postgres import connect, fresh_database

pytestmark = pytest.mark.process

HERE = Path(__file__).parent


def _fill(folder: Path, url: str, kind: str, *arguments: str) -> str:
    actionlang(folder, "import", "database", url, "-o", "tables.act").fine()
    (folder / "fill.act").write_text((HERE / f"fill.{kind}.act").read_text("utf-8"), "utf-8")
    assert actionlang(folder, "check").fine() == "2 scripts checked: no problems found.\n"
    assert "5 tables created." in actionlang(folder, "tables", "create", "--db", url).fine()
    return actionlang(folder, "run", "Fill", *arguments, "--db", url).fine()


def test_sqlite(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "odd.db")) as driver:
        driver.executescript((HERE / "oddities.sqlite.sql").read_text("utf-8"))
        driver.execute("DROP TABLE actionlang_run")
    printed = _fill(tmp_path, "odd.db", "sqlite")
    assert "n    1\n  who  Ann\n" in printed
    with closing(sqlite3.connect(tmp_path / "odd.db")) as driver:
        assert driver.execute("SELECT * FROM parcel ORDER BY number").fetchall() == [
            (1, 2, 1, None, None, None, 4, 2),
            (1, 2, 2, 1, 2, 1, 5, None),
        ]
        row = driver.execute("SELECT status, rank, flag, full_name, big, any_number FROM person").fetchone()
        assert row == ("in use", 30, 1, "Ann of CH", 12.25, 0.125)
        assert driver.execute('SELECT "größe", "unique", "select", "tick`" FROM "Order Details"').fetchall() == [
            (2.5, "u", -1, "t")
        ]


def test_postgres(tmp_path: Path) -> None:
    with fresh_database() as url:
        with connect(url) as driver:
            driver.execute((HERE / "oddities.postgres.sql").read_text("utf-8"))
        printed = _fill(tmp_path, url, "postgres", 'facts=[1, {"a": 2}]')
        assert "n    2\n  who  Ann\n" in printed
        with connect(url) as driver:
            lines = driver.execute(
                "SELECT number, order_year, line, instead_number, instead_year FROM sales.line ORDER BY line"
            )
            assert lines.fetchall() == [(1, 2026, 1, None, None), (1, 2026, 2, 1, 2026)]
            row = driver.execute(
                "SELECT balance::text, waits::text, facts::text, counted, upper_name, level, due::text, kind FROM customer"
            ).fetchone()
            assert row == ("1.0000", "01:30:00", '[1, {"a": 2}]', 1, "ANN", 3, "2026-11-24 09:30:00", "p")
            assert driver.execute('SELECT status, before, mood FROM sales."order"').fetchall() == [
                ("in progress", None, "happy")
            ]
