"""What keeps a program from a database: a wrong password, no such user or database, nobody there, no driver, an old version."""

from __future__ import annotations

import sqlite3
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from actionlang.diagnostics.diagnostic import ActionLangError
from actionlang.runtime import fitness
from actionlang.runtime.database import Database
from tests.postgres import start
from tests.runtime.desk import ESCALATE_PLAN


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A server of its own that asks one user for a password; gives the URL without name and password."""
    folder = tmp_path_factory.mktemp("server")
    folder.chmod(0o755)
    server = start(folder / "data", folder)
    rules = folder / "data" / "pg_hba.conf"
    rules.write_text(f"local all guarded scram-sha-256\n{rules.read_text()}")
    with psycopg.connect(server.get_uri(), autocommit=True) as driver:
        driver.execute("CREATE ROLE guarded LOGIN PASSWORD 'right'")
        driver.execute("SELECT pg_reload_conf()")
    yield str(server.get_uri()).replace("postgresql://postgres:@", "postgresql://{}@")
    server.cleanup()


def refusal(url: str) -> tuple[str, str]:
    """Code and message of the error that opening a database ends with."""
    with pytest.raises(ActionLangError) as caught:
        Database.connect(url)
    (found,) = caught.value.diagnostics
    return found.code.id, found.message


def test_a_wrong_password(guarded: str) -> None:
    code, message = refusal(guarded.format("guarded:wrong"))
    assert code == "E0801"
    assert message.endswith('password authentication failed for user "guarded".')
    assert "wrong" not in message
    Database.connect(guarded.format("guarded:right")).close()


def test_no_such_user_or_database(guarded: str) -> None:
    code, message = refusal(guarded.format("nobody"))
    assert (code, message) == ("E0801", 'The database can not be opened: role "nobody" does not exist.')
    code, message = refusal(guarded.format("postgres").replace("/postgres?", "/nowhere?"))
    assert (code, message) == ("E0801", 'The database can not be opened: database "nowhere" does not exist.')


def test_nobody_there() -> None:
    code, message = refusal("postgresql://me:secret@127.0.0.1:1/shop")
    assert code == "E0801"
    assert "refused" in message
    assert "secret" not in message


def test_no_driver(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "psycopg", None)
    code, message = refusal("postgresql://localhost/shop")
    assert (code, message) == ("E0801", "The driver for PostgreSQL is not installed: there is no module psycopg.")


def test_an_older_server(guarded: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """There is no older one by pip: the newest is taken for too old."""
    monkeypatch.setattr(fitness, "OLDEST_POSTGRES", 99)
    with Database.connect(guarded.format("postgres")) as database, pytest.raises(ActionLangError) as caught:
        ESCALATE_PLAN.run(database, on="CAS-1", reason="x")
    (found,) = caught.value.diagnostics
    assert found.code.id == "E0810"
    assert found.message.endswith("verbs run on PostgreSQL 99 or later.")


def test_an_older_sqlite(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite3, "sqlite_version_info", (3, 34, 1))
    with pytest.raises(ActionLangError) as caught:
        Database.connect(f"sqlite:///{tmp_path / 'a.db'}", create=True)
    (found,) = caught.value.diagnostics
    assert (found.code.id, found.message) == (
        "E0810",
        "This Python has SQLite 3.34.1; verbs run on SQLite 3.35 or later.",
    )
    assert not (tmp_path / "a.db").exists()
